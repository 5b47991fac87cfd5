namespace KubeApps;

/// <summary>Makes every default of a model explicit and reads the files that it names, so that rendering needs nothing but the model.</summary>
internal static class Completion
{
    public static void Complete(KubeAppModel app, SpecFiles files)
    {
        foreach (var workload in app.All<Workload>())
            CompleteStructure(workload, app);
        foreach (var set in app.All<StatefulSet>().ToList())
            set.HeadlessService ??= HeadlessServiceOf(app, set);
        foreach (var service in app.All<Service>())
            CompletePorts(service, app);

        app.Defaults.Apply(app);

        foreach (var workload in app.All<Workload>())
            CompleteImages(workload, app);
        foreach (var workload in app.All<Workload>())
            workload.TerminationGracePeriod ??= TimeSpan.FromSeconds(Math.Ceiling((SleepBeforeStop(workload) + workload.HostShutdownTimeout).TotalSeconds) + 5);
        foreach (var pool in app.All<NodePool>())
            pool.Desired ??= pool.Min;
        foreach (var service in app.All<Service>().Where(service => service.Ingresses.Count > 0))
            if (app.Environment.Target.Kind == TargetKind.Eks
                || app.Environment.Target.Kind == TargetKind.Context && service.Ingresses.Exists(ingress => ingress.Tls?.Certificate is not null))
                service.IngressClass ??= "alb";
        app.EntryService ??= EntryServiceOf(app);

        foreach (var config in app.All<Config>())
            files.Read(config);
        app.Manifests = files.Read(app.Manifests);
        foreach (var item in app.Objects)
            (item.File, item.Line) = files.PlaceOf(item.Location);
        foreach (var patch in app.Patches)
            (patch.File, patch.Line) = files.PlaceOf(patch.Location);
    }

    /// <summary>How long the longest sleep before SIGTERM takes: the grace period counts from its beginning.</summary>
    public static TimeSpan SleepBeforeStop(Workload workload) =>
        workload.AllContainers.Select(container => container.PreStop?.Duration ?? TimeSpan.Zero).DefaultIfEmpty().Max();

    private static void CompleteStructure(Workload workload, KubeAppModel app)
    {
        if (workload is ScalableWorkload { Autoscaling: null } scalable)
            scalable.Replicas ??= 1;
        if (workload is ScalableWorkload { Autoscaling: { CpuPercent: null, MemoryPercent: null } autoscaling })
            autoscaling.CpuPercent = 70;
    }

    private static void CompleteImages(Workload workload, KubeAppModel app)
    {
        var architectures = ArchitecturesOf(workload, app);
        foreach (var container in workload.AllContainers)
        {
            var image = container.Image;
            image.Key ??= KeyOf(image, app.Project);
            if (image.Kind != ImageKind.Reference && image.Architectures.Count == 0)
                image.Architectures.AddRange(architectures);
        }
    }

    /// <summary>The processors that a workload can meet: those of its pool, of Fargate, or of all pools where it is placed on none.</summary>
    private static IReadOnlyList<Architecture> ArchitecturesOf(Workload workload, KubeAppModel app)
    {
        // The sandbox is this machine, whatever pools there are elsewhere.
        if (app.Environment.Target.Kind == TargetKind.Sandbox)
            return [];
        if (app.All<FargateProfile>().Any(profile => profile.Workloads.Count == 0 || profile.Workloads.Contains(workload.Name)))
            return [Architecture.Amd64];
        return [.. app.All<NodePool>().Where(pool => workload.Placement?.NodePool is not { } name || pool.Name == name).Select(pool => pool.Architecture).Distinct().Order()];
    }

    private static string? KeyOf(Image image, ProjectFacts project) => image.Kind switch
    {
        ImageKind.ThisProject => SpecEvaluation.DefaultName(project.Name),
        ImageKind.Project => SpecEvaluation.DefaultName(Path.GetFileNameWithoutExtension(image.Path ?? "")),
        ImageKind.Dockerfile => SpecEvaluation.DefaultName(Path.GetFileName(Path.GetFullPath(Path.Join(project.Directory, image.Context)).TrimEnd('/', '\\'))),
        _ => image.ReferenceText,
    };

    private static string HeadlessServiceOf(KubeAppModel app, StatefulSet set)
    {
        if (app.All<Service>().FirstOrDefault(service => service.Workload == set.Name && service.Exposure == ServiceExposure.Headless) is { } service)
            return service;
        return app.Add(new Service($"{set.Name}-pods", set, set.Location?.File ?? "", set.Location?.Line ?? 0) { Exposure = ServiceExposure.Headless });
    }

    private static void CompletePorts(Service service, KubeAppModel app)
    {
        if (service.Ports.Count > 0 || app.All<Workload>().FirstOrDefault(workload => workload.Name == service.Workload) is not { } workload)
            return;

        // The name of a headless service leads to the pods themselves, where nobody maps 80 to the container's port.
        var isHeadless = service.Exposure == ServiceExposure.Headless;
        service.Ports.AddRange(workload.Containers.SelectMany(container => container.Ports)
            .Select(port => new ServicePort(port.Name, port.Name == "http" && !isHeadless ? 80 : port.Port) { Protocol = port.Protocol }));
    }

    private static string? EntryServiceOf(KubeAppModel app)
    {
        var services = app.All<Service>().Where(service => service.Exposure != ServiceExposure.Headless).ToList();
        return (services.Find(service => service.Exposure == ServiceExposure.PublicLoadBalancer || service.Ingresses.Count > 0) ?? services.FirstOrDefault())?.Name;
    }
}

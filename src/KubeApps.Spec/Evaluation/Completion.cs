namespace KubeApps;

/// <summary>Makes every default of a model explicit and reads the files that it names, so that rendering needs nothing but the model.</summary>
internal static class Completion
{
    public static void Complete(KubeAppModel app, SpecFiles files)
    {
        foreach (var workload in app.All<Workload>())
            CompleteNumbers(workload);
        foreach (var set in app.All<StatefulSet>().ToList())
            set.HeadlessService ??= HeadlessServiceOf(app, set);
        foreach (var service in app.All<Service>())
            CompletePorts(service, app);

        app.Defaults.Apply(app);

        foreach (var workload in app.All<Workload>())
            CompleteImages(workload, app);
        foreach (var workload in app.All<Workload>())
            workload.TerminationGracePeriod ??= TimeSpan.FromSeconds(Math.Min(Math.Ceiling(TimeToEnd(workload).TotalSeconds) + 5, int.MaxValue));
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

    /// <summary>How long a pod may take to end: the longest sleep before SIGTERM, from whose beginning the grace period counts, and the host's own time.</summary>
    public static TimeSpan TimeToEnd(Workload workload) => TimeSpan.FromSeconds(Math.Min(
        workload.AllContainers.Select(container => container.PreStop?.Duration?.TotalSeconds ?? 0).DefaultIfEmpty().Max() + workload.HostShutdownTimeout.TotalSeconds,
        int.MaxValue));

    private static void CompleteNumbers(Workload workload)
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
            // A copy: another workload, or another environment, may use the same object and need it for other processors.
            var image = container.Image;
            container.Image = image.For(
                image.Key ?? KeyOf(image, app.Project), image.Kind == ImageKind.Reference || image.Architectures.Count > 0 ? image.Architectures : architectures);
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

using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Makes every default of a model explicit and reads the files that it names, so that rendering needs nothing but the model.</summary>
internal static class Completion
{
    public static void Complete(KubeAppModel app, SortedSet<string> files, SpecDiagnostics diagnostics)
    {
        app.Labels.TryAdd("app.kubernetes.io/instance", $"{app.Name}-{app.Environment.Name}");
        app.Labels.TryAdd("app.kubernetes.io/managed-by", "kubeapps");
        app.Labels.TryAdd("kubeapps.dev/environment", app.Environment.Name);
        foreach (var workload in app.All<Workload>())
            CompleteWorkload(workload, app.Project);
        foreach (var service in app.All<Service>())
            CompleteService(service, app);
        foreach (var config in app.All<Config>())
            ReadFiles(config, app.Project, files, diagnostics);
        app.EntryService ??= EntryServiceOf(app);
    }

    private static void CompleteWorkload(Workload workload, ProjectFacts project)
    {
        if (workload is Deployment deployment)
            deployment.Replicas ??= 1;
        foreach (var container in workload.AllContainers)
        {
            container.Image.Key ??= KeyOf(container.Image, project);
            if (workload is not Job && container.Ports.Find(port => port.Protocol == PortProtocol.Tcp) is { } port)
                container.ReadinessProbe ??= Probe.Tcp(port.Name);
        }
    }

    private static string? KeyOf(Image image, ProjectFacts project) => image.Kind switch
    {
        ImageKind.ThisProject => SpecEvaluation.DefaultName(project.Name),
        ImageKind.Project => SpecEvaluation.DefaultName(Path.GetFileNameWithoutExtension(image.Path ?? "")),
        ImageKind.Dockerfile => SpecEvaluation.DefaultName(Path.GetFileName(Path.GetFullPath(Path.Join(project.Directory, image.Context)))),
        _ => image.ReferenceText,
    };

    private static void CompleteService(Service service, KubeAppModel app)
    {
        if (service.Ports.Count > 0 || app.All<Workload>().FirstOrDefault(workload => workload.Name == service.Workload) is not { } workload)
            return;
        service.Ports.AddRange(workload.Containers.SelectMany(container => container.Ports)
            .Select(port => new ServicePort(port.Name, port.Name == "http" ? 80 : port.Port) { Protocol = port.Protocol }));
    }

    private static string? EntryServiceOf(KubeAppModel app) =>
        (app.All<Service>().FirstOrDefault(service => service.Exposure == ServiceExposure.PublicLoadBalancer)
            ?? app.All<Service>().FirstOrDefault())?.Name;

    private static void ReadFiles(Config config, ProjectFacts project, SortedSet<string> files, SpecDiagnostics diagnostics)
    {
        foreach (var file in config.Files)
            if (ReadText(file, project, files, diagnostics, config.Location) is { } text)
                config.Values[Path.GetFileName(file)] = text;
        config.Files.Clear();
    }

    private static string? ReadText(
        string file, ProjectFacts project, SortedSet<string> files, SpecDiagnostics diagnostics, SourceLocation? place)
    {
        try
        {
            var text = File.ReadAllText(Path.Join(project.Directory, file));
            files.Add(file.Replace('\\', '/'));
            // The same bytes from a checkout with other line ends.
            return text.ReplaceLineEndings("\n");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            diagnostics.Add(DiagnosticDescriptors.FileMissing, $"{file} cannot be read: {exception.Message}", place);
            return null;
        }
    }
}

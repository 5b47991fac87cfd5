using System.Globalization;

namespace KubeApps;

/// <summary>The framework's own defaults, and some that an app or a shared library can choose instead. None changes what the app has said.</summary>
public static class StandardDefaults
{
    /// <summary>The user and group of the .NET images.</summary>
    private const long DotNetUser = 1654;

    /// <summary>
    /// The labels <c>app.kubernetes.io/instance</c> (app and environment), <c>app.kubernetes.io/managed-by</c>, and <c>kubeapps.dev/environment</c>.
    /// <c>app.kubernetes.io/name</c> and <c>component</c> are always there: selectors need them. The commit is an annotation of workloads.
    /// </summary>
    /// <seealso href="https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/"/>
    public static void Labels(KubeAppModel app)
    {
        app.Labels.TryAdd("app.kubernetes.io/instance", $"{app.Name}-{app.Environment.Name}");
        app.Labels.TryAdd("app.kubernetes.io/managed-by", "kubeapps");
        app.Labels.TryAdd("kubeapps.dev/environment", app.Environment.Name);
    }

    /// <summary>The console log of containers that are built from a project is JSON, one line for each entry; in the sandbox it stays for people.</summary>
    public static void JsonConsole(KubeAppModel app)
    {
        if (app.Environment.Target.Kind == TargetKind.Sandbox)
            return;
        foreach (var container in ProjectContainers(app))
            container.Environment.TryAdd("Logging__Console__FormatterName", "json");
    }

    /// <summary>A sidecar that reads the log files which the first container of each deployment, stateful set and daemon set writes to a directory.</summary>
    /// <param name="image">The log collector.</param>
    /// <param name="directory">Where both containers see the directory.</param>
    public static Action<KubeAppModel> LoggingSidecar(Image image, string directory = "/var/log/app") => app =>
    {
        foreach (var workload in LongRunning(app).Where(workload => workload.Containers.Count > 0 && !workload.Sidecars.Exists(sidecar => sidecar.Name == "logging")))
        {
            var logs = FreeName("logs", VolumesOf(workload));
            workload.Containers[0].Mounts.Add(Mount.EmptyDirectory(logs, directory));
            workload.Sidecars.Add(new Container("logging", image, "", 0) { Mounts = { Mount.EmptyDirectory(logs, directory) } });
        }
    };

    /// <summary>The pods of workloads that have the port are annotated for Prometheus to scrape.</summary>
    /// <param name="path">Where the metrics are.</param>
    /// <param name="port">The name of the container's port.</param>
    public static Action<KubeAppModel> PrometheusMetrics(string path = "/metrics", string port = "http") => app =>
    {
        foreach (var workload in LongRunning(app))
        {
            if (workload.Containers.SelectMany(container => container.Ports).FirstOrDefault(candidate => candidate.Name == port) is not { } found)
                continue;
            workload.PodAnnotations.TryAdd("prometheus.io/scrape", "true");
            workload.PodAnnotations.TryAdd("prometheus.io/path", path);
            workload.PodAnnotations.TryAdd("prometheus.io/port", found.Port.ToString(CultureInfo.InvariantCulture));
        }
    };

    /// <summary>Containers that are built from a project are told where to send OpenTelemetry data, and as which service.</summary>
    /// <param name="endpoint">The collector: <c>http://otel-collector.monitoring:4317</c>.</param>
    /// <seealso href="https://opentelemetry.io/docs/specs/otel/protocol/exporter/"/>
    public static Action<KubeAppModel> OpenTelemetryMetrics(string endpoint) => app =>
    {
        foreach (var workload in app.All<Workload>())
            foreach (var container in workload.AllContainers.Where(IsBuiltFromProject))
            {
                container.Environment.TryAdd("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
                container.Environment.TryAdd("OTEL_SERVICE_NAME", $"{app.Name}-{workload.Name}");
                container.Environment.TryAdd("OTEL_RESOURCE_ATTRIBUTES", $"deployment.environment.name={app.Environment.Name}");
            }
    };

    /// <summary>
    /// The first service with a public load balancer gets the name <c>APP-ENVIRONMENT.ZONE</c> (<c>APP.ZONE</c> in <c>prod</c>), unless it has a name.
    /// </summary>
    /// <param name="zone">The zone: <c>apps.example.com</c>.</param>
    /// <param name="ttl">How long others may keep the answer. Default: 1 minute.</param>
    public static Action<KubeAppModel> DnsZone(string zone, TimeSpan? ttl = null) => app =>
    {
        if (app.All<Service>().FirstOrDefault(service => service.Exposure == ServiceExposure.PublicLoadBalancer) is { DnsNames.Count: 0 } entry)
            entry.DnsNames.Add(new DnsName(app.Environment.Is("prod") ? $"{app.Name}.{zone}" : $"{app.Name}-{app.Environment.Name}.{zone}", ttl));
    };

    /// <summary>
    /// A readiness probe for the containers of deployments, stateful sets and daemon sets that have a TCP port: a TCP connect to the first one. No
    /// liveness probe: a plain project has no health endpoint, and a liveness probe that fails under load makes an outage of a slowdown.
    /// </summary>
    public static void Probes(KubeAppModel app)
    {
        foreach (var container in LongRunning(app).SelectMany(workload => workload.Containers))
            if (container.Ports.Find(port => port.Protocol == PortProtocol.Tcp) is { } port)
                container.ReadinessProbe ??= Probe.Tcp(port.Name);
    }

    /// <summary>
    /// Containers with a port, in a workload to which a service leads, sleep for 5 seconds before they get SIGTERM, so that those who send
    /// requests hear of the end before it comes.
    /// </summary>
    public static void GracefulStop(KubeAppModel app)
    {
        var served = app.All<Service>().Select(service => service.Workload).ToHashSet(StringComparer.Ordinal);
        foreach (var container in LongRunning(app).Where(workload => served.Contains(workload.Name)).SelectMany(workload => workload.Containers))
            if (container.Ports.Count > 0)
                container.PreStop ??= PreStop.Sleep(TimeSpan.FromSeconds(5));
    }

    /// <summary>Each container is promised 100m CPU and 128Mi memory, and may use 512Mi memory. No CPU limit: it slows down programs on idle nodes.</summary>
    public static void Resources(KubeAppModel app)
    {
        foreach (var container in app.All<Workload>().SelectMany(workload => workload.AllContainers))
            container.Resources ??= new Resources { Cpu = "100m", Memory = "128Mi", MemoryLimit = "512Mi" };
    }

    /// <summary>
    /// Pods meet the "restricted" Pod Security Standard: not root, no privilege escalation, no capabilities, the runtime's seccomp profile. The root file
    /// system is read-only; an empty directory stands at <c>/tmp</c>.
    /// </summary>
    /// <seealso href="https://kubernetes.io/docs/concepts/security/pod-security-standards/"/>
    public static void SecurityContext(KubeAppModel app)
    {
        foreach (var workload in app.All<Workload>())
        {
            var pod = workload.Security ??= new PodSecurity();
            pod.RunAsNonRoot ??= true;
            pod.SeccompProfile ??= "RuntimeDefault";
            if (workload.AllContainers.SelectMany(container => container.Mounts).Any(mount => mount.Kind == MountKind.Claim))
                pod.FsGroup ??= DotNetUser;
            foreach (var container in workload.AllContainers)
                Secure(container, FreeName(container == workload.Containers.FirstOrDefault() ? "tmp" : $"tmp-{container.Name}", VolumesOf(workload)));
        }
    }

    /// <summary>
    /// For each workload without a policy of its own, one that lets connections only to the declared ports of its containers; a workload without ports takes none.
    /// </summary>
    public static void NetworkPolicy(KubeAppModel app)
    {
        var own = app.All<NetworkPolicy>().ToList();
        var covered = own.Select(policy => policy.Workload).ToHashSet(StringComparer.Ordinal);
        foreach (var workload in app.All<Workload>().Where(workload => !covered.Contains(workload.Name)).ToList())
            app.Add(new NetworkPolicy(
                FreeName(workload.Name, own.Select(policy => policy.Name)), workload, workload.Location?.File ?? "", workload.Location?.Line ?? 0));
    }

    private static void Secure(Container container, string temporaryDirectory)
    {
        var security = container.Security ??= new ContainerSecurity();
        if (security.Privileged == true)
            return;
        security.AllowPrivilegeEscalation ??= false;
        security.DropCapabilities ??= ["ALL"];
        security.ReadOnlyRootFilesystem ??= true;
        if (security.ReadOnlyRootFilesystem == true && !container.Mounts.Exists(mount => mount.Path.TrimEnd('/') == "/tmp"))
            container.Mounts.Add(Mount.EmptyDirectory(temporaryDirectory, "/tmp"));
    }

    private static IEnumerable<string> VolumesOf(Workload workload) => workload.AllContainers.SelectMany(container => container.Mounts).Select(mount => mount.VolumeName)
        .Concat(workload is StatefulSet set ? set.Claims.Select(claim => claim.Name) : []);

    /// <summary>The name, as long as it can be, or one like it where the app uses it for something else.</summary>
    private static string FreeName(string name, IEnumerable<string> taken)
    {
        var names = taken.ToHashSet(StringComparer.Ordinal);
        var free = name = name.Length > 60 ? name[..60].TrimEnd('-') : name;
        for (var number = 2; names.Contains(free); number++)
            free = $"{name}-{number}";
        return free;
    }

    private static IEnumerable<Workload> LongRunning(KubeAppModel app) => app.All<Workload>().Where(workload => workload is not (Job or CronJob));

    private static IEnumerable<Container> ProjectContainers(KubeAppModel app) =>
        app.All<Workload>().SelectMany(workload => workload.AllContainers).Where(IsBuiltFromProject);

    private static bool IsBuiltFromProject(Container container) => container.Image.Kind is ImageKind.ThisProject or ImageKind.Project;
}

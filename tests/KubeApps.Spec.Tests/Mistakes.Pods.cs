namespace KubeApps.Spec.Tests;

// Containers and what they mount.
internal static partial class Mistakes
{
    private static readonly IReadOnlyList<Mistake> Pods =
    [
        new("unknown claim", "KUBEAPP1022", "'data'", app => WebContainer(app).Mounts.Add(Mount.Claim("data", "/data"))),
        new("memory in a unit that is none", "KUBEAPP1025", "'128MB'", app => WebContainer(app).Resources = new Resources { Memory = "128MB" }),
        new("promise beyond the limit", "KUBEAPP1025", "promised 1Gi", app => WebContainer(app).Resources = new Resources { Memory = "1Gi", MemoryLimit = "512Mi" }),
        new("claim of no size", "KUBEAPP1025", "claim 'data'", app => app.Add(new PersistentClaim("data", "big"))),
        new("image for other processors than the pool's", "KUBEAPP1028", "is for amd64", app =>
        {
            var pool = app.Add(new NodePool("arm", "m7g.large") { Architecture = Architecture.Arm64 });
            app.All<Deployment>().First().Placement = new Placement { NodePool = pool };
            WebContainer(app).Image.Architectures.Add(Architecture.Amd64);
        }),
        new("relative mount", "KUBEAPP1031", "'data'", app => WebContainer(app).Mounts.Add(Mount.EmptyDirectory("data", "data"))),
        new("probe without time", "KUBEAPP1031", "liveness probe", app => WebContainer(app).LivenessProbe = Probe.Http("/") with { Timeout = TimeSpan.Zero }),
        new("liveness that must succeed twice", "KUBEAPP1031", "must be 1", app => WebContainer(app).LivenessProbe = Probe.Http("/") with { SuccessThreshold = 2 }),
        new("autoscaling without requests", "KUBEAPP1031", "requests nothing", app => { Scale(app, null).Autoscaling = new Autoscaling(); WebContainer(app).Resources = new Resources(); }),
        new("one key for two images", "KUBEAPP1034", "'shop'", app => app.All<Deployment>().First().Sidecars.Add(new Container("proxy", Image.Project("../Other/Other.csproj", key: "shop")))),
        new("mount that climbs", "KUBEAPP1031", "'/data/../etc'", app => WebContainer(app).Mounts.Add(Mount.EmptyDirectory("data", "/data/../etc"))),
        new("relative working directory", "KUBEAPP1031", "'app'", app => WebContainer(app).WorkingDirectory = "app"),
        new("name of an empty directory", "KUBEAPP1020", "'Data'", app => WebContainer(app).Mounts.Add(Mount.EmptyDirectory("Data", "/data"))),
        new("empty directory and claim of one name", "KUBEAPP1021", "volumes of 'web' are named 'data'", app =>
        {
            app.Add(new PersistentClaim("data", "1Gi"));
            WebContainer(app).Mounts.AddRange([Mount.Claim("data", "/data"), Mount.EmptyDirectory("data", "/cache")]);
        }),
        new("empty directory of two sizes", "KUBEAPP1021", "volumes of 'web' are named 'cache'", app => WebContainer(app).Mounts.AddRange([Mount.EmptyDirectory("cache", "/a", "1Gi"), Mount.EmptyDirectory("cache", "/b")])),
        new("two claims of a stateful set of one name", "KUBEAPP1021", "Two claims", app => Web(app.Add(new StatefulSet("set") { Claims = { new PersistentClaim("data", "1Gi"), new PersistentClaim("data", "2Gi") } }))),
        new("claim of one pod for two slots", "KUBEAPP1031", "two versions run at once", app =>
        {
            app.Strategy = Strategy.BlueGreen();
            app.All<Deployment>().Single().Recreate = true;
            app.Add(new PersistentClaim("data", "1Gi") { Access = ClaimAccess.ReadWriteOncePod });
            WebContainer(app).Mounts.Add(Mount.Claim("data", "/data"));
        }),
        new("claim of a slot for what has none", "KUBEAPP1031", "only deployments stand in slots", app =>
        {
            app.Add(new PersistentClaim("data", "1Gi") { PerSlot = true });
            var set = app.Add(new StatefulSet("set"));
            Web(set);
            set.Containers[0].Mounts.Add(Mount.Claim("data", "/data"));
        }),
        new("claim of one pod for several", "KUBEAPP1031", "two pods run at once", app => { app.Add(new PersistentClaim("data", "1Gi") { Access = ClaimAccess.ReadWriteOncePod }); WebContainer(app).Mounts.Add(Mount.Claim("data", "/data")); }),
        new("configuration beyond its size", "KUBEAPP1031", "1048576 are possible", app => app.Add(new Config("big") { Values = { ["a"] = new string('a', 1024 * 1024) } })),
        new("memory in thousandths of bytes", "KUBEAPP1025", "'128m'", app => WebContainer(app).Resources = new Resources { Memory = "128m" }),
        new("CPU limit that is none", "KUBEAPP1025", "CPU limit", app => WebContainer(app).Resources = new Resources { CpuLimit = "one" }),
        new("mount limit that is none", "KUBEAPP1025", "size of the mount '/data'", app => WebContainer(app).Mounts.Add(Mount.EmptyDirectory("data", "/data", "1 GB"))),
        new("root that must not be", "KUBEAPP1031", "user 0", app => WebContainer(app).Security = new ContainerSecurity { RunAsUser = 0 }),
        new("privileged without privileges", "KUBEAPP1031", "is privileged", app => WebContainer(app).Security = new ContainerSecurity { Privileged = true, AllowPrivilegeEscalation = false }),
        new("capability with its prefix", "KUBEAPP1031", "'CAP_NET_ADMIN'", app => WebContainer(app).Security = new ContainerSecurity { AddCapabilities = ["CAP_NET_ADMIN"] }),
        new("seccomp profile that is none", "KUBEAPP1031", "'Strict'", app => app.All<Deployment>().First().Security = new PodSecurity { SeccompProfile = "Strict" }),
        new("negative user", "KUBEAPP1031", "is -1", app => app.All<Deployment>().First().Security = new PodSecurity { RunAsUser = -1 }),
        new("probe of half a second", "KUBEAPP1031", "whole seconds", app => WebContainer(app).ReadinessProbe = Probe.Http("/") with { Period = TimeSpan.FromSeconds(1.5) }),
        new("probe with a relative path", "KUBEAPP1031", "'healthz'", app => WebContainer(app).ReadinessProbe = Probe.Http("healthz")),
        new("probe without command", "KUBEAPP1031", "no command", app => WebContainer(app).LivenessProbe = Probe.Exec()),
        new("sleep of no time", "KUBEAPP1031", "sleep before the stop", app => WebContainer(app).PreStop = PreStop.Sleep(TimeSpan.Zero)),
        new("stop without command", "KUBEAPP1031", "before it stops", app => WebContainer(app).PreStop = PreStop.Exec()),
        new("field that pods do not offer", "KUBEAPP1022", "'spec.host'", app => WebContainer(app).Environment["HOST"] = EnvironmentValue.FromField("spec.host")),
        new("probe on a UDP port", "KUBEAPP1023", "'statsd', which is UDP", app => { WebContainer(app).Ports.Add(new ContainerPort("statsd", 9125, PortProtocol.Udp)); WebContainer(app).LivenessProbe = Probe.Tcp("statsd"); }),
        new("init container with a probe", "KUBEAPP1031", "The init container 'init'", app => app.All<Deployment>().First().InitContainers.Add(new Container("init", Image.ThisProject) { ReadinessProbe = Probe.Exec("true") })),
        new("configuration file that is no text", "KUBEAPP1014", "is no text", app => app.Add(new Config("c") { Files = { Path.GetRelativePath(Path.GetDirectoryName(ThisFile())!, typeof(KubeApp).Assembly.Location) } })),
        new("image that is null", "KUBEAPP1031", "Image of the container 'web' is null", app => WebContainer(app).Image = null!),
        new("container that is null", "KUBEAPP1031", "An item of Containers of the deployment 'web' is null", app => app.All<Deployment>().First().Containers.Add(null!)),
        new("argument that is null", "KUBEAPP1031", "An item of Args of the container 'web' is null", app => WebContainer(app).Args.Add(null!)),
        new("variable that is null", "KUBEAPP1031", "Environment[\"A\"] of the container 'web' is null", app => WebContainer(app).Environment["A"] = (EnvironmentValue)null!),
        new("variable without value", "KUBEAPP1031", "The environment variable A", app => WebContainer(app).Environment["A"] = (string)null!),
        new("size that is null", "KUBEAPP1031", "Size of the persistent claim 'data' is null", app => app.Add(new PersistentClaim("data", null!))),
        new("prefix with a space", "KUBEAPP1020", "'my '", app => WebContainer(app).EnvironmentFrom.Add(EnvironmentSource.FromConfig(app.Add(new Config("settings")), "my "))),
    ];
}

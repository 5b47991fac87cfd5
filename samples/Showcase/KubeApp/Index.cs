using KubeApps;

// The index: three pods that keep their names and each their own disk.
public sealed partial class SearchApp
{
    private static StatefulSet AddIndex(KubeAppModel app)
    {
        var index = app.Add(new StatefulSet("index")
        {
            Replicas = 3,
            Parallel = true,
            DisruptionBudget = new DisruptionBudget { MaxUnavailable = 1 },
            Claims = { new PersistentClaim("data", "20Gi") { Access = ClaimAccess.ReadWriteOncePod } },
            Security = new PodSecurity { RunAsUser = 1000, RunAsGroup = 1000, FsGroup = 1000 },
            TopologySpread = { new TopologySpread("kubernetes.io/hostname") { IsRequired = app.Environment.Is("prod") } },
            HostShutdownTimeout = TimeSpan.FromMinutes(2),
        });
        index.Containers.Add(new Container("opensearch", Image.Reference("docker.io/opensearchproject/opensearch:2.17.1"))
        {
            Ports = { new ContainerPort("http", 9200), new ContainerPort("transport", 9300) },
            Environment =
            {
                ["POD_NAME"] = EnvironmentValue.FromField("metadata.name"),
                ["cluster.name"] = $"search-{app.Environment.Name}",
                ["node.name"] = "$(POD_NAME)",
                ["discovery.seed_hosts"] = "index-pods",
                ["cluster.initial_cluster_manager_nodes"] = "index-0,index-1,index-2",
                ["DISABLE_SECURITY_PLUGIN"] = "true",
                ["bootstrap.memory_lock"] = "true",
                ["OPENSEARCH_JAVA_OPTS"] = "-Xms1g -Xmx1g",
            },
            WorkingDirectory = "/usr/share/opensearch",
            Mounts = { Mount.Claim("data", "/usr/share/opensearch/data") },
            Resources = new Resources { Cpu = "500m", Memory = "2Gi", MemoryLimit = "2Gi" },
            // It keeps its memory from being swapped out.
            Security = new ContainerSecurity { ReadOnlyRootFilesystem = false, AddCapabilities = ["IPC_LOCK"] },
            StartupProbe = Probe.Tcp() with { FailureThreshold = 60 },
            ReadinessProbe = Probe.Http("/_cluster/health?local=true") with { Timeout = TimeSpan.FromSeconds(5) },
            LivenessProbe = Probe.Exec("curl", "--fail", "--silent", "http://localhost:9200/") with { Period = TimeSpan.FromSeconds(30), Timeout = TimeSpan.FromSeconds(10) },
            // What is in memory only goes to the disk before the program is asked to end.
            PreStop = PreStop.Exec("curl", "--silent", "--request", "POST", "http://localhost:9200/_flush"),
        });
        app.Checks.Add(Check.Tcp("index-pods", "http"));

        // The pods must find each other to become ready, so their names must be known before. A patch says what the specification has no word for.
        app.Patch("Service", "index-pods").Set("/spec/publishNotReadyAddresses", true);

        // A pod that is not ready may be copying data: it counts like the others before a node is drained, which is what Kubernetes does without a word.
        app.Patch("PodDisruptionBudget", index).Remove("/spec/unhealthyPodEvictionPolicy");

        // OpenSearch maps its files into memory and needs more mappings than nodes allow; one pod on each node sees to it.
        app.Add(new DaemonSet("node-tuning")
        {
            MaxUnavailable = "25%",
            Security = new PodSecurity { RunAsNonRoot = false },
            Placement = new Placement { NodeSelector = { ["kubernetes.io/os"] = "linux" }, Tolerations = { new Toleration("dedicated", "search", TaintEffect.NoExecute) } },
            PodAnnotations = { ["example.com/why-privileged"] = "sets vm.max_map_count of the node" },
            InitContainers =
            {
                new Container("sysctl", Image.Dockerfile("tuning/Dockerfile")) { Security = new ContainerSecurity { Privileged = true, RunAsUser = 0 } },
            },
            Containers =
            {
                new Container("pause", Image.Reference("registry.k8s.io/pause:3.10"))
                {
                    Resources = new Resources { Cpu = "1m", Memory = "8Mi", MemoryLimit = "16Mi" },
                    Security = new ContainerSecurity { RunAsNonRoot = true, RunAsUser = 65535 },
                },
            },
        });
        return index;
    }
}

using k8s.Models;
using KubeApps;

/// <summary>
/// A search service: an API in front of an OpenSearch cluster, with a nightly import. It shows what the other samples have no use for. On the laptop
/// the API runs alone and searches a small built-in index; clusters get everything.
/// </summary>
public sealed class SearchApp : KubeApp
{
    public override string? Name => "search";

    public override IReadOnlyList<DeployEnvironment> Environments =>
    [
        new("staging", Target.Context("search-staging").WithRegistry("registry.example.com/search")),
        new("prod", Target.Eks("123456789012", "eu-central-1")),
    ];

    public override void Define(KubeAppModel app)
    {
        var api = AddApi(app);
        var smoke = app.Add(new Job("smoke"));
        smoke.Containers.Add(new Container("smoke", Image.ThisProject) { Args = { "smoke" } });
        app.Checks.Add(Check.Http("api", "/search?q=lamp", bodyContains: "Desk lamp", maxLatency: TimeSpan.FromSeconds(2)));
        app.Checks.Add(Check.RunJob(smoke));

        if (app.Environment.Is("local"))
            return;

        var index = AddIndex(app);
        var import = AddImport(app);
        app.Add(new NetworkPolicy("index", index) { FromWorkloads = { api, import, index } });
        app.Checks.Add(Check.Tcp("index-pods", "http"));

        if (app.Environment.Is("prod"))
            AddProduction(app, api, index, import);
        AddKubernetesObjects(app);
    }

    private static Deployment AddApi(KubeAppModel app)
    {
        var isLocal = app.Environment.Is("local");
        var api = app.Add(new Deployment("api")
        {
            Replicas = isLocal ? 1 : 3,
            DisruptionBudget = isLocal ? null : new DisruptionBudget { MaxUnavailable = 1 },
        });

        // Written once by the init container before the API starts, read by the API: both see the same empty directory.
        api.InitContainers.Add(new Container("synonyms", Image.ThisProject)
        {
            Args = { "synonyms" },
            Mounts = { Mount.EmptyDirectory("synonyms", "/app/synonyms", "16Mi") },
        });
        var container = new Container("api", Image.ThisProject)
        {
            Ports = { new ContainerPort("http", 8080) },
            Mounts = { Mount.EmptyDirectory("synonyms", "/app/synonyms", "16Mi") },
            ReadinessProbe = Probe.Http("/healthz"),
        };
        api.Containers.Add(container);
        var service = app.Add(new Service("api", api));
        if (isLocal)
            return api;

        // A sidecar in the pod: recent answers, one connection away on 127.0.0.1. The image names its user, Kubernetes wants a number.
        api.Sidecars.Add(new Container("cache", Image.Reference("docker.io/library/memcached:1.6-alpine"))
        {
            Args = { "--listen=127.0.0.1", "--memory-limit=64" },
            Resources = new Resources { Cpu = "50m", Memory = "96Mi", MemoryLimit = "128Mi" },
            Security = new ContainerSecurity { RunAsUser = 11211 },
        });
        container.Environment["SEARCH_INDEX"] = "http://index-pods:9200";
        container.Environment["SEARCH_CACHE"] = "127.0.0.1:11211";
        api.TopologySpread.Add(new TopologySpread("topology.kubernetes.io/zone"));

        var host = app.Environment.Is("prod") ? "search.example.com" : $"search-{app.Environment.Name}.example.com";
        var tls = app.Environment.Is("prod")
            ? Tls.FromCertificate("arn:aws:acm:eu-central-1:123456789012:certificate/6a1f2c1e-0000-4000-8000-000000000000")
            : Tls.FromIssuer("letsencrypt");
        service.Ingresses.Add(new Ingress(host, "/search") { Tls = tls });
        service.Ingresses.Add(new Ingress(host, "/healthz") { PathType = IngressPathType.Exact, Tls = tls });
        service.DnsNames.Add(new DnsName(host, TimeSpan.FromMinutes(5)));

        // Where the deploy runs, once the name leads to this version.
        app.Checks.Add(Check.Run(["curl", "--fail", "--silent", "--show-error", $"https://{host}/healthz"]));
        return api;
    }

    /// <summary>Three pods that keep their names and each their own disk.</summary>
    private static StatefulSet AddIndex(KubeAppModel app)
    {
        var index = app.Add(new StatefulSet("index")
        {
            Replicas = 3,
            Parallel = true,
            DisruptionBudget = new DisruptionBudget { MaxUnavailable = 1 },
            Claims = { new PersistentClaim("data", "20Gi") },
            Security = new PodSecurity { RunAsUser = 1000, FsGroup = 1000 },
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
                ["OPENSEARCH_JAVA_OPTS"] = "-Xms1g -Xmx1g",
            },
            Mounts = { Mount.Claim("data", "/usr/share/opensearch/data") },
            Resources = new Resources { Cpu = "500m", Memory = "2Gi", MemoryLimit = "2Gi" },
            Security = new ContainerSecurity { ReadOnlyRootFilesystem = false },
        });

        // The pods must find each other to become ready, so their names must be known before. A patch says what the specification has no word for.
        app.Patch("Service", "index-pods").Set("/spec/publishNotReadyAddresses", true);

        // OpenSearch maps its files into memory and needs more mappings than nodes allow; one pod on each node sees to it.
        app.Add(new DaemonSet("node-tuning")
        {
            MaxUnavailable = "25%",
            Security = new PodSecurity { RunAsNonRoot = false },
            Placement = new Placement { NodeSelector = { ["kubernetes.io/os"] = "linux" } },
            InitContainers =
            {
                new Container("sysctl", Image.Reference("docker.io/library/busybox:1.37"))
                {
                    Command = { "sysctl", "-w", "vm.max_map_count=262144" },
                    Security = new ContainerSecurity { Privileged = true, RunAsUser = 0 },
                },
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

    /// <summary>Every night the catalog is read from its bucket. The account may remember in a ConfigMap how far the import came.</summary>
    private static CronJob AddImport(KubeAppModel app)
    {
        var account = app.Add(new ServiceAccount("import")
        {
            Rules = { new AccessRule(["configmaps"], ["get", "update", "patch"]) { ResourceNames = ["import-progress"] } },
            CloudRole = app.Environment.Is("prod") ? "arn:aws:iam::123456789012:role/search-import" : null,
        });
        var import = app.Add(new CronJob("import", "30 2 * * *")
        {
            TimeZone = "Europe/Berlin",
            Retries = 2,
            TimeLimit = TimeSpan.FromHours(2),
            ServiceAccount = account,
        });
        import.Containers.Add(new Container("import", Image.ThisProject)
        {
            Args = { "import" },
            Environment = { ["SEARCH_INDEX"] = "http://index-pods:9200" },
        });

        // The same through a typed model: the compiler knows the field and its type. A run that is an hour late is left out.
        app.Patch<V1CronJob>(import).Set(job => job.Spec.StartingDeadlineSeconds, 3600);
        return import;
    }

    private static void AddProduction(KubeAppModel app, Deployment api, StatefulSet index, CronJob import)
    {
        var nodes = app.Add(new NodePool("search", "r7i.large") { Min = 3, Max = 6 });
        api.Placement = new Placement { NodePool = nodes };
        index.Placement = new Placement { NodePool = nodes };

        // Needed for minutes a day: paid by the minute, on no node of ours.
        app.Add(new FargateProfile("nightly") { Workloads = { import } });
    }

    /// <summary>Plain Kubernetes stands beside the specification: as files, as templates, as text, as objects.</summary>
    private static void AddKubernetesObjects(KubeAppModel app)
    {
        app.AddManifests("k8s/*.yaml.sbn");
        app.AddManifests("k8s/*.yaml");
        app.AddYaml("""
            # Whatever goes wrong, the namespace does not grow without end.
            apiVersion: v1
            kind: ResourceQuota
            metadata:
              name: pods
            spec:
              hard:
                pods: "30"
            """);
        app.AddObject(new V1ConfigMap { ApiVersion = "v1", Kind = "ConfigMap", Metadata = new V1ObjectMeta { Name = "import-progress" } });
    }
}

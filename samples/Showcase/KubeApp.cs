using KubeApps;

/// <summary>
/// A search service: an API in front of an OpenSearch cluster, with a nightly import. It shows what the other samples have no use for. On the laptop
/// the API runs alone and searches a small built-in index; clusters get everything. A specification may be spread over files: the folder KubeApp holds the rest.
/// </summary>
public sealed partial class SearchApp : KubeApp
{
    public override string? Name => "search";

    public override IReadOnlyList<DeployEnvironment> Environments =>
    [
        new("staging", Target.Context("search-staging").WithRegistry("registry.example.com/search")),
        new("prod", Target.Eks("123456789012", "eu-central-1")
            .WithEcr(new EcrSettings { CacheBaseImages = true, PullAccounts = { "210987654321" }, ReplicaRegions = { "eu-west-1" }, KmsKey = "alias/images" })
            .WithCluster(new ClusterSettings
            {
                Version = "1.34",
                Administrators = { "arn:aws:iam::123456789012:role/platform" },
                EncryptionKey = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                // Who deploys is in the network, too.
                Network = "vpc-0a1b2c3d",
                IsPrivate = true,
                LoadBalancerController = true,
                // The platform team's Karpenter brings machines.
                ClusterAutoscaler = false,
            })),
    ];

    public override void Define(KubeAppModel app)
    {
        var api = AddApi(app);
        var smoke = AddSmokeTest(app);
        if (app.Environment.Is("local"))
            return;

        // What the platform team of these clusters asks for: logs as files that its shipper reads, metrics sent to its collector.
        app.Defaults.Logging = StandardDefaults.LoggingSidecar(Image.Reference("registry.example.com/platform/log-shipper:3"));
        app.Defaults.Metrics = StandardDefaults.OpenTelemetryMetrics("http://collector.monitoring:4317");

        // The index takes its time, and a version that looks good must still look good half a minute later. The cluster remembers a month of nightly deploys.
        app.Strategy = Strategy.Rolling() with { Timeout = TimeSpan.FromMinutes(30), StabilityWindow = TimeSpan.FromSeconds(30), KeepRevisions = 30 };

        // Somebody else puts this Secret into the namespace. Its keys are named, so that a misspelt one is found now.
        var credentials = app.Add(new Secret("index-credentials") { Keys = { ["username"] = "", ["password"] = "" } });
        api.Containers[0].EnvironmentFrom.Add(EnvironmentSource.FromSecret(credentials, "SEARCH_INDEX_"));

        Publish(app, api);
        var log = AddSearchLog(app, api);
        var index = AddIndex(app);
        var import = AddImport(app, credentials);
        var mapping = AddMapping(app, credentials);
        app.Add(new NetworkPolicy("index", index) { FromWorkloads = { api, import, mapping, index }, FromNamespaces = { "monitoring" } });

        if (app.Environment.Is("prod"))
            PlaceOnHardware(app, import, api, index, log, smoke, mapping);
        AddKubernetesObjects(app);
    }

    /// <summary>What decides whether a version is good, wherever it runs.</summary>
    private static Job AddSmokeTest(KubeAppModel app)
    {
        // Two searches at once, each in a pod of its own; the Job runs when the check does.
        var smoke = app.Add(new Job("smoke") { Completions = 2, Parallelism = 2, Retries = 1, TimeLimit = TimeSpan.FromMinutes(2) });
        smoke.Containers.Add(new Container("smoke", Image.ThisProject) { Args = { "smoke" } });
        app.Checks.Add(Check.Http("api", "/search?q=lamp", bodyContains: "Desk lamp", maxLatency: TimeSpan.FromSeconds(2)));
        app.Checks.Add(Check.RunJob(smoke) with { Timeout = TimeSpan.FromMinutes(3) });
        return smoke;
    }

    private static void PlaceOnHardware(KubeAppModel app, CronJob import, params Workload[] others)
    {
        // The image of this project is built for these processors, and for Fargate's. The taint keeps the pods of other apps away.
        var nodes = app.Add(new NodePool("search", "r7g.large")
        {
            Architecture = Architecture.Arm64,
            Min = 3,
            Max = 6,
            Desired = 4,
            Labels = { ["example.com/cost-center"] = "search" },
            Taints = { new Taint("dedicated", "search", TaintEffect.NoExecute) },
        });
        foreach (var workload in others)
            workload.Placement = new Placement { NodePool = nodes };

        // Needed for minutes a day: paid by the minute, on no node of ours.
        app.Add(new FargateProfile("nightly") { Workloads = { import } });
    }
}

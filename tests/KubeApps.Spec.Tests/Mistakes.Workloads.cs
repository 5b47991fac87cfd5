namespace KubeApps.Spec.Tests;

// Workloads, hardware, identity, checks and targets.
internal static partial class Mistakes
{
    private static readonly IReadOnlyList<Mistake> Workloads =
    [
        new("app without workload", "KUBEAPP1012", "no workload", app => app.Parts.Clear()),
        new("unknown configuration", "KUBEAPP1022", "config 'settings'", app => WebContainer(app).Environment["A"] = EnvironmentValue.FromConfig("settings", "a")),
        new("unknown key of a configuration", "KUBEAPP1022", "'b'", app => WebContainer(app).Environment["A"] = app.Add(new Config("settings") { Values = { ["a"] = "" } }).Key("b")),
        new("unknown node pool", "KUBEAPP1022", "node pool 'arm'", app => app.All<Deployment>().First().Placement = new Placement { NodePool = "arm" }),
        new("unknown service account", "KUBEAPP1022", "'admin'", app => app.All<Deployment>().First().ServiceAccount = "admin"),
        new("replicas and autoscaling", "KUBEAPP1026", "3 replicas", app => Scale(app, 3).Autoscaling = new Autoscaling()),
        new("budget that keeps all pods", "KUBEAPP1027", "keeps 2 of 2", app => Scale(app, 2).DisruptionBudget = new DisruptionBudget { MinAvailable = 2 }),
        new("budget whose share rounds up to all pods", "KUBEAPP1027", "keeps 51% of 2", app => Scale(app, 2).DisruptionBudget = new DisruptionBudget { MinAvailable = "51%" }),
        new("budget that lets none be missing", "KUBEAPP1027", "no pod be missing", app => Scale(app, 2).DisruptionBudget = new DisruptionBudget { MaxUnavailable = "0%" }),
        new("budget that says nothing", "KUBEAPP1027", "neither", app => Scale(app, 2).DisruptionBudget = new DisruptionBudget()),
        new("workload without container", "KUBEAPP1031", "no container", app => app.All<Deployment>().First().Containers.Clear()),
        new("negative replicas", "KUBEAPP1031", "is -1", app => Scale(app, -1)),
        new("share that is none", "KUBEAPP1031", "a lot", app => app.All<Deployment>().First().MaxSurge = "a lot"),
        new("autoscaling upside down", "KUBEAPP1031", "they are 5 and 2", app => Scale(app, null).Autoscaling = new Autoscaling { Min = 5, Max = 2 }),
        new("check that has no time", "KUBEAPP1031", "time-out", app => app.Checks.Add(Check.Http("web") with { Timeout = TimeSpan.Zero })),
        new("grace period that is too short", "KUBEAPP1032", "35 seconds", app => app.All<Deployment>().First().TerminationGracePeriod = TimeSpan.FromSeconds(30)),
        new("rolling update that cannot move", "KUBEAPP1036", "both 0", app => app.All<Deployment>().First().MaxSurge = 0),
        new("configuration file that is missing", "KUBEAPP1014", "missing.json", app => app.Add(new Config("c") { Files = { "missing.json" } })),
        new("manifests that are missing", "KUBEAPP1014", "k8s/*.yaml", app => app.AddManifests("k8s/*.yaml")),
        new("schedule of a 25th hour", "KUBEAPP1033", "'25' is no hour", app => Web(app.Add(new CronJob("report", "0 25 * * *")))),
        new("schedule of a seventh day", "KUBEAPP1033", "'7' is no day of week", app => Web(app.Add(new CronJob("report", "0 0 * * 7")))),
        new("schedule of an unknown word", "KUBEAPP1033", "'@dayly'", app => Web(app.Add(new CronJob("report", "@dayly")))),
        new("time zone that is none", "KUBEAPP1031", "'Berlin time'", app => Web(app.Add(new CronJob("report", "@daily") { TimeZone = "Berlin time" }))),
        new("time limit of half a second", "KUBEAPP1031", "TimeLimit of 'report'", app => Web(app.Add(new CronJob("report", "@daily") { TimeLimit = TimeSpan.FromSeconds(0.5) }))),
        new("grace period of half a second", "KUBEAPP1031", "TerminationGracePeriod of 'web'", app => app.All<Deployment>().First().TerminationGracePeriod = TimeSpan.FromSeconds(60.5)),
        new("negative shutdown time", "KUBEAPP1031", "HostShutdownTimeout", app => app.All<Deployment>().First().HostShutdownTimeout = TimeSpan.FromSeconds(-1)),
        new("one-way job that comes too late", "KUBEAPP1031", "'once' is one-way", app => Web(app.Add(new Job("once") { IsOneWay = true }))),
        new("history of one", "KUBEAPP1031", "KeepRevisions = 1", app => app.Strategy = Strategy.Rolling() with { KeepRevisions = 1 }),
        new("job without end", "KUBEAPP1031", "TimeLimit of 'once'", app => Web(app.Add(new Job("once") { TimeLimit = TimeSpan.Zero }))),
        new("daemon set that cannot be updated", "KUBEAPP1031", "MaxUnavailable of 'agent'", app => Web(app.Add(new DaemonSet("agent") { MaxUnavailable = 0 }))),
        new("node pool with more at least than at most", "KUBEAPP1031", "(they are 4, 4, 2)", app => app.Add(new NodePool("pool", "m7i.large") { Min = 4, Max = 2 })),
        new("instance type that is none", "KUBEAPP1031", "'large'", app => app.Add(new NodePool("pool", "large"))),
        new("arm64 machines in an amd64 pool", "KUBEAPP1028", "m7g.large are arm64", app => app.Add(new NodePool("pool", "m7g.large"))),
        new("amd64 machines in an arm64 pool", "KUBEAPP1028", "g5.xlarge are amd64", app => app.Add(new NodePool("pool", "g5.xlarge") { Architecture = Architecture.Arm64 })),
        new("arm64 image on Fargate", "KUBEAPP1028", "not for amd64", app => { app.Add(new FargateProfile("all")); WebContainer(app).Image.Architectures.Add(Architecture.Arm64); }),
        new("daemon set on Fargate", "KUBEAPP1031", "it is a daemon set", app => { Web(app.Add(new DaemonSet("agent"))); app.Add(new FargateProfile("all") { Workloads = { "agent" } }); }),
        new("own disks on Fargate", "KUBEAPP1031", "claims of its own", app => { Web(app.Add(new StatefulSet("set") { Claims = { new PersistentClaim("data", "1Gi") } })); app.Add(new FargateProfile("all")); }),
        new("privileged container on Fargate", "KUBEAPP1031", "privileged container", app => { WebContainer(app).Security = new ContainerSecurity { Privileged = true }; app.Add(new FargateProfile("all")); }),
        new("unknown workload of a Fargate profile", "KUBEAPP1022", "'wbe'", app => app.Add(new FargateProfile("all") { Workloads = { "wbe" } })),
        new("verb that is none", "KUBEAPP1031", "'lst'", app => app.Add(new ServiceAccount("web") { Rules = { new AccessRule(["pods"], ["lst"]) } })),
        new("rule without verbs", "KUBEAPP1031", "without verbs", app => app.Add(new ServiceAccount("web") { Rules = { new AccessRule(["pods"], []) } })),
        new("resource with capital letters", "KUBEAPP1031", "'ConfigMap'", app => app.Add(new ServiceAccount("web") { Rules = { new AccessRule(["ConfigMap"], ["get"]) } })),
        new("creation limited to names", "KUBEAPP1031", "'create'", app => app.Add(new ServiceAccount("web") { Rules = { new AccessRule(["pods"], ["create"]) { ResourceNames = ["a"] } } })),
        new("cloud role that is no ARN", "KUBEAPP1031", "'storefront'", app => app.Add(new ServiceAccount("web") { CloudRole = "storefront" })),
        new("autoscaling for less than a percent", "KUBEAPP1031", "less than 1 percent", app => Scale(app, null).Autoscaling = new Autoscaling { CpuPercent = 0 }),
        new("check of an unknown job", "KUBEAPP1022", "'smoke'", app => app.Checks.Add(Check.RunJob("smoke"))),
        new("check that runs a migration", "KUBEAPP1031", "before the rollout", app => { Web(app.Add(new Job("migrate") { BeforeRollout = true })); app.Checks.Add(Check.RunJob("migrate")); }),
        new("check with a relative path", "KUBEAPP1031", "'healthz'", app => app.Checks.Add(Check.Http("web", "healthz"))),
        new("check of a status that is none", "KUBEAPP1031", "status 42", app => app.Checks.Add(Check.Http("web", status: 42))),
        new("check that has no latency", "KUBEAPP1031", "within 00:00:00", app => app.Checks.Add(Check.Http("web", maxLatency: TimeSpan.Zero))),
        new("check without command", "KUBEAPP1031", "no command", app => app.Checks.Add(Check.Run([]))),
        new("strategy without time", "KUBEAPP1031", "strategy has no time", app => app.Strategy = Strategy.Rolling() with { Timeout = TimeSpan.Zero }),
        new("stability longer than the rollout", "KUBEAPP1031", "stability window", app => app.Strategy = Strategy.BlueGreen() with { StabilityWindow = TimeSpan.FromHours(1) }),
        new("old version kept for less than no time", "KUBEAPP1031", "keeps the old version", app => app.Strategy = Strategy.BlueGreen(keepOld: TimeSpan.FromSeconds(-1))),
        new("more than all pods missing in an update", "KUBEAPP1031", "is 150%", app => app.All<Deployment>().First().MaxUnavailable = "150%"),
        new("more than all pods missing on nodes", "KUBEAPP1031", "is 101%", app => Web(app.Add(new DaemonSet("agent") { MaxUnavailable = "101%" }))),
        new("budget for more than all pods", "KUBEAPP1027", "'150%'", app => Scale(app, 2).DisruptionBudget = new DisruptionBudget { MaxUnavailable = "150%" }),
        new("autoscaling beside a sidecar without requests", "KUBEAPP1031", "'proxy' requests nothing", app =>
        {
            Scale(app, null).Autoscaling = new Autoscaling();
            app.All<Deployment>().First().Sidecars.Add(new Container("proxy", Image.Reference("envoy")) { Resources = new Resources() });
        }),
        new("rule for a configuration by its name", "KUBEAPP1031", "a rule for 'settings'", app =>
        {
            app.Add(new Config("settings"));
            app.Add(new ServiceAccount("web") { Rules = { new AccessRule(["configmaps"], ["get"]) { ResourceNames = ["settings"] } } });
        }),
        new("shutdown that takes for ever", "KUBEAPP1032", "2147483647 seconds", app => app.All<Deployment>().First().HostShutdownTimeout = TimeSpan.MaxValue),
        new("name that is null", "KUBEAPP1031", "Name of the deployment '' is null", app => app.Add(new Deployment(null!))),
        new("label that is null", "KUBEAPP1031", "Labels[\"team\"] of the deployment 'web' is null", app => app.All<Deployment>().First().Labels["team"] = null!),
        new("label of the app that is null", "KUBEAPP1031", "Labels[\"team\"] of the app is null", app => app.Labels["team"] = null!),
        new("strategy that is null", "KUBEAPP1031", "Strategy of the app is null", app => app.Strategy = null!),
        new("part that is null", "KUBEAPP1031", "An item of Parts of the app is null", app => app.Parts.Add(null!)),
        new("registry with a scheme", "KUBEAPP1035", "'https://registry.example.com'", _ => { }) { Environments = [new DeployEnvironment("prod", Target.Context("prod").WithRegistry("https://registry.example.com"))] },
        new("context without name", "KUBEAPP1035", "no context", _ => { }) { Environments = [new DeployEnvironment("prod", Target.Context(" "))] },
        new("account of four digits", "KUBEAPP1035", "'1234'", _ => { }) { Environments = [new DeployEnvironment("prod", Target.Eks("1234", "eu-central-1"))] },
        new("region that is a city", "KUBEAPP1035", "'Frankfurt'", _ => { }) { Environments = [new DeployEnvironment("prod", Target.Eks("123456789012", "Frankfurt"))] },
    ];
}

using System.Text.Json.Nodes;

namespace KubeApps.Core.Tests;

/// <summary>An app that uses everything that a specification can say.</summary>
internal sealed class KitchenSink : KubeApp
{
    public override string? Name => "shop";

    public override IReadOnlyList<DeployEnvironment> Environments =>
    [
        new("staging", Target.Context("staging-cluster").WithRegistry("registry.example.com/team")),
        new("prod", Target.Eks("123456789012", "eu-central-1")),
    ];

    public override void Define(KubeAppModel app)
    {
        app.Defaults.Metrics = StandardDefaults.PrometheusMetrics();
        app.Defaults.Dns = StandardDefaults.DnsZone("apps.example.com", TimeSpan.FromSeconds(30));

        var arm = app.Add(new NodePool("arm", "m7g.large")
        {
            Architecture = Architecture.Arm64,
            Capacity = Capacity.Spot,
            Min = 2,
            Max = 6,
            Taints = { new Taint("dedicated", "shop") },
        });
        app.Add(new FargateProfile("jobs") { Workloads = { "report" } });

        var settings = app.Add(new Config("settings") { Values = { ["greeting"] = "Hello", ["app.json"] = "{\n  \"a\": 1\n}\n" } });
        var database = app.Add(new Secret("database", SecretSource.Environment) { Keys = { ["connection"] = "SHOP_DATABASE" } });
        var receipts = app.Add(new Secret("receipts", SecretSource.Generated) { Keys = { ["key"] = "" } });
        var payment = app.Add(new Secret("payment", SecretSource.Store) { Store = "aws", Keys = { ["key"] = "prod/shop#payment" } });
        var tls = app.Add(new Secret("shop-tls"));
        var account = app.Add(new ServiceAccount("web")
        {
            Rules = { new AccessRule(["configmaps"], ["get", "list"]) { ResourceNames = ["features"] } },
            CloudRole = "arn:aws:iam::123456789012:role/shop",
        });
        var uploads = app.Add(new PersistentClaim("uploads", "10Gi") { Access = ClaimAccess.ReadWriteMany, StorageClass = "efs" });

        AddWeb(app, arm, settings, database, payment, account, uploads, tls);
        app.Add(new StatefulSet("cache")
        {
            Replicas = 3,
            Parallel = true,
            DisruptionBudget = new DisruptionBudget { MinAvailable = "50%" },
            Claims = { new PersistentClaim("data", "1Gi") },
            Containers =
            {
                new Container("redis", Image.Reference("docker.io/library/redis:7.4"))
                {
                    Ports = { new ContainerPort("redis", 6379) }, Mounts = { Mount.Claim("data", "/data") }, LivenessProbe = Probe.Exec("redis-cli", "ping"),
                },
            },
        });
        app.Add(new DaemonSet("agent")
        {
            MaxUnavailable = "10%",
            Placement = new Placement { NodeSelector = { ["kubernetes.io/os"] = "linux" }, Tolerations = { new Toleration("node-role.kubernetes.io/control-plane") } },
            Containers = { new Container("agent", Image.Dockerfile("agent/Dockerfile")) { Ports = { new ContainerPort("syslog", 1514, PortProtocol.Udp) } } },
        });
        app.Add(new Job("migrate")
        {
            BeforeRollout = true,
            IsOneWay = true,
            Retries = 1,
            TimeLimit = TimeSpan.FromMinutes(5),
            Containers = { new Container("migrate", Image.Project("../Shop.Migrations/Shop.Migrations.csproj")) { Environment = { ["DATABASE"] = database.Key("connection") } } },
        });
        var smoke = app.Add(new Job("smoke") { Containers = { new Container("smoke", Image.ThisProject) { Args = ["--smoke"], Environment = { ["KEY"] = receipts.Key("key") } } } });
        app.Add(new CronJob("report", "0 3 * * *")
        {
            TimeZone = "Europe/Berlin",
            Suspend = true,
            Containers = { new Container("report", Image.ThisProject) { Command = ["dotnet"], Args = ["Shop.dll", "report"] } },
        });

        app.Checks.Add(Check.Http("web", "/healthz", bodyContains: "Healthy", maxLatency: TimeSpan.FromMilliseconds(500)));
        app.Checks.Add(Check.Tcp("cache-pods"));
        app.Checks.Add(Check.Run(["curl", "--fail", "https://shop.example.com"]));
        app.Checks.Add(Check.RunJob(smoke));
        if (app.Environment.Is("prod"))
            app.Strategy = Strategy.BlueGreen(autoPromote: false, keepOld: TimeSpan.FromHours(1));

        app.AddObject(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = "by-hand" },
            ["data"] = new JsonObject { ["yes"] = "no" },
        });
        app.AddObject(new { apiVersion = "v1", kind = "LimitRange", metadata = new { name = "limits" }, spec = new { limits = new[] { new { type = "Pod", max = new { cpu = "4" } } } } });
        app.AddYaml("""
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: from-yaml
            data:
              note: "off"
            ---
            apiVersion: batch/v1
            kind: CronJob
            metadata:
              name: by-hand
            spec:
              schedule: "@daily"
              jobTemplate:
                spec:
                  template:
                    spec:
                      restartPolicy: Never
                      containers:
                      - name: main
                        image: busybox
                        envFrom:
                        - configMapRef:
                            name: settings
            """);
    }

    private static void AddWeb(
        KubeAppModel app, NodePool pool, Config settings, Secret database, Secret payment, ServiceAccount account, PersistentClaim uploads, Secret tls)
    {
        var web = app.Add(new Deployment("web")
        {
            Autoscaling = new Autoscaling { Min = 2, Max = 10, CpuPercent = 60, MemoryPercent = 80 },
            DisruptionBudget = new DisruptionBudget { MaxUnavailable = 1 },
            MaxSurge = 1,
            MinReady = TimeSpan.FromSeconds(5),
            ProgressDeadline = TimeSpan.FromMinutes(5),
            RevisionHistory = 5,
            ServiceAccount = account,
            Placement = new Placement { NodePool = pool },
            TopologySpread = { new TopologySpread("topology.kubernetes.io/zone") { IsRequired = true } },
            Labels = { ["team"] = "shop" },
        });
        web.InitContainers.Add(new Container("warm-up", Image.ThisProject) { Args = ["--warm-up"] });
        web.Sidecars.Add(new Container("proxy", Image.Reference("envoyproxy/envoy:v1.31"))
        {
            Ports = { new ContainerPort("admin", 9901) },
            Security = new ContainerSecurity { AddCapabilities = ["NET_BIND_SERVICE"], RunAsUser = 101 },
        });
        web.Containers.Add(new Container("web", Image.ThisProject)
        {
            Ports = { new ContainerPort("http", 8080), new ContainerPort("grpc", 8081) },
            WorkingDirectory = "/app",
            Environment =
            {
                ["GREETING"] = settings.Key("greeting"),
                ["ConnectionStrings__Shop"] = database.Key("connection"),
                ["POD_NAME"] = EnvironmentValue.FromField("metadata.name"),
                ["HOST"] = "shop-$(POD_NAME)",
                ["ENABLED"] = "true",
            },
            EnvironmentFrom = { settings, EnvironmentSource.FromSecret(payment, "PAYMENT_") },
            Mounts =
            {
                Mount.Config(settings, "/app/config"),
                Mount.Config(settings, "/app/appsettings.Extra.json", key: "app.json"),
                Mount.Secret(payment, "/app/secrets"),
                Mount.EmptyDirectory("cache", "/cache", "1Gi", inMemory: true),
                Mount.Claim(uploads, "/uploads"),
            },
            Resources = new Resources { Cpu = "250m", Memory = "256Mi", CpuLimit = "2", MemoryLimit = "1Gi" },
            StartupProbe = Probe.Http("/healthz") with { FailureThreshold = 30, UseTls = true },
            ReadinessProbe = Probe.Http("/ready"),
            LivenessProbe = Probe.Tcp("grpc"),
        });
        app.Add(new Service("web", web)
        {
            Exposure = ServiceExposure.PublicLoadBalancer,
            Ports = { new ServicePort("http", 80), new ServicePort("grpc", 81) },
            Ingresses = { new Ingress("shop.example.com") { Tls = Tls.FromSecret(tls) }, new Ingress("shop.example.com", "/grpc") { Port = "grpc", PathType = IngressPathType.Exact } },
        });
        app.Add(new Service("api", web) { Ports = { new ServicePort("http", 80) }, IngressClass = "nginx", Ingresses = { new Ingress("api.example.com") { Tls = Tls.FromIssuer("letsencrypt") } } });
        app.Add(new Service("web-internal", web) { Exposure = ServiceExposure.InternalLoadBalancer, Tls = Tls.FromCertificate("arn:aws:acm:eu-central-1:123456789012:certificate/1") });
        app.Patch(web).Set("/spec/template/spec/priorityClassName", "high").Set("/spec/template/spec/containers/web/tty", true).Remove("/spec/template/spec/initContainers/proxy/ports");
    }
}

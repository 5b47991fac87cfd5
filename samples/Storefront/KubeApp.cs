using KubeApps;

/// <summary>A shop: a web front, a worker that ships what was ordered, and a migration of their store before every rollout.</summary>
public sealed class Storefront : KubeApp
{
    public override IReadOnlyList<DeployEnvironment> Environments =>
    [
        new("prod", Target.Eks("123456789012", "eu-central-1").WithCluster(new ClusterSettings { AllowedRanges = { "203.0.113.0/24" } })),
    ];

    public override void Define(KubeAppModel app)
    {
        var isProduction = app.Environment.Is("prod");

        var catalog = app.Add(new Config("catalog") { Files = { "config/catalog.json" } });
        var signing = app.Add(isProduction
            ? new Secret("signing", SecretSource.Store) { Store = "aws-secrets", Keys = { ["key"] = "storefront/signing#key" } }
            : new Secret("signing", SecretSource.Generated) { Keys = { ["key"] = "" } });
        var orders = app.Add(new PersistentClaim("orders", "1Gi") { Access = ClaimAccess.ReadWriteMany, StorageClass = isProduction ? "efs" : null });

        var web = app.Add(new Deployment("web")
        {
            Replicas = isProduction ? null : 2,
            Autoscaling = isProduction ? new Autoscaling { Min = 3, Max = 12, CpuPercent = 70, MemoryPercent = 80 } : null,
            DisruptionBudget = new DisruptionBudget { MaxUnavailable = 1 },
        });
        web.Containers.Add(new Container("web", Image.ThisProject)
        {
            Ports = { new ContainerPort("http", 8080) },
            Environment =
            {
                ["STOREFRONT_GREETING"] = isProduction ? "Welcome to the store" : $"Welcome to the store ({app.Environment.Name})",
                ["STOREFRONT_SIGNING_KEY"] = signing.Key("key"),
                ["POD_NAME"] = EnvironmentValue.FromField("metadata.name"),
            },
            Mounts = { Mount.Config(catalog, "/app/config"), Mount.Claim(orders, "/app/data") },
            ReadinessProbe = Probe.Http("/healthz/ready"),
            LivenessProbe = Probe.Http("/healthz/live"),
        });
        app.Add(new Service("web", web)
        {
            Exposure = isProduction ? ServiceExposure.PublicLoadBalancer : ServiceExposure.Cluster,
            Ports = { new ServicePort("http", 80) },
        });

        var worker = Image.Project("../Storefront.Worker/Storefront.Worker.csproj");
        var shipping = app.Add(new Deployment("worker"));
        shipping.Containers.Add(new Container("worker", worker) { Mounts = { Mount.Claim(orders, "/app/data") } });

        // The same image brings the store to this version's schema before the first new pod starts.
        var migration = app.Add(new Job("migrate") { BeforeRollout = true });
        migration.Containers.Add(new Container("migrate", worker) { Args = { "migrate" }, Mounts = { Mount.Claim(orders, "/app/data") } });

        if (isProduction)
        {
            var spot = app.Add(new NodePool("spot", "m7i.large") { InstanceTypes = { "m7a.large" }, Capacity = Capacity.Spot, Max = 6 });
            web.Placement = new Placement { NodePool = spot };
            shipping.Placement = new Placement { NodePool = spot };

            // The new version comes up beside the old one and gets all load at once, when somebody has looked at it; the old one stays for an hour, to go back to.
            app.Strategy = Strategy.BlueGreen(autoPromote: false, keepOld: TimeSpan.FromHours(1));
        }

        app.Checks.Add(Check.Http("web", "/", bodyContains: "Enamel mug"));
    }
}

using System.Text.Json.Nodes;
using KubeApps.Bundles;

namespace KubeApps.Core.Tests;

/// <summary>Each default of the framework is there without being said, can be turned off, and can be replaced by a library.</summary>
public class FrameworkDefaultsTests
{
    [Fact]
    public void Render_NothingSaid_GivesTheDefaults()
    {
        var environment = Rendered.Local(app => Web(app));

        var pod = environment.Object("Deployment")["spec"]!["template"]!["spec"]!;
        Assert.True((bool?)pod["securityContext"]!["runAsNonRoot"]);
        Assert.Equal(40, (int?)pod["terminationGracePeriodSeconds"]);
        var container = pod["containers"]![0]!;
        Assert.Equal("http", (string?)container["readinessProbe"]!["tcpSocket"]!["port"]);
        Assert.Equal(5, (int?)container["lifecycle"]!["preStop"]!["sleep"]!["seconds"]);
        Assert.Equal("512Mi", (string?)container["resources"]!["limits"]!["memory"]);
        Assert.Equal("""{"allowPrivilegeEscalation":false,"readOnlyRootFilesystem":true,"capabilities":{"drop":["ALL"]}}""", container["securityContext"]!.ToJsonString());
        Assert.Equal("/tmp", (string?)container["volumeMounts"]![0]!["mountPath"]);
        Assert.Equal(8080, (int?)environment.Object("NetworkPolicy")["spec"]!["ingress"]![0]!["ports"]![0]!["port"]);
    }

    /// <summary>Where each default shows in what is rendered, and what stands there with it, without it, and with another in its place.</summary>
    private static readonly IReadOnlyList<Default> Each =
    [
        new("Labels", seen => Text(seen.Object("Deployment")["metadata"]!["labels"]!["app.kubernetes.io/managed-by"]),
            "kubeapps", off => off.Labels = null, null,
            with => with.Labels = static app => app.Labels["app.kubernetes.io/managed-by"] = "acme", "acme"),
        new("Logging", seen => Text(Container(seen)["env"]?[0]!["value"]),
            "json", off => off.Logging = null, null,
            with => with.Logging = static app => app.All<Deployment>().Single().Containers[0].Environment["Logging__Console__FormatterName"] = "systemd", "systemd"),
        new("Metrics", seen => Text(Template(seen)["metadata"]!["annotations"]?["prometheus.io/port"]),
            null, off => off.Metrics = null, null,
            with => with.Metrics = StandardDefaults.PrometheusMetrics(), "8080"),
        new("Dns", seen => Text(seen.Object("Service")["metadata"]!["annotations"]?["external-dns.alpha.kubernetes.io/hostname"]),
            null, off => off.Dns = null, null,
            with => with.Dns = StandardDefaults.DnsZone("apps.example.com"), "shop.apps.example.com"),
        new("Probes", seen => Text(Container(seen)["readinessProbe"]),
            """{"tcpSocket":{"port":"http"}}""", off => off.Probes = null, null,
            with => with.Probes = static app => app.All<Deployment>().Single().Containers[0].ReadinessProbe ??= Probe.Http("/healthz"), """{"httpGet":{"path":"/healthz","port":"http"}}"""),
        new("GracefulStop", seen => Text(Container(seen)["lifecycle"]?["preStop"]),
            """{"sleep":{"seconds":5}}""", off => off.GracefulStop = null, null,
            with => with.GracefulStop = static app => app.All<Deployment>().Single().Containers[0].PreStop = PreStop.Exec("drain"), """{"exec":{"command":["drain"]}}"""),
        new("Resources", seen => Text(Container(seen)["resources"]),
            """{"requests":{"cpu":"100m","memory":"128Mi"},"limits":{"memory":"512Mi"}}""", off => off.Resources = null, null,
            with => with.Resources = static app => app.All<Deployment>().Single().Containers[0].Resources ??= new Resources { Memory = "1Gi" }, """{"requests":{"memory":"1Gi"}}"""),
        new("SecurityContext", seen => Text(Template(seen)["spec"]!["securityContext"]),
            """{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}}""", off => off.SecurityContext = null, null,
            with => with.SecurityContext = static app => app.All<Deployment>().Single().Security = new PodSecurity { RunAsUser = 1000 }, """{"runAsUser":1000}"""),
        new("NetworkPolicy", seen => Text(seen.Objects.SingleOrDefault(item => (string?)item.Content["kind"] == "NetworkPolicy")?.Content["spec"]!["ingress"]),
            """[{"ports":[{"port":8080}]}]""", off => off.NetworkPolicy = null, null,
            with => with.NetworkPolicy = static app => app.Add(new NetworkPolicy("web", "web") { FromNamespaces = { "ingress" } }),
            """[{"from":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"ingress"}}}],"ports":[{"port":8080}]}]"""),
    ];

    public static TheoryData<string> Names => [.. Each.Select(one => one.Name)];

    [Fact]
    public void Each_Default_IsTested() =>
        Assert.Equal(typeof(FrameworkDefaults).GetProperties().Select(property => property.Name).Order(), Each.Select(one => one.Name).Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void Render_Default_IsThereCanBeTurnedOffAndReplaced(string name)
    {
        var one = Each.Single(one => one.Name == name);

        Assert.Equal(one.On, one.Seen(Production(_ => { })));
        Assert.Equal(one.WhenOff, one.Seen(Production(one.Off)));
        Assert.Equal(one.Replaced, one.Seen(Production(one.Replace)));
    }

    [Fact]
    public void Render_OpenTelemetry_TellsEveryContainerOfAProjectWhereToSend()
    {
        var environment = Production(defaults => defaults.Metrics = StandardDefaults.OpenTelemetryMetrics("http://otel:4317"));

        var variables = Container(environment)["env"]!.AsArray().ToDictionary(variable => (string)variable!["name"]!, variable => (string?)variable!["value"]);
        Assert.Equal("http://otel:4317", variables["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.Equal("shop-web", variables["OTEL_SERVICE_NAME"]);
        Assert.Equal("deployment.environment.name=prod", variables["OTEL_RESOURCE_ATTRIBUTES"]);
    }

    [Fact]
    public void Render_LoggingSidecar_SharesTheDirectoryOfTheFirstContainer()
    {
        var environment = Production(defaults => defaults.Logging = StandardDefaults.LoggingSidecar(Image.Reference("fluent/fluent-bit:3.1"), "/logs"));

        var sidecar = Template(environment)["spec"]!["initContainers"]![0]!;
        Assert.Equal(("logging", "Always"), ((string?)sidecar["name"], (string?)sidecar["restartPolicy"]));
        foreach (var container in new[] { sidecar, Container(environment) })
            Assert.Contains(container["volumeMounts"]!.AsArray(), mount => ((string?)mount!["name"], (string?)mount["mountPath"]) == ("logs", "/logs"));
    }

    [Fact]
    public void Render_AppUsesTheNamesOfTheDefaults_TheyTakeOthers()
    {
        var environment = Rendered.Local(app =>
        {
            app.Defaults.Logging = StandardDefaults.LoggingSidecar(Image.Reference("docker.io/library/fluent-bit:3"));
            Web(app);
            var web = app.All<Deployment>().Single();
            web.Containers[0].Mounts.AddRange([Mount.EmptyDirectory("tmp", "/cache", "1Gi"), Mount.EmptyDirectory("logs", "/old-logs", "1Gi")]);
            web.Sidecars.Add(new Container(new string('a', 63), Image.Reference("docker.io/library/redis:7.4")));
            var worker = app.Add(new Deployment("worker") { Containers = { new Container("worker", Image.ThisProject) } });
            app.Add(new NetworkPolicy(worker, web));
        });

        var pod = environment.Object("Deployment", "web")["spec"]!["template"]!["spec"]!;
        var volumes = pod["volumes"]!.AsArray().ToDictionary(volume => (string)volume!["name"]!, volume => volume!["emptyDir"]!.ToJsonString());
        Assert.Equal(("""{"sizeLimit":"1Gi"}""", "{}"), (volumes["tmp"], volumes["tmp-2"]));
        Assert.Equal(("""{"sizeLimit":"1Gi"}""", "{}"), (volumes["logs"], volumes["logs-2"]));
        Assert.All(volumes.Keys, name => Assert.InRange(name.Length, 1, 63));
        Assert.Equal("web", Component(environment.Object("NetworkPolicy", "worker")));
        Assert.Equal("worker", Component(environment.Object("NetworkPolicy", "worker-2")));

        static string? Component(JsonObject policy) => (string?)policy["spec"]!["podSelector"]!["matchLabels"]!["app.kubernetes.io/component"];
    }

    [Fact]
    public void Render_HeadlessServiceOfAStatefulSet_NamesThePortsThatThePodsListenOn()
    {
        var environment = Rendered.Local(app => app.Add(new StatefulSet("index")
        {
            Containers = { new Container("index", Image.Reference("example.com/index:1")) { Ports = { new ContainerPort("http", 9200) } } },
        }));

        Assert.Equal(9200, (int?)environment.Object("Service", "index-pods")["spec"]!["ports"]![0]!["port"]);
    }

    [Fact]
    public void Render_AllDefaultsOff_GivesOnlyWhatIsSaid()
    {
        var environment = Rendered.Local(app =>
        {
            var defaults = app.Defaults;
            defaults.Labels = defaults.Logging = defaults.Metrics = defaults.Dns = defaults.Probes = null;
            defaults.GracefulStop = defaults.Resources = defaults.SecurityContext = defaults.NetworkPolicy = null;
            Web(app);
        });

        var deployment = environment.Object("Deployment");
        Assert.Equal("""{"app.kubernetes.io/component":"web","app.kubernetes.io/name":"shop"}""", deployment["metadata"]!["labels"]!.ToJsonString());
        var pod = deployment["spec"]!["template"]!["spec"]!.AsObject();
        Assert.Equal(["automountServiceAccountToken", "terminationGracePeriodSeconds", "containers"], pod.Select(field => field.Key));
        Assert.Equal(["name", "image", "ports"], pod["containers"]![0]!.AsObject().Select(field => field.Key));
        Assert.DoesNotContain(environment.Objects, item => (string?)item.Content["kind"] == "NetworkPolicy");
    }

    [Fact]
    public void Render_LibraryReplacesDefaults_AllAppsFollow()
    {
        var environment = Rendered.Local(app =>
        {
            app.UseCompanyDefaults();
            Web(app).Exposure = ServiceExposure.PublicLoadBalancer;
        });

        var template = environment.Object("Deployment")["spec"]!["template"]!;
        Assert.Equal("8080", (string?)template["metadata"]!["annotations"]!["prometheus.io/port"]);
        Assert.Equal("logging", (string?)template["spec"]!["initContainers"]![0]!["name"]);
        Assert.Equal("/healthz", (string?)template["spec"]!["containers"]![0]!["readinessProbe"]!["httpGet"]!["path"]);
        Assert.Equal("shop-local.apps.example.com", (string?)environment.Object("Service")["metadata"]!["annotations"]!["external-dns.alpha.kubernetes.io/hostname"]);
    }

    [Fact]
    public void Render_AppSaysOtherwise_TheDefaultGivesWay()
    {
        var environment = Rendered.Local(app =>
        {
            Web(app);
            var container = app.All<Deployment>().Single().Containers[0];
            container.ReadinessProbe = Probe.None;
            container.PreStop = PreStop.None;
            container.Resources = new Resources();
            container.Security = new ContainerSecurity { ReadOnlyRootFilesystem = false };
        });

        var rendered = environment.Object("Deployment")["spec"]!["template"]!["spec"]!["containers"]![0]!.AsObject();
        Assert.False((bool?)rendered["securityContext"]!["readOnlyRootFilesystem"]);
        Assert.Equal(["name", "image", "ports", "securityContext"], rendered.Select(field => field.Key));
    }

    [Fact]
    public void Render_ChangedConfiguration_ChangesItsNameAndThePodsThatUseIt()
    {
        var (one, two) = (Configured("Hello"), Configured("Goodbye"));

        Assert.NotEqual(Name(one, "ConfigMap"), Name(two, "ConfigMap"));
        Assert.Equal(Name(one, "ConfigMap"), Used(one));
        Assert.Equal(Name(two, "ConfigMap"), Used(two));
        Assert.NotEqual(Name(one, "Job"), Name(two, "Job"));
        Assert.Equal(Name(one, "Job"), Name(Configured("Hello"), "Job"));

        static BundleEnvironment Configured(string greeting) => Rendered.Local(app =>
        {
            var config = app.Add(new Config("settings") { Values = { ["greeting"] = greeting } });
            app.Add(new Job("migrate") { Containers = { new Container("migrate", Image.ThisProject) { Mounts = { Mount.Config(config, "/config") } } } });
        });

        static string? Name(BundleEnvironment environment, string kind) => (string?)environment.Object(kind)["metadata"]!["name"];

        static string? Used(BundleEnvironment environment) =>
            (string?)environment.Object("Job")["spec"]!["template"]!["spec"]!["volumes"]![0]!["configMap"]!["name"];
    }

    /// <summary>A web app in a cluster, with the defaults changed.</summary>
    private static BundleEnvironment Production(Action<FrameworkDefaults> change) => Rendered.Bundle(new Rendered.Spec(
        app =>
        {
            change(app.Defaults);
            Web(app).Exposure = ServiceExposure.PublicLoadBalancer;
        },
        new DeployEnvironment("prod", Target.Context("prod")))).Environments.Single(environment => environment.Name == "prod");

    private static JsonNode Template(BundleEnvironment environment) => environment.Object("Deployment")["spec"]!["template"]!;

    private static JsonNode Container(BundleEnvironment environment) => Template(environment)["spec"]!["containers"]![0]!;

    private static string? Text(JsonNode? node) => node is JsonValue ? node.ToString() : node?.ToJsonString();

    private sealed record Default(
        string Name, Func<BundleEnvironment, string?> Seen, string? On, Action<FrameworkDefaults> Off, string? WhenOff, Action<FrameworkDefaults> Replace, string? Replaced);

    private static Service Web(KubeAppModel app)
    {
        var web = app.Add(new Deployment("web") { Containers = { new Container("web", Image.ThisProject) { Ports = { new ContainerPort("http", 8080) } } } });
        return app.Add(new Service("web", web));
    }
}

/// <summary>What a company's shared specification library looks like.</summary>
internal static class CompanyDefaults
{
    public static void UseCompanyDefaults(this KubeAppModel app)
    {
        app.Defaults.Metrics = StandardDefaults.PrometheusMetrics();
        app.Defaults.Logging = StandardDefaults.LoggingSidecar(Image.Reference("fluent/fluent-bit:3.1"));
        app.Defaults.Dns = StandardDefaults.DnsZone("apps.example.com");
        app.Defaults.Probes = static model =>
        {
            foreach (var container in model.All<Deployment>().SelectMany(deployment => deployment.Containers))
                container.ReadinessProbe ??= Probe.Http("/healthz");
        };
    }
}

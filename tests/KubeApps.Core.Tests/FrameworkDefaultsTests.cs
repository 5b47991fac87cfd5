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

        static Bundles.BundleEnvironment Configured(string greeting) => Rendered.Local(app =>
        {
            var config = app.Add(new Config("settings") { Values = { ["greeting"] = greeting } });
            app.Add(new Job("migrate") { Containers = { new Container("migrate", Image.ThisProject) { Mounts = { Mount.Config(config, "/config") } } } });
        });

        static string? Name(Bundles.BundleEnvironment environment, string kind) => (string?)environment.Object(kind)["metadata"]!["name"];

        static string? Used(Bundles.BundleEnvironment environment) =>
            (string?)environment.Object("Job")["spec"]!["template"]!["spec"]!["volumes"]![0]!["configMap"]!["name"];
    }

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

using System.Runtime.CompilerServices;
using KubeApps.Diagnostics;

namespace KubeApps.Spec.Tests;

/// <summary>Each mistake in a specification is said by its code, with the names involved and the line.</summary>
public class ValidationTests
{
    public static TheoryData<string, string, string> Mistakes => new(Cases.Select(mistake => (mistake.Name, mistake.Code, mistake.Says)));

    private static readonly IReadOnlyList<Mistake> Cases =
    [
        new("app without workload", "KUBEAPP1012", "no workload", app => app.Parts.Clear()),
        new("capital letters in a name", "KUBEAPP1020", "'Web'", app => app.Add(new Config("Web"))),
        new("name of 64 characters", "KUBEAPP1020", "64 characters", app => app.Add(new Service(new string('a', 64), "web") { Ports = { new ServicePort("http", 80) } })),
        new("job name without room for its hash", "KUBEAPP1020", "at most 52", app => Web(app.Add(new Job(new string('a', 53))))),
        new("key with a slash", "KUBEAPP1020", "'a/b'", app => app.Add(new Config("config") { Values = { ["a/b"] = "" } })),
        new("port name too long", "KUBEAPP1020", "'a-very-long-port'", app => WebContainer(app).Ports.Add(new ContainerPort("a-very-long-port", 1))),
        new("label with a space", "KUBEAPP1020", "'team: a b'", app => app.Labels["team"] = "a b"),
        new("variable name with a space", "KUBEAPP1020", "'a b'", app => WebContainer(app).Environment["a b"] = ""),
        new("host name with an underscore", "KUBEAPP1020", "'a_b.example.com'", app => WebService(app).Ingresses.Add(new Ingress("a_b.example.com"))),
        new("image reference with capital letters", "KUBEAPP1020", "'Redis'", app => WebContainer(app).Image = Image.Reference("Redis")),
        new("two services of one name", "KUBEAPP1021", "Two services are named 'web'", app => app.Add(new Service("web", "web"))),
        new("workloads of different kinds of one name", "KUBEAPP1021", "Two workloads are named 'web'", app => Web(app.Add(new DaemonSet("web")))),
        new("two containers of one name", "KUBEAPP1021", "named 'web'", app => Web(app.All<Deployment>().First())),
        new("two mounts at one path", "KUBEAPP1021", "'/data'", app => WebContainer(app).Mounts.AddRange([Mount.EmptyDirectory("a", "/data"), Mount.EmptyDirectory("b", "/data/")])),
        new("service of an unknown workload", "KUBEAPP1022", "'wbe'", app => WebService(app).Workload = "wbe"),
        new("service port of an unknown container port", "KUBEAPP1022", "'https'", app => WebService(app).Ports.Add(new ServicePort("https", 443))),
        new("unknown configuration", "KUBEAPP1022", "config 'settings'", app => WebContainer(app).Environment["A"] = EnvironmentValue.FromConfig("settings", "a")),
        new("unknown key of a configuration", "KUBEAPP1022", "'b'", app => WebContainer(app).Environment["A"] = app.Add(new Config("settings") { Values = { ["a"] = "" } }).Key("b")),
        new("unknown key of a secret", "KUBEAPP1022", "'b'", app => WebContainer(app).Environment["A"] = app.Add(new Secret("s", SecretSource.Environment) { Keys = { ["a"] = "A" } }).Key("b")),
        new("unknown node pool", "KUBEAPP1022", "nodepool 'arm'", app => app.All<Deployment>().First().Placement = new Placement { NodePool = "arm" }),
        new("unknown service account", "KUBEAPP1022", "'admin'", app => app.All<Deployment>().First().ServiceAccount = "admin"),
        new("unknown claim", "KUBEAPP1022", "'data'", app => WebContainer(app).Mounts.Add(Mount.Claim("data", "/data"))),
        new("check of an unknown service", "KUBEAPP1022", "'api'", app => app.Checks.Add(Check.Http("api"))),
        new("unknown entry service", "KUBEAPP1022", "'api'", app => app.EntryService = "api"),
        new("port 0", "KUBEAPP1023", "is 0", app => WebService(app).Ports[0].Port = 0),
        new("port 65536", "KUBEAPP1023", "is 65536", app => WebContainer(app).Ports[0].Port = 65536),
        new("probe on an undeclared port", "KUBEAPP1024", "'admin'", app => WebContainer(app).LivenessProbe = Probe.Http("/", "admin")),
        new("memory in a unit that is none", "KUBEAPP1025", "'128MB'", app => WebContainer(app).Resources = new Resources { Memory = "128MB" }),
        new("promise beyond the limit", "KUBEAPP1025", "promised 1Gi", app => WebContainer(app).Resources = new Resources { Memory = "1Gi", MemoryLimit = "512Mi" }),
        new("claim of no size", "KUBEAPP1025", "claim 'data'", app => app.Add(new PersistentClaim("data", "big"))),
        new("replicas and autoscaling", "KUBEAPP1026", "3 replicas", app => Scale(app, 3).Autoscaling = new Autoscaling()),
        new("budget that keeps all pods", "KUBEAPP1027", "keeps 2 of 2", app => Scale(app, 2).DisruptionBudget = new DisruptionBudget { MinAvailable = 2 }),
        new("budget whose share rounds up to all pods", "KUBEAPP1027", "keeps 51% of 2", app => Scale(app, 2).DisruptionBudget = new DisruptionBudget { MinAvailable = "51%" }),
        new("budget that lets none be missing", "KUBEAPP1027", "no pod be missing", app => Scale(app, 2).DisruptionBudget = new DisruptionBudget { MaxUnavailable = "0%" }),
        new("budget that says nothing", "KUBEAPP1027", "neither", app => Scale(app, 2).DisruptionBudget = new DisruptionBudget()),
        new("image for other processors than the pool's", "KUBEAPP1028", "is for amd64", app =>
        {
            var pool = app.Add(new NodePool("arm", "m7g.large") { Architecture = Architecture.Arm64 });
            app.All<Deployment>().First().Placement = new Placement { NodePool = pool };
            WebContainer(app).Image.Architectures.Add(Architecture.Amd64);
        }),
        new("password as text", "KUBEAPP1029", "DB_PASSWORD", app => WebContainer(app).Environment["DB_PASSWORD"] = "hunter2"),
        new("API key as text", "KUBEAPP1029", "Stripe__ApiKey", app => WebContainer(app).Environment["Stripe__ApiKey"] = "sk_live_1"),
        new("connection string with a password", "KUBEAPP1029", "ConnectionStrings__Shop", app => WebContainer(app).Environment["ConnectionStrings__Shop"] = "Host=db;Password=hunter2"),
        new("address with a password", "KUBEAPP1029", "QUEUE", app => WebContainer(app).Environment["QUEUE"] = "amqp://user:hunter2@queue"),
        new("password in a configuration", "KUBEAPP1029", "'db.json'", app => app.Add(new Config("c") { Values = { ["db.json"] = "Server=db;Pwd=hunter2;" } })),
        new("value where the name of a variable belongs", "KUBEAPP1029", "'key'", app => app.Add(new Secret("s", SecretSource.Environment) { Keys = { ["key"] = "hunter2!" } })),
        new("variables in a circle", "KUBEAPP1030", "refer to each other", app => { WebContainer(app).Environment["A"] = "$(B)"; WebContainer(app).Environment["B"] = "$(A)"; }),
        new("variable that refers to a later one", "KUBEAPP1030", "comes later", app => { WebContainer(app).Environment["A"] = "$(B)"; WebContainer(app).Environment["B"] = "b"; }),
        new("workload without container", "KUBEAPP1031", "no container", app => app.All<Deployment>().First().Containers.Clear()),
        new("negative replicas", "KUBEAPP1031", "is -1", app => Scale(app, -1)),
        new("relative mount", "KUBEAPP1031", "'data'", app => WebContainer(app).Mounts.Add(Mount.EmptyDirectory("data", "data"))),
        new("share that is none", "KUBEAPP1031", "a lot", app => app.All<Deployment>().First().MaxSurge = "a lot"),
        new("probe without time", "KUBEAPP1031", "liveness probe", app => { var probe = Probe.Http("/"); probe.Timeout = TimeSpan.Zero; WebContainer(app).LivenessProbe = probe; }),
        new("liveness that must succeed twice", "KUBEAPP1031", "must be 1", app => { var probe = Probe.Http("/"); probe.SuccessThreshold = 2; WebContainer(app).LivenessProbe = probe; }),
        new("autoscaling without requests", "KUBEAPP1031", "requests nothing", app => { Scale(app, null).Autoscaling = new Autoscaling(); WebContainer(app).Resources = new Resources(); }),
        new("autoscaling upside down", "KUBEAPP1031", "they are 5 and 2", app => Scale(app, null).Autoscaling = new Autoscaling { Min = 5, Max = 2 }),
        new("DNS name that leads nowhere", "KUBEAPP1031", "neither load balancer nor ingress", app => WebService(app).DnsNames.Add(new DnsName("shop.example.com"))),
        new("secret store without name", "KUBEAPP1031", "Store", app => app.Add(new Secret("s", SecretSource.Store) { Keys = { ["a"] = "b" } })),
        new("check that has no time", "KUBEAPP1031", "time-out", app => { var check = Check.Http("web"); check.Timeout = TimeSpan.Zero; app.Checks.Add(check); }),
        new("grace period that is too short", "KUBEAPP1032", "35 seconds", app => app.All<Deployment>().First().TerminationGracePeriod = TimeSpan.FromSeconds(30)),
        new("schedule of three fields", "KUBEAPP1033", "'0 3 *'", app => Web(app.Add(new CronJob("report", "0 3 *")))),
        new("one key for two images", "KUBEAPP1034", "'shop'", app => app.All<Deployment>().First().Sidecars.Add(new Container("proxy", Image.Project("../Other/Other.csproj", key: "shop")))),
        new("rolling update that cannot move", "KUBEAPP1036", "both 0", app => app.All<Deployment>().First().MaxSurge = 0),
        new("configuration file that is missing", "KUBEAPP1014", "missing.json", app => app.Add(new Config("c") { Files = { "missing.json" } })),
        new("manifests that are missing", "KUBEAPP1014", "k8s/*.yaml", app => app.AddManifests("k8s/*.yaml")),
    ];

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Evaluate_Mistake_IsSaidByItsCode(string name, string code, string says)
    {
        var mistake = Cases.Single(mistake => mistake.Name == name);

        var (document, diagnostics) = Evaluate(mistake.Make);

        Assert.Null(document);
        Assert.Contains(diagnostics, diagnostic => diagnostic.Code == code && diagnostic.Cause.Contains(says, StringComparison.Ordinal));
        Assert.All(diagnostics, diagnostic => Assert.DoesNotContain("hunter2", diagnostic.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Mistakes_TestEveryCodeOfTheArea()
    {
        // Tested where they arise: 1001, 1010, 1011 and 1013 (evaluation), 1035 (below).
        string[] elsewhere = ["KUBEAPP1001", "KUBEAPP1010", "KUBEAPP1011", "KUBEAPP1013", "KUBEAPP1035"];
        var codes = typeof(DiagnosticDescriptors).GetFields().Select(field => ((DiagnosticDescriptor)field.GetValue(null)!).Code)
            .Where(code => code.StartsWith("KUBEAPP10", StringComparison.Ordinal));

        Assert.Empty(codes.Except(Cases.Select(mistake => mistake.Code)).Except(elsewhere));
    }

    [Fact]
    public void Evaluate_WrongNameOfADeploymentWithANetworkPolicy_IsSaidOnce()
    {
        var (_, diagnostics) = Evaluate(app =>
        {
            var front = app.Add(new Deployment("Front_End"));
            front.Containers.Add(new Container("web", Image.ThisProject) { Ports = { new ContainerPort("http", 8080) } });
        });

        Assert.Single(diagnostics, diagnostic => diagnostic.Code == "KUBEAPP1020");
    }

    [Fact]
    public void Evaluate_SeveralMistakes_AreSaidAtOnce()
    {
        var (_, diagnostics) = Evaluate(app =>
        {
            WebContainer(app).Ports[0].Port = 0;
            WebService(app).Workload = "wbe";
            Scale(app, -1);
        });

        Assert.Equal(["KUBEAPP1022", "KUBEAPP1023", "KUBEAPP1031"], diagnostics.Select(diagnostic => diagnostic.Code).Distinct().Order());
    }

    [Fact]
    public void Evaluate_Mistake_NamesFileAndLineOfTheSpecification()
    {
        var line = 0;

        var (_, diagnostics) = Evaluate(app =>
        {
            line = Line() + 1;
            app.Add(new Config("Settings"));
        });

        Assert.Equal(new SourceLocation("ValidationTests.cs", line), Assert.Single(diagnostics).Place);
    }

    [Fact]
    public void Evaluate_SameMistakeInEveryEnvironment_IsSaidOnce()
    {
        var (_, diagnostics) = Evaluate(app => app.Add(new Config("Settings")), new DeployEnvironment("staging"), new DeployEnvironment("prod"));

        Assert.Single(diagnostics);
    }

    [Theory]
    [InlineData("1234", "eu-central-1")]
    [InlineData("123456789012", "Frankfurt")]
    public void Evaluate_TargetThatIsNone_IsSaid(string account, string region)
    {
        var (_, diagnostics) = Evaluate(_ => { }, new DeployEnvironment("prod", Target.Eks(account, region)));

        Assert.Equal("KUBEAPP1035", Assert.Single(diagnostics).Code);
    }

    [Theory]
    [InlineData("TOKEN_LIFETIME", "01:00:00")]
    [InlineData("Auth__TokenUrl", "https://login.example.com/token")]
    [InlineData("PASSWORD_FILE", "/run/secrets/password")]
    [InlineData("REQUIRE_PASSWORD", "true")]
    [InlineData("MAX_TOKENS", "4096")]
    [InlineData("ConnectionStrings__Shop", "Host=db;Username=shop;Password=$(DB_PASS)")]
    [InlineData("GREETING", "Your password is safe with us")]
    public void Evaluate_TextThatOnlySpeaksOfASecret_IsFine(string name, string text)
    {
        var (document, diagnostics) = Evaluate(app => WebContainer(app).Environment[name] = text);

        Assert.Empty(diagnostics);
        Assert.NotNull(document);
    }

    [Theory]
    [InlineData("0 3 * * *")]
    [InlineData("*/15 0-6,22 1 JAN MON-FRI")]
    [InlineData("@hourly")]
    public void Evaluate_Schedule_IsTaken(string schedule) => Assert.Empty(Evaluate(app => Web(app.Add(new CronJob("report", schedule)))).Diagnostics);

    [Theory]
    [InlineData("250m", 0.25)]
    [InlineData("1.5", 1.5)]
    [InlineData("128Mi", 128 * 1024 * 1024)]
    [InlineData("1k", 1000)]
    [InlineData("1e3", 1000)]
    [InlineData("1Ei", 1152921504606846976)]
    [InlineData(".5G", 5e8)]
    public void Parse_Quantity_IsItsAmount(string text, double amount) => Assert.Equal(amount, QuantityRules.Parse(text)!.Value, amount * 1e-9);

    private static (SpecDocument? Document, IReadOnlyList<Diagnostic> Diagnostics) Evaluate(Action<KubeAppModel> make, params DeployEnvironment[] environments) =>
        SpecEvaluation.Evaluate(new WebApp(make, environments), new ProjectFacts { Name = "Shop", IsWeb = true, Directory = Path.GetDirectoryName(ThisFile())! });

    private static string ThisFile([CallerFilePath] string file = "") => file;

    private static int Line([CallerLineNumber] int line = 0) => line;

    private static void Web(Workload workload) => workload.Containers.Add(new Container("web", Image.ThisProject));

    private static Container WebContainer(KubeAppModel app) => app.All<Deployment>().First().Containers[0];

    private static Service WebService(KubeAppModel app) => app.All<Service>().First();

    private static Deployment Scale(KubeAppModel app, int? replicas)
    {
        var web = app.All<Deployment>().First();
        web.Replicas = replicas;
        return web;
    }

    private sealed record Mistake(string Name, string Code, string Says, Action<KubeAppModel> Make);

    /// <summary>A good app, with one mistake.</summary>
    private sealed class WebApp(Action<KubeAppModel> make, IReadOnlyList<DeployEnvironment> environments) : KubeApp
    {
        public override IReadOnlyList<DeployEnvironment> Environments => environments;

        public override void Define(KubeAppModel app)
        {
            var web = app.Add(new Deployment("web"));
            web.Containers.Add(new Container("web", Image.ThisProject) { Ports = { new ContainerPort("http", 8080) } });
            app.Add(new Service("web", web) { Ports = { new ServicePort("http", 80) } });
            make(app);
        }
    }
}

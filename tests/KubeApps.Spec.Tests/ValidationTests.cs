using System.Runtime.CompilerServices;
using KubeApps.Diagnostics;
using static KubeApps.Spec.Tests.Mistakes;

namespace KubeApps.Spec.Tests;

/// <summary>Each mistake in a specification is said by its code, with the names involved and the line.</summary>
public class ValidationTests
{
    public static TheoryData<string, string, string> Mistaken => new(Mistakes.All.Select(mistake => (mistake.Name, mistake.Code, mistake.Says)));

    [Theory]
    [MemberData(nameof(Mistaken))]
    public void Evaluate_Mistake_IsSaidByItsCode(string name, string code, string says)
    {
        var mistake = Mistakes.All.Single(mistake => mistake.Name == name);

        var (document, diagnostics) = Evaluate(mistake.Make, mistake.Environments);

        Assert.Null(document);
        Assert.True(
            diagnostics.Any(diagnostic => diagnostic.Code == code && diagnostic.Cause.Contains(says, StringComparison.Ordinal)),
            string.Join(Environment.NewLine, diagnostics));
        Assert.All(diagnostics, diagnostic => Assert.DoesNotContain("hunter2", diagnostic.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Mistaken))]
    public void Evaluate_Mistake_IsSaidWithFileAndLineOfTheSpecification(string name, string code, string says)
    {
        var mistake = Mistakes.All.Single(mistake => mistake.Name == name);

        var (_, diagnostics) = Evaluate(mistake.Make, mistake.Environments);

        var place = diagnostics.First(diagnostic => diagnostic.Code == code && diagnostic.Cause.Contains(says, StringComparison.Ordinal)).Place;
        Assert.NotNull(place);
        // Where the mistake is made, or where the part of the good app stands that it spoils.
        var lines = place.File == "Mistakes.cs" ? (1, int.MaxValue) : (mistake.Line, mistake.Line + 5);
        Assert.True(place.File == "Mistakes.cs" || place.File == Path.GetFileName(mistake.File), place.ToString());
        Assert.InRange(place.Line, lines.Item1, lines.Item2);
    }

    [Fact]
    public void Evaluate_WrongNameOfTheApp_IsSaidWithTheLineThatNamesIt()
    {
        var (_, diagnostics) = SpecEvaluation.Evaluate(new Misnamed(), new ProjectFacts { Name = "Shop", IsWeb = true, Directory = "" });

        Assert.Contains(diagnostics, item => item.Cause.Contains("app name 'My_Shop'", StringComparison.Ordinal)
            && Path.GetFileName(item.Place!.File) == "ValidationTests.cs" && item.Place.Line == Misnamed.Line);
        // What only one place sets is told there; the rest where the app is defined.
        Assert.Contains(diagnostics, item => item.Code == "KUBEAPP1012" && item.Place!.Line > Misnamed.Line);
    }

    private sealed class Misnamed : KubeApp
    {
        public static int Line { get; } = LineBefore();

        public override string? Name => "My_Shop";

        public override void Define(KubeAppModel app)
        {
        }

        private static int LineBefore([CallerLineNumber] int line = 0) => line + 2;
    }

    [Fact]
    public void Mistakes_TestEveryCodeOfTheArea()
    {
        // Tested where they arise: 1001, 1010, 1011 and 1013 (evaluation).
        string[] elsewhere = ["KUBEAPP1001", "KUBEAPP1010", "KUBEAPP1011", "KUBEAPP1013"];
        var codes = typeof(DiagnosticDescriptors).GetFields().Select(field => ((DiagnosticDescriptor)field.GetValue(null)!).Code)
            .Where(code => code.StartsWith("KUBEAPP10", StringComparison.Ordinal));

        Assert.Empty(codes.Except(Mistakes.All.Select(mistake => mistake.Code)).Except(elsewhere));
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
    [InlineData("TOKEN_LIFETIME", "01:00:00")]
    [InlineData("Auth__TokenUrl", "https://login.example.com/token")]
    [InlineData("PASSWORD_FILE", "/run/secrets/password")]
    [InlineData("REQUIRE_PASSWORD", "true")]
    [InlineData("MAX_TOKENS", "4096")]
    [InlineData("ConnectionStrings__Shop", "Host=db;Username=shop;Password=$(DB_PASS)")]
    [InlineData("GREETING", "Your password is safe with us")]
    [InlineData("TOKENIZER", "bert-base")]
    [InlineData("BYPASS", "proxy")]
    [InlineData("PWD", "/app")]
    public void Evaluate_TextThatOnlySpeaksOfASecret_IsFine(string name, string text)
    {
        var (document, diagnostics) = Evaluate(app => WebContainer(app).Environment[name] = text);

        Assert.Empty(diagnostics);
        Assert.NotNull(document);
    }

    [Theory]
    [InlineData("--token", "$(TOKEN)")]
    [InlineData("--token-ttl", "1h")]
    [InlineData("--password-file", "/run/secrets/password")]
    [InlineData("--password-stdin", "user")]
    [InlineData("--use-token", "--verbose")]
    public void Evaluate_ArgumentThatOnlySpeaksOfASecret_IsFine(string option, string value) =>
        Assert.Empty(Evaluate(app => WebContainer(app).Args.AddRange([option, value])).Diagnostics);

    [Fact]
    public void Evaluate_OneImageForTwoNodePools_IsForTheProcessorsOfBoth()
    {
        var image = Image.ThisProject;

        var (document, diagnostics) = Evaluate(
            app =>
            {
                WebContainer(app).Image = image;
                if (app.Environment.Is("local"))
                    return;
                app.All<Deployment>().Single().Placement = new Placement { NodePool = app.Add(new NodePool("arm", "m7g.large") { Architecture = Architecture.Arm64 }) };
                var worker = app.Add(new Deployment("worker") { Placement = new Placement { NodePool = app.Add(new NodePool("amd", "m7i.large")) } });
                worker.Containers.Add(new Container("worker", image));
            },
            new DeployEnvironment("prod", Target.Context("prod")));

        Assert.Empty(diagnostics);
        Assert.Equal([Architecture.Amd64, Architecture.Arm64], Assert.Single(document!.Images("prod")).Architectures);
        Assert.Empty(Assert.Single(document.Images("local")).Architectures);
        Assert.Empty(image.Architectures);
    }

    [Fact]
    public void Evaluate_ConfigurationFileWithBackslashes_IsReadOnEveryMachine()
    {
        var directory = Directory.CreateTempSubdirectory("kubeapps-spec-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Join(directory, "config"));
            File.WriteAllText(Path.Join(directory, "config", "a.json"), "{}");

            var (document, diagnostics) = Mistakes.Evaluate(app => app.Add(new Config("c") { Files = { @"config\a.json" } }), directory);

            Assert.Empty(diagnostics);
            Assert.Equal("{}", document!.Environments[0].All<Config>().Single().Values["a.json"]);
            Assert.Equal(["config/a.json"], document.Files);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("{ \"password\": \"Password\", \"forgotPassword\": \"Forgot your password?\" }")]
    [InlineData("auth:\n  tokenUrl: https://login.example.com/v2\n  password: ${DB_PASSWORD}\n")]
    [InlineData("Password={{ secret }}\nClientSecret=<set by the deploy>\n")]
    public void Evaluate_FileThatOnlySpeaksOfASecret_IsFine(string text) =>
        Assert.Empty(Evaluate(app => app.Add(new Config("texts") { Values = { ["file"] = text } })).Diagnostics);

    [Fact]
    public void Evaluate_MissingFileAndOtherMistakes_AreSaidAtOnce()
    {
        var (_, diagnostics) = Evaluate(app =>
        {
            var config = app.Add(new Config("settings") { Files = { "missing.json" } });
            WebContainer(app).Environment["SETTINGS"] = config.Key("missing.json");
            WebContainer(app).Ports[0].Port = 0;
        });

        Assert.Equal(["KUBEAPP1014", "KUBEAPP1023"], diagnostics.Select(diagnostic => diagnostic.Code).Order());
    }

    [Fact]
    public void Evaluate_ClaimOfOnePodForOnePod_IsFine() => Assert.Empty(Evaluate(app =>
    {
        app.Add(new PersistentClaim("data", "1Gi") { Access = ClaimAccess.ReadWriteOncePod });
        app.All<Deployment>().Single().Recreate = true;
        WebContainer(app).Mounts.Add(Mount.Claim("data", "/data"));
    }).Diagnostics);

    [Fact]
    public void Evaluate_ClaimOfOnePodForEachSlot_IsFine() => Assert.Empty(Evaluate(app =>
    {
        app.Strategy = Strategy.BlueGreen();
        app.Add(new PersistentClaim("data", "1Gi") { Access = ClaimAccess.ReadWriteOncePod, PerSlot = true });
        app.All<Deployment>().Single().Recreate = true;
        WebContainer(app).Mounts.Add(Mount.Claim("data", "/data"));
    }).Diagnostics);

    [Theory]
    [InlineData("m7g.large", Architecture.Arm64)]
    [InlineData("c6gn.xlarge", Architecture.Arm64)]
    [InlineData("a1.medium", Architecture.Arm64)]
    [InlineData("g5g.xlarge", Architecture.Arm64)]
    [InlineData("im4gn.large", Architecture.Arm64)]
    [InlineData("m7i-flex.large", Architecture.Amd64)]
    [InlineData("g4dn.xlarge", Architecture.Amd64)]
    [InlineData("u-6tb1.metal", Architecture.Amd64)]
    public void Evaluate_InstanceTypeOfThePoolsProcessors_IsFine(string type, Architecture architecture) =>
        Assert.Empty(Evaluate(app => app.Add(new NodePool("pool", type) { Architecture = architecture })).Diagnostics);

    [Theory]
    [InlineData("0 3 * * *")]
    [InlineData("*/15 0-6,22 1 JAN MON-FRI")]
    [InlineData("@hourly")]
    [InlineData("@every 1h30m")]
    [InlineData("5/10 ? * * sun")]
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

    private static int Line([CallerLineNumber] int line = 0) => line;
}

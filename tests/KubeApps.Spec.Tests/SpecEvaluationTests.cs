using KubeApps.Diagnostics;

namespace KubeApps.Spec.Tests;

public class SpecEvaluationTests
{
    private static readonly ProjectFacts Web = new() { Name = "Shop.Web", IsWeb = true };

    [Fact]
    public void Evaluate_WebProjectWithoutSpec_GivesTheDefaultApp()
    {
        var (document, diagnostics) = SpecEvaluation.Evaluate(null, Web);

        Assert.Empty(diagnostics);
        Assert.Equal("shop-web", document!.App);
        var app = Assert.Single(document.Environments);
        Assert.Equal(("local", TargetKind.Sandbox), (app.Environment.Name, app.Environment.Target.Kind));
        var container = Assert.Single(Assert.Single(app.All<Deployment>()).Containers);
        Assert.Equal((ProbeKind.Tcp, "http"), (container.ReadinessProbe!.Kind, container.ReadinessProbe.Port));
        Assert.Null(container.LivenessProbe);
        Assert.Equal("web", app.EntryService);
        Assert.Equal("shop-web", Assert.Single(document.Images()).Key);
    }

    [Fact]
    public void Evaluate_OtherProjectWithoutSpec_SaysThatASpecIsNeeded()
    {
        var (document, diagnostics) = SpecEvaluation.Evaluate(null, Web with { IsWeb = false });

        Assert.Null(document);
        Assert.Equal("KUBEAPP1011", Assert.Single(diagnostics).Code);
    }

    [Fact]
    public void Evaluate_DeclaredEnvironments_StandBehindLocal()
    {
        var (document, _) = SpecEvaluation.Evaluate(new TwoEnvironments(), Web);

        Assert.Equal(["local", "prod"], document!.Environments.Select(app => app.Environment.Name));
        Assert.Equal([1, 4], document.Environments.Select(app => app.All<Deployment>().Single().Replicas!.Value));
    }

    [Fact]
    public void Evaluate_SpecThrows_IsADiagnosticAtTheLine()
    {
        var facts = Web with { Directory = Path.GetDirectoryName(ThisFile())! };

        var (document, diagnostics) = SpecEvaluation.Evaluate(new Throwing(), facts);

        Assert.Null(document);
        var diagnostic = Assert.Single(diagnostics);
        Assert.Equal("KUBEAPP1010", diagnostic.Code);
        Assert.Contains("no such thing", diagnostic.Cause, StringComparison.Ordinal);
        Assert.Equal("SpecEvaluationTests.cs", diagnostic.Place!.File);
        Assert.NotEqual(0, diagnostic.Place.Line);
    }

    [Fact]
    public void Evaluate_SpecThrowsSeveralLinesInAStaticField_IsOneLineOfTheCause()
    {
        var facts = Web with { Directory = Path.GetDirectoryName(ThisFile())! };

        var (_, diagnostics) = SpecEvaluation.Evaluate(new ThrowingField(), facts);

        var diagnostic = Assert.Single(diagnostics);
        Assert.Equal(("KUBEAPP1010", "InvalidOperationException: no such thing at all."), (diagnostic.Code, diagnostic.Cause));
        Assert.Equal("SpecEvaluationTests.cs", diagnostic.Place!.File);
    }

    [Fact]
    public void Evaluate_AssemblyIsMissingInDefine_SaysThatItCannotBeLoaded()
    {
        var (_, diagnostics) = SpecEvaluation.Evaluate(new ThrowingMissingAssembly(), Web);

        Assert.Equal("KUBEAPP1905", Assert.Single(diagnostics).Code);
    }

    [Fact]
    public void ToJson_OfAProjectInAnotherFolder_IsTheSame()
    {
        var folders = new[] { Directory.CreateTempSubdirectory("kubeapps-a-").FullName, Directory.CreateTempSubdirectory("kubeapps-bcd-").FullName };
        try
        {
            // A specification library of the same repository: beside the project, wherever both are.
            var documents = folders.Select(folder =>
            {
                var library = Path.Join(folder, "library", "Library.cs");
                Directory.CreateDirectory(Path.GetDirectoryName(library)!);
                File.WriteAllText(library, "");
                return SpecEvaluation.Evaluate(new UsingALibrary(library), Web with { Directory = Path.Join(folder, "app") }).Document!.ToJson();
            }).ToList();

            Assert.Contains("\"../library/Library.cs\"", documents[0], StringComparison.Ordinal);
            Assert.Equal(documents[0], documents[1]);
        }
        finally
        {
            foreach (var folder in folders)
                Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void ToJson_ReadBack_IsTheSameDocument()
    {
        var json = SpecEvaluation.Evaluate(new TwoEnvironments(), Web).Document!.ToJson();

        Assert.Equal(json, SpecDocument.FromJson(json).ToJson());
        Assert.DoesNotContain("null", json, StringComparison.Ordinal);
        Assert.DoesNotContain("[]", json[json.IndexOf("\"environments\"", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"schemaVersion\": 2, \"app\": \"a\", \"files\": [], \"environments\": []}")]
    [InlineData("[]")]
    [InlineData("{")]
    public void FromJson_OfAnotherVersion_IsADiagnostic(string json) =>
        Assert.Equal("KUBEAPP1013", Assert.Single(Assert.Throws<DiagnosticException>(() => SpecDocument.FromJson(json)).Diagnostics).Code);

    private static string ThisFile([System.Runtime.CompilerServices.CallerFilePath] string file = "") => file;

    private sealed class TwoEnvironments : KubeApp
    {
        public override IReadOnlyList<DeployEnvironment> Environments => [new("prod", Target.Eks("123456789012", "eu-central-1"))];

        public override void Define(KubeAppModel app)
        {
            var config = app.Add(new Config("web") { Values = { ["greeting"] = "Hello" } });
            var secret = app.Add(new Secret("database", SecretSource.Environment) { Keys = { ["connection"] = "SHOP_DATABASE" } });
            var web = app.Add(new Deployment("web") { Replicas = app.Environment.Is("prod") ? 4 : null });
            web.Containers.Add(new Container("web", Image.ThisProject)
            {
                Ports = { new ContainerPort("http", 8080) },
                Environment =
                {
                    ["GREETING"] = config.Key("greeting"),
                    ["ConnectionStrings__Shop"] = secret.Key("connection"),
                    ["POD"] = EnvironmentValue.FromField("metadata.name"),
                },
            });
            app.Add(new Job("migrate")
            {
                BeforeRollout = true,
                Containers = { new Container("migrate", Image.Project("../Shop.Migrations/Shop.Migrations.csproj")) },
            });
            app.Add(new Service("web", web) { Ports = { new ServicePort("http", 80) } });
        }
    }

    private sealed class ThrowingField : KubeApp
    {
        public override void Define(KubeAppModel app) => app.Namespace = Settings.Value;

        private static class Settings
        {
            public static readonly string Value = Read();

            private static string Read() => throw new InvalidOperationException("no such thing\nat all");
        }
    }

    private sealed class ThrowingMissingAssembly : KubeApp
    {
        public override void Define(KubeAppModel app) => throw new FileNotFoundException("Could not load file or assembly 'A'.", "A, Version=1.0.0.0");
    }

    private sealed class UsingALibrary(string file) : KubeApp
    {
        public override void Define(KubeAppModel app)
        {
            app.Add(new Deployment("web")).Containers.Add(new Container("web", Image.ThisProject));
            app.AddYaml("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", file, 1);
            app.AddObject(new { apiVersion = "v1", kind = "ConfigMap", metadata = new { name = "b" } }, file, 2);
            app.Patch("Deployment", "web", file, 3).Set("/spec/paused", true);
        }
    }

    private sealed class Throwing : KubeApp
    {
        public override void Define(KubeAppModel app) => throw new InvalidOperationException("no such thing");
    }
}

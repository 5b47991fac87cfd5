using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Diagnostics;
using KubeApps.Rendering;

namespace KubeApps.Core.Tests;

public sealed class BundleFilesTests : IDisposable
{
    private static readonly ProjectFacts Web = new() { Name = "Hello", IsWeb = true };

    private readonly string _directory = Directory.CreateTempSubdirectory("kubeapps-bundle-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Read_OfAWrittenBundle_GivesTheSameBundle()
    {
        var bundle = Hello("sha256:" + new string('a', 64));

        BundleFiles.Write(bundle, _directory);
        var read = BundleFiles.Read(_directory);

        Assert.False(read.IsDraft);
        var (expected, actual) = (bundle.Environments.Single(), read.Environments.Single());
        Assert.Equal(expected.Objects.Select(item => item.Content.ToJsonString()), actual.Objects.Select(item => item.Content.ToJsonString()));
        Assert.Equal(
            ["env/local/namespace-hello-local.yaml", "env/local/networkpolicy-web.yaml", "env/local/deployment-web.yaml", "env/local/service-web.yaml"],
            actual.Objects.Select(item => item.Path));
        Assert.Equal((expected.Target, expected.Strategy, "web"), (actual.Target, actual.Strategy, actual.EntryService));
        Assert.Equal(bundle.Images["hello"].Digest, read.Images["hello"].Digest);
    }

    [Fact]
    public void Read_OfAFolderNamedWithASeparatorAtItsEnd_FindsItsFiles()
    {
        BundleFiles.Write(Hello(null), _directory);

        Assert.Equal(4, BundleFiles.Read(_directory + Path.DirectorySeparatorChar).Environments.Single().Objects.Count);
    }

    [Fact]
    public void Write_OverAnOlderBundle_LeavesNothingOfIt()
    {
        BundleFiles.Write(Hello(null), _directory);
        var stale = Write("env/local/deployment-old.yaml", "kind: Deployment\n");

        BundleFiles.Write(Hello("sha256:" + new string('a', 64)), _directory);

        Assert.False(File.Exists(stale));
        Assert.Equal(["bundle.json"], Directory.EnumerateFiles(_directory).Select(Path.GetFileName));
    }

    [Fact]
    public void Write_AfterACrashInTheMiddleOfWriting_GivesTheWholeBundle()
    {
        BundleFiles.Write(Hello(null), _directory);
        File.Move(Path.Join(_directory, "bundle.json"), Path.Join(_directory, "bundle.json.writing"));
        var stale = Write("env/local/deployment-old.yaml", "kind: Deployment\n");

        BundleFiles.Write(Hello(null), _directory);

        Assert.False(File.Exists(stale));
        Assert.Equal(4, BundleFiles.Read(_directory).Environments.Single().Objects.Count);
        Assert.Equal(["bundle.json"], Directory.EnumerateFiles(_directory).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("env/bin/activate", "# a folder of the same name, of another program")]
    [InlineData("bundle.json", "{ \"scripts\": [] }")]
    [InlineData("bundle.json", "console.log('bundle')")]
    public void Write_IntoAFolderOfSomethingElse_IsRefusedAndTouchesNothing(string file, string content)
    {
        var theirs = Write(file, content);

        var exception = Assert.Throws<DiagnosticException>(() => BundleFiles.Write(Hello(null), _directory));

        Assert.Equal("KUBEAPP0106", Assert.Single(exception.Diagnostics).Code);
        Assert.Equal(content, File.ReadAllText(theirs));
        Assert.Single(Directory.EnumerateFiles(_directory, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Write_OfAChangeThatTheIndexDoesNotShow_KeepsTheIndex()
    {
        var bundle = BundleFiles.Write(Hello(null), _directory);
        var environment = bundle.Environments.Single();
        var changed = environment.Objects[^1] with { Content = environment.Objects[^1].Content.DeepClone().AsObject() };
        changed.Content["metadata"]!["annotations"] = new JsonObject { ["note"] = "new" };

        BundleFiles.Write(bundle with { Environments = [environment with { Objects = [.. environment.Objects.SkipLast(1), changed] }] }, _directory);

        Assert.Equal("new", (string?)BundleFiles.Read(_directory).Environments.Single().Objects[^1].Content["metadata"]!["annotations"]!["note"]);
    }

    [Fact]
    public void Render_ImageWithDigest_StandsInTheManifestByDigest()
    {
        var digest = "sha256:" + new string('b', 64);

        var deployment = Hello(digest).Environments.Single().Objects.Single(item => (string?)item.Content["kind"] == "Deployment").Content;

        Assert.Equal($"localhost:5000/hello@{digest}", (string?)deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]);
    }

    [Theory]
    [InlineData("\"schemaVersion\": 1", "\"schemaVersion\": 2", "schema version 2")]
    [InlineData("env/local/service-web.yaml", "../../service-web.yaml", "leads out of the bundle")]
    [InlineData("env/local/service-web.yaml", "env/local/service-api.yaml", "service-api.yaml")]
    [InlineData("\"environments\":", "\"other\":", "every bundle has")]
    [InlineData("\"images\": {", "\"images\": {\"x\": null,", "every bundle has")]
    [InlineData("\"environments\": [", "\"environments\": [null,", "every bundle has")]
    [InlineData("\"target\":", "\"other\":", "every bundle has")]
    [InlineData("\"kind\": \"rolling\"", "\"kind\": null", "every bundle has")]
    [InlineData("\"phase\":", "\"other\":", "every bundle has")]
    [InlineData("{", "[", "")]
    public void Read_OfADamagedBundle_SaysWhatIsWrong(string what, string with, string says)
    {
        BundleFiles.Write(Hello(null), _directory);
        var index = Path.Join(_directory, "bundle.json");
        File.WriteAllText(index, File.ReadAllText(index).Replace(what, with, StringComparison.Ordinal));

        var exception = Assert.Throws<DiagnosticException>(() => BundleFiles.Read(_directory));

        var diagnostic = Assert.Single(exception.Diagnostics);
        Assert.Equal("KUBEAPP4010", diagnostic.Code);
        Assert.Contains(says, diagnostic.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_ImageThatDoesNotRunOnItsPool_IsRefused()
    {
        var document = SpecEvaluation.Evaluate(new Rendered.Spec(OnArm, new DeployEnvironment("prod", Target.Context("prod"))), Web).Document!;
        var images = new ImageSet(new Dictionary<string, BundleImage> { ["hello"] = new("localhost:5000/hello", "tag", null, ["linux/amd64"]) });

        var exception = Assert.Throws<DiagnosticException>(() => BundleRenderer.Render(document, images));

        Assert.Equal("KUBEAPP4012", Assert.Single(exception.Diagnostics).Code);
        Assert.Equal([Architecture.Arm64], document.Images("prod").Single().Architectures);
        Assert.Empty(document.Images("local").Single().Architectures);

        static void OnArm(KubeAppModel app)
        {
            var arm = app.Add(new NodePool("arm", "m7g.large") { Architecture = Architecture.Arm64 });
            app.Add(new Deployment("web") { Placement = new Placement { NodePool = arm }, Containers = { new Container("web", Image.ThisProject) } });
        }
    }

    [Fact]
    public void Images_OfWorkloadsOnSeveralMachines_AreForAllOfThem()
    {
        var document = SpecEvaluation.Evaluate(new Rendered.Spec(Define, new DeployEnvironment("prod", Target.Eks("123456789012", "eu-central-1"))), Web).Document!;

        Assert.Equal([Architecture.Amd64, Architecture.Arm64], document.Images("prod").Single(image => image.Key == "hello").Architectures);
        Assert.Equal([Architecture.Arm64], document.Images("prod").Single(image => image.Key == "unplaced").Architectures);

        static void Define(KubeAppModel app)
        {
            var arm = app.Add(new NodePool("arm", "m7g.large") { Architecture = Architecture.Arm64 });
            app.Add(new Deployment("web") { Placement = new Placement { NodePool = arm }, Containers = { new Container("web", Image.ThisProject) } });
            app.Add(new CronJob("nightly", "@daily") { Containers = { new Container("nightly", Image.ThisProject) } });
            app.Add(new FargateProfile("nightly") { Workloads = { "nightly" } });
            app.Add(new Deployment("unplaced") { Containers = { new Container("web", Image.Project("../Unplaced/Unplaced.csproj")) } });
        }
    }

    private string Write(string file, string content)
    {
        var path = Path.Join(_directory, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    private static Bundle Hello(string? digest)
    {
        var document = SpecEvaluation.Evaluate(null, Web).Document!;
        var images = new ImageSet(new Dictionary<string, BundleImage> { ["hello"] = new("localhost:5000/hello", "tag", digest, ["linux/amd64"]) });
        return BundleRenderer.Render(document, images, commit: new string('c', 40));
    }
}

using System.Text.Json.Nodes;
using KubeApps.Bundles;

namespace KubeApps.MSBuild.Tests;

/// <summary>Publishing up to pushed images and a bundle that can be deployed: by itself, and as <c>dotnet kubeapp deploy</c> uses it.</summary>
public sealed class PushTests(PackageFeed feed, SandboxHome sandbox) : IClassFixture<SandboxHome>
{
    [Fact]
    public async Task Publish_WithPush_LeavesABundleThatIsDeployedLater()
    {
        var folder = feed.NewFolder().WriteWeb("later");

        var pushed = (await folder.PublishAsync("later", sandbox.Variables, "-p:KubeAppPush=true")).Succeeded();

        Assert.Contains("Image later: pushed (", pushed.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(" -> http", pushed.Text, StringComparison.Ordinal);
        var bundle = folder.PathOf("later", "bin", "Release", "net10.0", "kubeapp");
        Assert.StartsWith("sha256:", BundleFiles.Read(bundle).Images["later"].Digest, StringComparison.Ordinal);
        Assert.Contains("KUBEAPP0018", (await sandbox.RunToolAsync("status", "later")).Text, StringComparison.Ordinal);
        Assert.Equal(0, (await sandbox.RunToolAsync("deploy", "--bundle", bundle)).ExitCode);
    }

    [Fact]
    public async Task Deploy_OfProjectDryThenTrulyThenAgain_PushesAndWritesOnlyOnce()
    {
        var folder = feed.NewFolder().WriteWeb();

        var (dry, plan) = await DeployAsync(folder, "--dry-run", "-n", "elsewhere");
        Assert.Equal(("planned", "elsewhere"), ((string?)plan["outcome"], (string?)plan["namespace"]));
        Assert.Contains(plan["changes"]!.AsArray(), change => (string?)change!["name"] == "web" && (string?)change["change"] == "created");
        Assert.Contains(dry, line => line.Contains("Image web: would be built and pushed as content-", StringComparison.Ordinal));
        Assert.DoesNotContain(dry, line => line.Contains("pushed (", StringComparison.Ordinal));

        var (_, deployed) = await DeployAsync(folder, "--timeout", "90.5s");
        Assert.Equal(("deployed", "web-local", true), ((string?)deployed["outcome"], (string?)deployed["namespace"], (bool?)deployed["applied"]));
        Assert.Contains(deployed["steps"]!.AsArray(), step => (double?)step!["timeoutSeconds"] == 90.5);
        var image = Assert.Single(deployed["images"]!.AsArray())!;
        Assert.Equal(("web", false), ((string?)image["name"], (bool?)image["wasThere"]));
        Assert.True((double?)image["pushSeconds"] > 0);
        Assert.Contains(image["layers"]!.AsArray(), layer => (bool?)layer!["sent"] == true && (long?)layer["size"] > 0);
        // What is deployed at once goes into no registry: that would take time, and is for what is deployed again.
        Assert.Null(deployed["bundle"]);

        var (again, unchanged) = await DeployAsync(folder);
        Assert.Equal(("unchanged", false), ((string?)unchanged["outcome"], (bool?)unchanged["applied"]));
        Assert.Contains(again, line => line.Contains("Image web: the registry has it", StringComparison.Ordinal));
        var there = Assert.Single(unchanged["images"]!.AsArray())!;
        Assert.Equal((true, null, (string?)image["image"]), ((bool?)there["wasThere"], (double?)there["pushSeconds"], (string?)there["image"]));
        Assert.DoesNotContain(again, line => line.Contains("evaluated for", StringComparison.Ordinal));

        // Nothing was written by the first one: only the second one's namespace is there.
        var status = JsonNode.Parse((await sandbox.RunToolAsync("status", "web", "-o", "json")).Text)!;
        Assert.Equal("web-local", (string?)status["namespace"]);

        // A change that shows in a manifest alone.
        folder.Write("web/KubeApp.cs", ThrowAway.Spec.Replace("new Deployment(\"web\")", "new Deployment(\"web\") { Replicas = 2 }", StringComparison.Ordinal));
        var (_, changed) = await DeployAsync(folder);
        Assert.Equal("deployed", (string?)changed["outcome"]);
    }

    [Fact]
    public async Task Deploy_OfProjectWithASecret_TakesItFromTheVariablesOfTheDeploy()
    {
        var folder = feed.NewFolder().WriteWeb("vault", ThrowAway.Spec.Replace(
            "var web =", "app.Add(new Secret(\"keys\", SecretSource.Environment) { Keys = { [\"key\"] = \"VAULT_KEY\" } }); var web =", StringComparison.Ordinal));

        var (without, result) = await ToolAsync(folder, "vault", [], []);
        Assert.Equal((64, "KUBEAPP0015"), (without, (string?)result["diagnostics"]![0]!["code"]));

        var (with, deployed) = await ToolAsync(folder, "vault", [], [new("VAULT_KEY", "hunter2hunter2")]);
        Assert.Equal((0, "deployed"), (with, (string?)deployed["outcome"]));
        foreach (var file in Directory.EnumerateFiles(folder.PathOf("vault"), "*", SearchOption.AllDirectories))
            Assert.DoesNotContain("hunter2hunter2", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_OfProjectWithErrorsInItsSpecification_HasTheirFilesAndLines()
    {
        var folder = feed.NewFolder().WriteWeb("wrong", ThrowAway.Spec.Replace("new Deployment(\"web\")", "new Deployment(\"Web\")", StringComparison.Ordinal));

        var (exit, result) = await ToolAsync(folder, "wrong", [], []);

        Assert.Equal((1, "failed"), (exit, (string?)result["outcome"]));
        var error = Assert.Single(result["diagnostics"]!.AsArray(), item => (string?)item!["code"] == "KUBEAPP1020")!;
        Assert.Equal((folder.PathOf("wrong", "KubeApp.cs"), 8), ((string?)error["file"], (int)error["line"]!));
    }

    [Fact]
    public async Task Deploy_OfProjectForTheSandboxToAContext_AsksForARegistryThatItsClusterCanReach()
    {
        var folder = feed.NewFolder().WriteWeb("outside").Write("kubeconfig", Failing.Kubeconfig);

        var (exit, result) = await ToolAsync(folder, "outside", ["--context", "elsewhere", "--kubeconfig", folder.PathOf("kubeconfig")], []);

        Assert.Equal((1, "failed"), (exit, (string?)result["outcome"]));
        Assert.Equal("KUBEAPP3004", (string?)Assert.Single(result["diagnostics"]!.AsArray())!["code"]);
    }

    [Fact]
    public async Task Deploy_OfProjectToAContextOfItsEnvironmentThatIsNotThere_PushesNothing()
    {
        var folder = feed.NewFolder().WriteWeb("lost", Failing.SpecWithRegistry("127.0.0.1:1")).Write("kubeconfig", UnnamedContext);

        var (exit, result) = await ToolAsync(folder, "lost", [], [new("KUBECONFIG", folder.PathOf("kubeconfig"))]);

        Assert.Equal((64, "KUBEAPP0013"), (exit, (string?)Assert.Single(result["diagnostics"]!.AsArray())!["code"]));
    }

    [Fact]
    public async Task Publish_TheSameAppTwiceAtOnce_DeploysItOnceAndThenFindsNothingToDo()
    {
        var folder = feed.NewFolder().WriteWeb("twice");
        (await folder.PublishAsync("twice", "-p:KubeAppRender=false")).Succeeded();

        var results = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => folder.PublishAsync("twice", sandbox.Variables, "--no-build", "-p:KubeAppDeploy=true")));

        Assert.Single(results, result => result.ExitCode == 0 && result.Text.Contains("Image twice: pushed (", StringComparison.Ordinal));
        foreach (var other in results.Where(result => !result.Text.Contains("Image twice: pushed (", StringComparison.Ordinal)))
            if (other.ExitCode == 0)
                Assert.Contains("nothing to do", other.Text, StringComparison.Ordinal);
            else
                // It waits for a minute; what the first one does may take longer.
                other.Failed().OnlyError("KUBEAPP0105");
    }

    private static string UnnamedContext => Failing.Kubeconfig.Replace("name: elsewhere, context", "name: other, context", StringComparison.Ordinal);

    private async Task<(List<string> Said, JsonObject Result)> DeployAsync(ThrowAway folder, params string[] arguments)
    {
        var run = await sandbox.RunToolAsync(["deploy", "--project", folder.PathOf("web"), "-o", "jsonl", .. arguments]);
        Assert.True(run.ExitCode == 0, run.Text);
        var lines = run.Lines.Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        return ([.. lines.Select(line => (string?)line["text"]).OfType<string>()], lines[^1]);
    }

    private async Task<(int Exit, JsonObject Result)> ToolAsync(
        ThrowAway folder, string project, string[] arguments, KeyValuePair<string, string?>[] variables)
    {
        var run = await sandbox.RunToolAsync(variables, ["deploy", "--project", folder.PathOf(project), "-o", "jsonl", .. arguments]);
        return (run.ExitCode, JsonNode.Parse(run.Lines[^1])!.AsObject());
    }
}

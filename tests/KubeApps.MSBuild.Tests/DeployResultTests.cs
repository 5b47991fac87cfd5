using System.Text.Json.Nodes;

namespace KubeApps.MSBuild.Tests;

/// <summary>
/// What <c>dotnet kubeapp deploy</c> needs of a publish: its options reach the deploy, and the result comes back in a file, since MSBuild
/// ends with 0 or 1 whatever the tool says.
/// </summary>
public sealed class DeployResultTests(PackageFeed feed, SandboxHome sandbox) : IClassFixture<SandboxHome>
{
    [Fact]
    public async Task Publish_DryRunThenDeployThenAgain_LeavesTheResultOfEach()
    {
        var folder = feed.NewFolder().WriteWeb();

        var (dry, plan) = await DeployAsync(folder, "-p:_KubeAppDryRun=true", "-p:_KubeAppNamespace=elsewhere");
        Assert.Equal("planned", (string?)plan["outcome"]);
        Assert.Equal("elsewhere", (string?)plan["namespace"]);
        Assert.Contains(plan["changes"]!.AsArray(), change => (string?)change!["name"] == "web" && (string?)change["change"] == "created");
        Assert.Contains(dry.Lines, line => line.Contains("Image web: would be built and pushed as content-", StringComparison.Ordinal));
        Assert.DoesNotContain("pushed (", dry.Text, StringComparison.Ordinal);

        var (_, deployed) = await DeployAsync(folder, "-p:_KubeAppTimeout=90.5");
        Assert.Equal("deployed", (string?)deployed["outcome"]);
        Assert.Equal("web-local", (string?)deployed["namespace"]);
        Assert.Contains(deployed["steps"]!.AsArray(), step => (double?)step!["timeoutSeconds"] == 90.5);

        var (again, unchanged) = await DeployAsync(folder);
        Assert.Equal("unchanged", (string?)unchanged["outcome"]);
        Assert.Contains("Image web: the registry has it", again.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("evaluated for", again.Text, StringComparison.Ordinal);

        // Nothing was written by the first one: only the second one's namespace is there.
        var status = JsonNode.Parse((await sandbox.RunToolAsync("status", "web", "-o", "json")).Text)!;
        Assert.Equal("web-local", (string?)status["namespace"]);
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

    [Fact]
    public async Task Publish_ContextInPlaceOfTheSandbox_AsksForARegistryThatItsClusterCanReach()
    {
        var folder = feed.NewFolder().WriteWeb();
        var file = folder.PathOf("result.json");

        var result = await folder.PublishAsync("web", sandbox.Variables, "-p:KubeAppDeploy=true", "-p:_KubeAppContext=elsewhere", $"-p:_KubeAppResultFile={file}");

        result.Failed().Error("KUBEAPP3004");
        var written = JsonNode.Parse(folder.Read("result.json"))!;
        Assert.Equal("failed", (string?)written["outcome"]);
        Assert.Equal(1, (int?)written["exitCode"]);
        Assert.Equal("KUBEAPP3004", (string?)written["diagnostics"]![0]!["code"]);
    }

    private async Task<(BuildResult Build, JsonNode Result)> DeployAsync(ThrowAway folder, params string[] arguments)
    {
        var file = folder.PathOf("result.json");
        var build = await folder.PublishAsync("web", sandbox.Variables, ["-p:KubeAppDeploy=true", $"-p:_KubeAppResultFile={file}", .. arguments]);
        build.Succeeded();
        return (build, JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!);
    }
}

using System.Text.Json.Nodes;

namespace KubeApps.Cli.Tests.Actions;

/// <summary>The tool as a step of a workflow, on its own sandbox.</summary>
public sealed class ActionsTests(ToolProcess tool) : IClassFixture<ToolProcess>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string _summary = "";
    private string _error = "";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Deploy_PlanAndDestroy_LeaveTheirOutputs()
    {
        var bundle = await BundleAsync("told");

        var (plan, _) = await StepAsync("plan", "--bundle", bundle);
        var (deploy, address) = await StepAsync("deploy", "--bundle", bundle);
        var (again, _) = await StepAsync("deploy", "--bundle", bundle);
        var (destroy, _) = await StepAsync("destroy", "told", "-y");

        Assert.Equal(("planned", "", ""), (plan["outcome"], plan["url"], plan["revision"]));
        Assert.Equal(("deployed", address.Trim(), "1", ""), (deploy["outcome"], deploy["url"], deploy["revision"], deploy["failure"]));
        Assert.Equal(("unchanged", address.Trim()), (again["outcome"], again["url"]));
        Assert.Equal("destroyed", destroy["outcome"]);
    }

    [Fact]
    public async Task Deploy_ThatFails_LeavesOneSummaryWithCauseLogAndTimes()
    {
        var bundle = tool.WriteBundle("broken", await RegistryAsync(), readyPath: "/never");

        _folder.Write("src/KubeApp.cs", "using KubeApps;\n\nclass Broken : KubeApp { public override void Define(KubeAppModel app) => app.Add(new Deployment(\"web\")); }\n");

        var (outputs, _) = await StepAsync("deploy", "--bundle", bundle, "--timeout", "4s", "--no-rollback");

        var summary = File.ReadAllText(_summary);
        Assert.Contains("::error file=src/KubeApp.cs,line=3,title=KUBEAPP", _error, StringComparison.Ordinal);
        Assert.NotEqual("", outputs["failure"]);
        Assert.Equal(outputs["outcome"] == "timedOut" ? 1 : 0, summary.Split("did not end in time").Length - 1);
        Assert.Single(summary.Split('\n'), line => line.StartsWith("## ", StringComparison.Ordinal));
        Assert.All(
            [outputs["failure"].Split(':')[0], "### What was to change", "<code>Deployment broken/web</code>", "### Steps", "| **not ended** |", " s |"],
            part => Assert.Contains(part, summary, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Commands_ThatDoNotComeToAResult_SayWhy()
    {
        var (missing, _) = await StepAsync("deploy", "--bundle", _folder.Path);
        await BundleAsync("any");
        var (unknown, _) = await StepAsync("rollback", "nobody", "-y");

        Assert.Equal("failed", missing["outcome"]);
        Assert.Contains("no bundle.json", missing["failure"], StringComparison.Ordinal);
        Assert.Equal("failed", unknown["outcome"]);
        Assert.Contains("nobody", unknown["failure"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnyCommand_OutsideOfActions_LeavesNothing()
    {
        var (output, summary) = (Path.Combine(_folder.Path, "output"), Path.Combine(_folder.Path, "summary"));

        var (_, _, error) = await tool.RunAsync(
            new Dictionary<string, string?> { ["GITHUB_OUTPUT"] = output, ["GITHUB_STEP_SUMMARY"] = summary }, "deploy", "--bundle", await BundleAsync("quiet"));

        Assert.False(File.Exists(output) || File.Exists(summary));
        Assert.DoesNotContain("::", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_WhereTheRunnersFileCannotBeWritten_WarnsAndDeploys()
    {
        var (exit, _, error) = await tool.RunAsync(
            new Dictionary<string, string?> { ["GITHUB_ACTIONS"] = "true", ["GITHUB_OUTPUT"] = Path.Combine(_folder.Path, "nowhere", "output") }, "deploy", "--bundle", await BundleAsync("odd"));

        Assert.Equal(0, exit);
        Assert.Contains("::warning title=KUBEAPP9050::", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_OfAProject_LeavesWhereItsBundleIsAndOneSummary()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("A shell is needed.");
        var bundle = await BundleAsync("published");
        _folder.Write("My.Shop.csproj", $"""
            <Project>
              <PropertyGroup><KubeAppEnabled>true</KubeAppEnabled><_KubeAppBundleDirectory>{bundle}</_KubeAppBundleDirectory><KubeAppBundleReference>oci://registry.example/shop@sha256:1</KubeAppBundleReference></PropertyGroup>
              <Target Name="Publish"><Exec Command="echo summary=$GITHUB_STEP_SUMMARY" /><Message Importance="high" Text="::set-output name=url::https://evil.example" /></Target>
            </Project>
            """);

        var (outputs, _) = await StepAsync("publish", "--project", _folder.Path);

        Assert.Equal((bundle, "oci://registry.example/shop@sha256:1", "[]", "{}"), (outputs["bundle"], outputs["bundle-reference"], outputs["images"], outputs["digests"]));
        Assert.StartsWith("## 📦 published is published\n", File.ReadAllText(_summary), StringComparison.Ordinal);
        // The build tells of nothing itself.
        Assert.Contains("summary=\n", _error, StringComparison.Ordinal);
        Assert.DoesNotContain(Runner.Obeyed(_error), line => line.Contains("set-output", StringComparison.Ordinal));
    }

    private async Task<string> BundleAsync(string app) => tool.WriteBundle(app, await RegistryAsync());

    private async Task<string> RegistryAsync() => (string)JsonNode.Parse((await tool.RunAsync("sandbox", "start", "-o", "json")).Out)!["registry"]!;

    private async Task<(Dictionary<string, string> Outputs, string Out)> StepAsync(params string[] arguments)
    {
        var file = Path.Combine(_folder.Path, Guid.NewGuid().ToString());
        _summary = file + ".md";
        (_, var output, _error) = await tool.RunAsync(
            new Dictionary<string, string?>
            {
                ["GITHUB_ACTIONS"] = "true",
                ["GITHUB_OUTPUT"] = file,
                ["GITHUB_STEP_SUMMARY"] = _summary,
                ["GITHUB_WORKSPACE"] = _folder.Path,
            },
            arguments);
        return (Runner.Outputs(file), output);
    }
}

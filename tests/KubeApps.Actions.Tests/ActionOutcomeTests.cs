using KubeApps.Actions.Tests.Executing;

namespace KubeApps.Actions.Tests;

/// <summary>What the tool says of its run is what the action says of it, however it ended.</summary>
public sealed class ActionOutcomeTests : IDisposable
{
    private readonly Runner _runner = new();
    private readonly FakeTool _tool;

    public ActionOutcomeTests() => _tool = new FakeTool(_runner);

    public void Dispose() => _runner.Dispose();

    [Fact]
    public async Task Deploy_Success_HandsOnOutputsAndSummary()
    {
        _tool.Does("""
            [ "$1" = deploy ] || exit 0
            printf 'outcome=deployed\nurl=https://shop.example\nrevision=7\ndeployment-id=42\nfailure=\n' >> "$GITHUB_OUTPUT"
            echo "## Shop is deployed" >> "$GITHUB_STEP_SUMMARY"
            """);

        var run = await _runner.RunAsync("actions/deploy", new Dictionary<string, string>());

        Assert.Equal(("success", "## Shop is deployed\n"), (run.Outcome, run.Summary));
        Assert.Equal(
            new Dictionary<string, string> { ["deployment-id"] = "42", ["failure"] = "", ["outcome"] = "deployed", ["revision"] = "7", ["url"] = "https://shop.example" },
            run.Outputs);
    }

    [Theory]
    [InlineData("deploy", "deployment-id", "failure", "outcome", "revision", "url")]
    [InlineData("destroy", "deployment-id", "failure", "outcome")]
    [InlineData("plan", "comment", "differences", "failure", "outcome")]
    [InlineData("publish", "bundle", "bundle-reference", "digests", "images")]
    [InlineData("rollback", "deployment-id", "failure", "outcome", "revision", "url")]
    public async Task Run_Success_HandsOnEachOutputUnderItsName(string action, params string[] outputs)
    {
        _tool.Does($"""
            [ "$1" != record ] || exit 0
            for output in {string.Join(' ', outputs)}; do echo "$output=the $output" >> "$GITHUB_OUTPUT"; done
            """);

        var run = await _runner.RunAsync($"actions/{action}", new Dictionary<string, string>());

        Assert.True(run.Outcome == "success", run.Log);
        Assert.Equal(outputs.ToDictionary(output => output, output => $"the {output}"), run.Outputs);
    }

    [Theory]
    [InlineData("deploy", 3)]
    [InlineData("rollback", 1)]
    [InlineData("destroy", 64)]
    [InlineData("plan", 2)]
    public async Task Run_ToolFails_FailsWithItsWords(string action, int exit)
    {
        _tool.Does($$"""
            printf 'outcome=rolledBack\nfailure<<E\nPod web-1: CrashLoopBackOff; $(touch canary)\nE\n' >> "$GITHUB_OUTPUT"
            exit {{exit}}
            """);

        var run = await _runner.RunAsync($"actions/{action}", new Dictionary<string, string>());

        Assert.Equal(("failure", "rolledBack", "Pod web-1: CrashLoopBackOff; $(touch canary)"), (run.Outcome, run.Outputs["outcome"], run.Outputs["failure"]));
    }

    [Theory]
    [InlineData("deploy", "--context=c", "--environment=e", "--kubeconfig=k", "--namespace=n", "--record=github")]
    [InlineData("rollback", "--context=c", "--environment=e", "--kubeconfig=k", "--namespace=n", "--record=github", "--", "a")]
    [InlineData("destroy", "--context=c", "--environment=e", "--kubeconfig=k", "--namespace=n", "--record=github", "--", "a")]
    public async Task Run_ToolFailsAndSoDoesTheRecord_TheRecordIsTriedAndTheFailureIsTheTools(string action, params string[] expected)
    {
        _tool.Does("exit 1");
        var inputs = new Dictionary<string, string>
        {
            ["context"] = "c",
            ["environment"] = "e",
            ["github-environment"] = "g",
            ["kubeconfig"] = "k",
            ["namespace"] = "n",
            ["record"] = "github",
            ["github-token"] = "other",
        };
        if (action != "deploy")
            inputs["app"] = "a";

        var run = await _runner.RunAsync($"actions/{action}", inputs);

        Assert.Equal(["record", "sync", .. expected], _tool.Calls[1]);
        Assert.Equal("other", _tool.Environments[1]["GH_TOKEN"]);
        Assert.Equal(("failure", "failure", "success"), (run.Outcome, run[action].Conclusion, run.Steps[^1].Conclusion));
    }

    [Fact]
    public async Task Deploy_OfAProject_TheRecordIsFoundByTheBundleThatItBecame()
    {
        _tool.Does("""printf 'bundle=/w/obj/bundle\n' >> "$GITHUB_OUTPUT" """);

        await _runner.RunAsync("actions/deploy", new Dictionary<string, string> { ["project"] = "src/Shop" });

        Assert.Equal(["record", "sync", "--bundle=/w/obj/bundle", "--record=auto"], _tool.Calls[1]);
    }

    [Fact]
    public async Task Deploy_OfAFullUpdate_TheRecordOfThatIsBroughtUpToDate()
    {
        await _runner.RunAsync("actions/deploy", new Dictionary<string, string> { ["scope"] = "cluster" });

        Assert.Equal(["deploy", "--scope=cluster"], _tool.Calls[0]);
        Assert.Equal(["record", "sync", "--record=auto", "--scope=cluster"], _tool.Calls[1]);
    }

    [Theory]
    [InlineData("deploy")]
    [InlineData("rollback")]
    [InlineData("destroy")]
    public async Task Run_NoRecordWanted_NoneIsDelivered(string action)
    {
        var run = await _runner.RunAsync($"actions/{action}", new Dictionary<string, string> { ["record"] = "none" });

        Assert.Single(_tool.Calls);
        Assert.Equal("skipped", run.Steps[^1].Outcome);
    }

    [Fact]
    public async Task Publish_Success_HandsOnWhatWasBuilt()
    {
        _tool.Does("""
            printf 'bundle=/w/bundle\nbundle-reference=oci://r/shop@sha256:1\nimages=["r/shop/web@sha256:2"]\ndigests={"web":"sha256:2"}\n' >> "$GITHUB_OUTPUT"
            """);

        var run = await _runner.RunAsync("actions/publish", new Dictionary<string, string>());

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["bundle"] = "/w/bundle",
                ["bundle-reference"] = "oci://r/shop@sha256:1",
                ["digests"] = """{"web":"sha256:2"}""",
                ["images"] = """["r/shop/web@sha256:2"]""",
            },
            run.Outputs);
    }

    [Fact]
    public async Task Deploy_RunCancelled_TheSignalReachesTheToolItself()
    {
        _tool.Does("""
            [ "$1" = deploy ] || exit 0
            trap 'printf "outcome=cancelled\n" >> "$GITHUB_OUTPUT"; exit 130' INT
            echo "deploying as $$"
            while true; do read -r -t 0.05 <> <(:) || true; done
            """);

        var run = await _runner.RunAsync("actions/deploy", new Dictionary<string, string>(), cancelOn: ("deploy", "deploying as"));

        Assert.Equal(("cancelled", "cancelled"), (run.Outcome, run.Outputs["outcome"]));
        Assert.Equal(["record", "sync", "--record=auto"], _tool.Calls[1]);
    }
}

using System.Text;
using KubeApps.Actions.Tests.Executing;
using KubeApps.Testing;

namespace KubeApps.Actions.Tests;

/// <summary>The jobs of the reusable workflows, step by step: what the tool is called with, and what is left when a job ends.</summary>
public sealed class WorkflowStepTests : IDisposable
{
    private const string Kubeconfig = "users: []";

    private static readonly Dictionary<string, string> Job = new()
    {
        ["app"] = "shop",
        ["bundle"] = "oci://ghcr.io/team/shop@sha256:1234",
        ["environment"] = "prod",
        ["environments"] = "[\"staging\",\"prod\"]",
        ["event-number"] = "7",
        ["event-head"] = "0123456789abcdef0123456789abcdef01234567",
        ["matrix-environment"] = "prod",
        ["needs-build-bundle"] = "oci://ghcr.io/team/shop@sha256:1234",
        ["project"] = "src/My Shop; touch x",
        ["secrets-KUBECONFIG"] = Kubeconfig,
        ["secrets-VARIABLES"] = "DB_PASSWORD=secret of the app",
        ["vars-KUBEAPP_CONTEXT"] = "prod-eu",
    };

    private readonly Runner _runner = new();
    private readonly FakeTool _tool;

    public WorkflowStepTests()
    {
        foreach (var action in (string[])["actions/checkout", "actions/setup-dotnet", "aws-actions/configure-aws-credentials"])
            _runner.Foreign[action] = [];
        // The tool comes out of the cache.
        _runner.Foreign["actions/cache"] = new() { ["cache-hit"] = "true" };
        _runner.GitHub["actor"] = "kim";
        _runner.GitHub["server_url"] = "https://github.com";
        _tool = new FakeTool(_runner);
        var sdk = new FakeTool(_runner, "dotnet");
        sdk.Does("echo 10.0.401");
        var installed = Directory.CreateDirectory(Path.Combine(_runner.Temp, "kubeapp", SetupActionTests.Version)).FullName;
        FakeTool.WriteProgram(Path.Combine(installed, "dotnet-kubeapp"), $"#!/bin/sh\n[ \"$1\" = --version ] && echo 1.2.3 || exec '{Path.Combine(_runner.Temp, "fake-dotnet-kubeapp", "dotnet-kubeapp")}' \"$@\"");
    }

    public void Dispose() => _runner.Dispose();

    [Theory]
    [InlineData("kubeapp-deploy", "build")]
    [InlineData("kubeapp-environment", "deploy")]
    [InlineData("kubeapp-preview", "build")]
    [InlineData("kubeapp-preview", "deploy")]
    [InlineData("kubeapp-preview", "plan")]
    [InlineData("kubeapp-preview", "destroy")]
    [InlineData("kubeapp-scheduled", "drift")]
    [InlineData("kubeapp-scheduled", "expire")]
    public async Task Job_OfAWorkflow_CallsTheToolAsReviewedAndLeavesNoCredentials(string workflow, string job)
    {
        var run = await JobSteps.RunAsync(_runner, workflow, job, Job);

        Assert.True(run.Outcome == "success", run.Log);
        var calls = new StringBuilder();
        foreach (var call in _tool.Calls)
            calls.Append("dotnet-kubeapp\n").AppendJoin("", call.Select(argument => $"  {argument.Replace(_runner.Temp, "RUNNER_TEMP", StringComparison.Ordinal)}\n"));
        Snapshot.Matches(calls.ToString(), $"{workflow}.{job}.txt");
        Assert.False(Directory.Exists(Path.Combine(_runner.Temp, "kubeapp-credentials")));
    }

    [Fact]
    public async Task Job_OfAnEnvironmentWithAnotherNameOnGitHub_IsRecordedUnderThat()
    {
        var run = await JobSteps.RunAsync(_runner, "kubeapp-environment", "deploy", new Dictionary<string, string>(Job) { ["github-environment"] = "shop prod" });

        Assert.True(run.Outcome == "success", run.Log);
        Assert.Contains("--github-environment=shop prod", _tool.Calls.Single(call => call[0] == "deploy"));
    }

    [Fact]
    public async Task Job_ThatFails_LeavesNoCredentialsEither()
    {
        _tool.Does("[ \"$1\" != deploy ] || { test -s \"$RUNNER_TEMP/kubeapp-credentials/kubeconfig\"; exit 3; }");

        var run = await JobSteps.RunAsync(_runner, "kubeapp-environment", "deploy", Job);

        Assert.Equal("failure", run.Outcome);
        Assert.Equal("deploy", _tool.Calls[0][0]);
        Assert.False(Directory.Exists(Path.Combine(_runner.Temp, "kubeapp-credentials")));
    }

    // The run of the closing may have lost its place in the queue to this one.
    [Theory]
    [InlineData("superseded", true)]
    [InlineData("deployed", false)]
    public async Task Job_OfAPreviewThatIsRunAgain_DestroysWhatAClosedPullRequestLeft(string outcome, bool isExpected)
    {
        _tool.Does($"[ \"$1\" != deploy ] || echo outcome={outcome} >> \"$GITHUB_OUTPUT\"");

        var run = await JobSteps.RunAsync(_runner, "kubeapp-preview", "deploy", Job);

        Assert.True(run.Outcome == "success", run.Log);
        var destroy = _tool.Calls.SingleOrDefault(call => call[0] == "destroy");
        Assert.Equal(isExpected, destroy is not null);
        if (destroy is not null)
            Assert.Equal(["--namespace=shop-pr-7", "--transient=true", "--unless-open=true"], destroy.Where(part => part.StartsWith("--namespace", StringComparison.Ordinal) || part.Contains("true", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Job_ThatDeploys_HasTheVariablesOfTheAppAndTheLoginOfTheRegistry()
    {
        await JobSteps.RunAsync(_runner, "kubeapp-environment", "deploy", Job);

        Assert.Equal("secret of the app", _tool.Environments[0]["DB_PASSWORD"]);
        Assert.EndsWith("kubeapp-credentials", _tool.Environments[0]["DOCKER_CONFIG"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vars-KUBEAPP_AWS_ROLE", "arn:of-the-environment", "arn:of-the-environment")]
    [InlineData("vars-KUBEAPP_AWS_ROLE", "", "arn:of-the-input")]
    public async Task Job_WithAVariableOfItsEnvironment_PrefersItToTheInput(string name, string value, string expected)
    {
        var run = await JobSteps.RunAsync(_runner, "kubeapp-environment", "deploy", new Dictionary<string, string>(Job) { [name] = value, ["aws-role"] = "arn:of-the-input" });

        Assert.Equal(expected, Assert.Single(run.Steps, step => step.Replaced?.StartsWith("aws-actions/", StringComparison.Ordinal) == true).Given!["role-to-assume"]);
    }

    // The job's own token is for GitHub's registry alone.
    [Theory]
    [InlineData("ghcr.io", "", "ghs_token_of_the_job")]
    [InlineData("registry.example.com", "", null)]
    [InlineData("registry.example.com", "hidden", "hidden")]
    public async Task Job_WithARegistry_SendsTheTokenOfTheJobToGitHubAlone(string registry, string password, string? expected)
    {
        _tool.Does("cp \"$DOCKER_CONFIG/config.json\" \"$RUNNER_TEMP/seen.json\"");

        await JobSteps.RunAsync(_runner, "kubeapp-environment", "deploy", new Dictionary<string, string>(Job) { ["registry"] = registry, ["secrets-REGISTRY_PASSWORD"] = password });

        var seen = Path.Combine(_runner.Temp, "seen.json");
        Assert.Equal(expected is not null, File.Exists(seen));
        if (expected is not null)
            Assert.Contains(Convert.ToBase64String(Encoding.UTF8.GetBytes($"kim:{expected}")), await File.ReadAllTextAsync(seen, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kubeapp-environment", "deploy", "bundle", "")]
    [InlineData("kubeapp-environment", "deploy", "bundle", "oci://ghcr.io/team/shop:latest")]
    [InlineData("kubeapp-environment", "deploy", "bundle", "bin/publish@sha256:1234")]
    [InlineData("kubeapp-preview", "deploy", "needs-build-bundle", "")]
    [InlineData("kubeapp-preview", "plan", "needs-build-bundle", "")]
    public async Task Job_WithoutABundleByItsDigest_EndsBeforeItHasCredentials(string workflow, string job, string input, string bundle)
    {
        var run = await JobSteps.RunAsync(_runner, workflow, job, new Dictionary<string, string>(Job) { [input] = bundle });

        Assert.Equal("failure", run.Outcome);
        Assert.Contains("The bundle must be named by its digest", run.Log, StringComparison.Ordinal);
        Assert.Empty(_tool.Calls);
    }

    // On a server of one's own the token of the job would go to a stranger.
    [Fact]
    public async Task Job_OnAServerOfOnesOwn_SendsNoTokenToGitHubsRegistry()
    {
        _runner.GitHub["server_url"] = "https://github.example.com";

        await JobSteps.RunAsync(_runner, "kubeapp-environment", "deploy", Job);

        Assert.False(_tool.Environments[0].ContainsKey("DOCKER_CONFIG"));
    }

    [Fact]
    public async Task Running_InEachEnvironment_IsGroupedByCommitInOrder()
    {
        Runs(("staging", "a1", "deploy", "null"), ("prod", "a1", "deploy", "null"), ("eu", "b2", "deploy", "null"), ("us", "a1", "deploy", "null"));

        Assert.Equal(
            """[{"commit":"a1","environments":["staging","prod"]},{"commit":"b2","environments":["eu"]},{"commit":"a1","environments":["us"]}]""",
            await ReleasesAsync("staging", "prod", "eu", "us"));
        Assert.Equal(["history", "--source=github", "--environment=staging", "--output=json", "--", "shop"], _tool.Calls[0]);
    }

    [Fact]
    public async Task Running_WhatWasRolledBackOrIsNotRecorded_IsLeftAlone()
    {
        Runs(("staging", "a1", "deploy:rollback", "null"), ("prod", "b2", "deploy", "null"), ("eu", "a1", "deploy", "3"));

        Assert.Equal("""[{"commit":"b2","environments":["prod"]}]""", await ReleasesAsync("staging", "prod", "eu", "us"));
    }

    private void Runs(params (string Environment, string Commit, string Task, string Restores)[] entries)
    {
        var cases = entries.Select(entry =>
            $$$"""--environment={{{entry.Environment}}}) echo '{"entries":[{"current":false,"commit":"c0"},{"current":true,"commit":"{{{entry.Commit}}}","task":"{{{entry.Task}}}","restores":{{{entry.Restores}}}}]}' ;;""");
        _tool.Does($$"""
            case $3 in
            {{string.Join('\n', cases)}}
            *) echo '{"entries":[]}' ;;
            esac
            """);
    }

    private async Task<string> ReleasesAsync(params string[] environments)
    {
        var run = await JobSteps.RunAsync(_runner, "kubeapp-scheduled", "running", new Dictionary<string, string>(Job) { ["environments"] = $"[\"{string.Join("\",\"", environments)}\"]" });
        Assert.True(run.Outcome == "success", run.Log);
        return run["running"].Outputs["releases"];
    }

    [Theory]
    [InlineData("[]", "failure")]
    [InlineData("\"prod\"", "failure")]
    [InlineData("[\"a\"]", "success")]
    [InlineData("[\"a\",\"b\",\"c\",\"d\",\"e\"]", "success")]
    [InlineData("[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]", "failure")]
    public async Task Build_WithAListOfEnvironments_TakesOneToFive(string environments, string outcome)
    {
        var run = await JobSteps.RunAsync(_runner, "kubeapp-deploy", "build", new Dictionary<string, string>(Job) { ["environments"] = environments });

        Assert.Equal(outcome, run.Outcome);
        Assert.Equal(outcome == "failure", run.Log.Contains("is a JSON list of 1 to 5 names", StringComparison.Ordinal));
    }
}

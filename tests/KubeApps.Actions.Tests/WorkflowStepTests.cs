using System.Text;
using KubeApps.Actions.Tests.Executing;
using KubeApps.Testing;

namespace KubeApps.Actions.Tests;

/// <summary>The jobs of the reusable workflows, step by step: what the tool is called with, and what is left when a job ends.</summary>
public sealed class WorkflowStepTests : IDisposable
{
    private const string Kubeconfig = "current-context: prod-eu\nusers: []";

    private static readonly Dictionary<string, string> s_job = new()
    {
        ["app"] = "shop",
        ["bundle"] = "oci://ghcr.io/team/shop@sha256:1234",
        ["environment"] = "prod",
        ["environments"] = "[\"staging\",\"prod\"]",
        ["event-number"] = "7",
        ["matrix-environment"] = "prod",
        ["needs-build-bundle"] = "oci://ghcr.io/team/shop@sha256:1234",
        ["project"] = "src/My Shop; touch x",
        ["secrets-KUBECONFIG"] = Kubeconfig,
        ["secrets-VARIABLES"] = "DB_PASSWORD=secret of the app",
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
        var run = await JobSteps.RunAsync(_runner, workflow, job, s_job);

        Assert.True(run.Outcome == "success", run.Log);
        var calls = new StringBuilder();
        foreach (var call in _tool.Calls)
            calls.Append("dotnet-kubeapp\n").AppendJoin("", call.Select(argument => $"  {argument.Replace(_runner.Temp, "RUNNER_TEMP", StringComparison.Ordinal)}\n"));
        Snapshot.Matches(calls.ToString(), $"{workflow}.{job}.txt");
        Assert.False(Directory.Exists(Path.Combine(_runner.Temp, "kubeapp-credentials")));
    }

    [Fact]
    public async Task Job_ThatFails_LeavesNoCredentialsEither()
    {
        _tool.Does("[ \"$1\" != deploy ] || { test -s \"$RUNNER_TEMP/kubeapp-credentials/kubeconfig\"; exit 3; }");

        var run = await JobSteps.RunAsync(_runner, "kubeapp-environment", "deploy", s_job);

        Assert.Equal("failure", run.Outcome);
        Assert.Equal("deploy", _tool.Calls[0][0]);
        Assert.False(Directory.Exists(Path.Combine(_runner.Temp, "kubeapp-credentials")));
    }

    [Fact]
    public async Task Job_ThatDeploys_HasTheVariablesOfTheAppAndTheLoginOfTheRegistry()
    {
        await JobSteps.RunAsync(_runner, "kubeapp-environment", "deploy", s_job);

        Assert.Equal("secret of the app", _tool.Environments[0]["DB_PASSWORD"]);
        Assert.EndsWith("kubeapp-credentials", _tool.Environments[0]["DOCKER_CONFIG"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vars-KUBEAPP_AWS_ROLE", "arn:of-the-environment", "arn:of-the-environment")]
    [InlineData("vars-KUBEAPP_AWS_ROLE", "", "arn:of-the-input")]
    public async Task Job_WithAVariableOfItsEnvironment_PrefersItToTheInput(string name, string value, string expected)
    {
        var run = await JobSteps.RunAsync(_runner, "kubeapp-environment", "deploy", new Dictionary<string, string>(s_job) { [name] = value, ["aws-role"] = "arn:of-the-input" });

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

        await JobSteps.RunAsync(_runner, "kubeapp-environment", "deploy", new Dictionary<string, string>(s_job) { ["registry"] = registry, ["secrets-REGISTRY_PASSWORD"] = password });

        var seen = Path.Combine(_runner.Temp, "seen.json");
        Assert.Equal(expected is not null, File.Exists(seen));
        if (expected is not null)
            Assert.Contains(Convert.ToBase64String(Encoding.UTF8.GetBytes($"kim:{expected}")), await File.ReadAllTextAsync(seen, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "failure")]
    [InlineData("\"prod\"", "failure")]
    [InlineData("[\"a\"]", "success")]
    [InlineData("[\"a\",\"b\",\"c\",\"d\",\"e\"]", "success")]
    [InlineData("[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]", "failure")]
    public async Task Build_WithAListOfEnvironments_TakesOneToFive(string environments, string outcome)
    {
        var run = await JobSteps.RunAsync(_runner, "kubeapp-deploy", "build", new Dictionary<string, string>(s_job) { ["environments"] = environments });

        Assert.Equal(outcome, run.Outcome);
        Assert.Equal(outcome == "failure", run.Log.Contains("is a JSON list of 1 to 5 names", StringComparison.Ordinal));
    }
}

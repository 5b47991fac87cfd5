using KubeApps.Actions.Tests.Checking;
using KubeApps.Actions.Tests.Executing;

namespace KubeApps.Actions.Tests;

/// <summary>The step of the scheduled workflow that compares what stands with what was deployed, executed as it stands there.</summary>
public sealed class DriftReportTests : IDisposable
{
    private readonly Runner _runner = new();
    private readonly FakeTool _tool;

    public DriftReportTests()
    {
        _tool = new FakeTool(_runner);
        var workflow = new YamlFile(".github/workflows/kubeapp-scheduled.yml", RepositoryFiles.Read()[".github/workflows/kubeapp-scheduled.yml"]);
        var script = workflow.Steps.Select(step => step.Value("run")).Single(run => run?.Contains("dotnet-kubeapp status", StringComparison.Ordinal) == true)!;
        _runner.Write("drift", $"""
            name: Drift
            description: The step
            runs:
              using: composite
              steps:
                - id: drift
                  shell: bash
                  run: |
                    {script.TrimEnd().Replace("\n", "\n        ", StringComparison.Ordinal)}
            """);
        foreach (var (name, value) in new Dictionary<string, string> { ["APP"] = "shop", ["CONTEXT"] = "prod-eu", ["ENVIRONMENT"] = "prod", ["FILE"] = "/secret folder/kubeconfig" })
            _runner.Env[name] = value;
    }

    public void Dispose() => _runner.Dispose();

    [Fact]
    public async Task Drift_NothingChanged_Succeeds()
    {
        _tool.Does("echo 'shop (prod) on context prod-eu'");

        var run = await _runner.RunAsync("drift", new Dictionary<string, string>());

        Assert.Equal(("success", "<pre>\nshop (prod) on context prod-eu\n</pre>\n"), (run.Outcome, run.Summary));
        Assert.Equal(["status", "--detailed-exitcode", "--environment=prod", "--context=prod-eu", "--kubeconfig=/secret folder/kubeconfig", "--namespace=shop-prod", "--", "shop"], Assert.Single(_tool.Calls));
    }

    [Fact]
    public async Task Drift_NamespaceAndNoContext_AreHandedOver()
    {
        (_runner.Env["CONTEXT"], _runner.Env["NAMESPACE"]) = ("", "shop-eu");

        await _runner.RunAsync("drift", new Dictionary<string, string>());

        Assert.Equal(["status", "--detailed-exitcode", "--environment=prod", "--kubeconfig=/secret folder/kubeconfig", "--namespace=shop-eu", "--", "shop"], Assert.Single(_tool.Calls));
    }

    [Fact]
    public async Task Drift_CouldNotBeLookedFor_FailsAndDoesNotSaySo()
    {
        _tool.Does("echo '::error::no access' >&2; exit 1");

        var run = await _runner.RunAsync("drift", new Dictionary<string, string>());

        Assert.Equal(("failure", ""), (run.Outcome, run.Summary));
        Assert.DoesNotContain("Not all is as it was deployed", run.Log, StringComparison.Ordinal);
        Assert.Contains("could not be looked at", run.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drift_SomethingChanged_FailsAndShowsWhatAClusterSaysAsTextAlone()
    {
        _tool.Does("printf '%s\\n' 'changed </pre><img src=x> & [x](y)' '::set-output name=x::y'; exit 2");

        var run = await _runner.RunAsync("drift", new Dictionary<string, string>());

        Assert.Equal(("failure", "<pre>\nchanged &lt;/pre&gt;&lt;img src=x&gt; &amp; [x](y)\n::set-output name=x::y\n</pre>\n"), (run.Outcome, run.Summary));
        Assert.Equal("::error title=dotnet kubeapp::Not all is as it was deployed: see the summary.\n", run.Log);
    }
}

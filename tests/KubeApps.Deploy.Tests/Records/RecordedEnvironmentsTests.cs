using System.Text.Json.Nodes;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Deploy.Tests.Records;

/// <summary>What GitHub is owed of an app that stands, and stood, several times on a cluster.</summary>
public sealed class RecordedEnvironmentsTests(SandboxCluster cluster, GitHubStandIn github) : IClassFixture<SandboxCluster>
{
    [Fact]
    public async Task Sync_OfAnAppInSeveralNamespaces_DeliversForAllAndForThoseThatAreGone()
    {
        cluster.RequireSandbox();
        using var app = new RecordedApp(cluster, await github.NewRepositoryAsync(), "recorded-often");
        app.GitHub.Next(1000, Fault.Answer(503));
        string[] namespaces = ["often-pr-1", "often-pr-2", "often-pr-3"];
        foreach (var ns in namespaces)
            Assert.Equal(0, (await app.DeployAsync(app.Version("1"), ns, "-n", ns)).ExitCode);
        Assert.Equal(0, (await app.RunAsync(["destroy", app.Name, "-n", namespaces[2], "-y"], "4")).ExitCode);
        Assert.Empty(app.Deployments);
        app.GitHub.ForgetFaults();

        var sync = await app.RunAsync(["record", "sync", app.Name, "-o", "json"], "5");

        Assert.True(sync.ExitCode == 0, sync.Error);
        Assert.Equal(["deploy", "deploy", "deploy", "deploy:destroy"], app.Deployments.Select(item => item.Task).Order());
        Assert.DoesNotContain(app.Deployments, item => item.State is "queued" or "in_progress");
        var document = JsonNode.Parse(sync.Output)!;
        Assert.Equal(namespaces[..2], document["environments"]!.AsArray().Select(item => (string?)item!["namespace"]));
        Assert.Equal(app.Name, (string?)document["app"]);

        // All are gone: there is a document all the same.
        foreach (var ns in namespaces[..2])
            Assert.Equal(0, (await app.RunAsync(["destroy", app.Name, "-n", ns, "-y"], "6")).ExitCode);
        var none = await app.RunAsync(["record", "sync", app.Name, "-o", "json"], "7");
        Assert.Equal((0, "[]"), (none.ExitCode, JsonNode.Parse(none.Output)!["environments"]!.ToJsonString()));
    }

    [Fact]
    public async Task Destroy_OfTransientEnvironments_SaysWhichRecordsItMadeAndRetired()
    {
        cluster.RequireSandbox();
        using var app = new RecordedApp(cluster, await github.NewRepositoryAsync(), "recorded-briefly");
        foreach (var number in (string[])["1", "2"])
            Assert.Equal(0, (await app.DeployAsync(app.Version("1"), number, "-n", $"briefly-pr-{number}", "--transient", "--github-environment", $"pr-{number}")).ExitCode);

        var destroy = await app.RunAsync(["destroy", app.Name, "--transient", "-y", "-o", "json"], "3");

        Assert.True(destroy.ExitCode == 0, destroy.Error);
        Assert.Equal(
            ["pr-1: inactive", "pr-2: inactive"],
            JsonNode.Parse(destroy.Output)!["environments"]!.AsArray().Select(item => $"{item!["record"]!["environment"]}: {item["record"]!["state"]}"));
        Assert.All(app.Deployments, item => Assert.True(item.IsTransient));
    }
}

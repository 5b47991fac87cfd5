using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests;

/// <summary>Revisions and going back, against the real sandbox.</summary>
public sealed class SandboxRollbackTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rollback_ToTheVersionBefore_RestoresConfigurationServicesAndPodsAsANewRevision()
    {
        var first = await DeployAsync(Bundle("shop", Patience, Config("settings-1"), cluster.Web(1, "settings-1"), WebService));
        var extra = (JsonObject)WebService.Content.DeepClone();
        extra["metadata"]!["name"] = "extra";
        var changed = (JsonObject)WebService.Content.DeepClone();
        changed["spec"]!["ports"]![0]!["port"] = 81;
        await DeployAsync(Bundle("shop", Patience, Config("settings-2"), cluster.Web(2, "settings-2"), ("main", changed), ("main", extra)));
        var templates = await TemplatesAsync("shop");

        var back = await RollbackAsync("shop");

        Assert.Equal((DeployOutcome.Deployed, 3), (back.Outcome, back.Revision));
        var web = await cluster.Client.GetAsync(ResourceType.Deployment, "shop", "web", Token);
        Assert.Equal("settings-1", (string?)Env(web!)["valueFrom"]!["configMapKeyRef"]!["name"]);
        Assert.Equal(1, (int?)web!["spec"]!["replicas"]);
        Assert.Equal(80, (int?)(await cluster.Client.GetAsync(ResourceType.Service, "shop", "web", Token))!["spec"]!["ports"]![0]!["port"]);
        Assert.Null(await cluster.Client.GetAsync(ResourceType.Service, "shop", "extra", Token));
        Assert.Equal(first.Urls, back.Urls);
        // The very ReplicaSet of the first version, not a third one.
        Assert.Equal(templates, await TemplatesAsync("shop"));
        var history = await HistoryAsync("shop");
        Assert.Equal([(1, RevisionOutcome.Deployed, null), (2, RevisionOutcome.Deployed, null), (3, RevisionOutcome.Deployed, 1)], history.Select(item => (item.Number, item.State.Outcome, item.Restores)));
        Assert.Equal(history[0].Hash, history[2].Hash);
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(Bundle("shop", Patience, Config("settings-1"), cluster.Web(1, "settings-1"), WebService))).Outcome);
    }

    [Fact]
    public async Task Deploy_NewVersionCrashes_ReturnsToTheOldOneWhichServedAllAlong()
    {
        var good = await DeployAsync(Bundle("falling", Patience, cluster.Web(1), WebService));
        var pods = await PodsAsync("falling");
        var log = new EventLog();

        var result = await DeployAsync(Bundle("falling", Patience, cluster.Web(1, null, null, "exit", "3", "no database here"), WebService), log);

        Assert.Equal((DeployOutcome.RolledBack, 3, 1), (result.Outcome, result.ExitCode, result.RolledBackTo));
        Assert.Equal(["KUBEAPP6013", "KUBEAPP7008"], result.Diagnostics.Select(diagnostic => diagnostic.Code));
        Assert.Contains("falling is back at revision 1, as revision 3.", result.Diagnostics[1].Cause, StringComparison.Ordinal);
        using var http = new HttpClient();
        Assert.StartsWith("hello from web-", await http.GetStringAsync(Assert.Single(good.Urls), Token), StringComparison.Ordinal);
        Assert.Equal(pods, await PodsAsync("falling"));
        var history = await HistoryAsync("falling");
        Assert.Equal([RevisionOutcome.Deployed, RevisionOutcome.RolledBack, RevisionOutcome.Deployed], history.Select(item => item.State.Outcome));
        Assert.Contains("exit code 3", history[1].State.Cause, StringComparison.Ordinal);
        Assert.True(history[1].State.Cause!.Length <= 140);
    }

    [Fact]
    public async Task Deploy_NewVersionFailsAndIsToStay_LeavesItThere()
    {
        await DeployAsync(Bundle("staying", Patience, cluster.Web(1)));

        var result = await new Deployer(cluster.Connection, _ => null).RunAsync(
            new DeployRequest(Bundle("staying", Patience, cluster.Web(1, null, null, "exit", "3")), "local") { RollbackOnFailure = false }, new EventLog(), Token);

        Assert.Equal((DeployOutcome.Failed, 1), (result.Outcome, result.ExitCode));
        Assert.Equal([RevisionOutcome.Deployed, RevisionOutcome.Failed], (await HistoryAsync("staying")).Select(item => item.State.Outcome));
        Assert.Equal(DeployOutcome.Deployed, (await RollbackAsync("staying")).Outcome);
    }

    [Fact]
    public async Task Deploy_FirstVersionFails_SaysThatThereIsNothingToReturnTo()
    {
        var result = await DeployAsync(Bundle("firstborn", Patience, cluster.Web(1, null, null, "exit", "3")));

        Assert.Equal((DeployOutcome.Failed, 1), (result.Outcome, result.ExitCode));
        Assert.Equal(["KUBEAPP6013", "KUBEAPP7004"], result.Diagnostics.Select(diagnostic => diagnostic.Code));
    }

    private Task<DeployResult> DeployAsync(Bundle bundle, EventLog? log = null, string? password = null) =>
        new Deployer(cluster.Connection, _ => password).RunAsync(new DeployRequest(bundle, "local"), log ?? new EventLog(), Token);

    private async Task<DeployResult> RollbackAsync(string app, int? to = null)
    {
        var target = await Rollback.FindTargetAsync(cluster.Client, await FindAsync(app), to, Token);
        return await new Deployer(cluster.Connection, _ => null).RunAsync(Rollback.To(target, new Author("tester")), new EventLog(), Token);
    }

    private Task<Inventory> FindAsync(string app) => new AppLocator(cluster.Client).FindAsync(app, null, null, null, "sandbox", Token);

    private Task<IReadOnlyList<Revision>> HistoryAsync(string app) => new RevisionStore(cluster.Client).ListAsync(app, app, Token);

    private async Task<IReadOnlyList<string>> TemplatesAsync(string ns) =>
        [.. (await cluster.Client.ListAsync(ResourceType.ReplicaSet, ns, null, Token)).Items.Select(item => (string)item["metadata"]!["uid"]!).Order()];

    private async Task<IReadOnlyList<string>> PodsAsync(string ns) =>
        [.. (await cluster.Client.ListAsync(ResourceType.Pod, ns, null, Token)).Items
            .Where(item => item["metadata"]!["deletionTimestamp"] is null).Select(item => (string)item["metadata"]!["uid"]!).Order()];

    private static JsonNode Env(JsonObject deployment) => deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]![0]!;
}

using System.Text.Json.Nodes;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Planning;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Rollouts;

/// <summary>An app whose workloads stand in several namespaces.</summary>
public sealed class SeveralNamespacesTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_AWorkloadFailsWhileAnotherIsWaitedForElsewhere_SaysSoAtOnce()
    {
        var result = await DeployAsync("spread", cluster.Web(1, "nosuch"), cluster.Web(1, null, null, "serve", "sick"));

        // The other one would be given up for its progress deadline, a minute later.
        var failure = Assert.Single(result.Failures);
        Assert.Equal((DeployOutcome.Failed, "KUBEAPP6021", "Deployment spread/web"), (result.Outcome, failure.Code, failure.Workload));
    }

    [Fact]
    public async Task Status_OfWorkloadsOfOneNameInTwoNamespaces_SaysHowEachStands()
    {
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync("twins", cluster.Web(1), cluster.Web(2))).Outcome);
        var inventory = await InventoryAsync("twins");

        var status = await AppStatus.ReadAsync(cluster.Client, inventory, "sandbox", Token);

        Assert.True(status.IsHealthy);
        Assert.Equal([("twins", 1), ("twins-more", 2)], status.Workloads.Select(item => (item.Id.Namespace!, item.Status.Ready)).Order());
        Assert.Equal(3, status.Pods.Count);

        var pods = new HashSet<string>();
        await foreach (var line in new AppLogs(cluster.Client, new EventLog()).ReadAsync(inventory, new LogQuery(false, null, null, null, false), Token))
            pods.Add(line.Pod);
        Assert.Equal(status.Pods.Select(pod => pod.Name).Order(), pods.Order());
    }

    /// <summary>One in the app's own namespace, the other beside it.</summary>
    private async Task<DeployResult> DeployAsync(string app, (string, JsonObject) one, (string Phase, JsonObject Content) other)
    {
        other.Content["metadata"]!["namespace"] = $"{app}-more";
        (string, JsonObject) home = ("main", Parse($$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{app}}-more"} }"""));
        return await new Deployer(cluster.Connection, _ => null).RunAsync(
            new DeployRequest(Bundle(app, TimeSpan.FromMinutes(5), home, one, other), "local"), new EventLog(), Token);
    }

    private Task<Inventory> InventoryAsync(string app) => new AppLocator(cluster.Client).FindAsync(app, null, null, null, "sandbox", Token);
}

using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>A full update that begins between the choice of a cluster and the write: it is looked for under the lock.</summary>
public sealed class UpdatesUnderWayTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly FullUpdate Update = new("moving-1", "moving-2", UpdatePhase.Held, DateTimeOffset.UnixEpoch, new UpdateTerms("2"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_ToAClusterThatAFullUpdateHas_AreRefusedUnderTheLock()
    {
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync("one")).Outcome);
        await cluster.Client.ApplyAsync(ResourceType.ConfigMap, FullUpdateObject.Of(Update, "moving", "moving"), dryRun: false, Token);
        var inventory = (await InventoryStore.ReadAsync(cluster.Client, "moving", "moving", Token))!;

        var deploy = await DeployAsync("two");
        var destroy = await Assert.ThrowsAsync<DiagnosticException>(() => new AppDestroyer(cluster.Client, new EventLog()).RunAsync(inventory, false, Token));
        var scale = await Assert.ThrowsAsync<DiagnosticException>(() => new AppScaler(cluster.Client, new EventLog()).ScaleAsync(inventory, "web", 2, false, Token));

        Assert.Equal((DeployOutcome.Failed, false), (deploy.Outcome, deploy.HasApplied));
        Assert.Equal(["KUBEAPP7215", "KUBEAPP7215", "KUBEAPP7215"], new[] { deploy.Diagnostics[0], destroy.Diagnostics[0], scale.Diagnostics[0] }.Select(item => item.Code));
        // The lock was let go of; what stands is none of it, and the update's own deploy, or that of who names the cluster, goes in.
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync("one")).Outcome);
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync("two", mayBeInUpdate: true)).Outcome);
    }

    private Task<DeployResult> DeployAsync(string value, bool mayBeInUpdate = false) => new Deployer(cluster.Connection with { MayBeInUpdate = mayBeInUpdate }, _ => null).RunAsync(
        new DeployRequest(SandboxCluster.Bundle("moving", TimeSpan.FromMinutes(1), Config(value)), "local"), new EventLog(), Token);

    private static (string Phase, JsonObject Content) Config(string value)
    {
        var (phase, content) = SandboxCluster.Config("settings");
        content["data"] = new JsonObject { ["value"] = value };
        return (phase, content);
    }
}

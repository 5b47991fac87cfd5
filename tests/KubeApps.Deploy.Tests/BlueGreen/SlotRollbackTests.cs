using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>A revision of an app with slots is returned to as it was deployed: beside what serves.</summary>
public sealed class SlotRollbackTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rollback_OfAnAppWithSlots_BringsTheOldVersionUpBesideTheNewOne()
    {
        var app = new SlottedApp(cluster, "back");
        var rolling = app.Version("serve", "zero");
        await app.DeployAsync(rolling with { Environments = [.. rolling.Environments.Select(item => item with { Strategy = item.Strategy with { Kind = "rolling" } })] });
        await app.DeployAsync(app.Version("serve", "one"));
        await app.DeployAsync(app.Version("serve", "two"));
        Assert.Equal(("web-green", "two"), await ServingAsync());

        // To the version before.
        var back = await RollbackAsync(app, null);
        Assert.Equal((DeployOutcome.Deployed, 2), (back.Outcome, back.RolledBackTo));
        Assert.Contains("switch", back.Steps.Select(step => step.Id));
        Assert.Equal(("web-blue", "one"), await ServingAsync());

        // From one that is held: what serves stays, and the other one goes.
        await app.DeployAsync(app.Version("serve", "three"), hold: true);
        var serving = await cluster.Client.GetAsync(ResourceType.Deployment, "back", "web-blue", Token);
        Assert.Equal(DeployOutcome.Deployed, (await RollbackAsync(app, 4)).Outcome);
        Assert.Equal(("web-blue", "one"), await ServingAsync());
        Assert.Equal((string?)serving!["metadata"]!["uid"], (string?)(await cluster.Client.GetAsync(ResourceType.Deployment, "back", "web-blue", Token))!["metadata"]!["uid"]);

        // To one from when it was updated in place.
        Assert.Equal(DeployOutcome.Deployed, (await RollbackAsync(app, 1)).Outcome);
        Assert.Equal(("web", "zero"), await ServingAsync());
        Assert.Null((await app.InventoryAsync()).Rollout);
    }

    private async Task<DeployResult> RollbackAsync(SlottedApp app, int? number)
    {
        var target = await Rollback.FindTargetAsync(cluster.Client, await app.InventoryAsync(), number, Token);
        return await new Deployer(cluster.Connection, _ => null).RunAsync(Rollback.To(target, new Author("tester")), new EventLog(), Token);
    }

    /// <summary>The only Deployment that stands, to which the Service leads, and what it was told.</summary>
    private async Task<(string Name, string Version)> ServingAsync()
    {
        var deployment = Assert.Single((await cluster.Client.ListAsync(ResourceType.Deployment, "back", null, Token)).Items);
        var template = deployment["spec"]!["template"]!;
        var service = await cluster.Client.GetAsync(ResourceType.Service, "back", "web", Token);
        Assert.True(Selector.Of(service!["spec"]!["selector"])!.Matches(template["metadata"]!["labels"]));
        return ((string)deployment["metadata"]!["name"]!, (string)template["spec"]!["containers"]![0]!["args"]!.AsArray()[^1]!);
    }
}

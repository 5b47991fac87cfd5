using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>A revision of an app with slots is returned to as it was deployed: beside what serves.</summary>
public sealed class SlotRollbackTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rollback_OfAnAppWithSlots_BringsTheOldVersionUpBesideTheNewOne()
    {
        var app = new SlottedApp(cluster, "back");
        await app.DeployAsync(app.Version("serve", "zero").Deployed("rolling"));
        await app.DeployAsync(app.Version("serve", "one"));
        await app.DeployAsync(app.Version("serve", "two"));
        Assert.Equal(("web-green", "two"), await ServingAsync());

        // To the version before.
        var back = await app.RollBackAsync(null);
        Assert.Equal((DeployOutcome.Deployed, 2), (back.Outcome, back.RolledBackTo));
        Assert.Contains("switch", back.Steps.Select(step => step.Id));
        Assert.Equal(("web-blue", "one"), await ServingAsync());

        // From one that is held: what serves stays, and the other one goes.
        await app.DeployAsync(app.Version("serve", "three"), hold: true);
        var serving = await cluster.Client.GetAsync(ResourceType.Deployment, "back", "web-blue", Token);
        Assert.Equal(DeployOutcome.Deployed, (await app.RollBackAsync(4)).Outcome);
        Assert.Equal(("web-blue", "one"), await ServingAsync());
        Assert.Equal((string?)serving!["metadata"]!["uid"], (string?)(await cluster.Client.GetAsync(ResourceType.Deployment, "back", "web-blue", Token))!["metadata"]!["uid"]);

        // To one from when it was updated in place.
        Assert.Equal(DeployOutcome.Deployed, (await app.RollBackAsync(1)).Outcome);
        Assert.Equal(("web", "zero"), await ServingAsync());
        Assert.Null((await app.InventoryAsync()).Rollout);
    }

    [Fact]
    public async Task Rollback_OfAnAppWhoseNewVersionsWaitForAPerson_DoesNotWait()
    {
        var app = new SlottedApp(cluster, "waiting");
        foreach (var version in (string[])["one", "two"])
        {
            var deployed = await app.DeployAsync(app.Resting(version).HeldByStrategy());
            Assert.Equal(version == "one" ? DeployOutcome.Deployed : DeployOutcome.Held, deployed.Outcome);
        }

        Assert.Equal(DeployOutcome.Deployed, (await app.PromoteAsync()).Outcome);
        await app.RequireAloneAsync(app.Resting("two"), "promoted");

        Assert.Equal(DeployOutcome.Deployed, (await app.RollBackAsync(null)).Outcome);

        await app.RequireAloneAsync(app.Resting("one"), "back");
    }

    // How many there are is about the load of today, not about the version.
    [Fact]
    public async Task Rollback_OfAnAppThatSomebodyScaled_KeepsItsSize()
    {
        var app = new SlottedApp(cluster, "grown");
        await app.DeployAsync(app.Version("serve", "one"));
        await app.DeployAsync(app.Version("serve", "two"));
        await cluster.KubectlAsync("scale deployment web-green -n grown --replicas=2");

        Assert.Equal(DeployOutcome.Deployed, (await app.RollBackAsync(null)).Outcome);

        Assert.Equal(2, (int)(await cluster.Client.GetAsync(ResourceType.Deployment, "grown", "web-blue", Token))!["spec"]!["replicas"]!);
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

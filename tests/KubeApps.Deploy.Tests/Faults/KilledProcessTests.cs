using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Revisions;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>The real tool is killed (SIGKILL) at each write of a deploy; the next deploy finishes the work.</summary>
public sealed class KilledProcessTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // After each write, which is before the next one.
    [Fact]
    public async Task Deploy_KilledAfterEachWrite_IsFinishedByTheNextOne()
    {
        var tool = new KilledTool(cluster);
        var killed = await KilledTool.AtEachWriteAsync(async index =>
        {
            var app = $"killed-{index}";
            var bundle = BundleOf(app);
            if (await tool.DeployAsync(bundle, new KillPoint(index), Token) is not { } at)
                return null;

            var finished = await DeployAsync(bundle);

            Assert.True(
                finished.Outcome == DeployOutcome.Deployed || (finished.Outcome == DeployOutcome.Unchanged && index > 6),
                $"{at}: {finished.Outcome} {string.Join(' ', finished.Diagnostics)}");
            await VerifyAsync(app, at);
            return at;
        });

        // A revision is written beside the inventory: which of the two is the n-th write is chance in each run.
        foreach (var part in (string[])["namespaces/", "leases", "inventory", "deployments/web", "services/web"])
            Assert.Contains(killed, request => request.Contains(part, StringComparison.Ordinal));
    }

    // It is killed at each write after the one that says that the new version failed: on its way back to the version before.
    [Fact]
    public async Task Deploy_KilledAtEachWriteOfItsAutomaticRollback_IsTakenBackOrFollowedByTheNextOne()
    {
        var tool = new KilledTool(cluster);
        var killed = await KilledTool.AtEachWriteAsync(async index =>
        {
            var app = $"killed-return-{index}";
            Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(BundleOf(app))).Outcome);
            var point = new KillPoint(index) { From = RevisionObject.NameOf(app, 2) };
            if (await tool.DeployAsync(BundleOf(app, "2", isBroken: true), point, Token, ExitCodes.RolledBack) is not { } at)
                return null;

            var isBroken = index % 2 == 0;
            var next = await DeployAsync(BundleOf(app, isBroken ? "2" : "3", isBroken));

            Assert.True(
                isBroken ? next.Outcome == DeployOutcome.RolledBack : next.Outcome is DeployOutcome.Deployed,
                $"{at}: {next.Outcome} {string.Join(' ', next.Diagnostics)}");
            await VerifyAsync(app, at);
            var web = await cluster.Client.GetAsync(ResourceType.Deployment, app, "web", Token);
            Assert.True((string?)web!["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] == $"registry.example/web:{(isBroken ? "1" : "3")}", at);
            return at;
        });

        foreach (var part in (string[])["inventory", "revision", "deployments/web"])
            Assert.Contains(killed, request => request.Contains(part, StringComparison.Ordinal));
    }

    private Task<DeployResult> DeployAsync(Bundle bundle) =>
        new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), new EventLog(), Token);

    private async Task VerifyAsync(string app, string at)
    {
        var stands = new List<string>();
        foreach (var type in (ResourceType[])[ResourceType.ConfigMap, ResourceType.Service, ResourceType.Deployment, ResourceType.Lease])
            stands.AddRange((await cluster.Client.ListAsync(type, app, null, Token)).Items.Select(item => $"{type.Kind} {item["metadata"]!["name"]}"));
        stands.RemoveAll(item => item.Contains("kubeapp-revision-", StringComparison.Ordinal));
        string[] wanted = ["ConfigMap kube-root-ca.crt", $"ConfigMap kubeapp-inventory-{app}", "ConfigMap settings", "Deployment web", "Service web"];
        // A lock whose release was cut is over by itself.
        Assert.True(wanted.SequenceEqual(stands.Where(item => !item.StartsWith("Lease", StringComparison.Ordinal)).Order(StringComparer.Ordinal)), $"{at}: {string.Join(", ", stands)}");
        var inventory = await new AppLocator(cluster.Client).FindAsync(app, null, null, null, "sandbox", Token);
        Assert.True(inventory.IsComplete, at);
        // What was cut is known to be over; of one that was cut at its very end, it is known that it ended well.
        Assert.All(
            (await new RevisionStore(cluster.Client).ListAsync(app, app, Token)).Where(revision => revision.State.Outcome == RevisionOutcome.Deploying),
            revision => Assert.Equal(RevisionOutcome.Deployed, RevisionRules.Settled(revision, inventory)));
    }

    // No image can be pulled here, so that a version that wants a pod is a broken one.
    private static Bundle BundleOf(string app, string version = "1", bool isBroken = false) => Bundle(app, TimeSpan.FromSeconds(60), Config("settings"), WebService, ("main", Parse($$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":{{(isBroken ? 1 : 0)}},
         "selector":{"matchLabels":{"app":"web"} },"template":{"metadata":{"labels":{"app":"web"} },"spec":{"containers":[{"name":"web","image":"registry.example/web:{{version}}"}]} } } }
        """)));
}

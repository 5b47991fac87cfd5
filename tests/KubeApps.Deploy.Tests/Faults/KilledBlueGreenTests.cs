using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Switching;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>
/// The real tool is killed (SIGKILL) after each write of a blue/green deploy, which is before the next one. Whoever comes next finishes it, or returns to the
/// version before: every Service leads to one version at every moment, never to both, never to none, and nothing is left over.
/// </summary>
public sealed class KilledBlueGreenTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly string[] Services = ["web", "admin"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("blueGreen", "rolling")]
    [InlineData("rolling", "blueGreen")]
    [InlineData("blueGreen", "blueGreen")]
    public async Task Deploy_KilledAtEachWrite_IsFinishedOrTakenBackByTheNextRun(string before, string after)
    {
        var tool = new KilledTool(cluster);
        var killed = await KilledTool.AtEachWriteAsync(async index =>
        {
            var app = $"killed-{before}-{after}-{index}".ToLowerInvariant();
            Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(BundleOf(app, "1", before))).Outcome);
            var stood = await StandingAsync(app);
            await using var traffic = await TrafficHistory.BeginAsync(cluster.Client, app);
            if (await tool.DeployAsync(BundleOf(app, "2", after), new KillPoint(index), Token) is not { } at)
                return null;
            await ((index % 3) switch
            {
                0 => FinishAsync(app, after, at, resume: false, traffic),
                1 => FinishAsync(app, after, at, resume: true, traffic),
                _ => AbortAsync(app, before, stood, at, traffic),
            });
            return at;
        });

        RequireEachPart(killed);
    }

    [Theory]
    [InlineData("abort")]
    [InlineData("promote")]
    public async Task PromoteOrAbort_KilledAtEachWrite_IsFinishedByTheNextRun(string command)
    {
        var tool = new KilledTool(cluster);
        var killed = await KilledTool.AtEachWriteAsync(async index =>
        {
            var app = $"killed-{command}-{index}";
            Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(BundleOf(app, "1", "blueGreen"))).Outcome);
            var stood = await StandingAsync(app);
            // What is aborted serves already, beside the version before; what is promoted waits for it.
            var beside = await new Deployer(cluster.Connection, _ => null).RunAsync(
                new DeployRequest(BundleOf(app, "2", "blueGreen", command == "abort" ? TimeSpan.FromHours(1) : null), "local") { Hold = command == "promote", Soak = false }, new EventLog(), Token);
            Assert.Equal(command == "promote" ? RolloutPhase.Held : RolloutPhase.Soaking, beside.Rollout?.Phase);
            await using var traffic = await TrafficHistory.BeginAsync(cluster.Client, app);
            if (await tool.RunAsync(app, command, new KillPoint(index), Token) is not { } at)
                return null;
            // The same again, or a deploy: of another version after an abort, of this one after a promote.
            var (isAbort, isSame) = (command == "abort", index % 2 == 0);
            var inventory = await InventoryAsync(app);
            if (isSame && inventory.Rollout!.IsUnderWay)
            {
                var operations = new SlotOperations(cluster.Connection, _ => null, new EventLog());
                var again = await (isAbort ? operations.AbortAsync(inventory, new SlotOptions(), Token) : operations.PromoteAsync(inventory, new SlotOptions(), Token));
                Assert.True(again.ExitCode == 0, $"{at}: {again.Outcome} {string.Join(' ', again.Diagnostics)}");
                Assert.True(!isAbort || stood.SequenceEqual(await StandingAsync(app)), at);
            }

            await traffic.RequireOneVersionAsync(at, Services);
            var version = !isAbort ? "2" : isSame ? "1" : "3";
            var deployed = await DeployAsync(BundleOf(app, version, "blueGreen"));
            Assert.True(deployed.ExitCode == 0, $"{at}: {deployed.Outcome} {string.Join(' ', deployed.Diagnostics)}");
            // A third version takes the place of the second in its slot, which leaves an empty ReplicaSet there.
            if (version != "3")
                await traffic.RequireOneVersionAsync(at, Services);
            await VerifyAsync(app, version, "blueGreen", at);
            return at;
        });

        RequireEachPart(killed);
    }

    /// <summary>A revision is written beside the inventory: which of the two is the n-th write is chance in each run.</summary>
    private static void RequireEachPart(IReadOnlyList<string> killed)
    {
        foreach (var part in (string[])["leases", "inventory", "deployments/web", "services/web", "services/admin"])
            Assert.Contains(killed, request => request.Contains(part, StringComparison.Ordinal));
    }

    private async Task FinishAsync(string app, string strategy, string at, bool resume, TrafficHistory traffic)
    {
        var inventory = await InventoryAsync(app);
        // What was cut before its first word, or after its last, has nothing to be resumed.
        var finished = await DeployAsync(BundleOf(app, "2", strategy), resume && !inventory.IsComplete);

        Assert.True(finished.ExitCode == 0, $"{at}: {finished.Outcome} {string.Join(' ', finished.Diagnostics)}");
        await traffic.RequireOneVersionAsync(at, Services);
        await VerifyAsync(app, "2", strategy, at);
    }

    private async Task AbortAsync(string app, string strategy, IReadOnlyList<string> stood, string at, TrafficHistory traffic)
    {
        var inventory = await InventoryAsync(app);
        if (inventory.Rollout is not { CanBeTakenBack: true })
        {
            // Not begun, or done, or the old version is half deleted: there is nothing to take back.
            Assert.Equal(DeployOutcome.Failed, (await new SlotOperations(cluster.Connection, _ => null, new EventLog()).AbortAsync(inventory, new SlotOptions(), Token)).Outcome);
            await traffic.RequireOneVersionAsync(at, Services);
            Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(BundleOf(app, "4", strategy))).Outcome);
            await VerifyAsync(app, "4", strategy, at);
            return;
        }

        var aborted = await new SlotOperations(cluster.Connection, _ => null, new EventLog()).AbortAsync(inventory, new SlotOptions(), Token);

        Assert.True(aborted.Outcome == DeployOutcome.Aborted, $"{at}: {aborted.Outcome} {string.Join(' ', aborted.Diagnostics)}");
        await traffic.RequireOneVersionAsync(at, Services);
        var stands = await StandingAsync(app);
        Assert.True(
            stood.SequenceEqual(stands),
            $"{at}: {string.Join(", ", stands)} in place of {string.Join(", ", stood)}");
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(BundleOf(app, "3", strategy))).Outcome);
        await VerifyAsync(app, "3", strategy, at);
    }

    /// <summary>One version stands, it is the one that is wanted, and the Service leads to it alone.</summary>
    private async Task VerifyAsync(string app, string version, string strategy, string at)
    {
        var deployment = Assert.Single((await cluster.Client.ListAsync(ResourceType.Deployment, app, null, Token)).Items);
        Assert.True((string?)deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] == $"registry.example/web:{version}", at);
        var slot = Slots.Parse((string?)deployment["metadata"]!["labels"]?[Slots.Label]);
        Assert.True((strategy == "rolling") == (slot is null), at);
        foreach (var name in Services)
        {
            var service = await cluster.Client.GetAsync(ResourceType.Service, app, name, Token);
            Assert.True($"{Selector.Of(service!["spec"]!["selector"])}" == (slot is { } known ? $"app=web,{Slots.Label}={known.Word()}" : "app=web"), $"{at}: {service["spec"]!["selector"]}");
        }

        var inventory = await InventoryAsync(app);
        Assert.True(inventory is { IsComplete: true, Rollout: null or { Phase: RolloutPhase.Steady } }, at);
        var listed = inventory.Items.Select(item => $"{item.Id.Kind} {item.Id.Name}").ToHashSet();
        Assert.All((await StandingAsync(app)).Select(item => item.Split(" = ")[0]), item => Assert.Contains(item, listed));
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(BundleOf(app, version, strategy))).Outcome);
    }

    private async Task<IReadOnlyList<string>> StandingAsync(string app)
    {
        var stands = new List<string>();
        foreach (var type in (ResourceType[])[ResourceType.Service, ResourceType.Deployment])
            stands.AddRange((await cluster.Client.ListAsync(type, app, null, Token)).Items.Select(item =>
                $"{type.Kind} {item["metadata"]!["name"]} = {(type == ResourceType.Service ? Selector.Of(item["spec"]?["selector"]) : item["metadata"]!["uid"])}"));
        return [.. stands.Order(StringComparer.Ordinal)];
    }

    private async Task<Inventory> InventoryAsync(string app) =>
        Inventory.FromObject(await cluster.Client.GetAsync(ResourceType.ConfigMap, app, Inventory.NameOf(app), Token))!;

    private Task<DeployResult> DeployAsync(Bundle bundle, bool resume = false) => new Deployer(cluster.Connection, _ => null)
        .RunAsync(new DeployRequest(bundle, "local") { Resume = resume }, new EventLog(), Token);

    private static (string Phase, JsonObject Content) Admin => ("main", Parse(
        """{"apiVersion":"v1","kind":"Service","metadata":{"name":"admin"},"spec":{"selector":{"app":"web"},"ports":[{"name":"http","port":8080}]}}"""));

    private static Bundle BundleOf(string app, string version, string strategy, TimeSpan? keepOld = null)
    {
        var bundle = Bundle(app, TimeSpan.FromSeconds(60), Config("settings"), WebService, Admin, ("main", Parse($$"""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":0,
             "selector":{"matchLabels":{"app":"web"} },"template":{"metadata":{"labels":{"app":"web"} },"spec":{"containers":[{"name":"web","image":"registry.example/web:{{version}}"}]} } } }
            """)));
        return bundle with
        {
            Environments = [.. bundle.Environments.Select(item => item with { Strategy = item.Strategy with { Kind = strategy, KeepOld = keepOld ?? TimeSpan.Zero } })],
        };
    }
}

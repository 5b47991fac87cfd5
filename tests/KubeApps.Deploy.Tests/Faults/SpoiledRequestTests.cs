using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Targets;
using KubeApps.Deploy.Tests.BlueGreen;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>Any one request of a deploy goes wrong, each in turn: the deploy ends well, and every object stands once.</summary>
public sealed class SpoiledRequestTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    // As many as a deploy of this size cannot have: an endless loop would be a fault of the test.
    private const int Many = 200;

    // They wait, most of the time.
    private const int AtOnce = 16;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Fault.CutBefore)]
    [InlineData(Fault.CutAfter)]
    [InlineData(Fault.ServerError)]
    [InlineData(Fault.Throttled)]
    public async Task Deploy_EachWriteSpoiledOnce_EndsWellAndDoublesNothing(Fault fault)
    {
        var spoiled = new List<string>();
        for (var index = 0; index < Many; index++)
        {
            var app = $"w{index}-{fault}".ToLowerInvariant();
            var line = new FaultyLine(fault, index, FaultyLine.IsWrite);
            using var connection = cluster.Connect(TimeProvider.System, line);

            await DeployAsync(connection, First(app), line);
            await DeployAsync(connection, Second(app), line);

            await VerifyAsync(app, line.Spoiled);
            if (line.Spoiled is null)
                break;
            spoiled.Add(line.Spoiled);
        }

        // The namespace, the lock, the key, the revision, the inventory, every kind of object, what was deleted: all had their turn.
        foreach (var part in (string[])["PATCH /api/v1/namespaces/", "POST /apis/coordination.k8s.io/", "DELETE /apis/coordination.k8s.io/", "/secrets", "inventory", "PATCH /apis/apps/", "services/web", "DELETE /api/v1/"])
            Assert.Contains(spoiled, request => request.Contains(part, StringComparison.Ordinal));
        Assert.InRange(spoiled.Count, 20, Many - 1);
    }

    [Theory]
    [InlineData(Fault.CutBefore)]
    [InlineData(Fault.ServerError)]
    [InlineData(Fault.Throttled)]
    public async Task Deploy_EachReadSpoiledOnce_EndsWell(Fault fault)
    {
        await DeployAsync(cluster.Connection, First($"reads-{fault}".ToLowerInvariant()), null);
        for (var index = 0; index < Many; index++)
        {
            var line = new FaultyLine(fault, index, request => !FaultyLine.IsWrite(request));
            using var connection = cluster.Connect(TimeProvider.System, line);

            await DeployAsync(connection, index % 2 == 0 ? Second($"reads-{fault}".ToLowerInvariant()) : First($"reads-{fault}".ToLowerInvariant()), line);

            if (line.Spoiled is null)
                break;
        }
    }

    // A request that is not answered ends by its own limit, of half a minute, and is sent again.
    [Theory]
    [InlineData(Fault.Late)]
    [InlineData(Fault.Unanswered)]
    public async Task Deploy_EachAnswerLateOrNeverThere_EndsWellAndDoublesNothing(Fault fault)
    {
        TimeProvider clock = fault == Fault.Unanswered ? new FastClock(10) : TimeProvider.System;
        var spoiled = await EachInTurn.RunAsync(AtOnce, index => SpoilAsync(index, index, _ => true));
        foreach (var (index, part) in ((string[])["GET", "POST leases", "PATCH kubeapp-inventory", "POST configmaps", "PATCH deployments/web", "DELETE leases"]).Index())
        {
            // Those that are sent at the same time come in any order, and some more or less often: what had no turn by its number has one by its name.
            bool IsMeant(string request) => part.Split(' ').All(word => request.Contains(word, StringComparison.Ordinal));
            Assert.True(spoiled.Any(IsMeant) || await SpoilAsync(1000 + index, 0, request => IsMeant($"{request.Method} {request.RequestUri!.AbsolutePath}")) is not null, part);
        }

        async Task<string?> SpoilAsync(int run, int index, Func<HttpRequestMessage, bool> isMeant)
        {
            var name = $"{fault}-{run}".ToLowerInvariant();
            var app = new SlottedApp(cluster, name);
            Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting("1"))).Outcome);
            var second = app.Resting("2");
            var counts = false;
            var line = new FaultyLine(fault, index, request => counts && isMeant(request));
            using var connection = cluster.Connect(clock, line);
            // A server that never answered at all is given up at once.
            Assert.NotNull(await connection.Client.GetAsync(ResourceType.Namespace, null, name, Token));
            counts = true;

            // The lock is not what is in question: it lasts, however fast time goes by.
            var result = await new Deployer(connection, _ => null).RunAsync(new DeployRequest(second, "local") { LockDuration = TimeSpan.FromMinutes(10) }, new EventLog(), Token);

            Assert.True(result.Outcome == DeployOutcome.Deployed, $"{line.Spoiled}: {result.Outcome} {string.Join(' ', result.Diagnostics)}");
            await app.RequireAloneAsync(second, $"{line.Spoiled}");
            var revisions = await new RevisionStore(cluster.Client).ListAsync(await app.InventoryAsync(), Token);
            Assert.True(revisions is [{ State.Outcome: RevisionOutcome.Deployed }, { State.Outcome: RevisionOutcome.Deployed }], $"{line.Spoiled}: {string.Join(", ", revisions.Select(item => item.State))}");
            return line.Spoiled;
        }
    }

    private static async Task DeployAsync(ClusterConnection connection, Bundle bundle, FaultyLine? line)
    {
        var result = await new Deployer(connection, _ => "secret").RunAsync(new DeployRequest(bundle, "local"), new EventLog(), Token);
        Assert.True(result.Outcome == DeployOutcome.Deployed, $"{bundle.App}, {line?.Spoiled}: {result.Outcome} {string.Join(' ', result.Diagnostics)}");
    }

    private async Task VerifyAsync(string app, string? spoiled)
    {
        var stands = new List<string>();
        foreach (var type in (ResourceType[])[ResourceType.ConfigMap, ResourceType.Service, ResourceType.Deployment, ResourceType.Lease])
            stands.AddRange((await cluster.Client.ListAsync(type, app, null, Token)).Items.Select(item => $"{type.Kind} {item["metadata"]!["name"]}"));
        string[] wanted =
        [
            "ConfigMap kube-root-ca.crt", $"ConfigMap kubeapp-inventory-{app}", $"ConfigMap kubeapp-revision-{app}-1", $"ConfigMap kubeapp-revision-{app}-2", "ConfigMap settings-2",
            "Deployment web", "Service web",
        ];
        Assert.True(wanted.SequenceEqual(stands.Order(StringComparer.Ordinal)), $"{spoiled}: {string.Join(", ", stands)}");
        var inventory = await new AppLocator(cluster.Client).FindAsync(app, null, null, null, "sandbox", Token);
        Assert.True(inventory.IsComplete, spoiled);
        Assert.Equal(inventory.Items.Count, inventory.Items.DistinctBy(item => item.Id).Count());
        foreach (var item in inventory.Items.Where(item => item.Id.Kind == "ConfigMap"))
            Assert.Equal(item.Uid, (string?)(await cluster.Client.GetAsync(ResourceType.ConfigMap, app, item.Id.Name, Token))!["metadata"]!["uid"]);
    }

    private static Bundle First(string app) => Bundle(app, TimeSpan.FromSeconds(60), Config("settings-1"), DatabaseSecret, Sleeping(1), WebService);

    private static Bundle Second(string app) => Bundle(app, TimeSpan.FromSeconds(60), Config("settings-2"), DatabaseSecret, Sleeping(2), WebService);

    // Of no pods: what counts here is what is written, not what runs.
    private static (string, JsonObject) Sleeping(int version) => ("main", Parse($$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","annotations":{"version":"{{version}}"} },"spec":{"replicas":0,
         "selector":{"matchLabels":{"app":"web"} },"template":{"metadata":{"labels":{"app":"web"} },"spec":{"containers":[{"name":"web","image":"registry.example/web:1"}]} } } }
        """));
}

using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Sandbox;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Secrets;
using KubeApps.Deploy.Tests.Clusters;
using KubeApps.Deploy.Updates;

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>Whole full updates on clusters of this machine, with users who notice nothing.</summary>
[Collection(nameof(UnderLoad))]
public sealed class SandboxFullUpdateTests(SandboxClusters clusters) : IClassFixture<SandboxClusters>
{
    private static readonly UpdateTerms Hurried = new("")
    {
        Shares = [20, 100],
        Watch = TimeSpan.FromSeconds(1),
        Soak = TimeSpan.FromSeconds(1),
        Silence = TimeSpan.FromSeconds(2),
        Patience = TimeSpan.FromMinutes(2),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_UnderLoad_GivesTheAppANewClusterAndLosesNoRequest()
    {
        var owner = new ClusterOwner("whole", "prod");
        var first = await DeployAsync(owner, "old", Hurried);
        Assert.True(first.ExitCode == ExitCodes.Done, Text(first));
        await WithAsync(owner, "whole-prod-1", client => HashKey.New("whole").TryCreateAsync(client, Token));
        var key = await KeyAsync(owner, "whole-prod-1");
        var address = (await clusters.Provider.Load.AddressAsync(owner, Token))!;
        UpdateResult? update = null;

        var (requests, lost) = await Wrk.DuringAsync(address.ToString(), async () => update = await DeployAsync(owner, "next", Hurried), "-H", "Connection: close");

        Assert.True(update!.ExitCode == ExitCodes.Done, Text(update));
        Assert.True(requests > 100, $"There was hardly any load: {requests} requests.");
        Assert.Equal(0, lost);
        Assert.Equal("whole-prod-2", Assert.Single(await clusters.Provider.ListAsync(owner, Token)).Name);
        Assert.Equal(new Dictionary<string, int> { ["whole-prod-2"] = 100 }, await clusters.Provider.Load.ReadAsync(owner, Token));
        Assert.Empty(await clusters.Provider.AuditAsync(owner, Token));
        Assert.Equal(key, await KeyAsync(owner, "whole-prod-2"));
        await WithAsync(owner, "whole-prod-2", async client => Assert.Null(await client.GetAsync(ResourceType.ConfigMap, "whole", FullUpdateObject.NameOf("whole"), Token)));
        Assert.StartsWith("hello from next-", await AskAsync(address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_WhileAConnectionIsKept_LeavesTheOldClusterUntilItEnds()
    {
        var owner = new ClusterOwner("kept", "prod");
        await DeployAsync(owner, "old", Hurried);
        var address = (await clusters.Provider.Load.AddressAsync(owner, Token))!;
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 1 });
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Assert.StartsWith("hello from old-", await client.GetStringAsync(address, Token), StringComparison.Ordinal);
        var asking = AskAgainAndAgainAsync(client, address, leaving.Token);

        var update = await DeployAsync(owner, "next", Hurried with { Shares = [100], Silence = TimeSpan.FromSeconds(5), Patience = TimeSpan.FromSeconds(6) });

        Assert.True(update.ExitCode == ExitCodes.TimedOut, Text(update));
        Assert.Equal(2, (await clusters.Provider.ListAsync(owner, Token)).Count);
        await leaving.CancelAsync();
        Assert.All(await asking, answer => Assert.StartsWith("hello from old-", answer, StringComparison.Ordinal));
        client.Dispose();
        var finished = await RunAsync(owner, new UpdateOrder.Promote(Holds: false, Soaks: true), null);
        Assert.True(finished.ExitCode == ExitCodes.Done, Text(finished));
        Assert.Equal("kept-prod-2", Assert.Single(await clusters.Provider.ListAsync(owner, Token)).Name);
    }

    [Fact]
    public async Task Abort_WhileAnotherRunIsAtIt_EndsThatAndReturns()
    {
        var owner = new ClusterOwner("undone", "prod");
        await DeployAsync(owner, "old", Hurried);
        var watching = new TaskCompletionSource();
        var log = new EventLog { OnEvent = told => { if (told is Events.DeployEvent.StepStarted { StepId: "watch-20" }) watching.TrySetResult(); } };
        var update = DeployAsync(owner, "next", Hurried with { Watch = TimeSpan.FromMinutes(5) }, log);
        await Task.WhenAny(watching.Task, update);

        var aborted = await RunAsync(owner, new UpdateOrder.Abort(), null);

        Assert.True(aborted is { Outcome: DeployOutcome.Aborted, ExitCode: ExitCodes.Done }, Text(aborted));
        Assert.Equal(["KUBEAPP7028"], (await update).Diagnostics.Select(item => item.Code));
        Assert.Equal("undone-prod-1", Assert.Single(await clusters.Provider.ListAsync(owner, Token)).Name);
        Assert.Equal(new Dictionary<string, int> { ["undone-prod-1"] = 100 }, await clusters.Provider.Load.ReadAsync(owner, Token));
        Assert.StartsWith("hello from old-", await AskAsync((await clusters.Provider.Load.AddressAsync(owner, Token))!), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ahead", 10)]
    [InlineData("behind", -10)]
    public async Task Deploy_ByAMachineWhoseClockIsWrong_WatchesAndSoaksAsLongAsSaid(string app, int minutes)
    {
        var owner = new ClusterOwner(app, "prod");
        var clock = new WrongClock(TimeSpan.FromMinutes(minutes));
        await DeployAsync(owner, "old", Hurried, clock: clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        // By the machine's clock alone one of them would go on for ten minutes, or not be watched at all.
        end.CancelAfter(TimeSpan.FromMinutes(5));
        var log = new EventLog();

        var update = await DeployAsync(owner, "next", Hurried with { Watch = TimeSpan.FromSeconds(4), Soak = TimeSpan.FromSeconds(6) }, log, clock, end.Token);

        Assert.True(update.ExitCode == ExitCodes.Done, Text(update));
        var took = log.Events.OfType<Events.DeployEvent.StepFinished>().ToLookup(step => step.StepId, step => step.Elapsed);
        Assert.True(took["watch-20"].Single() >= TimeSpan.FromSeconds(3), $"It was watched for {took["watch-20"].Single()}.");
        // A server says whole seconds.
        Assert.True(took["soak"].Single() >= TimeSpan.FromSeconds(3), $"It soaked for {took["soak"].Single()}.");
    }

    private Task<UpdateResult> DeployAsync(ClusterOwner owner, string workload, UpdateTerms terms, EventLog? log = null, TimeProvider? clock = null, CancellationToken? end = null)
    {
        var bundle = clusters.BundleOf(owner, workload);
        return RunAsync(owner, new UpdateOrder.Deploy(terms with { Version = workload }, Holds: false, Soaks: true), bundle, log, clock, end);
    }

    private async Task<UpdateResult> RunAsync(ClusterOwner owner, UpdateOrder order, Bundle? bundle, EventLog? log = null, TimeProvider? clock = null, CancellationToken? end = null)
    {
        log ??= new EventLog();
        clock ??= TimeProvider.System;
        var provider = new SandboxClusterProvider(clusters.Location, clock);
        using var insides = new ClusterInsides(provider, (owner.App, owner.App), log)
        {
            Holder = LockHolder.Of("test", _ => null),
            LockPatience = TimeSpan.FromMinutes(1),
            AsksHolder = order is UpdateOrder.Abort,
            Deploys = (connection, sink, token) => new Deployer(connection, _ => null).RunAsync(new DeployRequest(bundle!, owner.Environment), sink, token),
        };
        return await new FullUpdater(new UpdateWorld(provider, insides, owner), new ClusterSpecification(), log, clock).RunAsync(order, end ?? Token);
    }

    private async Task<string> KeyAsync(ClusterOwner owner, string cluster)
    {
        var key = "";
        await WithAsync(owner, cluster, async client => key = Convert.ToBase64String((await HashKey.ReadAsync(client, owner.App, Token))!.Bytes));
        return key;
    }

    private async Task WithAsync(ClusterOwner owner, string name, Func<KubeClient, Task> look)
    {
        using var connection = await clusters.Provider.ConnectAsync((await clusters.Provider.ListAsync(owner, Token)).Single(cluster => cluster.Name == name), new EventLog(), Token);
        await look(connection.Client);
    }

    // One connection, as a browser or another app keeps it.
    private static async Task<IReadOnlyList<string>> AskAgainAndAgainAsync(HttpClient client, Uri address, CancellationToken cancellationToken)
    {
        var answers = new List<string>();
        while (!cancellationToken.IsCancellationRequested)
        {
            answers.Add(await client.GetStringAsync(address, Token));
            await Task.Delay(50, CancellationToken.None);
        }

        return answers;
    }

    private static async Task<string> AskAsync(Uri address)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        return await client.GetStringAsync(address, Token);
    }

    /// <summary>The time as a machine has it whose clock is wrong; it passes as it does.</summary>
    private sealed class WrongClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    private static string Text(UpdateResult result) => $"{result.Outcome}: {string.Join(Environment.NewLine, result.Diagnostics)} {string.Join(Environment.NewLine, result.Failures)}";
}

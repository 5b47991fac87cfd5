using KubeApps.Bundles;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Tests.BlueGreen;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>
/// The real tool is killed (SIGKILL) after each write of a blue/green deploy, which is before the next one. Whoever comes next finishes it, or returns to the
/// version before: every Service leads to one version at every moment, never to both, never to none, and nothing is left over.
/// </summary>
public sealed class KilledBlueGreenTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    // A plain new deploy, one that resumes, and an abort.
    private const int Ways = 3;

    // Each waits for the lock of the dead, most of the time.
    private const int CutAtOnce = 8;

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
            var name = $"killed-{before}-{after}-{index}".ToLowerInvariant();
            var app = new SlottedApp(cluster, name);
            var (first, second) = (app.Resting("1").Deployed(before), app.Resting("2").Deployed(after));
            Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(first)).Outcome);
            var stood = await app.ObjectsAsync();
            await using var traffic = await TrafficHistory.BeginAsync(cluster.Client, name);
            if (await tool.DeployAsync(second, new KillPoint(index), Token) is not { } at)
                return null;
            await GoOnAsync(index % Ways, app, second, before, stood, at, traffic);
            return at;
        });

        RequireEachPart(killed);
    }

    // Without a process that has to start there is time enough for each way to go on after each write.
    [Theory]
    [InlineData("blueGreen", "rolling")]
    [InlineData("rolling", "blueGreen")]
    [InlineData("blueGreen", "blueGreen")]
    public async Task Deploy_CutOffAtEachWrite_IsFinishedOrTakenBackInEachWay(string before, string after)
    {
        var cut = await EachInTurn.RunAsync(CutAtOnce, async index =>
        {
            var (write, way) = Math.DivRem(index, Ways);
            var name = $"cut-{before}-{after}-{index}".ToLowerInvariant();
            var app = new SlottedApp(cluster, name);
            var (first, second) = (app.Resting("1").Deployed(before), app.Resting("2").Deployed(after));
            Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(first)).Outcome);
            var stood = await app.ObjectsAsync();
            await using var traffic = await TrafficHistory.BeginAsync(cluster.Client, name);
            var line = new CutLine(write, FaultyLine.IsWrite);
            using var connection = cluster.Connect(TimeProvider.System, line);
            await CutLine.RunAsync(() => new SlottedApp(cluster, name) { Connection = connection }.DeployAsync(second));
            if (line.CutAt is not { } at)
                return null;
            await KilledTool.LetTimePassAsync(cluster.Client, name, Token);
            await GoOnAsync(way, app, second, before, stood, $"{way} after {at}", traffic);
            return at;
        });

        RequireEachPart(cut);
    }

    [Theory]
    [InlineData("abort")]
    [InlineData("promote")]
    public async Task PromoteOrAbort_KilledAtEachWrite_IsFinishedByTheNextRun(string command)
    {
        var tool = new KilledTool(cluster);
        var killed = await KilledTool.AtEachWriteAsync(async index =>
        {
            var name = $"killed-{command}-{index}";
            var app = new SlottedApp(cluster, name);
            Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting("1"))).Outcome);
            var stood = await app.ObjectsAsync();
            var isAbort = command == "abort";
            // What is aborted serves already, beside the version before; what is promoted waits for it.
            var beside = await app.DeployAsync(app.Resting("2").KeepingOld(isAbort ? TimeSpan.FromHours(1) : TimeSpan.Zero), hold: !isAbort, soak: false);
            Assert.Equal(isAbort ? RolloutPhase.Soaking : RolloutPhase.Held, beside.Rollout?.Phase);
            await using var traffic = await TrafficHistory.BeginAsync(cluster.Client, name);
            if (await tool.RunAsync(name, command, new KillPoint(index), Token) is not { } at)
                return null;
            // The same again, or a deploy: of another version after an abort, of this one after a promote.
            var isSame = index % 2 == 0;
            if (isSame && (await app.InventoryAsync()).Rollout!.IsUnderWay)
            {
                var again = await (isAbort ? app.AbortAsync() : app.PromoteAsync());
                Assert.True(again.ExitCode == 0, $"{at}: {again.Outcome} {string.Join(' ', again.Diagnostics)}");
                Assert.True(!isAbort || stood.SequenceEqual(await app.ObjectsAsync()), at);
            }

            await traffic.RequireOneVersionAsync(at, Services);
            var version = app.Resting(!isAbort ? "2" : isSame ? "1" : "3");
            var deployed = await app.DeployAsync(version);
            Assert.True(deployed.ExitCode == 0, $"{at}: {deployed.Outcome} {string.Join(' ', deployed.Diagnostics)}");
            // A third version takes the place of the second in its slot, which leaves an empty ReplicaSet there.
            if (!isAbort || isSame)
                await traffic.RequireOneVersionAsync(at, Services);
            await app.RequireAloneAsync(version, at);
            return at;
        });

        RequireEachPart(killed);
    }

    /// <summary>A revision is written beside the inventory, and one Service beside the other: which of two is the n-th write is chance in each run.</summary>
    private static void RequireEachPart(IReadOnlyList<string> killed)
    {
        foreach (var part in (string[])["leases", "inventory", "deployments/web", "services/"])
            Assert.Contains(killed, request => request.Contains(part, StringComparison.Ordinal));
    }

    private static Task GoOnAsync(int way, SlottedApp app, Bundle second, string before, IReadOnlyList<string> stood, string at, TrafficHistory traffic) => way switch
    {
        0 => FinishAsync(app, second, at, resume: false, traffic),
        1 => FinishAsync(app, second, at, resume: true, traffic),
        _ => AbortAsync(app, before, stood, at, traffic),
    };

    private static async Task FinishAsync(SlottedApp app, Bundle version, string at, bool resume, TrafficHistory traffic)
    {
        // What was cut before its first word, or after its last, has nothing to be resumed.
        var finished = await app.DeployAsync(version, resume: resume && !(await app.InventoryAsync()).IsComplete);

        Assert.True(finished.ExitCode == 0, $"{at}: {finished.Outcome} {string.Join(' ', finished.Diagnostics)}");
        await traffic.RequireOneVersionAsync(at, Services);
        await app.RequireAloneAsync(version, at);
    }

    private static async Task AbortAsync(SlottedApp app, string strategy, IReadOnlyList<string> stood, string at, TrafficHistory traffic)
    {
        var next = app.Resting("3").Deployed(strategy);
        if ((await app.InventoryAsync()).Rollout is not { CanBeTakenBack: true })
        {
            // Not begun, or done, or the old version is half deleted: there is nothing to take back.
            Assert.Equal(DeployOutcome.Failed, (await app.AbortAsync()).Outcome);
            await traffic.RequireOneVersionAsync(at, Services);
            Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(next)).Outcome);
            await app.RequireAloneAsync(next, at);
            return;
        }

        var aborted = await app.AbortAsync();

        Assert.True(aborted.Outcome == DeployOutcome.Aborted, $"{at}: {aborted.Outcome} {string.Join(' ', aborted.Diagnostics)}");
        await traffic.RequireOneVersionAsync(at, Services);
        var stands = await app.ObjectsAsync();
        Assert.True(stood.SequenceEqual(stands), $"{at}: {string.Join(", ", stands)} in place of {string.Join(", ", stood)}");
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(next)).Outcome);
        await app.RequireAloneAsync(next, at);
    }
}

using CsCheck;
using KubeApps.Deploy.Updates;

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>A full update whose process is killed, before or after any of its writes. What must hold at every moment is held by <see cref="TwoClusters"/>.</summary>
public class CutFullUpdateTests
{
    private const string Old = "shop-prod-1 Ready version 1, 100 %, alone";
    private const string New = "shop-prod-2 Ready version 2, 100 %, alone";

    [Fact]
    public Task Deploy_KilledAnywhere_FinishesWhenRunAgain() => KilledAnywhereAsync(
        clusters => clusters.DeployAsync(),
        async clusters =>
        {
            // Whoever deploys again after all is done wants yet another cluster.
            if (clusters.Text() != New)
                Assert.Equal(ExitCodes.Done, (await clusters.DeployAsync()).ExitCode);
            Assert.Equal(["shop-prod-1", "shop-prod-2"], clusters.Made);
            return New;
        });

    [Fact]
    public Task Deploy_KilledAnywhere_ReturnsWhenAborted() => KilledAnywhereAsync(
        clusters => clusters.DeployAsync(),
        async clusters =>
        {
            var wasWrittenDown = clusters.Clusters.Any(item => item.Update is not null);
            var isPastReturn = clusters.Clusters.Any(item => item.Update?.Phase == UpdatePhase.Retiring);
            var hasEnded = clusters.Text() == New;
            var aborted = await clusters.AbortAsync();
            if (!isPastReturn)
            {
                Assert.Equal(wasWrittenDown, aborted.Outcome == DeployOutcome.Aborted);
                return hasEnded ? New : Old;
            }

            Assert.Equal(DeployOutcome.Failed, aborted.Outcome);
            await clusters.PromoteAsync();
            return New;
        });

    [Fact]
    public Task Abort_KilledAnywhere_IsFinishedByTheNext() => KilledAnywhereAsync(
        clusters => clusters.AbortAsync(),
        async clusters =>
        {
            await clusters.AbortAsync();
            return Old;
        },
        async clusters =>
        {
            await clusters.DeployAsync(holds: true);
            await clusters.PromoteAsync(holds: true);
        });

    // Who holds has not decided about the old cluster yet.
    [Fact]
    public async Task DeployOrPromoteHolding_AfterAPromotionKilledAnywhere_MovesNothingMore()
    {
        for (var at = 2; ; at++)
        {
            var clusters = new TwoClusters();
            await clusters.DeployAsync();
            clusters.Version = "2";
            await clusters.DeployAsync(holds: true);
            (clusters.Writes, clusters.KilledAt) = (0, at);
            await KilledAsync(() => clusters.PromoteAsync());
            clusters.KilledAt = null;
            if (clusters.Clusters.Count() < 2 || clusters.Clusters.Any(item => item.Update?.Phase == UpdatePhase.Retiring))
            {
                Assert.True(at > 10, "It writes less than it must.");
                return;
            }

            var share = clusters.Shares.GetValueOrDefault("shop-prod-2");
            Assert.Equal(DeployOutcome.Held, (await clusters.DeployAsync(holds: true)).Outcome);
            Assert.Equal((share, 2), (clusters.Shares.GetValueOrDefault("shop-prod-2"), clusters.Clusters.Count()));
            Assert.Equal(DeployOutcome.Held, (await clusters.PromoteAsync(holds: true)).Outcome);
            Assert.Equal(2, clusters.Clusters.Count());
            Assert.Equal(DeployOutcome.Deployed, (await clusters.PromoteAsync()).Outcome);
            Assert.Equal(New, clusters.Text());
        }
    }

    [Fact]
    public Task Return_KilledAnywhere_IsFinishedByTheNextDeploy() => KilledAnywhereAsync(
        clusters =>
        {
            clusters.CrashesAt = 50;
            return clusters.DeployAsync();
        },
        async clusters =>
        {
            clusters.CrashesAt = null;
            Assert.Equal(ExitCodes.Done, (await clusters.DeployAsync()).ExitCode);
            return New;
        });

    [Fact]
    public Task FirstDeploy_KilledAnywhere_FinishesWhenRunAgain() => KilledAnywhereAsync(
        clusters => clusters.DeployAsync(),
        async clusters =>
        {
            if (clusters.Text() != Old)
                await clusters.DeployAsync();
            Assert.Equal(["shop-prod-1"], clusters.Made);
            return Old;
        },
        _ => Task.CompletedTask, hasCluster: false);

    [Fact]
    public async Task Deploy_KilledInItsSoakOnAMachineWhoseClockIsAhead_SoaksNoLongerThanSaid()
    {
        var clusters = new TwoClusters();
        await clusters.DeployAsync();
        clusters.Version = "2";
        for (clusters.KilledAt = 3; !Soaking().Any(); clusters.KilledAt += 2)
        {
            clusters.Writes = 0;
            await KilledAsync(() => clusters.DeployAsync());
        }

        clusters.KilledAt = null;
        foreach (var cluster in Soaking().ToList())
            cluster.Update = cluster.Update! with { Since = clusters.Clock.GetUtcNow().AddHours(5) };
        var started = clusters.Clock.GetUtcNow();

        Assert.Equal(ExitCodes.Done, (await clusters.DeployAsync()).ExitCode);
        Assert.InRange(clusters.Clock.GetUtcNow() - started, clusters.Terms.Soak, TimeSpan.FromHours(1));

        IEnumerable<FakeCluster> Soaking() => clusters.Clusters.Where(item => item.Update?.Phase == UpdatePhase.Soaking);
    }

    private static readonly Gen<(int What, int Version, int Killed)[]> AnyPast = Gen.Select(Gen.Int[0, 5], Gen.Int[2, 3], Gen.Int[0, 80]).Array[1, 6];

    [Fact]
    public Task AnyRuns_KilledAnywhere_EndInOneClusterWithTheVersionThatWasDeployedLast() => AnyPast.SampleAsync(async past =>
    {
        var clusters = new TwoClusters { Clinging = TimeSpan.FromSeconds(past.Length) };
        await clusters.DeployAsync();
        foreach (var (what, version, killed) in past)
        {
            (clusters.Version, clusters.Writes, clusters.KilledAt) = ($"{version}", 0, killed + 2);
            clusters.CrashesAt = what == 5 ? 50 : null;
            await KilledAsync(what switch
            {
                0 or 5 => () => clusters.DeployAsync(),
                1 => () => clusters.DeployAsync(holds: true),
                2 => () => clusters.PromoteAsync(holds: true),
                3 => () => clusters.PromoteAsync(),
                _ => () => clusters.AbortAsync(),
            });
        }

        (clusters.KilledAt, clusters.CrashesAt, clusters.Version) = (null, null, "4");
        // What is under way is ended first; what has nothing under way says so.
        if ((await clusters.DeployAsync()).Diagnostics is [{ Code: "KUBEAPP7200" }])
        {
            Assert.Equal(DeployOutcome.Aborted, (await clusters.AbortAsync()).Outcome);
            Assert.Equal(ExitCodes.Done, (await clusters.DeployAsync()).ExitCode);
        }

        Assert.Matches("^shop-prod-[0-9]+ Ready version 4, 100 %, alone$", clusters.Text());
    }, iter: 300, threads: 1);

    private static async Task KilledAnywhereAsync(
        Func<TwoClusters, Task> run, Func<TwoClusters, Task<string>> then, Func<TwoClusters, Task>? before = null, bool hasCluster = true)
    {
        for (var at = 2; ; at++)
        {
            var clusters = new TwoClusters();
            if (hasCluster)
            {
                await clusters.DeployAsync();
                clusters.Version = "2";
            }

            if (before is not null)
                await before(clusters);
            (clusters.Writes, clusters.KilledAt) = (0, at);
            var wasKilled = await KilledAsync(() => run(clusters));
            clusters.KilledAt = null;
            if (!wasKilled)
            {
                Assert.True(at > 10, "It writes less than it must.");
                return;
            }

            var standing = clusters.Text();
            var expected = await then(clusters);
            Assert.True(expected == clusters.Text(), $"Killed at {at}, where there was\n{standing}\nthere is\n{clusters.Text()}");
        }
    }

    private static async Task<bool> KilledAsync(Func<Task> run)
    {
        try
        {
            await run();
            return false;
        }
        catch (KilledException)
        {
            return true;
        }
    }
}

using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Tests.BlueGreen;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>
/// Any one write goes wrong, each in turn, of a blue/green deploy that switches, of what ends one that is held or serves already, and of the ways back: all end
/// well, one version stands, and nothing is left over of another.
/// </summary>
public sealed class SpoiledBlueGreenTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    // As many as a run of this size cannot have: an endless loop would be a fault of the test.
    private const int Many = 60;

    private static readonly string[] Any = ["POST leases", "DELETE leases", "kubeapp-inventory"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Deploy_EachWriteSpoiledOnce_Switches() => SpoilEachAsync(
        new Course("deploy", DeployOutcome.Deployed, RevisionOutcome.Deployed) { Run = (app, next) => app.DeployAsync(next) }, [.. Any, "PATCH deployments/web", "services/", "DELETE deployments/web"]);

    [Fact]
    public Task Promote_EachWriteSpoiledOnce_Switches() => SpoilEachAsync(
        new Course("promote", DeployOutcome.Deployed, RevisionOutcome.Deployed) { Before = (app, next) => app.DeployAsync(next, hold: true), Run = (app, _) => app.PromoteAsync() },
        [.. Any, "services/", "DELETE deployments/web"]);

    [Fact]
    public Task Abort_OfOneThatIsHeldEachWriteSpoiledOnce_LeavesTheVersionBefore() => SpoilEachAsync(
        new Course("abort", DeployOutcome.Aborted, RevisionOutcome.Aborted) { Before = (app, next) => app.DeployAsync(next, hold: true), Run = (app, _) => app.AbortAsync(), IsReturn = true },
        [.. Any, "DELETE deployments/web"]);

    [Fact]
    public Task Abort_OfOneThatServesEachWriteSpoiledOnce_LeavesTheVersionBefore() => SpoilEachAsync(
        new Course("return", DeployOutcome.Aborted, RevisionOutcome.Aborted)
        {
            Before = (app, next) => app.DeployAsync(next.KeepingOld(TimeSpan.FromHours(1)), soak: false),
            Run = (app, _) => app.AbortAsync(),
            IsReturn = true,
        },
        [.. Any, "services/", "DELETE deployments/web"]);

    [Theory]
    [InlineData("blueGreen", "DELETE deployments/web")]
    [InlineData("rolling", "PATCH deployments/web")]
    public Task Rollback_EachWriteSpoiledOnce_BringsTheVersionBefore(string strategy, string part) => SpoilEachAsync(
        new Course($"rollback-{strategy}", DeployOutcome.Deployed, RevisionOutcome.Deployed, RevisionOutcome.Deployed)
        {
            Strategy = strategy,
            Before = (app, next) => app.DeployAsync(next),
            Run = (app, _) => app.RollBackAsync(null),
            IsReturn = true,
        },
        [.. Any, part]);

    [Fact]
    public Task Deploy_ThatFailsItsCheckEachWriteSpoiledOnce_IsTakenBack() => SpoilEachAsync(
        new Course("refused", DeployOutcome.RolledBack, RevisionOutcome.RolledBack)
        {
            Run = (app, next) => app.DeployAsync(next.Checked(new BundleCheck("command", "refuses", TimeSpan.FromMilliseconds(100)) { Command = ["false"] })),
            IsReturn = true,
        },
        [.. Any, "PATCH deployments/web", "DELETE deployments/web"]);

    [Fact]
    public Task Deploy_ThatDoesNotComeUpEachWriteSpoiledOnce_IsTakenBack() => SpoilEachAsync(
        new Course("broken", DeployOutcome.RolledBack, RevisionOutcome.RolledBack, RevisionOutcome.Deployed)
        {
            Strategy = "rolling",
            Run = (app, next) => app.DeployAsync(next),
            IsReturn = true,
            Replicas = 1,
        },
        [.. Any, "PATCH deployments/web"]);

    private async Task SpoilEachAsync(Course course, IReadOnlyList<string> parts)
    {
        var name = $"spoiled-{course.Name}".ToLowerInvariant();
        var app = new SlottedApp(cluster, name);
        var store = new RevisionStore(cluster.Client);
        var stands = app.Resting("first").Deployed(course.Strategy);
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(stands)).Outcome);
        var spoiled = new List<string>();
        var hasMore = true;
        for (var index = 0; index < Many && hasMore; index++)
            // What the server refuses it has not done: of the two ways to refuse, one for each write is enough.
            foreach (var fault in (Fault[])[Fault.CutBefore, Fault.CutAfter, index % 2 == 0 ? Fault.ServerError : Fault.Throttled])
            {
                var next = app.Resting($"{index}-{fault}".ToLowerInvariant(), course.Replicas).Deployed(course.Strategy);
                var known = (await store.ListAsync(name, name, Token))[^1].Number;
                await course.Before(app, next);
                var line = new FaultyLine(fault, index, FaultyLine.IsWrite);
                using var connection = cluster.Connect(TimeProvider.System, line);

                var result = await course.Run(new SlottedApp(cluster, name) { Connection = connection }, next);

                var at = $"{fault} at {line.Spoiled}";
                Assert.True(result.Outcome == course.Outcome, $"{at}: {result.Outcome} {string.Join(' ', result.Diagnostics)}");
                await app.RequireAloneAsync(stands = course.IsReturn ? stands : next, at);
                Assert.True(await cluster.Client.GetAsync(ResourceType.Lease, name, LockLease.NameOf(name), Token) is null, $"{at}: the lock stands.");
                var revisions = (await store.ListAsync(name, name, Token)).Where(item => item.Number > known).Select(item => item.State.Outcome).ToList();
                Assert.True(course.Revisions.SequenceEqual(revisions), $"{at}: {string.Join(", ", revisions)}");
                hasMore = line.Spoiled is not null;
                spoiled.Add(line.Spoiled ?? "none");
            }

        Assert.False(hasMore);
        foreach (var part in parts)
            Assert.Contains(spoiled, request => part.Split(' ').All(word => request.Contains(word, StringComparison.Ordinal)));
    }

    /// <summary>What is run, and how that ends.</summary>
    /// <param name="Name">For the app.</param>
    /// <param name="Outcome">Of the run.</param>
    /// <param name="Revisions">That come to what stood before.</param>
    private sealed record Course(string Name, DeployOutcome Outcome, params RevisionOutcome[] Revisions)
    {
        public string Strategy { get; init; } = "blueGreen";

        /// <summary>Makes what is run possible.</summary>
        public Func<SlottedApp, Bundle, Task> Before { get; init; } = (_, _) => Task.CompletedTask;

        public required Func<SlottedApp, Bundle, Task<DeployResult>> Run { get; init; }

        /// <summary>Whether the version that stood before stands in the end.</summary>
        public bool IsReturn { get; init; }

        /// <summary>Pods of the new version, which cannot run.</summary>
        public int Replicas { get; init; }
    }
}

using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Tests.Revisions;
using static KubeApps.Deploy.Tests.Records.RecordSample;

namespace KubeApps.Deploy.Tests.Records;

public sealed class RecordSyncTests
{
    private static readonly DateTimeOffset Now = Sample.Start.AddMinutes(5);
    private static readonly LockHolder Own = new("runner@host/aa", "https://example.com/run/1", "record") { Runner = "runner-1" };

    // Who holds the lock, by machine, run and age in seconds (empty: nobody); where a blue/green deploy stands; whether the run is gone.
    public static TheoryData<string, string, string, bool> Runs => new()
    {
        { "", "https://example.com/run/1", "", true },
        { "", "https://example.com/run/2", "", true },
        { "runner@other https://example.com/run/2 10", "https://example.com/run/2", "", false },
        { "runner@other https://example.com/run/2 31", "https://example.com/run/2", "", true },
        // The step before, in this very job; or another job of the same run, which lives.
        { "runner@host https://example.com/run/1 10", "https://example.com/run/1", "", true },
        { "runner@host https://example.com/run/1 10 runner-2", "https://example.com/run/1", "", false },
        { "runner@other https://example.com/run/1 10", "https://example.com/run/1", "", false },
        { "runner@host https://example.com/run/2 10", "https://example.com/run/1", "", false },
        // Nobody is at it, and nobody need be.
        { "", "https://example.com/run/1", nameof(RolloutPhase.Held), false },
        // A run that watches both versions holds no lock.
        { "", "https://example.com/run/2", nameof(RolloutPhase.Soaking), false },
        { "", "https://example.com/run/1", nameof(RolloutPhase.Soaking), true },
        { "", "https://example.com/run/2", nameof(RolloutPhase.Preparing), true },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void IsGone_OfARunThatSaidNothing_GoesByTheLock(string holder, string run, string phase, bool isGone)
    {
        var revision = Recorded(1, RevisionOutcome.Deploying) with { By = new Author("jane", run) };
        var inventory = Sample.Inventory(1, isComplete: false) with { Rollout = phase.Length > 0 ? new Rollout(Enum.Parse<RolloutPhase>(phase), Slot.Blue, Slot.Green, Sample.Start) : null };
        var lease = holder.Split(' ') is [var machine, var url, var age, .. var runner]
            ? new LockLease(new LockHolder($"{machine}/bb", url, "deploy") { Runner = runner.FirstOrDefault("runner-1") }, TimeSpan.FromSeconds(30), Sample.Start, Now.AddSeconds(-int.Parse(age, null)), 0)
            : null;

        Assert.Equal(isGone, RecordSync.IsGone(revision, inventory, lease, Own, Now));
    }

    [Fact]
    public void IsGone_OfARunThatSaidHowItEnded_IsNoQuestion() =>
        Assert.False(RecordSync.IsGone(Recorded(1, RevisionOutcome.Failed), Sample.Inventory(1), null, Own, Now));
}

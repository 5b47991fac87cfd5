using KubeApps.Deploy.Locking;

namespace KubeApps.Deploy.Tests.Locking;

public class LockContestTests
{
    private static readonly LockLease Theirs = new(
        new LockHolder("jane@laptop/1", null, "deploy"), TimeSpan.FromSeconds(30), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 0);

    private static readonly LockLease Renewed = Theirs with { RenewedAt = DateTimeOffset.UnixEpoch.AddSeconds(10) };

    [Fact]
    public void Next_NobodyHoldsIt_Takes() =>
        Assert.Equal(new LockMove.Take(null), new LockContest(null).Saw(null, At(0)).Next(At(0)));

    [Fact]
    public void Next_NoSignOfLifeYet_WaitsUntilItWouldBeOver() =>
        Assert.Equal(new LockMove.Wait(At(20)), new LockContest(null).Saw(Theirs, At(5)).Next(At(15)));

    [Fact]
    public void Next_HolderLives_GivesUp() =>
        Assert.Equal(new LockMove.GiveUp(Renewed), new LockContest(null).Saw(Theirs, At(0)).Saw(Renewed, At(10)).Next(At(10)));

    [Fact]
    public void Next_NoSignOfLifeForItsDuration_TakesOver() =>
        Assert.Equal(new LockMove.Take(Theirs), new LockContest(null).Saw(Theirs, At(5)).Saw(Theirs, At(20)).Next(At(35)));

    [Theory]
    [InlineData("2000-01-01")]
    [InlineData("2100-01-01")]
    public void Next_ClockOfTheHolderIsWrong_CountsFromWhenWeSawIt(string renewed)
    {
        var lease = Theirs with { RenewedAt = DateTimeOffset.Parse(renewed, System.Globalization.CultureInfo.InvariantCulture) };

        Assert.Equal(new LockMove.Wait(At(1)), new LockContest(null).Saw(lease, At(0)).Next(At(29)));
        Assert.Equal(new LockMove.Take(lease), new LockContest(null).Saw(lease, At(0)).Next(At(30)));
    }

    [Fact]
    public void Next_Patient_WaitsForALivingHolderUntilPatienceEnds()
    {
        var contest = new LockContest(TimeSpan.FromMinutes(1)).Saw(Theirs, At(0)).Saw(Renewed, At(25));

        Assert.Equal(new LockMove.Wait(At(25)), contest.Next(At(30)));
        var again = contest.Saw(Renewed with { RenewedAt = default }, At(54));
        Assert.Equal(new LockMove.Wait(At(5)), again.Next(At(55)));
        Assert.Equal(new LockMove.GiveUp(Renewed with { RenewedAt = default }), again.Next(At(60)));
    }

    [Fact]
    public void Next_AnotherOneWasFaster_LooksWhetherItLives()
    {
        var contest = new LockContest(null).Saw(Theirs, At(0)).Saw(null, At(1)).Saw(Renewed, At(2));

        Assert.Equal(new LockMove.Wait(At(29)), contest.Next(At(3)));
    }

    [Fact]
    public void FromObject_OfWhatWasWritten_IsTheSame()
    {
        var lease = LockLease.Taken(
            new LockHolder("jane@laptop/1", "https://ci.example/runs/7", "deploy"), TimeSpan.FromSeconds(30), new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddMicroseconds(6), Theirs);

        Assert.Equal(lease, LockLease.FromObject(lease.ToObject("shop", "shop", "7")));
        Assert.Equal(1, lease.Transitions);
    }

    [Fact]
    public void Renewed_ClockStandsStill_DiffersNevertheless() => Assert.NotEqual(Theirs, Theirs.Renewed(Theirs.RenewedAt));

    private static TimeSpan At(int seconds) => TimeSpan.FromSeconds(seconds);
}

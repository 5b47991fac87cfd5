using KubeApps.Deploy.Api;
using KubeApps.Deploy.Rollouts;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Rollouts;

public class StartOrderTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ObjectId Web = new("apps/v1", "Deployment", "shop", "web");
    private static readonly ObjectId Database = new("apps/v1", "StatefulSet", "shop", "db");
    private static readonly RolloutState Pulling = new(RolloutVerdict.Waiting, new WorkloadStatus(WorkloadState.InProgress, "", Ready: 0, Updated: 1, Desired: 1), null);
    private static readonly RolloutState Up = new(RolloutVerdict.Succeeded, new WorkloadStatus(WorkloadState.Current, "", 1, 1, 1), null);

    [Fact]
    public void Judge_CrashesUntilItsDatabaseIsUp_EndsNothingUntilItCrashesWithIt()
    {
        var order = new StartOrder();
        RolloutVerdict Judge(RolloutState web, RolloutState database) =>
            order.Judge(new Dictionary<ObjectId, RolloutState> { [Web] = web, [Database] = database }, Start)[Web].Verdict;

        Assert.Equal(RolloutVerdict.Waiting, Judge(Crashed(2), Pulling));
        Assert.Equal(RolloutVerdict.Waiting, Judge(Crashed(3), Pulling));
        // The database is up: the crashes until now were without it.
        Assert.Equal(RolloutVerdict.Waiting, Judge(Crashed(3), Up));
        Assert.Equal(RolloutVerdict.Failed, Judge(Crashed(4), Up));
    }

    [Fact]
    public void Judge_DatabaseDoesNotComeUp_IsNotWaitedForForEver()
    {
        var order = new StartOrder();
        RolloutVerdict At(int seconds) => order.Judge(new Dictionary<ObjectId, RolloutState> { [Web] = Crashed(2), [Database] = Pulling }, Start.AddSeconds(seconds))[Web].Verdict;

        Assert.Equal((RolloutVerdict.Waiting, RolloutVerdict.Waiting, RolloutVerdict.Failed), (At(0), At(89), At(90)));
    }

    [Fact]
    public void Judge_NothingElseIsComing_FailsAtOnce()
    {
        Assert.Equal(RolloutVerdict.Failed, Alone(Crashed(2)));
        Assert.Equal(RolloutVerdict.Failed, With(Crashed(2), Up));
        // Both of them crash, or the other cannot come.
        Assert.Equal(RolloutVerdict.Failed, With(Crashed(2), Crashed(3)));
        Assert.Equal(RolloutVerdict.Failed, With(Crashed(2), Pulling with { Verdict = RolloutVerdict.Failed, Finding = Found(DiagnosticDescriptors.ImageNotFound, 0) }));
        // It serves, and only grows.
        Assert.Equal(RolloutVerdict.Failed, With(Crashed(2), Pulling with { Status = Pulling.Status with { Ready = 1, Desired = 2 } }));
    }

    [Theory]
    [InlineData("KUBEAPP6014")]
    [InlineData("KUBEAPP6015")]
    [InlineData("KUBEAPP6010")]
    public void Judge_FailsForWhatNoOtherWorkloadBrings_FailsAtOnce(string code)
    {
        var descriptor = new[] { DiagnosticDescriptors.StartFails, DiagnosticDescriptors.OutOfMemory, DiagnosticDescriptors.ImageNotFound }.Single(item => item.Code == code);

        Assert.Equal(RolloutVerdict.Failed, With(Crashed(2) with { Finding = Found(descriptor, 2) }, Pulling));
    }

    private static RolloutVerdict Alone(RolloutState web) => new StartOrder().Judge(new Dictionary<ObjectId, RolloutState> { [Web] = web }, Start)[Web].Verdict;

    private static RolloutVerdict With(RolloutState web, RolloutState other) =>
        new StartOrder().Judge(new Dictionary<ObjectId, RolloutState> { [Web] = web, [Database] = other }, Start)[Web].Verdict;

    private static RolloutState Crashed(int restarts) =>
        new(RolloutVerdict.Failed, new WorkloadStatus(WorkloadState.InProgress, "", 0, 1, 1), Found(DiagnosticDescriptors.CrashLoop, restarts));

    private static Finding Found(DiagnosticDescriptor descriptor, int restarts) =>
        new(descriptor, new ObjectId("v1", "Pod", "shop", "web-1"), "web", "CrashLoopBackOff", $"Container 'web' crashes again and again (exit code 1, {restarts} restarts).", true);
}

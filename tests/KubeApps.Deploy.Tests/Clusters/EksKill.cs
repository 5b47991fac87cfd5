using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Clusters;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>Ends a run as a kill does: what it has just sent is done, but nobody hears the answer, and nothing more is sent.</summary>
internal sealed class EksKill : IEventSink, IDisposable
{
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly EksMoment _moment;
    private volatile bool _isDue;
    private string? _at;

    private EksKill(EksMoment moment) => (_moment, _isDue) = (moment, moment.Step is null);

    /// <summary>Does a plan until the moment has come.</summary>
    /// <returns>The write or the step at which it was killed; null where it ended before.</returns>
    public static async Task<string?> ExecuteAsync(StandInAccount account, EksStandIn eks, ClusterPlan plan, EksMoment moment)
    {
        using var kill = new EksKill(moment);
        // Steps are done side by side: all that they have sent goes the same way.
        account.Next(64, Fault.CutBefore, kill.ComesTooLate);
        account.Next(64, Fault.CutAfter, kill.Strikes);
        try
        {
            await eks.Provider.ExecuteAsync(plan, kill, kill._end.Token);
            return null;
        }
        catch (OperationCanceledException) when (kill._end.IsCancellationRequested)
        {
            return kill._at ?? kill._moment.Step;
        }
        finally
        {
            // What was sent before the end is done before the next run looks, or not at all.
            await account.SettledAsync();
            account.ForgetFaults();
        }
    }

    /// <summary>Has one run after the other killed at its first write, until one has none.</summary>
    public static async Task AtEachWriteAsync(StandInAccount account, EksStandIn eks, Func<Task<ClusterPlan>> plan)
    {
        const int Many = 150;
        List<string> killed = [];
        while (await ExecuteAsync(account, eks, await plan(), EksMoment.NextWrite) is { } at)
        {
            killed.Add(at);
            Assert.True(killed.Count < Many, $"It gets nowhere: {string.Join(", ", killed)}");
        }
    }

    public void Publish(DeployEvent deployEvent)
    {
        if (deployEvent is DeployEvent.StepStarted started && started.StepId == _moment.Step && _moment.IsWithin)
            _isDue = true;
        // One that writes nothing is over.
        if (deployEvent is DeployEvent.StepFinished finished && finished.StepId == _moment.Step)
            _end.Cancel();
    }

    public void Dispose() => _end.Dispose();

    // Who was killed sends nothing again. Here a run hears of its end a moment later, step by step.
    private bool ComesTooLate(StandInRequest request) => _end.IsCancellationRequested && request.Attempt > 1;

    private bool Strikes(StandInRequest request)
    {
        if (!_isDue || IsRead(request.Operation))
            return _end.IsCancellationRequested && !IsRead(request.Operation);
        _at ??= request.Action;
        _end.Cancel();
        return true;
    }

    private static bool IsRead(string operation) => operation.StartsWith("Describe", StringComparison.Ordinal) || operation.StartsWith("List", StringComparison.Ordinal) || operation.StartsWith("Get", StringComparison.Ordinal);
}

/// <summary>When a run is killed.</summary>
/// <param name="Step">The step; null for whichever it is in.</param>
/// <param name="IsWithin">At its next write. Else right after it.</param>
internal readonly record struct EksMoment(string? Step, bool IsWithin)
{
    public static readonly EksMoment NextWrite = new(null, true);

    public static EksMoment Within(string step) => new(step, true);

    public static EksMoment After(string step) => new(step, false);
}

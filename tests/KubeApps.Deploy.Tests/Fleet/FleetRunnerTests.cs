using KubeApps.Deploy.Fleet;
using KubeApps.Diagnostics;
using Microsoft.Extensions.Time.Testing;

namespace KubeApps.Deploy.Tests.Fleet;

public sealed class FleetRunnerTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Run_WhereSomeFail_SaysOfEachWhatBecameOfIt()
    {
        var results = await RunAsync(new FleetOrder(), ["fine", "refused", "broken", "bad", "late"], (name, _) => name switch
        {
            "late" => throw new StepTimedOutException(DiagnosticDescriptors.ClusterStepTimedOut.Because("It is not done.")),
            "refused" => throw new DiagnosticException(DiagnosticDescriptors.ClusterUnreachable.Because("It is off.")),
            "broken" => throw new InvalidOperationException("A defect."),
            _ => Task.FromResult(name),
        });

        Assert.Equal([FleetOutcome.Done, FleetOutcome.Failed, FleetOutcome.Failed, FleetOutcome.Failed, FleetOutcome.TimedOut], results.Select(result => result.Outcome));
        Assert.Equal(["KUBEAPP8001", "KUBEAPP0099", DiagnosticDescriptors.ClusterStepTimedOut.Code], results.SelectMany(result => result.Problems).Select(problem => problem.Code));
        // What counts as a failure is there all the same.
        Assert.Equal("bad", results[3].Value);
    }

    [Fact]
    public async Task Run_OfOneThatDoesNotEnd_IsOverForItAtItsLimit()
    {
        // Time goes on when both have begun: one that comes to its turn too late has no time left.
        var (begins, hangs) = (new TaskCompletionSource(), new TaskCompletionSource());
        var running = RunAsync(new FleetOrder { Timeout = TimeSpan.FromSeconds(30) }, ["fine", "slow"], async (name, token) =>
        {
            (name == "fine" ? begins : hangs).SetResult();
            if (name == "slow")
                await Task.Delay(Timeout.InfiniteTimeSpan, _clock, token);
            return name;
        });
        await Task.WhenAll(begins.Task, hangs.Task).WaitAsync(TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromSeconds(30));

        var results = await running;

        Assert.Equal([FleetOutcome.Done, FleetOutcome.TimedOut], results.Select(result => result.Outcome));
        Assert.Equal("There was no end within 30 seconds.", Assert.Single(results[1].Problems).Cause);
    }

    [Fact]
    public async Task Run_WhereTheCanaryFails_TouchesNobodyElse()
    {
        var touched = new List<string>();
        var results = await RunAsync(new FleetOrder { Waves = FleetOrder.Canary, MostFailures = 1 }, ["bad", "b", "c"], (name, _) =>
        {
            touched.Add(name);
            return Task.FromResult(name);
        });

        Assert.Equal(["bad"], touched);
        Assert.Equal([FleetOutcome.Failed, FleetOutcome.Skipped, FleetOutcome.Skipped], results.Select(result => result.Outcome));
    }

    [Fact]
    public async Task Run_Cancelled_WaitsForThoseThatRunAndBeginsNoMore()
    {
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var results = await new FleetRunner(new FleetOrder { Parallel = 2 }, _clock).RunAsync(["a", "ends", "c"], async (name, token) =>
        {
            if (name == "a")
                await cancelling.CancelAsync();
            // One that has its result by then has it.
            if (name != "ends")
                await Task.Delay(Timeout.InfiniteTimeSpan, _clock, token);
            return name;
        }, null, cancelling.Token);

        Assert.Equal(FleetOutcome.Cancelled, results[0].Outcome);
        Assert.Equal(FleetOutcome.Cancelled, results[2].Outcome);
    }

    [Fact]
    public async Task Run_OfMany_TellsBeginAndEndOfEach()
    {
        var told = new List<(int, FleetItemState)>();
        await new FleetRunner(new FleetOrder { Parallel = 1 }, _clock) { Tell = (index, state) => told.Add((index, state)) }
            .RunAsync(["a", "bad"], (name, _) => Task.FromResult(name), name => name != "bad", TestContext.Current.CancellationToken);

        Assert.Equal([(0, FleetItemState.Running), (0, FleetItemState.Done), (1, FleetItemState.Running), (1, FleetItemState.Failed)], told);
    }

    private Task<IReadOnlyList<FleetResult<string, string>>> RunAsync(FleetOrder order, IReadOnlyList<string> items, Func<string, CancellationToken, Task<string>> work) =>
        new FleetRunner(order, _clock).RunAsync(items, work, name => name != "bad", TestContext.Current.CancellationToken);
}

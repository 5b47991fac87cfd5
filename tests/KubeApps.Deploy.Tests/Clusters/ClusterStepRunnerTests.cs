using System.Collections.Concurrent;
using KubeApps.Deploy.Clusters;
using KubeApps.Diagnostics;
using KubeApps.Events;
using Microsoft.Extensions.Time.Testing;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>How the steps of a plan are done.</summary>
public class ClusterStepRunnerTests
{
    private readonly Heard _heard = new();
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_StepsThatWaitForNothing_AreDoneSideBySide()
    {
        var both = new Barrier();

        await Run([Step("a"), Step("b")], async (_, _, token) =>
        {
            both.Arrive();
            await both.WaitForAsync(2, token);
            return "done";
        });

        Assert.Equal(2, _heard.Events.OfType<DeployEvent.StepFinished>().Count());
    }

    [Fact]
    public async Task Run_StepThatWaits_BeginsAfterThoseBefore()
    {
        await Run([Step("a"), Step("b"), Step("c", "a", "b")], (_, _, _) => Task.FromResult("done"));

        Assert.Equal("c", _heard.Events.OfType<DeployEvent.StepStarted>().Last().StepId);
        Assert.Equal(["a", "b", "c"], _heard.Events.OfType<DeployEvent.StepFinished>().Select(finished => finished.StepId).Order());
    }

    [Fact]
    public async Task Run_MoreStepsThanRoom_HoldsSomeBack()
    {
        var (now, most) = (0, 0);

        await new ClusterStepRunner(_heard, _clock) { Parallelism = 2 }.RunAsync([.. "abcdefgh".Select(letter => Step($"{letter}"))], async (_, _, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref now));
            await Task.Yield();
            Interlocked.Decrement(ref now);
            return "";
        }, Cancellation);

        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task Run_StepFails_EndsTheWaitingOfOthersAndBeginsNoMore()
    {
        var others = new Barrier();

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => Run([Step("a"), Step("b"), Step("c", "b")], async (step, _, token) =>
        {
            if (step.Id == "b")
            {
                others.Arrive();
                await Task.Delay(Timeout.Infinite, token);
            }

            await others.WaitForAsync(1, token);
            throw new DiagnosticException(DiagnosticDescriptors.ClusterResourceFailed.Because("No machines."));
        }));

        Assert.Equal("KUBEAPP8119", failure.Diagnostics[0].Code);
        Assert.Equal(["a", "b"], _heard.Events.OfType<DeployEvent.StepStarted>().Select(started => started.StepId).Order());
    }

    [Fact]
    public async Task Run_StepTakesTooLong_SaysWhatItWaitedFor()
    {
        var waits = new Barrier();
        var run = Run([Step("a") with { Timeout = TimeSpan.FromMinutes(5) }], async (_, progress, token) =>
        {
            progress.Say("CREATING");
            waits.Arrive();
            await Task.Delay(Timeout.Infinite, token);
            return "";
        });
        await waits.WaitForAsync(1, Cancellation);
        _clock.Advance(TimeSpan.FromMinutes(5));

        var failure = await Assert.ThrowsAsync<StepTimedOutException>(() => run);

        Assert.Equal("KUBEAPP8110", failure.Diagnostic.Code);
        Assert.Contains("it is CREATING", failure.Diagnostic.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Cancelled_IsCancelled()
    {
        using var enough = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ClusterStepRunner(_heard, _clock).RunAsync([Step("a")], async (_, _, token) =>
        {
            await enough.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
            return "";
        }, enough.Token));
    }

    [Fact]
    public async Task Say_TheSameAgain_IsToldOnceAMinute()
    {
        await Run([Step("a") with { Expected = TimeSpan.FromMinutes(9) }], (_, progress, _) =>
        {
            progress.Say("CREATING");
            _clock.Advance(TimeSpan.FromSeconds(30));
            progress.Say("CREATING");
            _clock.Advance(TimeSpan.FromSeconds(30));
            progress.Say("CREATING");
            progress.Say("ACTIVE");
            return Task.FromResult("");
        });

        Assert.Equal(
            ["  a: CREATING, 0 s of about 9 min", "  a: CREATING, 1 min of about 9 min", "  a: ACTIVE, 1 min of about 9 min"],
            _heard.Events.OfType<DeployEvent.StepSaid>().Select(said => said.Line));
    }

    [Fact]
    public async Task Run_StepWaitsForWhatComesLater_IsAMistake() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Run([Step("a", "b"), Step("b")], (_, _, _) => Task.FromResult("")));

    private static ClusterStep Step(string id, params IReadOnlyList<string> after) => new(id, $"Make {id}", ClusterAction.Create, after);

    private Task Run(IReadOnlyList<ClusterStep> steps, Func<ClusterStep, StepProgress, CancellationToken, Task<string>> act) =>
        new ClusterStepRunner(_heard, _clock).RunAsync(steps, act, Cancellation);

    private sealed class Heard : IEventSink
    {
        private readonly ConcurrentQueue<DeployEvent> _events = new();

        public IReadOnlyList<DeployEvent> Events => [.. _events];

        public void Publish(DeployEvent deployEvent) => _events.Enqueue(deployEvent);
    }

    private sealed class Barrier
    {
        private readonly SemaphoreSlim _arrived = new(0);

        public void Arrive() => _arrived.Release();

        public async Task WaitForAsync(int count, CancellationToken cancellationToken)
        {
            for (var index = 0; index < count; index++)
                await _arrived.WaitAsync(cancellationToken);
            _arrived.Release(count);
        }
    }
}

using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Clusters;

/// <summary>
/// Does the steps of a plan: each as soon as those before it are done, so many at once, none longer than it may. The first that fails ends the waiting
/// of the others: a step can be cut anywhere, and what is running at the provider goes on there.
/// </summary>
/// <param name="sink">Told how far each step is.</param>
/// <param name="clock">The time.</param>
internal sealed class ClusterStepRunner(IEventSink sink, TimeProvider clock)
{
    // AWS counts requests; sixteen groups of nodes can be waited for at once.
    public int Parallelism { get; init; } = 16;

    /// <exception cref="DiagnosticException">Steps fail, with all that is wrong.</exception>
    /// <exception cref="StepTimedOutException">A step takes longer than it may.</exception>
    public async Task RunAsync<TStep>(IReadOnlyList<TStep> steps, Func<TStep, StepProgress, CancellationToken, Task<string>> act, CancellationToken cancellationToken)
        where TStep : ClusterStep
    {
        ClusterSteps.RequireOrder(steps);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var room = new SemaphoreSlim(Parallelism);
        var failures = new ConcurrentQueue<Exception>();
        var running = new Dictionary<string, Task>(StringComparer.Ordinal);
        foreach (var step in steps)
            running[step.Id] = RunWhenReadyAsync(step, [.. step.After.Select(id => running[id])]);
        await Task.WhenAll(running.Values);
        Throw([.. failures], cancellationToken);

        async Task RunWhenReadyAsync(TStep step, Task[] before)
        {
            // None of them throws; what must not begin is told by the token.
            await Task.WhenAll(before);
            try
            {
                await room.WaitAsync(stop.Token);
                try
                {
                    await RunOneAsync(step, act, stop.Token);
                }
                finally
                {
                    room.Release();
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Another one failed, or somebody has had enough.
            }
            catch (Exception failure)
            {
                failures.Enqueue(failure);
                await stop.CancelAsync();
            }
        }
    }

    private async Task RunOneAsync<TStep>(TStep step, Func<TStep, StepProgress, CancellationToken, Task<string>> act, CancellationToken cancellationToken)
        where TStep : ClusterStep
    {
        var progress = new StepProgress(step, sink, clock);
        using var late = new CancellationTokenSource(step.Timeout, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        sink.Publish(new DeployEvent.StepStarted(step.Id, step.Title));
        try
        {
            var summary = await act(step, progress, limit.Token);
            sink.Publish(new DeployEvent.StepFinished(step.Id, step.Title, summary, progress.Age));
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new StepTimedOutException(DiagnosticDescriptors.ClusterStepTimedOut.Because(
                $"'{step.Title}' is not done after {step.Timeout.TotalMinutes:0.#} minutes{(progress.State is { } state ? $"; it is {state}" : "")}."));
        }
    }

    private static void Throw(IReadOnlyList<Exception> failures, CancellationToken cancellationToken)
    {
        if (failures.FirstOrDefault(failure => failure is not DiagnosticException and not StepTimedOutException) is { } unexpected)
            ExceptionDispatchInfo.Throw(unexpected);
        // What AWS said is worth more than that something else took too long.
        if (failures.OfType<DiagnosticException>().ToList() is { Count: > 0 } expected)
            throw expected.Count == 1 ? expected[0] : new DiagnosticException([.. expected.SelectMany(failure => failure.Diagnostics).DistinctBy(Sameness)], expected[0]);
        if (failures is [var first, ..])
            ExceptionDispatchInfo.Throw(first);
        cancellationToken.ThrowIfCancellationRequested();
    }

    // Whoever is not let in any more is refused at all doors at once.
    private static object Sameness(Diagnostic diagnostic) => diagnostic.Code == DiagnosticDescriptors.AwsCredentialsRefused.Code ? diagnostic.Code : diagnostic;
}

/// <summary>How far a step is: its state, its age, and how long such a thing takes.</summary>
internal sealed class StepProgress(ClusterStep step, IEventSink sink, TimeProvider clock)
{
    // Something that does not change for so long is told again: it is still there.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    private readonly long _began = clock.GetTimestamp();
    private long _told;

    public string? State { get; private set; }

    public TimeSpan Age => clock.GetElapsedTime(_began);

    /// <summary>Says what it is doing; the same again is told once a minute.</summary>
    public void Say(string state)
    {
        if (state == State && clock.GetElapsedTime(_told) < Silence)
            return;
        (State, _told) = (state, clock.GetTimestamp());
        var expected = step.Expected > TimeSpan.Zero ? $" of about {Text(step.Expected)}" : "";
        sink.Publish(new DeployEvent.StepSaid(step.Id, $"  {step.Id}: {state}, {Text(Age)}{expected}"));
    }

    private static string Text(TimeSpan time) => time < TimeSpan.FromMinutes(1) ? $"{time.TotalSeconds:0} s" : $"{time.TotalMinutes:0.#} min";
}

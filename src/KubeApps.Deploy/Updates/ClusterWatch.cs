using System.Net;
using System.Runtime.ExceptionServices;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Clusters;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Updates;

/// <summary>Watches a cluster that gets load: its pods, the checks, and how its answers compare with those of the old one.</summary>
/// <param name="world">Where it is looked.</param>
/// <param name="step">What events name it by.</param>
/// <param name="sink">Told what is not known.</param>
/// <param name="clock">The time.</param>
internal sealed class ClusterWatch(UpdateWorld world, string step, IEventSink sink, TimeProvider clock)
{
    /// <summary>
    /// How long a question that gets no answer is asked again before that counts, from the first one on. What cannot be measured counts only when the time is
    /// over as well, so that it is waited for this long beyond it at most.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    // Nobody counts what arrives in less than that.
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    // Those will be the same whenever it is asked.
    private static readonly IReadOnlyList<string> Final = [DiagnosticDescriptors.AwsForbidden.Code, DiagnosticDescriptors.UpdateStateUnreadable.Code];

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>Asked again and again whether somebody else ended this: with what is thrown then.</summary>
    public Func<CancellationToken, Task<DiagnosticException?>>? Ended { get; init; }

    /// <summary>For how long the new cluster has had what it has already: a run that was cut has watched it, and nobody knows what that one saw.</summary>
    public TimeSpan Past { get; init; }

    /// <summary>How long before all that the old cluster's answers count, too: one that gets nothing any more is known by those that it gave when it did.</summary>
    public TimeSpan Before { get; init; }

    /// <summary>Why it is not good; nothing where it is. Once at least it is asked what arrived.</summary>
    /// <param name="to">The new cluster.</param>
    /// <param name="from">The old one.</param>
    /// <param name="time">How long it is watched, the time that is past already included.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DiagnosticException">Nobody can say, or somebody else ended it.</exception>
    public async Task<IReadOnlyList<FailureReport>> RunAsync(AppCluster to, AppCluster from, TimeSpan time, CancellationToken cancellationToken)
    {
        // What happened in the last moment must be known, too, before it is called good; and something must have had the time to happen.
        time = (time > TimeSpan.Zero ? time : Shortest) - Past + world.Provider.Load.Delay;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var inside = world.Insides.WatchAsync(to, time, over.Token);
        var outside = LoadAsync(to, from, time, over.Token);
        try
        {
            // The first that finds something ends it; where the first finds nothing, the other may yet.
            var first = await Task.WhenAny(inside, outside);
            return await first is { Count: > 0 } failures ? failures : first == inside ? await outside : await inside;
        }
        finally
        {
            await over.CancelAsync();
            await ((Task)Task.WhenAll(inside, outside)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IReadOnlyList<FailureReport>> LoadAsync(AppCluster to, AppCluster from, TimeSpan time, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        long? unknownSince = null;
        while (true)
        {
            var left = time - clock.GetElapsedTime(started);
            if (left > TimeSpan.Zero || unknownSince is not null)
                await Task.Delay(left > TimeSpan.Zero && left < Pause ? left : Pause, clock, cancellationToken);
            // Nobody looks into the cluster any more when the time is over: as long as it is waited for an answer, it must not fall unseen.
            if (left <= TimeSpan.Zero && unknownSince is not null && await world.Insides.WatchAsync(to, TimeSpan.Zero, cancellationToken) is { Count: > 0 } failures)
                return failures;
            var answer = await AskAsync(to, from, Past + clock.GetElapsedTime(started) - world.Provider.Load.Delay, cancellationToken);
            if (answer.Ended is not null)
                throw answer.Ended;
            if (answer.Verdict is { } verdict)
                return [new FailureReport(DiagnosticDescriptors.UpdateFailed.Code, $"Cluster {to.Name}", $"Cluster {to.Name}", null, "Errors", verdict, [], DiagnosticDescriptors.UpdateFailed.NextStep)];
            var isOver = clock.GetElapsedTime(started) >= time;
            if (answer.Unknown is not { } unknown)
            {
                unknownSince = null;
                if (isOver)
                    return [];
                continue;
            }

            Say($"{unknown} It is asked again.");
            unknownSince ??= clock.GetTimestamp();
            if (clock.GetElapsedTime(unknownSince.Value) < Patience)
                continue;
            if (answer.Failure is { } failure)
                ExceptionDispatchInfo.Throw(failure);
            if (isOver || answer.IsSuspect)
                throw new DiagnosticException(DiagnosticDescriptors.LoadNotMeasured.Because($"{unknown} That is so for {Patience.TotalMinutes:0} min{(isOver ? ", and the time is over in which it was to be watched" : "")}."));
        }
    }

    private async Task<Answer> AskAsync(AppCluster to, AppCluster from, TimeSpan window, CancellationToken cancellationToken)
    {
        try
        {
            if (Ended is not null && await Ended(cancellationToken) is { } ended)
                return new Answer { Ended = ended };
            if (window <= TimeSpan.Zero)
                return new Answer();
            var load = await Task.WhenAll(world.Provider.Load.MeasureAsync(to, window, cancellationToken), world.Provider.Load.MeasureAsync(from, window + Before, cancellationToken));
            if (!load[0].CountsErrors)
            {
                Say($"Nothing counts the errors of {to.Name}: its pods and the checks alone say whether it is good.");
                return new Answer();
            }

            if (!load[0].IsKnown)
                return new Answer { Unknown = load[0].HasEntrance ? $"Nobody can say how many requests {to.Name} answers with an error." : $"{to.Name} has no load balancer that is found, though load is led there." };
            var verdict = LoadHealth.Verdict(to.Name, load[0], load[1]);
            // However many those are, the old one may answer as badly.
            return verdict is null || load[1].IsKnown ? new Answer { Verdict = verdict }
                : new Answer { Unknown = $"{to.Name} answers requests with an error, and nobody can say how many of them {from.Name} does.", IsSuspect = true };
        }
        catch (DiagnosticException failure) when (!Final.Contains(failure.Diagnostics[0].Code))
        {
            return new Answer { Unknown = failure.Diagnostics[0].Cause, Failure = failure };
        }
        catch (ApiException failure) when (failure.Status is not (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized))
        {
            return new Answer { Unknown = ApiDiagnostics.For(failure, world.Owner.App).Cause, Failure = failure };
        }
    }

    private void Say(string line)
    {
        if (_told.Add(line))
            sink.Publish(new DeployEvent.StepSaid(step, line));
    }

    private sealed record Answer
    {
        public DiagnosticException? Ended { get; init; }

        /// <summary>Why it is not good; null where it is, as far as that is known.</summary>
        public string? Verdict { get; init; }

        /// <summary>What is not known; null where all is that there is to know.</summary>
        public string? Unknown { get; init; }

        /// <summary>Whether users get errors of which nobody knows whether they got them before: they have them for no longer than need be.</summary>
        public bool IsSuspect { get; init; }

        /// <summary>Why nobody answered.</summary>
        public Exception? Failure { get; init; }
    }
}

using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Fleet;

/// <summary>What became of one of many.</summary>
internal enum FleetOutcome
{
    Done,
    Failed,
    TimedOut,

    /// <summary>Too much had failed before its turn came: it was not touched.</summary>
    Skipped,
    Cancelled,
}

/// <summary>What became of one of many, which says nothing of the others.</summary>
/// <param name="Item">Of which.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Value">What was made of it; default where it did not come to that.</param>
/// <param name="Problems">Why not.</param>
/// <param name="Elapsed">How long it took.</param>
internal sealed record FleetResult<TItem, T>(TItem Item, FleetOutcome Outcome, T? Value, IReadOnlyList<Diagnostic> Problems, TimeSpan Elapsed);

/// <summary>Works on many in an order. Whatever becomes of one, the others get their turn as the order says.</summary>
internal sealed class FleetRunner(FleetOrder order, TimeProvider clock)
{
    /// <summary>Told, one call at a time, whenever one begins or ends: its place among the items, and how far it is.</summary>
    public Action<int, FleetItemState>? Tell { get; init; }

    /// <summary>A result for each item, in their order. Cancelled, it waits for those that run, and says of each what became of it.</summary>
    /// <param name="items">Those that are worked on.</param>
    /// <param name="work">Works on one; heeds its token.</param>
    /// <param name="isGood">Whether what was made of one counts as success; null: all does that was made.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<FleetResult<TItem, T>>> RunAsync<TItem, T>(
        IReadOnlyList<TItem> items, Func<TItem, CancellationToken, Task<T>> work, Func<T, bool>? isGood, CancellationToken cancellationToken)
    {
        var states = new FleetItemState[items.Count];
        var results = new FleetResult<TItem, T>?[items.Count];
        var running = new Dictionary<Task<FleetResult<TItem, T>>, int>();
        while (true)
        {
            foreach (var index in cancellationToken.IsCancellationRequested ? [] : order.Next(states))
            {
                Become(index, FleetItemState.Running);
                running.Add(OneAsync(items[index], work, isGood, cancellationToken), index);
            }

            if (running.Count == 0)
                break;
            var ended = await Task.WhenAny(running.Keys);
            running.Remove(ended, out var place);
            results[place] = await ended;
            Become(place, results[place]!.Outcome == FleetOutcome.Done ? FleetItemState.Done : FleetItemState.Failed);
        }

        var untouched = cancellationToken.IsCancellationRequested ? FleetOutcome.Cancelled : FleetOutcome.Skipped;
        return [.. results.Select((result, index) => result ?? new FleetResult<TItem, T>(items[index], untouched, default, [], TimeSpan.Zero))];

        void Become(int index, FleetItemState state)
        {
            states[index] = state;
            Tell?.Invoke(index, state);
        }
    }

    private async Task<FleetResult<TItem, T>> OneAsync<TItem, T>(
        TItem item, Func<TItem, CancellationToken, Task<T>> work, Func<T, bool>? isGood, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        FleetResult<TItem, T> Result(FleetOutcome outcome, T? value, params IReadOnlyList<Diagnostic> problems) => new(item, outcome, value, problems, clock.GetElapsedTime(began));
        using var limit = new CancellationTokenSource(order.Timeout ?? Timeout.InfiniteTimeSpan, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // What is read from files and computed of one keeps nobody else from beginning.
            var value = await Task.Run(() => work(item, both.Token), both.Token);
            return isGood is null || isGood(value) ? Result(FleetOutcome.Done, value)
                // What was made of it by then is worth knowing.
                : cancellationToken.IsCancellationRequested ? Result(FleetOutcome.Cancelled, value)
                : limit.IsCancellationRequested ? Result(FleetOutcome.TimedOut, value, TimedOut())
                : Result(FleetOutcome.Failed, value);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Result(FleetOutcome.Cancelled, default);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return Result(FleetOutcome.TimedOut, default, TimedOut());
        }
        catch (StepTimedOutException failure)
        {
            return Result(FleetOutcome.TimedOut, default, failure.Diagnostic);
        }
        catch (DiagnosticException failure)
        {
            return Result(FleetOutcome.Failed, default, failure.Diagnostics);
        }
        catch (ApiException refusal)
        {
            return Result(FleetOutcome.Failed, default, ApiDiagnostics.For(refusal, "The request"));
        }
        catch (Exception failure)
        {
            // A defect that one app meets must not take the report of all others along.
            return Result(FleetOutcome.Failed, default, DiagnosticDescriptors.Unexpected.Because($"{failure.GetType().Name}: {failure.Message}"));
        }

        Diagnostic TimedOut() => DiagnosticDescriptors.FleetTimedOut.Because($"There was no end within {order.Timeout!.Value.TotalSeconds:0.###} seconds.");
    }
}

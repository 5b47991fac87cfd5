using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Switching;

/// <summary>Takes back a deploy into another slot that failed: the version that served serves, and the new one is removed.</summary>
internal static class SlotRecovery
{
    public static async Task<DeployResult> TakeBackAsync(
        DeployResult failed, DeployRun run, RevisionRecorder? recorder, IEventSink sink, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Who lost the lock, or found that somebody else decided, has no say any more. Without a version before there is nothing to go back to.
        if (failed.Outcome is not (DeployOutcome.Failed or DeployOutcome.TimedOut)
            || run.Unfinished is not { Rollout: { Live: { } live, Next: { } next } } inventory
            || run.HasLostLock || failed.Diagnostics.Any(item => IsSomebodyElses(item.Code)))
            return failed;
        Diagnostic outcome;
        if (!inventory.Rollout.CanBeTakenBack)
        {
            outcome = DiagnosticDescriptors.OldVersionStays.Because($"{inventory.App} is served by {SlotSteps.Name(next)}, which holds; not all of {SlotSteps.Name(live)} could be deleted.");
            sink.Publish(new DeployEvent.DiagnosticRaised(outcome));
            return failed with { Diagnostics = [.. failed.Diagnostics, outcome] };
        }

        try
        {
            RevisionRules.RequireReversibleSwitch(inventory);
            outcome = await run.ExecuteAsync(BlueGreenPlanner.TakeBack(inventory, now), recorder, cancellationToken)
                ? DiagnosticDescriptors.OldVersionServes.Because($"{inventory.App} is served by {SlotSteps.Name(live)} as before; {SlotSteps.Name(next)} was removed.")
                : DiagnosticDescriptors.NotTakenBack.Because($"Another run of {inventory.App} came in between.");
        }
        catch (DiagnosticException refusal) when (refusal.Diagnostics[0].Code == DiagnosticDescriptors.OneWayMigration.Code)
        {
            // That does not pass.
            outcome = DiagnosticDescriptors.NotTakenBack.Because(refusal.Diagnostics[0].Cause, nextStep: refusal.Diagnostics[0].NextStep);
        }
        catch (ApiException refusal)
        {
            outcome = DiagnosticDescriptors.NotTakenBack.Because(ApiDiagnostics.For(refusal, inventory.App).Cause);
        }
        catch (Exception failure) when (failure is DiagnosticException or StepTimedOutException or OperationCanceledException)
        {
            outcome = DiagnosticDescriptors.NotTakenBack.Because(
                (failure as DiagnosticException)?.Diagnostics[0].Cause ?? (failure as StepTimedOutException)?.Diagnostic.Cause ?? "It was cancelled.");
        }

        if (cancellationToken.IsCancellationRequested && outcome.Code == DiagnosticDescriptors.NotTakenBack.Code)
            failed = failed with { Outcome = DeployOutcome.Cancelled, ExitCode = ExitCodes.Cancelled };
        sink.Publish(new DeployEvent.DiagnosticRaised(outcome));
        var isBack = outcome.Code == DiagnosticDescriptors.OldVersionServes.Code;
        if (isBack)
            failed = TellWhatStays(failed, inventory, sink);
        return failed with
        {
            Outcome = isBack ? DeployOutcome.RolledBack : failed.Outcome,
            ExitCode = isBack ? ExitCodes.RolledBack : failed.ExitCode,
            Diagnostics = [.. failed.Diagnostics, outcome],
        };
    }

    /// <summary>What the version that was taken away has done to what all versions share.</summary>
    /// <param name="result">How it ended.</param>
    /// <param name="taken">What stood before it was taken away.</param>
    /// <param name="sink">Told.</param>
    public static DeployResult TellWhatStays(DeployResult result, Inventory taken, IEventSink sink)
    {
        List<Diagnostic> stays = [];
        // Nobody but a deploy of the version that serves can say how it was.
        if (taken.Rollout is { Changed: { Count: > 0 } changed, Former: var former })
            stays.Add(DiagnosticDescriptors.ChangedInPlace.Because(
                $"All versions of {result.App} share what the new one changed: {string.Join(", ", changed)}.",
                nextStep: former?.Revision is { } revision ? $"Bring it back with 'dotnet kubeapp rollback --to-revision {revision}', or deploy again." : null));
        if (taken.OneWayJobsSinceFormer is { Count: > 0 } jobs)
            stays.Add(DiagnosticDescriptors.MigrationStays.Because(
                $"The version of {result.App} that serves may not fit the data any more: since it was deployed {string.Join(" and ", jobs)} has run, declared one-way."));
        foreach (var warning in stays)
            sink.Publish(new DeployEvent.DiagnosticRaised(warning));
        return result with { Diagnostics = [.. result.Diagnostics, .. stays] };
    }

    private static bool IsSomebodyElses(string code) =>
        code == DiagnosticDescriptors.EndedElsewhere.Code || code == DiagnosticDescriptors.LockLost.Code || code == DiagnosticDescriptors.Locked.Code;
}

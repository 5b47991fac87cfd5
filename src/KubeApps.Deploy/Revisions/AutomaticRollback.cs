using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Revisions;

/// <summary>Returns to the last good revision when a new one has failed after something of it was applied.</summary>
/// <param name="client">The cluster.</param>
/// <param name="deploy">Deploys: a rollback is one, too.</param>
/// <param name="sink">Told what is done.</param>
internal sealed class AutomaticRollback(KubeClient client, Func<DeployRequest, CancellationToken, Task<DeployResult>> deploy, IEventSink sink)
{
    // Another run holds the app now, a person has decided about a slot, or the new version serves already.
    private static readonly string[] OthersDecide =
    [
        DiagnosticDescriptors.LockLost.Code, DiagnosticDescriptors.Locked.Code, DiagnosticDescriptors.EndedElsewhere.Code, DiagnosticDescriptors.NotTakenBack.Code,
        DiagnosticDescriptors.OldVersionStays.Code,
    ];

    /// <summary>Cancelled is not failed: what was applied stays, and deploying again goes on from there.</summary>
    public static bool IsDue(DeployRequest request, DeployResult result) =>
        request.RollbackOnFailure && request.Restores is null && result is { Revision: not null, Outcome: DeployOutcome.Failed or DeployOutcome.TimedOut }
        && !result.Diagnostics.Any(item => OthersDecide.Contains(item.Code));

    /// <summary>The result with both causes: why the new version failed, and how the way back went.</summary>
    public async Task<DeployResult> RunAsync(DeployRequest request, DeployResult failed, CancellationToken cancellationToken)
    {
        var store = new RevisionStore(client);
        IReadOnlyList<Revision> revisions;
        Revision? target;
        try
        {
            revisions = await store.ListAsync(failed.App, failed.Namespace, cancellationToken);
            var inventory = await InventoryStore.ReadAsync(client, failed.App, failed.Namespace, cancellationToken);
            // Nothing of it was applied: what stands is the version before, and as good as it was.
            if (inventory?.Revision != failed.Revision)
                return failed;
            target = inventory is { Revision: { } current } ? RevisionRules.LastGood(revisions, current, inventory.Hash) : null;
            if (target is null)
                return With(failed, DiagnosticDescriptors.NothingToReturnTo.Because($"{failed.App} has no good revision before this one: what was applied stays.") with { Severity = DiagnosticSeverity.Warning });
            RevisionRules.RequireReversible(inventory, target.Number, target.Content?.Environment);
        }
        catch (Exception failure) when (failure is ApiException or DiagnosticException)
        {
            return NotRolledBack(failed, DiagnosticsOf(failure, failed.App), null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return failed with { Outcome = DeployOutcome.Cancelled, ExitCode = ExitCodes.Cancelled };
        }

        sink.Publish(new DeployEvent.Note($"{failed.App} is taken back to revision {target.Number}."));
        var back = await deploy(Rollback.To(target, request.By) with { Timeout = request.Timeout, Policy = request.Policy }, cancellationToken);
        if (back.Outcome == DeployOutcome.Cancelled)
            return failed with { Outcome = back.Outcome, ExitCode = back.ExitCode };
        if (back.ExitCode != ExitCodes.Done)
            return NotRolledBack(failed, back.Diagnostics, target) with { Failures = [.. failed.Failures, .. back.Failures] };
        await SayRolledBackAsync(store, revisions, failed.Revision, cancellationToken);
        return With(failed, DiagnosticDescriptors.RolledBack.Because(
            $"{failed.App} is back at revision {target.Number}{(target.Commit is { } commit ? $" (commit {Printable.Commit(commit)})" : "")}"
            + $"{(back.Revision is { } number ? $", as revision {number}" : "")}.")) with
        {
            Outcome = DeployOutcome.RolledBack,
            ExitCode = ExitCodes.RolledBack,
            RolledBackTo = target.Number,
        };
    }

    private async Task SayRolledBackAsync(RevisionStore store, IReadOnlyList<Revision> revisions, int? failed, CancellationToken cancellationToken)
    {
        if (revisions.FirstOrDefault(item => item.Number == failed) is not { } revision)
            return;
        try
        {
            await store.SetStateAsync(revision, revision.State with { Outcome = RevisionOutcome.RolledBack }, cancellationToken);
        }
        catch (Exception failure) when (failure is ApiException or DiagnosticException or OperationCanceledException)
        {
            // It stays "failed", which is true as well.
        }
    }

    private DeployResult NotRolledBack(DeployResult failed, IReadOnlyList<Diagnostic> causes, Revision? target)
    {
        var summary = DiagnosticDescriptors.RollbackFailed.Because(
            $"{failed.App} was not taken back{(target is null ? "" : $" to revision {target.Number}")}: {causes[0].Cause.TrimEnd('.')}.");
        var result = With(failed, summary);
        // What the rollback itself ran into was told as it happened; what kept it from starting was not.
        foreach (var cause in target is null ? causes : [])
            sink.Publish(new DeployEvent.DiagnosticRaised(cause));
        return result with { Outcome = DeployOutcome.Failed, ExitCode = ExitCodes.Failed, Diagnostics = [.. result.Diagnostics, .. causes] };
    }

    private DeployResult With(DeployResult failed, Diagnostic diagnostic)
    {
        sink.Publish(new DeployEvent.DiagnosticRaised(diagnostic));
        return failed with { Diagnostics = [.. failed.Diagnostics, diagnostic] };
    }

    private static IReadOnlyList<Diagnostic> DiagnosticsOf(Exception failure, string app) =>
        failure is ApiException refusal ? [ApiDiagnostics.For(refusal, app)] : ((DiagnosticException)failure).Diagnostics;
}

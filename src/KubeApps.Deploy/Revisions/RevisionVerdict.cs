using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Revisions;

/// <summary>Says how a revision ended whose own run ended before: promoted, aborted, or taken back.</summary>
internal sealed class RevisionVerdict(KubeClient client)
{
    /// <param name="inventory">As it stood when the revision was under way.</param>
    /// <param name="result">How it ended.</param>
    /// <param name="by">Who asked for it.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public async Task SayAsync(Inventory inventory, DeployResult result, string by, CancellationToken cancellationToken)
    {
        RevisionOutcome? verdict = result.Outcome switch
        {
            DeployOutcome.Deployed => RevisionOutcome.Deployed,
            DeployOutcome.Aborted => RevisionOutcome.Aborted,
            DeployOutcome.RolledBack => RevisionOutcome.RolledBack,
            _ => null,
        };
        if (verdict is not { } said || inventory.Revision is null)
            return;
        try
        {
            var store = new RevisionStore(client);
            var revisions = await store.ListAsync(inventory.App, inventory.Namespace, cancellationToken);
            if (revisions.FirstOrDefault(item => item.Number == inventory.Revision) is { } revision)
                await store.SetStateAsync(revision, StateOf(revision, said, result, by), cancellationToken);
        }
        catch (Exception failure) when (failure is ApiException or DiagnosticException or OperationCanceledException)
        {
            // The next deploy settles it by what stands.
        }
    }

    private RevisionState StateOf(Revision revision, RevisionOutcome said, DeployResult result, string by) => revision.State with
    {
        Outcome = said,
        // From its beginning, with all the time that it was held.
        Elapsed = client.Now > revision.StartedAt ? client.Now - revision.StartedAt : TimeSpan.Zero,
        Cause = said == RevisionOutcome.Aborted ? RevisionState.FirstLine($"Aborted by {by}.") : revision.State.Cause,
        // What one that failed has said may hold what nobody else is to read.
        Checks = said == RevisionOutcome.Deployed && result.Checks.Count > 0 ? RevisionCheck.Of(result.Checks, _ => "") : revision.State.Checks,
    };
}

using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Revisions;

/// <summary>Says how a revision ended whose own run ended before: promoted, aborted, or taken back.</summary>
internal sealed class RevisionVerdict(KubeClient client)
{
    /// <param name="inventory">As it stood when the revision was under way.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="by">Who asked for it.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public async Task SayAsync(Inventory inventory, DeployOutcome outcome, string by, CancellationToken cancellationToken)
    {
        RevisionOutcome? verdict = outcome switch
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
                await store.SetStateAsync(revision, revision.State with { Outcome = said, Cause = said == RevisionOutcome.Aborted ? RevisionState.FirstLine($"Aborted by {by}.") : revision.State.Cause }, cancellationToken);
        }
        catch (Exception failure) when (failure is ApiException or DiagnosticException or OperationCanceledException)
        {
            // The next deploy settles it by what stands.
        }
    }
}

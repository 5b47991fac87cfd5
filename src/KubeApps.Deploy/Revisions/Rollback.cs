using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy.Revisions;

/// <summary>
/// Going back is a deploy like any other: of the bundle that an old revision keeps, as a new revision. One plan restores images,
/// configuration, selectors and services, and deletes what the old version did not have.
/// </summary>
internal static class Rollback
{
    /// <summary>The deploy that restores a revision.</summary>
    public static DeployRequest To(Revision target, Author by) =>
        new(new Bundle(Bundle.CurrentSchemaVersion, target.App, target.Commit, false, new Dictionary<string, BundleImage>(), [target.Content!.Environment]) { Reference = target.Bundle }, target.Environment, target.Namespace)
        {
            Restores = target,
            By = by,
            // Who asks for the way back wants it now: a strategy that waits for a person does so with new versions.
            Hold = false,
        };

    /// <summary>The revision that is meant, of an app that stands; null takes the last good one before.</summary>
    public static async Task<Revision> FindTargetAsync(KubeClient client, Inventory inventory, int? number, CancellationToken cancellationToken)
    {
        var revisions = await new RevisionStore(client).ListAsync(inventory, cancellationToken);
        var target = RevisionRules.Target(revisions, inventory, number);
        RevisionRules.RequireReversible(inventory, target.Number, target.Content?.Environment);
        return target;
    }
}

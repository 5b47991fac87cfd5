using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy.Revisions;

/// <summary>What stands, as its revision knows the specification: for whoever checks it again. Jobs have run when it was deployed.</summary>
internal static class StandingRelease
{
    /// <summary>Null where the revision is not kept, or not with its objects.</summary>
    public static async Task<Release?> ReadAsync(KubeClient client, Inventory inventory, CancellationToken cancellationToken)
    {
        var revisions = await new RevisionStore(client).ListAsync(inventory.App, inventory.Namespace, cancellationToken);
        if (revisions.FirstOrDefault(item => item.Number == inventory.Revision) is not { Content.Environment: { } content } revision)
            return null;
        // Nothing of it is rolled out: it needs no time.
        return new Release(
            revision.App, revision.Environment, revision.Namespace, revision.Commit, [.. content.Objects.Select(ReleaseObject.Of)], revision.Hash, false, TimeSpan.Zero, null, content.EntryService)
        {
            Checks = [.. content.Checks.Where(check => check.Job is null)],
        };
    }
}

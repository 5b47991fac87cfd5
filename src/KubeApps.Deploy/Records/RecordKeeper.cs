using KubeApps.Deploy.Api;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Records;

/// <summary>Keeps what GitHub has of revisions, where they stand.</summary>
internal interface IRecordKeeper
{
    /// <summary>Which cluster that is; null where nobody may see it.</summary>
    Task<string?> ReadClusterAsync(CancellationToken cancellationToken);

    /// <summary>Writes down what GitHub has of a revision. What cannot be kept is no failure: who delivers next searches GitHub for it.</summary>
    Task KeepAsync(Revision revision, CancellationToken cancellationToken);
}

/// <summary>Beside the revisions, in their cluster.</summary>
internal sealed class RecordKeeper(KubeClient cluster) : IRecordKeeper
{
    private readonly RevisionStore _store = new(cluster);

    public async Task<string?> ReadClusterAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (string?)(await cluster.GetAsync(ResourceType.Namespace, null, "kube-system", cancellationToken))?["metadata"]?["uid"];
        }
        catch (Exception failure) when (failure is ApiException or DiagnosticException)
        {
            // A role for one namespace alone.
            return null;
        }
    }

    public async Task KeepAsync(Revision revision, CancellationToken cancellationToken)
    {
        if (revision.Uid is null)
            return;
        try
        {
            await _store.SetRecordAsync(revision, revision.Record!, cancellationToken);
        }
        catch (Exception failure) when (failure is ApiException or DiagnosticException)
        {
            // It is not kept any more.
        }
    }
}

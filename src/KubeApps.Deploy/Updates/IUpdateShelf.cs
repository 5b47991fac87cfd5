using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.Updates;

/// <summary>What clusters keep for the records of full updates.</summary>
internal interface IUpdateShelf
{
    /// <summary>The namespace of the app, in all its clusters.</summary>
    string Namespace { get; }

    /// <summary>The app's revisions in a cluster, with what its inventory says of them.</summary>
    Task<IReadOnlyList<Revision>> RevisionsAsync(AppCluster cluster, CancellationToken cancellationToken);

    /// <summary>Which cluster it is, whatever anybody calls it; null where nobody may see that.</summary>
    Task<string?> ReadUidAsync(AppCluster cluster, CancellationToken cancellationToken);

    /// <summary>Writes down what GitHub has of a revision.</summary>
    Task SetRecordAsync(AppCluster cluster, Revision revision, RecordMark mark, CancellationToken cancellationToken);

    /// <summary>Leaves what GitHub is owed to whoever deploys there next.</summary>
    Task LeaveAsync(AppCluster cluster, string app, LeftRecord left, CancellationToken cancellationToken);
}

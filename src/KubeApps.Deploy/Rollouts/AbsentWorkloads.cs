using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Rollouts;

/// <summary>Workloads that a watch does not show: they are not in its list yet, or somebody has deleted them.</summary>
internal sealed class AbsentWorkloads(KubeClient client)
{
    // A list may be a moment behind.
    private const int Patience = 4;

    private readonly Dictionary<ObjectId, int> _looks = [];

    /// <summary>It is there: when it is gone next, it was deleted.</summary>
    public void Saw(ObjectId workload) => _looks[workload] = Patience - 1;

    /// <summary>Whether a workload that is not to be seen is gone. The server itself is asked, for a watch may be out of date.</summary>
    public async Task<bool> IsDeletedAsync(ResourceType type, ObjectId workload, CancellationToken cancellationToken)
    {
        var looks = _looks[workload] = _looks.GetValueOrDefault(workload) + 1;
        return looks >= Patience && await client.GetAsync(type, workload.Namespace, workload.Name, cancellationToken) is null;
    }

    public static RolloutState Deleted(ObjectId workload) => new(
        RolloutVerdict.Failed, WorkloadStatus.Of(null),
        new Finding(DiagnosticDescriptors.DeletedMeanwhile, workload, null, "NotFound", "Somebody deleted it while it was deployed.", IsDecisive: true));
}

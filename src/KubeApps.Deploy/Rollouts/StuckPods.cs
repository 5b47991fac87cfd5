using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Events;

namespace KubeApps.Deploy.Rollouts;

/// <summary>
/// Pods of a former version that keep a StatefulSet from the one that is wanted. One that makes its pods in order (OrderedReady, the default) goes no further
/// while one of them is not ready, even where that one is of a version that was given up because it cannot come up: it waits for ever
/// (https://github.com/kubernetes/kubernetes/issues/67250). Kubernetes' documentation has people delete such a pod by hand ("Forced rollback"): it comes back as
/// the version that is wanted. A deploy does that itself.
/// </summary>
/// <param name="client">The cluster.</param>
/// <param name="sink">Told which pods are deleted.</param>
internal sealed class StuckPods(KubeClient client, IEventSink sink)
{
    private readonly Dictionary<string, (JsonObject Pod, Finding Finding)> _found = new(StringComparer.Ordinal);
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);

    /// <summary>Whether the role forbids it, or a rule of the cluster: then a person must.</summary>
    public bool IsForbidden { get; private set; }

    /// <summary>The pod that a StatefulSet waits for although it is going to replace it; null where there is none. Pure.</summary>
    public static JsonObject? Of(JsonObject workload, IEnumerable<JsonObject> owned)
    {
        var spec = workload["spec"];
        var strategy = spec?["updateStrategy"];
        if ((string?)workload["kind"] != "StatefulSet" || workload["metadata"]!["deletionTimestamp"] is not null || !WorkloadStatus.IsObserved(workload)
            || (string?)spec?["podManagementPolicy"] is not (null or "OrderedReady") || (string?)strategy?["type"] is not (null or "RollingUpdate")
            || (string?)workload["status"]?["updateRevision"] is not { } revision)
            return null;
        var (start, replicas) = ((int?)spec?["ordinals"]?["start"] ?? 0, (int?)spec?["replicas"] ?? 1);
        var named = owned.ToLookup(pod => (string?)pod["metadata"]!["name"]);
        var waitsFor = Enumerable.Range(start, replicas).Select(ordinal => (Ordinal: ordinal, Pod: named[$"{workload["metadata"]!["name"]}-{ordinal}"].FirstOrDefault()))
            .FirstOrDefault(item => item.Pod is null || IsLeaving(item.Pod) || !WorkloadStatus.HasCondition(item.Pod, "Ready"));
        // What is below the partition keeps its version; one that goes or has ended as a whole is replaced.
        return waitsFor.Pod is { } pod && waitsFor.Ordinal >= start + ((int?)strategy?["rollingUpdate"]?["partition"] ?? 0)
            && !IsLeaving(pod) && (string?)pod["status"]?["phase"] is not ("Failed" or "Succeeded") && NamespaceIndex.RevisionHash(pod) != revision ? pod : null;
    }

    /// <summary>Notes the pod of a workload that does not come up by itself any more.</summary>
    public void Look(RolloutView view)
    {
        if (RolloutDiagnosis.Stuck(view) is { } stuck)
            _found[(string)stuck.Pod["metadata"]!["uid"]!] = stuck;
    }

    /// <summary>Deletes what was noted since the last time, each once, and only as it was then: one that has become ready is replaced in its turn.</summary>
    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        foreach (var (uid, (pod, finding)) in _found)
            if (!IsForbidden && !_deleted.Contains(uid) && await IsDeletedAsync(pod["metadata"]!, uid, cancellationToken))
            {
                _deleted.Add(uid);
                sink.Publish(new DeployEvent.Note($"Deleted {finding.Object}, which comes back as the version that is wanted: {finding.Cause}"));
            }

        _found.Clear();
    }

    private async Task<bool> IsDeletedAsync(JsonNode metadata, string uid, CancellationToken cancellationToken)
    {
        try
        {
            return await client.DeleteAsync(
                ResourceType.Pod, (string?)metadata["namespace"], (string)metadata["name"]!, uid, "Background", cancellationToken, (string?)metadata["resourceVersion"]);
        }
        catch (ApiException)
        {
            IsForbidden = true;
            return false;
        }
    }

    private static bool IsLeaving(JsonObject pod) => pod["metadata"]!["deletionTimestamp"] is not null;
}

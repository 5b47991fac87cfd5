using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Rollouts;

namespace KubeApps.Deploy.Tests.Rollouts;

/// <summary>What is known of a workload, from lists as a test writes them or a cluster was recorded.</summary>
internal static class Views
{
    public static RolloutView Of(
        JsonObject workload, IReadOnlyCollection<JsonObject> replicaSets, IReadOnlyCollection<JsonObject> pods, IReadOnlyCollection<JsonObject> events, DateTimeOffset now,
        IReadOnlyCollection<JsonObject>? claims = null)
    {
        var lists = new Dictionary<ResourceType, IReadOnlyCollection<JsonObject>>
        {
            [ResourceType.ReplicaSet] = replicaSets,
            [ResourceType.Pod] = pods,
            [ResourceType.Event] = events,
            [ResourceType.PersistentVolumeClaim] = claims ?? [],
        };
        return new NamespaceIndex(type => lists.GetValueOrDefault(type) ?? []).ViewOf(workload, now);
    }
}

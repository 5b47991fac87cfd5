using System.Collections.Frozen;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Rollouts;

/// <summary>All that the cluster says about one workload at one moment. The pods are those of the new version alone.</summary>
internal sealed record RolloutView(
    JsonObject Workload, JsonObject? ReplicaSet, IReadOnlyList<JsonObject> NewPods, IReadOnlyList<JsonObject> Events, DateTimeOffset Now)
{
    /// <summary>The volume claims that its pods mount, where it is known.</summary>
    public IReadOnlyList<JsonObject> Claims { get; init; } = [];

    /// <summary>New pods that ended as a whole, evicted or turned away by their node: they are replaced, and stay as a record.</summary>
    public IReadOnlyList<JsonObject> LostPods { get; init; } = [];

    /// <summary>Whether a pod of the workload, of whatever version, is going: until then it takes room.</summary>
    public bool HasLeavingPods { get; init; }

    /// <summary>A pod of a former version that is not ready, and that its StatefulSet waits for, see <see cref="StuckPods"/>.</summary>
    public JsonObject? StuckPod { get; init; }

    /// <summary>Whether it was tried to delete such a pod, and the role forbids it.</summary>
    public bool MayNotDeletePods { get; init; }

    /// <summary>Whether something in the cluster adds nodes for pods that find no room; null where it is not known.</summary>
    public bool? HasAutoscaler { get; init; }

    /// <summary>Whether it serves with as many pods as it ever had: one more that does not come up is no failure of it then.</summary>
    public bool HasServed { get; init; }

    /// <summary>The Secrets that operators are to make for it: one that is not there may come.</summary>
    public IReadOnlySet<(string? Namespace, string Name)> ComingSecrets { get; init; } = FrozenSet<(string?, string)>.Empty;

    /// <summary>Whether there is no more time for it.</summary>
    public bool IsOver { get; init; }

    public ObjectId Id => ObjectId.Of(Workload);

    /// <summary>The events about an object that have one of these reasons, oldest first.</summary>
    public IEnumerable<JsonObject> EventsAbout(JsonObject about, params string[] reasons) => Events.Where(item =>
        (string?)item["involvedObject"]?["uid"] == (string?)about["metadata"]!["uid"] && (reasons.Length == 0 || reasons.Contains((string?)item["reason"])));

    /// <summary>The event that was told last; the one of equal age that is listed last.</summary>
    public static JsonObject? Latest(IEnumerable<JsonObject> events) =>
        events.Select((item, index) => (item, index)).OrderBy(pair => ToldAt(pair.item)).ThenBy(pair => pair.index).LastOrDefault().item;

    /// <summary>When an event was told last.</summary>
    public static DateTimeOffset ToldAt(JsonObject item) =>
        KubeTime.Read(item["lastTimestamp"]) ?? KubeTime.Read(item["series"]?["lastObservedTime"]) ?? KubeTime.Read(item["eventTime"]) ?? KubeTime.Read(item["firstTimestamp"]) ?? default;
}

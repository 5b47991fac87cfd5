using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Rollouts;

/// <summary>All that the cluster says about one workload at one moment. The pods are those of the new version alone.</summary>
internal sealed record RolloutView(
    JsonObject Workload, JsonObject? ReplicaSet, IReadOnlyList<JsonObject> NewPods, IReadOnlyList<JsonObject> Events, DateTimeOffset Now)
{
    /// <summary>Picks what belongs to a workload out of everything in its namespace. Old pods never count: owner UID and revision decide.</summary>
    public static RolloutView Of(
        JsonObject workload, IReadOnlyCollection<JsonObject> replicaSets, IReadOnlyCollection<JsonObject> pods, IReadOnlyCollection<JsonObject> events, DateTimeOffset now,
        IReadOnlyCollection<JsonObject>? claims = null)
    {
        var uid = (string?)workload["metadata"]!["uid"];
        var sets = replicaSets.Where(item => IsOwnedBy(item, uid)).ToList();
        var owners = sets.Select(item => (string?)item["metadata"]!["uid"]).Append(uid).ToHashSet();
        var owned = pods.Where(pod => OwnersOf(pod).Any(owners.Contains)).ToList();
        JsonObject? replicaSet = null;
        List<JsonObject> newPods;
        switch ((string?)workload["kind"])
        {
            case "Deployment":
                var revision = Annotation(workload, "deployment.kubernetes.io/revision");
                replicaSet = sets.FirstOrDefault(item => Annotation(item, "deployment.kubernetes.io/revision") == revision);
                newPods = replicaSet is null ? [] : [.. owned.Where(pod => IsOwnedBy(pod, (string?)replicaSet["metadata"]!["uid"]))];
                break;
            case "StatefulSet":
                newPods = [.. owned.Where(pod => RevisionHash(pod) == (string?)workload["status"]?["updateRevision"])];
                break;
            case "DaemonSet":
                var newest = owned.MaxBy(pod => (string?)pod["metadata"]!["creationTimestamp"], StringComparer.Ordinal);
                newPods = [.. owned.Where(pod => RevisionHash(pod) == RevisionHash(newest!))];
                break;
            default:
                newPods = owned;
                break;
        }

        var (isJob, ended) = ((string?)workload["kind"] == "Job", newPods.Where(pod => !IsLeaving(pod) && (string?)pod["status"]?["phase"] == "Failed").ToList());
        newPods = [.. newPods.Where(pod => !IsLeaving(pod) && (isJob || (string?)pod["status"]?["phase"] is not ("Failed" or "Succeeded")))];
        var mounted = newPods.SelectMany(ClaimNames).ToHashSet();
        List<JsonObject> mountedClaims = [.. (claims ?? []).Where(claim => mounted.Contains(((string?)claim["metadata"]!["namespace"], (string)claim["metadata"]!["name"]!)))];
        var about = newPods.Concat(mountedClaims).Append(workload).Append(replicaSet).Select(item => (string?)item?["metadata"]?["uid"]).ToHashSet();
        return new RolloutView(workload, replicaSet, newPods, [.. events.Where(item => about.Contains((string?)item["involvedObject"]?["uid"])).OrderBy(ToldAt)], now)
        {
            Claims = mountedClaims,
            LostPods = isJob ? [] : ended,
            HasLeavingPods = owned.Any(IsLeaving),
        };
    }

    /// <summary>The volume claims that its pods mount, where it is known.</summary>
    public IReadOnlyList<JsonObject> Claims { get; init; } = [];

    /// <summary>New pods that ended as a whole, evicted or turned away by their node: they are replaced, and stay as a record.</summary>
    public IReadOnlyList<JsonObject> LostPods { get; init; } = [];

    /// <summary>Whether a pod of the workload, of whatever version, is going: until then it takes room.</summary>
    public bool HasLeavingPods { get; init; }

    /// <summary>Whether something in the cluster adds nodes for pods that find no room; null where it is not known.</summary>
    public bool? HasAutoscaler { get; init; }

    public ObjectId Id => ObjectId.Of(Workload);

    /// <summary>The events about an object that have one of these reasons, oldest first.</summary>
    public IEnumerable<JsonObject> EventsAbout(JsonObject about, params string[] reasons) => Events.Where(item =>
        (string?)item["involvedObject"]?["uid"] == (string?)about["metadata"]!["uid"] && (reasons.Length == 0 || reasons.Contains((string?)item["reason"])));

    /// <summary>The event that was told last; the one of equal age that is listed last.</summary>
    public static JsonObject? Latest(IEnumerable<JsonObject> events) =>
        events.Select((item, index) => (item, index)).OrderBy(pair => ToldAt(pair.item)).ThenBy(pair => pair.index).LastOrDefault().item;

    /// <summary>When an event was told last.</summary>
    public static DateTimeOffset ToldAt(JsonObject item) =>
        Time(item["lastTimestamp"]) ?? Time(item["series"]?["lastObservedTime"]) ?? Time(item["eventTime"]) ?? Time(item["firstTimestamp"]) ?? default;

    public static DateTimeOffset? Time(JsonNode? value) =>
        DateTimeOffset.TryParse((string?)value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    internal static IEnumerable<(string? Namespace, string Name)> ClaimNames(JsonObject pod) =>
        (pod["spec"]?["volumes"] as JsonArray ?? []).Select(volume => (string?)volume?["persistentVolumeClaim"]?["claimName"]).OfType<string>()
        .Select(name => ((string?)pod["metadata"]!["namespace"], name));

    private static bool IsLeaving(JsonObject pod) => pod["metadata"]!["deletionTimestamp"] is not null;

    private static bool IsOwnedBy(JsonObject content, string? uid) => OwnersOf(content).Contains(uid);

    internal static IEnumerable<string?> OwnersOf(JsonObject content) =>
        (content["metadata"]!["ownerReferences"] as JsonArray ?? []).Select(owner => (string?)owner?["uid"]);

    private static string? Annotation(JsonObject content, string name) => (string?)content["metadata"]!["annotations"]?[name];

    private static string? RevisionHash(JsonObject pod) => (string?)pod["metadata"]!["labels"]?["controller-revision-hash"];
}

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
        JsonObject? replicaSet = null;
        List<JsonObject> newPods;
        switch ((string?)workload["kind"])
        {
            case "Deployment":
                var revision = Annotation(workload, "deployment.kubernetes.io/revision");
                replicaSet = replicaSets.FirstOrDefault(item => IsOwnedBy(item, uid) && Annotation(item, "deployment.kubernetes.io/revision") == revision);
                newPods = replicaSet is null ? [] : [.. pods.Where(pod => IsOwnedBy(pod, (string?)replicaSet["metadata"]!["uid"]))];
                break;
            case "StatefulSet":
                newPods = [.. pods.Where(pod => IsOwnedBy(pod, uid) && RevisionHash(pod) == (string?)workload["status"]?["updateRevision"])];
                break;
            case "DaemonSet":
                var owned = pods.Where(pod => IsOwnedBy(pod, uid)).ToList();
                var newest = owned.MaxBy(pod => (string?)pod["metadata"]!["creationTimestamp"], StringComparer.Ordinal);
                newPods = [.. owned.Where(pod => RevisionHash(pod) == RevisionHash(newest!))];
                break;
            default:
                newPods = [.. pods.Where(pod => IsOwnedBy(pod, uid))];
                break;
        }

        newPods.RemoveAll(pod => pod["metadata"]!["deletionTimestamp"] is not null);
        var mounted = newPods.SelectMany(ClaimNames).ToHashSet();
        List<JsonObject> mountedClaims = [.. (claims ?? []).Where(claim => mounted.Contains(((string?)claim["metadata"]!["namespace"], (string?)claim["metadata"]!["name"])))];
        var about = newPods.Concat(mountedClaims).Append(workload).Append(replicaSet).Select(item => (string?)item?["metadata"]?["uid"]).ToHashSet();
        return new RolloutView(workload, replicaSet, newPods, [.. events.Where(item => about.Contains((string?)item["involvedObject"]?["uid"]))], now)
        {
            Claims = mountedClaims,
        };
    }

    /// <summary>The volume claims that its pods mount, where it is known.</summary>
    public IReadOnlyList<JsonObject> Claims { get; init; } = [];

    public ObjectId Id => ObjectId.Of(Workload);

    /// <summary>The events about an object that have one of these reasons, oldest first.</summary>
    public IEnumerable<JsonObject> EventsAbout(JsonObject about, params string[] reasons) => Events.Where(item =>
        (string?)item["involvedObject"]?["uid"] == (string?)about["metadata"]!["uid"] && (reasons.Length == 0 || reasons.Contains((string?)item["reason"])));

    /// <summary>The event that was told last; the one of equal age that is listed last.</summary>
    public static JsonObject? Latest(IEnumerable<JsonObject> events) =>
        events.Select((item, index) => (item, index)).OrderBy(pair => ToldAt(pair.item)).ThenBy(pair => pair.index).LastOrDefault().item;

    public static DateTimeOffset? Time(JsonNode? value) =>
        DateTimeOffset.TryParse((string?)value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static IEnumerable<(string? Namespace, string? Name)> ClaimNames(JsonObject pod) =>
        (pod["spec"]?["volumes"] as JsonArray ?? []).Select(volume => (string?)volume?["persistentVolumeClaim"]?["claimName"]).OfType<string>()
        .Select(name => ((string?)pod["metadata"]!["namespace"], (string?)name));

    private static DateTimeOffset ToldAt(JsonObject item) => Time(item["lastTimestamp"]) ?? Time(item["eventTime"]) ?? Time(item["firstTimestamp"]) ?? default;

    private static bool IsOwnedBy(JsonObject content, string? uid) =>
        (content["metadata"]!["ownerReferences"] as JsonArray ?? []).Any(owner => (string?)owner?["uid"] == uid);

    private static string? Annotation(JsonObject content, string name) => (string?)content["metadata"]!["annotations"]?[name];

    private static string? RevisionHash(JsonObject pod) => (string?)pod["metadata"]!["labels"]?["controller-revision-hash"];
}

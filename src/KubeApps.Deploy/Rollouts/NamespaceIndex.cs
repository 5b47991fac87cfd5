using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Rollouts;

/// <summary>
/// What stands in a namespace at one moment, found by its name, by who owns it and by what it is about: with many workloads, to look
/// through all of it for each of them takes the square of their number. What nobody asks for is not looked through. What is found is a copy, which
/// lasts as long as the one who asked needs it: looked into, thousands of objects at once are a lot.
/// </summary>
/// <param name="of">The objects of a kind.</param>
internal sealed class NamespaceIndex(Func<ResourceType, IReadOnlyCollection<JsonObject>> of)
{
    private readonly Dictionary<ResourceType, ILookup<string?, JsonObject>> _named = [];
    private readonly Lazy<ILookup<string?, JsonObject>> _replicaSets = new(() => ByOwner(of(ResourceType.ReplicaSet)));
    private readonly Lazy<ILookup<string?, JsonObject>> _pods = new(() => ByOwner(of(ResourceType.Pod)));
    private readonly Lazy<ILookup<string?, JsonObject>> _events = new(() => By(of(ResourceType.Event), item => (string?)item["involvedObject"]?["uid"]));

    public JsonObject? Find(ResourceType type, string name)
    {
        if (!_named.TryGetValue(type, out var named))
            _named[type] = named = By(of(type), item => (string?)item["metadata"]!["name"]);
        return Found(named, name).FirstOrDefault();
    }

    /// <summary>All that is known about a workload, or about any other object. The pods are those of its new version alone.</summary>
    public RolloutView ViewOf(JsonObject workload, DateTimeOffset now)
    {
        var sets = Found(_replicaSets.Value, UidOf(workload)).ToList();
        List<JsonObject> owned = [.. sets.Append(workload).SelectMany(owner => Found(_pods.Value, UidOf(owner))).DistinctBy(UidOf)];
        var revision = Annotation(workload, "deployment.kubernetes.io/revision");
        var replicaSet = (string?)workload["kind"] == "Deployment" ? sets.FirstOrDefault(item => Annotation(item, "deployment.kubernetes.io/revision") == revision) : null;
        var current = NewestOf(workload, replicaSet, owned).Where(pod => !IsLeaving(pod)).ToList();
        var isJob = (string?)workload["kind"] == "Job";
        List<JsonObject> pods = [.. current.Where(pod => isJob || PhaseOf(pod) is not ("Failed" or "Succeeded"))];
        List<JsonObject> claims = [.. pods.SelectMany(ClaimNames).Distinct().Select(name => Find(ResourceType.PersistentVolumeClaim, name)).OfType<JsonObject>()];
        var stuck = StuckPods.Of(workload, owned);
        var events = new[] { replicaSet, workload, stuck }.OfType<JsonObject>().Concat(pods).Concat(claims).SelectMany(item => Found(_events.Value, UidOf(item)));
        return new RolloutView(workload, replicaSet, pods, [.. events.OrderBy(RolloutView.ToldAt)], now)
        {
            Claims = claims,
            LostPods = isJob ? [] : [.. current.Where(pod => PhaseOf(pod) == "Failed")],
            HasLeavingPods = owned.Any(IsLeaving),
            StuckPod = stuck,
        };
    }

    /// <summary>Old pods never count: owner UID and revision decide.</summary>
    private IEnumerable<JsonObject> NewestOf(JsonObject workload, JsonObject? replicaSet, List<JsonObject> owned) => (string?)workload["kind"] switch
    {
        "Deployment" => replicaSet is null ? [] : Found(_pods.Value, UidOf(replicaSet)),
        "StatefulSet" => owned.Where(pod => RevisionHash(pod) == (string?)workload["status"]?["updateRevision"]),
        "DaemonSet" => owned.MaxBy(pod => (string?)pod["metadata"]!["creationTimestamp"], StringComparer.Ordinal) is { } newest
            ? owned.Where(pod => RevisionHash(pod) == RevisionHash(newest)) : [],
        _ => owned,
    };

    private static ILookup<string?, JsonObject> ByOwner(IEnumerable<JsonObject> items) => By(
        items, item => (item["metadata"]!["ownerReferences"] as JsonArray ?? []).Select(owner => (string?)owner?["uid"]));

    private static ILookup<string?, JsonObject> By(IEnumerable<JsonObject> items, Func<JsonObject, string?> key) => By(items, item => (IEnumerable<string?>)[key(item)]);

    private static ILookup<string?, JsonObject> By(IEnumerable<JsonObject> items, Func<JsonObject, IEnumerable<string?>> keys) => items
        .SelectMany(item => keys(UnreadObject.Open(item)).ToList(), (item, key) => (Key: key, Item: item))
        .ToLookup(pair => pair.Key, pair => pair.Item);

    private static IEnumerable<JsonObject> Found(ILookup<string?, JsonObject> lookup, string? key) => lookup[key].Select(UnreadObject.Open);

    private static IEnumerable<string> ClaimNames(JsonObject pod) =>
        (pod["spec"]?["volumes"] as JsonArray ?? []).Select(volume => (string?)volume?["persistentVolumeClaim"]?["claimName"]).OfType<string>();

    private static bool IsLeaving(JsonObject pod) => pod["metadata"]!["deletionTimestamp"] is not null;

    private static string? PhaseOf(JsonObject pod) => (string?)pod["status"]?["phase"];

    private static string? Annotation(JsonObject content, string name) => (string?)content["metadata"]!["annotations"]?[name];

    internal static string? RevisionHash(JsonObject pod) => (string?)pod["metadata"]!["labels"]?["controller-revision-hash"];

    private static string? UidOf(JsonObject content) => (string?)content["metadata"]!["uid"];
}

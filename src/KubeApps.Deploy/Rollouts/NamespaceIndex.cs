using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Rollouts;

/// <summary>
/// What stands in a namespace at one moment, found by its name, by who owns it and by what it is about: with many workloads, to look
/// through all of it for each of them takes the square of their number. What nobody asks for is not looked through.
/// </summary>
/// <param name="of">The objects of a kind.</param>
internal sealed class NamespaceIndex(Func<ResourceType, IReadOnlyCollection<JsonObject>> of)
{
    private readonly Dictionary<ResourceType, ILookup<string?, JsonObject>> _named = [];
    private readonly Lazy<ILookup<string?, JsonObject>> _replicaSets = new(() => ByOwner(of(ResourceType.ReplicaSet)));
    private readonly Lazy<ILookup<string?, JsonObject>> _pods = new(() => ByOwner(of(ResourceType.Pod)));
    private readonly Lazy<ILookup<string?, JsonObject>> _events = new(() => of(ResourceType.Event).ToLookup(item => (string?)item["involvedObject"]?["uid"]));

    public JsonObject? Find(ResourceType type, string name)
    {
        if (!_named.TryGetValue(type, out var named))
            _named[type] = named = of(type).ToLookup(item => (string?)item["metadata"]!["name"]);
        return named[name].FirstOrDefault();
    }

    /// <summary>All that is known about a workload, or about any other object.</summary>
    public RolloutView ViewOf(JsonObject workload, DateTimeOffset now)
    {
        var sets = _replicaSets.Value[UidOf(workload)].ToList();
        List<JsonObject> pods = [.. sets.Append(workload).SelectMany(owner => _pods.Value[UidOf(owner)]).Distinct()];
        List<JsonObject> claims = [.. pods.SelectMany(RolloutView.ClaimNames).Distinct().Select(claim => Find(ResourceType.PersistentVolumeClaim, claim.Name)).OfType<JsonObject>()];
        List<JsonObject> events = [.. sets.Append(workload).Concat(pods).Concat(claims).SelectMany(item => _events.Value[UidOf(item)])];
        return RolloutView.Of(workload, sets, pods, events, now, claims);
    }

    private static ILookup<string?, JsonObject> ByOwner(IEnumerable<JsonObject> items) => items
        .SelectMany(item => RolloutView.OwnersOf(item).Select(owner => (Owner: owner, Item: item)))
        .ToLookup(pair => pair.Owner, pair => pair.Item);

    private static string? UidOf(JsonObject content) => (string?)content["metadata"]!["uid"];
}

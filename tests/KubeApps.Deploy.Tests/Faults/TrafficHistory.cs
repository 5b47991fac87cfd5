using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>All that the Services and ReplicaSets of a namespace were since it began, version for version: where traffic could go at every moment.</summary>
internal sealed class TrafficHistory : IAsyncDisposable
{
    private readonly KubeClient _client;
    private readonly string _ns;
    private readonly Dictionary<ResourceType, IAsyncEnumerator<WatchChange>> _watches;
    private readonly Dictionary<string, JsonObject> _start = [];
    private readonly SortedDictionary<long, (JsonObject Content, bool IsGone)> _changes = [];

    private TrafficHistory(KubeClient client, string ns)
    {
        (_client, _ns) = (client, ns);
        _watches = ((ResourceType[])[ResourceType.Service, ResourceType.ReplicaSet])
            .ToDictionary(type => type, type => client.WatchAsync(type, ns, null, CancellationToken.None).GetAsyncEnumerator());
    }

    public static async Task<TrafficHistory> BeginAsync(KubeClient client, string ns)
    {
        var history = new TrafficHistory(client, ns);
        foreach (var watch in history._watches.Values)
        {
            await watch.MoveNextAsync();
            foreach (var item in ((WatchChange.Listed)watch.Current).Items)
                history._start[Uid(item)] = item;
        }

        return history;
    }

    /// <summary>At every moment until now, each of these Services led to the pods of exactly one ReplicaSet.</summary>
    public async Task RequireOneVersionAsync(string at, params string[] services)
    {
        foreach (var (type, watch) in _watches)
            await CatchUpAsync(type, watch);
        var standing = new Dictionary<string, JsonObject>(_start);
        Require(services, standing, at);
        foreach (var (version, (content, isGone)) in _changes)
        {
            if (isGone)
                standing.Remove(Uid(content));
            else
                standing[Uid(content)] = content;
            Require(services, standing, $"{at}: with version {version}, {content["kind"]} {content["metadata"]!["name"]},");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var watch in _watches.Values)
            await watch.DisposeAsync();
    }

    // What came and went leaves no trace in what stands: a change of our own says when all of it has been read.
    private async Task CatchUpAsync(ResourceType type, IAsyncEnumerator<WatchChange> watch)
    {
        var standing = (await _client.ListAsync(type, _ns, null, CancellationToken.None)).Items[0];
        var marked = VersionOf(await _client.ApplyAsync(type, new JsonObject
        {
            ["apiVersion"] = type.ApiVersion,
            ["kind"] = type.Kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = (string)standing["metadata"]!["name"]!,
                ["namespace"] = _ns,
                ["annotations"] = new JsonObject { ["test.example/until"] = Guid.NewGuid().ToString() },
            },
        }, dryRun: false, CancellationToken.None, manager: "test"));
        for (var version = 0L; version < marked;)
        {
            await watch.MoveNextAsync();
            var content = watch.Current switch
            {
                WatchChange.Removed removed => removed.Object,
                WatchChange.Upserted upserted => upserted.Object,
                _ => throw new InvalidOperationException("The server forgot what was."),
            };
            version = VersionOf(content);
            _changes.Add(version, (content, watch.Current is WatchChange.Removed));
        }
    }

    private static void Require(string[] services, Dictionary<string, JsonObject> standing, string at)
    {
        foreach (var name in services)
        {
            var service = standing.Values.SingleOrDefault(item => (string?)item["kind"] == "Service" && (string?)item["metadata"]!["name"] == name);
            Assert.True(service is not null, $"{at} there is no Service {name}");
            var selector = Selector.Of(service["spec"]!["selector"]);
            var selected = standing.Values
                .Where(item => (string?)item["kind"] == "ReplicaSet" && selector?.Matches(item["spec"]!["template"]!["metadata"]!["labels"]) == true)
                .Select(item => (string?)item["metadata"]!["name"]).ToList();
            Assert.True(selected.Count == 1, $"{at} {name} ({selector}) leads to [{string.Join(", ", selected)}]");
        }
    }

    private static string Uid(JsonObject content) => (string)content["metadata"]!["uid"]!;

    private static long VersionOf(JsonObject content) => long.Parse((string)content["metadata"]!["resourceVersion"]!, CultureInfo.InvariantCulture);
}

using System.Net;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Api;

/// <summary>What kinds the cluster serves: two requests (aggregated discovery), or one for each group version on servers that cannot aggregate.</summary>
internal sealed class ResourceCatalog(KubeClient client)
{
    private const string Aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnnouncedWithin = TimeSpan.FromSeconds(30);

    private Dictionary<(string ApiVersion, string Kind), ResourceType> _types = [];
    private HashSet<string> _away = [];
    private IReadOnlyCollection<string>? _asked;
    private Task<JsonObject[]>? _begun;

    public ResourceType? Find(string apiVersion, string kind) => _types.GetValueOrDefault((apiVersion, kind));

    /// <summary>How an object is reached that was applied once: in another version of its kind where its own is served no more.</summary>
    public ResourceType? FindFormer(ObjectId id) =>
        Find(id.ApiVersion, id.Kind) ?? _types.Values.FirstOrDefault(type => type.Group == id.Group && type.Kind == id.Kind);

    /// <summary>Whether the cluster announces the group, but whoever serves it gives no answer now: its objects stand all the same.</summary>
    public bool IsAway(ObjectId id) => FindFormer(id) is null && _away.Contains(id.Group);

    /// <summary>Asks for the kinds of these group versions where that was not done.</summary>
    public Task EnsureAsync(IReadOnlyCollection<string> apiVersions, CancellationToken cancellationToken) =>
        _asked is not null && apiVersions.All(version => _asked.Contains(version)) ? Task.CompletedTask : RefreshAsync([.. (_asked ?? []).Union(apiVersions)], cancellationToken);

    /// <summary>Asks (again: a new CRD is served only after it is established) for the kinds of these group versions.</summary>
    public async Task RefreshAsync(IReadOnlyCollection<string> apiVersions, CancellationToken cancellationToken)
    {
        var types = new Dictionary<(string, string), ResourceType>();
        var away = new HashSet<string>();
        var answers = await (Interlocked.Exchange(ref _begun, null) ?? AskAsync(cancellationToken));
        foreach (var answer in answers)
        {
            if ((string?)answer["kind"] == "APIGroupDiscoveryList")
            {
                AddAggregated(answer, types);
                away.UnionWith(Objects(answer["items"]).Where(IsStale).Select(NameOf));
                continue;
            }

            var isCore = ReferenceEquals(answer, answers[0]);
            foreach (var apiVersion in apiVersions.Where(version => isCore == !version.Contains('/', StringComparison.Ordinal)))
                if (!await AddGroupVersionAsync(apiVersion, types, cancellationToken) && Announces(answer, apiVersion))
                    away.Add(apiVersion.Split('/')[0]);
        }

        (_types, _asked, _away) = (types, apiVersions, away);
    }

    /// <summary>
    /// Asks until these objects' kinds are told, or for half a minute: a definition is established before discovery says so everywhere, and of several API
    /// servers one may know later than the other.
    /// </summary>
    public async Task AwaitAsync(IReadOnlyCollection<ObjectId> objects, IReadOnlyCollection<string> apiVersions, CancellationToken cancellationToken)
    {
        var started = client.Clock.GetTimestamp();
        for (var pause = ShortestPause; ; pause = pause < LongestPause ? 2 * pause : pause)
        {
            await RefreshAsync(apiVersions, cancellationToken);
            // What is not told by then is said of each object.
            if (objects.All(id => Find(id.ApiVersion, id.Kind) is not null) || client.Clock.GetElapsedTime(started) > AnnouncedWithin)
                return;
            await Task.Delay(pause, client.Clock, cancellationToken);
        }
    }

    /// <summary>
    /// Asks before it is known what for, so that the connection stands, and the answers are there, when it is. Failures are those of who refreshes first.
    /// </summary>
    public void Begin(CancellationToken cancellationToken) => _begun = AskAsync(cancellationToken);

    private Task<JsonObject[]> AskAsync(CancellationToken cancellationToken) => Task.WhenAll(
        client.SendAsync(HttpMethod.Get, "/api", null, cancellationToken, accept: Aggregated),
        client.SendAsync(HttpMethod.Get, "/apis", null, cancellationToken, accept: Aggregated));

    internal static void AddAggregated(JsonObject answer, Dictionary<(string ApiVersion, string Kind), ResourceType> types)
    {
        foreach (var group in Objects(answer["items"]))
        {
            var name = NameOf(group);
            foreach (var version in Objects(group["versions"]))
                foreach (var resource in Objects(version["resources"]))
                {
                    // One that is there for its subresources alone has no kind (kubernetes#118361).
                    if ((string?)resource["responseKind"]?["kind"] is not { Length: > 0 } kind)
                        continue;
                    var type = new ResourceType(name, (string)version["version"]!, kind, (string)resource["resource"]!, (string?)resource["scope"] == "Namespaced");
                    types.TryAdd((type.ApiVersion, type.Kind), type);
                }
        }
    }

    // An aggregated API whose server is down, of which nothing is remembered either.
    private static bool IsStale(JsonObject group) => Objects(group["versions"]).Any(version => (string?)version["freshness"] == "Stale");

    private static string NameOf(JsonObject group) => (string?)group["metadata"]?["name"] ?? "";

    private static bool Announces(JsonObject groups, string apiVersion) =>
        Objects(groups["groups"]).SelectMany(group => Objects(group["versions"])).Any(version => (string?)version["groupVersion"] == apiVersion);

    private async Task<bool> AddGroupVersionAsync(
        string apiVersion, Dictionary<(string ApiVersion, string Kind), ResourceType> types, CancellationToken cancellationToken)
    {
        JsonObject answer;
        try
        {
            answer = await client.SendAsync(
                HttpMethod.Get, (apiVersion.Contains('/', StringComparison.Ordinal) ? "/apis/" : "/api/") + apiVersion, null, cancellationToken);
        }
        catch (ApiException refusal) when (refusal.IsNotFound || refusal.Status == HttpStatusCode.ServiceUnavailable)
        {
            return false;
        }

        var parts = apiVersion.Split('/');
        foreach (var resource in Objects(answer["resources"]))
        {
            var plural = (string)resource["name"]!;
            if (plural.Contains('/', StringComparison.Ordinal))
                continue; // A subresource.
            var type = new ResourceType(
                parts.Length == 2 ? parts[0] : "", parts[^1], (string)resource["kind"]!, plural, (bool?)resource["namespaced"] == true);
            types.TryAdd((type.ApiVersion, type.Kind), type);
        }

        return true;
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();
}

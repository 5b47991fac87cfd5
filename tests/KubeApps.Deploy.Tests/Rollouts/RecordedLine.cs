using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Web;
using KubeApps.Deploy.Rollouts;

namespace KubeApps.Deploy.Tests.Rollouts;

/// <summary>
/// Stands between the engine and the server. From the moment that a workload (or a Service) is applied, its namespace looks as a real cluster recorded it:
/// the workload, its pods, what is told of them, and their logs. All else is the server's.
/// </summary>
internal sealed partial class RecordedLine : DelegatingHandler
{
    private readonly string _ns;
    private readonly string _applied;
    private readonly Dictionary<string, string> _lists;
    private readonly JsonObject _logs;
    private volatile bool _isApplied;

    /// <param name="ns">The namespace that looks so.</param>
    /// <param name="recorded">What was recorded. All its times are moved: it was a moment ago.</param>
    /// <param name="logs">The logs that were recorded with it.</param>
    public RecordedLine(string ns, RolloutView recorded, JsonObject logs)
    {
        (_ns, _logs) = (ns, logs);
        var aged = DateTimeOffset.UtcNow - recorded.Now;
        var kind = $"{((string)recorded.Workload["kind"]!).ToLowerInvariant()}s";
        _applied = $"/namespaces/{ns}/{kind}/{recorded.Id.Name}";
        _lists = new Dictionary<string, IEnumerable<JsonObject>>
        {
            [kind] = [recorded.Workload],
            ["replicasets"] = recorded.ReplicaSet is { } set ? [set] : [],
            ["pods"] = recorded.NewPods,
            ["events"] = recorded.Events,
            ["persistentvolumeclaims"] = recorded.Claims,
        }.ToDictionary(list => list.Key, list => Moved(new JsonArray([.. list.Value.Select(Known)]).ToJsonString(), recorded.Id.Namespace!, aged));
    }

    /// <summary>When the engine was first told any of it.</summary>
    public TimeSpan? ToldAt { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        if (request.Method != HttpMethod.Get)
        {
            var response = await base.SendAsync(request, cancellationToken);
            _isApplied |= path.EndsWith(_applied, StringComparison.Ordinal) && !request.RequestUri.Query.Contains("dryRun", StringComparison.Ordinal);
            return response;
        }

        var query = HttpUtility.ParseQueryString(request.RequestUri.Query);
        if (!_isApplied || Place().Match(path) is not { Success: true } place || place.Groups["ns"].Value != _ns)
            return await base.SendAsync(request, cancellationToken);
        if (place.Groups["log"].Value is { Length: > 0 } pod)
            return Answer(new StringContent((string?)_logs[$"{pod}/{query["container"]}{(query["previous"] is null ? "" : " previous")}"]?["body"] ?? ""));
        if (!_lists.TryGetValue(place.Groups["list"].Value, out var items))
            return await base.SendAsync(request, cancellationToken);
        // Nothing happens any more: a watch says nothing, and does not end.
        if (query["watch"] is not null)
            return Answer(new StreamContent(new System.IO.Pipelines.Pipe().Reader.AsStream()));
        ToldAt ??= EvenTime.Now;
        return Answer(new StringContent($$"""{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":{{items}}}""", Encoding.UTF8, "application/json"));
    }

    // Of events it was not recorded how they are called.
    private static JsonObject Known(JsonObject item, int index)
    {
        item = (JsonObject)item.DeepClone();
        item["metadata"] ??= new JsonObject { ["name"] = $"event-{index}", ["uid"] = $"event-{index}" };
        return item;
    }

    private string Moved(string items, string ns, TimeSpan aged) => Time()
        .Replace(items, time => (DateTimeOffset.Parse(time.Value, CultureInfo.InvariantCulture) + aged).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))
        .Replace($"\"namespace\":\"{ns}\"", $"\"namespace\":\"{_ns}\"", StringComparison.Ordinal);

    private static HttpResponseMessage Answer(HttpContent content) => new(System.Net.HttpStatusCode.OK) { Content = content };

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")]
    private static partial Regex Time();

    [GeneratedRegex("/namespaces/(?<ns>[^/]+)/(pods/(?<log>[^/]+)/log|(?<list>[a-z]+))$")]
    private static partial Regex Place();
}

using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeApps.Sandbox.Tests.Recorded;

/// <summary>
/// What chance decided in the recording and decides differently in the sandbox: uids, versions, generated names, addresses, times. A
/// value that comes again must be the same again.
/// </summary>
internal sealed partial class Normalization
{
    private readonly Dictionary<string, string> _sandboxOf = [];
    private readonly Dictionary<string, string> _recordedOf = [];

    /// <summary>A recorded request with the values that the sandbox has for those of the recording.</summary>
    public string ToSandbox(string recorded) => _sandboxOf.Aggregate(recorded, (text, pair) => text.Replace(pair.Key, pair.Value, StringComparison.Ordinal));

    /// <summary>Learns from two answers that stand for the same, and returns the sandbox's in the values of the recording.</summary>
    public JsonNode? ToRecorded(JsonNode? recorded, JsonNode? actual)
    {
        Learn(recorded, actual);
        return Replace(actual);
    }

    /// <summary>The same for both sides: times become a word, versions of lists say nothing.</summary>
    public static JsonNode? Plain(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, pair.Key switch
        {
            "resourceVersion" => pair.Value is null ? null : (JsonNode?)"VERSION",
            "continue" => "CONTINUE",
            _ => Plain(pair.Value),
        }))),
        JsonArray list => new JsonArray([.. list.Select(Plain)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => PlainText((string)value!),
        _ => node?.DeepClone(),
    };

    private static string PlainText(string text) => VersionInMessage().Replace(
        Age().IsMatch(text) ? "AGE" : ReplicaSet().Replace(Time().Replace(text, "TIME"), "ReplicaSet \"$1-HASH\""), "resource version: $1 (VERSION)");

    private void Learn(JsonNode? recorded, JsonNode? actual)
    {
        switch (recorded, actual)
        {
            case (JsonObject left, JsonObject right):
                foreach (var (name, value) in left)
                {
                    if (right[name] is not { } other || value is null)
                        continue;
                    if (name == "uid" || (name == "name" && left["generateName"] is not null) || (name == "clusterIP" && left["clusterIPs"] is not null)
                        || (name == "resourceVersion" && left["uid"] is not null) || name == "continue")
                        Same((string)value!, (string)other!);
                    else
                        Learn(value, other);
                }

                break;
            case (JsonArray left, JsonArray right):
                for (var index = 0; index < Math.Min(left.Count, right.Count); index++)
                    Learn(left[index], right[index]);
                break;
        }
    }

    private void Same(string recorded, string actual)
    {
        // Short numbers (versions) would be replaced inside other texts.
        if (int.TryParse(recorded, out _))
        {
            _sandboxOf[$"\"resourceVersion\":\"{recorded}\""] = $"\"resourceVersion\":\"{actual}\"";
            return;
        }

        _sandboxOf.TryAdd(recorded, actual);
        _recordedOf.TryAdd(actual, recorded);
    }

    private JsonNode? Replace(JsonNode? node) => node is null
        ? null
        : JsonNode.Parse(_recordedOf.Aggregate(node.ToJsonString(), (text, pair) => text.Replace(pair.Key, pair.Value, StringComparison.Ordinal)));

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")]
    private static partial Regex Time();

    [GeneratedRegex(@"resource version: (\d+) \(\d+\)")]
    private static partial Regex VersionInMessage();

    // Go's controller hashes how the template lies in its memory.
    [GeneratedRegex("ReplicaSet \"(.+)-[0-9a-z]+\"")]
    private static partial Regex ReplicaSet();

    [GeneratedRegex(@"^\d+s$")]
    private static partial Regex Age();
}

using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Tests.Recorded;

/// <summary>Where two documents differ: <c>path: expected → actual</c>.</summary>
internal static class JsonDifferences
{
    private const int Shown = 160;

    public static IEnumerable<string> Between(JsonNode? expected, JsonNode? actual, string path = "")
    {
        if (expected is JsonObject left && actual is JsonObject right)
        {
            foreach (var (name, value) in left)
            {
                if (!right.ContainsKey(name))
                    yield return $"{path}.{name}: {Show(value)} → missing";
                else
                    foreach (var difference in Between(value, right[name], $"{path}.{name}"))
                        yield return difference;
            }

            foreach (var (name, value) in right)
                if (!left.ContainsKey(name))
                    yield return $"{path}.{name}: missing → {Show(value)}";
        }
        else if (expected is JsonArray expectedItems && actual is JsonArray actualItems)
        {
            if (IdentityOf(expectedItems, actualItems) is { } identity)
            {
                foreach (var difference in BetweenNamed(expectedItems, actualItems, path, identity))
                    yield return difference;
                yield break;
            }

            for (var index = 0; index < Math.Max(expectedItems.Count, actualItems.Count); index++)
            {
                if (index >= actualItems.Count)
                    yield return $"{path}[{index}]: {Show(expectedItems[index])} → missing";
                else if (index >= expectedItems.Count)
                    yield return $"{path}[{index}]: missing → {Show(actualItems[index])}";
                else
                    foreach (var difference in Between(expectedItems[index], actualItems[index], $"{path}[{index}]"))
                        yield return difference;
            }
        }
        else if (!JsonNode.DeepEquals(expected, actual))
        {
            yield return $"{path}: {Show(expected)} → {Show(actual)}";
        }
    }

    /// <summary>Items with names are compared by name, so that one that is missing does not shift all others.</summary>
    private static IEnumerable<string> BetweenNamed(JsonArray expected, JsonArray actual, string path, Func<JsonNode?, string?> identity)
    {
        foreach (var item in expected)
        {
            var name = identity(item)!;
            if (actual.FirstOrDefault(other => identity(other) == name) is not { } same)
                yield return $"{path}[{name}]: {Show(item)} → missing";
            else
                foreach (var difference in Between(item, same, $"{path}[{name}]"))
                    yield return difference;
        }

        foreach (var item in actual.Where(item => expected.All(other => identity(other) != identity(item))))
            yield return $"{path}[{identity(item)}]: missing → {Show(item)}";
        var common = expected.Select(identity).Where(name => actual.Any(item => identity(item) == name)).ToList();
        var inOrder = actual.Select(identity).Where(common.Contains).ToList();
        if (!common.SequenceEqual(inOrder))
            yield return $"{path}: order {string.Join(',', common)} → {string.Join(',', inOrder)}";
    }

    private static Func<JsonNode?, string?>? IdentityOf(JsonArray expected, JsonArray actual)
    {
        Func<JsonNode?, string?>[] candidates =
        [
            item => (string?)((item as JsonObject)?["metadata"] as JsonObject)?["name"],
            item => (item as JsonObject)?["resource"] is JsonValue text ? (string?)text : null,
            item => (item as JsonObject)?["subresource"] is JsonValue text && (item as JsonObject)?["manager"] is null ? (string?)text : null,
            item => (item as JsonObject)?["manager"] is { } manager ? $"{manager} {item["operation"]} {item["subresource"]}".Trim() : null,
            item => (item as JsonObject)?["singularName"] is not null ? (string?)item["name"] : null,
        ];
        return candidates.FirstOrDefault(identity =>
            expected.Count > 0 && expected.Concat(actual).All(item => identity(item) is not null)
            && expected.Select(identity).Distinct().Count() == expected.Count && actual.Select(identity).Distinct().Count() == actual.Count);
    }

    private static string Show(JsonNode? node)
    {
        var text = node?.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) ?? "null";
        return text.Length <= Shown ? text : text[..Shown] + "…";
    }
}

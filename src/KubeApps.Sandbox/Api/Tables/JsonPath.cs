using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api.Tables;

/// <summary>
/// The part of JSONPath that definitions of columns use: <c>.spec.replicas</c>, <c>.status.conditions[?(@.type=="Ready")].status</c>,
/// <c>[0]</c>, <c>[*]</c>, <c>['a.b/c']</c>. What it cannot read selects nothing.
/// </summary>
internal sealed class JsonPath
{
    private readonly IReadOnlyList<Func<JsonNode?, IEnumerable<JsonNode?>>> _steps;

    private JsonPath(IReadOnlyList<Func<JsonNode?, IEnumerable<JsonNode?>>> steps) => _steps = steps;

    public static JsonPath Parse(string text)
    {
        var steps = new List<Func<JsonNode?, IEnumerable<JsonNode?>>>();
        var position = 0;
        while (position < text.Length)
        {
            if (text[position] == '[')
            {
                var end = text.IndexOf(']', position);
                if (end < 0)
                    return new JsonPath([_ => []]);
                steps.Add(Bracket(text[(position + 1)..end]));
                position = end + 1;
                continue;
            }

            if (text[position] == '.')
                position++;
            var start = position;
            while (position < text.Length && text[position] is not ('.' or '['))
                position += text[position] == '\\' && position + 1 < text.Length ? 2 : 1;
            if (position > start)
                steps.Add(Member(text[start..position].Replace("\\", "", StringComparison.Ordinal)));
        }

        return new JsonPath(steps);
    }

    public IReadOnlyList<JsonNode?> Select(JsonNode root)
    {
        IEnumerable<JsonNode?> found = [root];
        foreach (var step in _steps)
            found = found.SelectMany(step);
        return [.. found.Where(node => node is not null)];
    }

    private static Func<JsonNode?, IEnumerable<JsonNode?>> Member(string name) =>
        name == "*" ? All : node => node is JsonObject map ? [map[name]] : [];

    private static IEnumerable<JsonNode?> All(JsonNode? node) => node switch
    {
        JsonArray list => list,
        JsonObject map => map.Select(pair => pair.Value),
        _ => [],
    };

    private static Func<JsonNode?, IEnumerable<JsonNode?>> Bracket(string inside)
    {
        if (inside == "*")
            return All;
        if (inside.Length > 1 && inside[0] is '\'' or '"')
            return Member(inside[1..^1]);
        if (int.TryParse(inside, CultureInfo.InvariantCulture, out var index))
        {
            return node => node is JsonArray list && (index < 0 ? list.Count + index : index) is var at && at >= 0 && at < list.Count ? [list[at]] : [];
        }

        // ?(@.type=="Ready")
        if (inside.StartsWith("?(@.", StringComparison.Ordinal) && inside.EndsWith(')') && inside[4..^1].Split("==") is [var left, var right])
        {
            var wanted = right.Trim().Trim('"', '\'');
            var path = Parse("." + left.Trim());
            return node => node is JsonArray list ? list.Where(item => item is not null && path.Select(item).Any(value => TableRenderer.Text(value) == wanted)) : [];
        }

        return _ => [];
    }
}

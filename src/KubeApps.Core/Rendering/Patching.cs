using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Diagnostics;

namespace KubeApps.Rendering;

/// <summary>Applies the user's changes to rendered objects.</summary>
internal static class Patching
{
    public static void Apply(RenderContext context)
    {
        foreach (var patch in context.App.Patches)
        {
            var place = patch.File is { } file ? new SourceLocation(file, patch.Line) : null;
            var targets = context.Objects.Where(item => item.Kind == patch.Kind && item.Name == patch.Name).ToList();
            if (targets.Count == 0)
                context.Report(DiagnosticDescriptors.PatchFailed.Because($"There is no {patch.Kind} '{patch.Name}' to change.", place));
            foreach (var target in targets)
                foreach (var operation in patch.Operations)
                    if (Change(target.Content, operation) is { } problem)
                        context.Report(DiagnosticDescriptors.PatchFailed.Because($"{patch.Kind} '{patch.Name}', {operation.Path}: {problem}.", place));
        }
    }

    /// <summary>Does one operation; says what is wrong with it, if something is.</summary>
    private static string? Change(JsonObject root, PatchOperation operation)
    {
        if (!operation.Path.StartsWith('/') || operation.Path.Length < 2)
            return "the path is not a JSON pointer below the object";
        var parts = operation.Path[1..].Split('/').Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToList();
        if (parts is ["apiVersion" or "kind" or "metadata"] or ["metadata", "name" or "namespace", ..])
            return "the identity of an object cannot be changed";

        JsonNode node = root;
        for (var i = 0; i < parts.Count - 1; i++)
        {
            var next = Step(node, parts[i]);
            if (next is null)
            {
                if (operation.IsRemoval || node is not JsonObject map)
                    return $"'{parts[i]}' is not there";
                next = parts[i + 1] == "-" ? new JsonArray() : new JsonObject();
                map[parts[i]] = next;
            }

            node = next;
        }

        return (node, operation.IsRemoval) switch
        {
            (JsonObject map, true) => map.Remove(parts[^1]) ? null : $"'{parts[^1]}' is not there",
            (JsonObject map, false) => Set(map, parts[^1], operation.Value),
            (JsonArray list, true) => IndexOf(list, parts[^1]) is { } index ? RemoveAt(list, index) : $"'{parts[^1]}' is not there",
            (JsonArray list, false) when parts[^1] == "-" => Append(list, operation.Value),
            (JsonArray list, false) => IndexOf(list, parts[^1]) is { } index ? Replace(list, index, operation.Value) : $"'{parts[^1]}' is not there",
            _ => $"what '{parts[^1]}' would stand in is neither map nor list",
        };
    }

    private static JsonNode? Step(JsonNode node, string part) => node switch
    {
        JsonObject map => map[part],
        JsonArray list when IndexOf(list, part) is { } index => list[index],
        _ => null,
    };

    /// <summary>By number, or by the name of the item.</summary>
    private static int? IndexOf(JsonArray list, string part)
    {
        if (int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number < list.Count ? number : null;
        for (var i = 0; i < list.Count; i++)
            if (list[i] is JsonObject item && item["name"] is JsonValue value && value.TryGetValue<string>(out var name) && name == part)
                return i;
        return null;
    }

    private static string? Set(JsonObject map, string key, JsonNode? value)
    {
        map[key] = value?.DeepClone();
        return null;
    }

    private static string? Append(JsonArray list, JsonNode? value)
    {
        list.Add(value?.DeepClone());
        return null;
    }

    private static string? Replace(JsonArray list, int index, JsonNode? value)
    {
        list[index] = value?.DeepClone();
        return null;
    }

    private static string? RemoveAt(JsonArray list, int index)
    {
        list.RemoveAt(index);
        return null;
    }
}

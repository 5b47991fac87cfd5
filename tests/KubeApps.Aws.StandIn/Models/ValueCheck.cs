using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Models;

/// <summary>Holds a value against its shape.</summary>
public static class ValueCheck
{
    /// <summary>Each reason why the value is not as AWS describes it, with its place.</summary>
    public static IReadOnlyList<string> Mismatches(JsonNode? value, Shape shape, string place)
    {
        var reasons = new List<string>();
        Check(value, shape, place, reasons);
        return reasons;
    }

    private static void Check(JsonNode? value, Shape shape, string place, List<string> reasons)
    {
        switch (shape.Type, value)
        {
            case (_, null):
                reasons.Add($"{place} is null");
                break;
            case ("structure", JsonObject members):
                reasons.AddRange(members.Where(member => !shape.Members.ContainsKey(member.Key)).Select(member => $"{place} has no member {member.Key}"));
                reasons.AddRange(shape.Required.Where(name => !members.ContainsKey(name)).Select(name => $"{place}.{name} is required"));
                foreach (var (name, member) in shape.Members)
                {
                    if (members.ContainsKey(name))
                        Check(members[name], member, $"{place}.{name}", reasons);
                }

                break;
            case ("list", JsonArray items):
                for (var index = 0; index < items.Count; index++)
                    Check(items[index], shape.Element, string.Create(CultureInfo.InvariantCulture, $"{place}[{index}]"), reasons);
                break;
            case ("map", JsonObject entries):
                foreach (var (key, entry) in entries)
                {
                    Check(JsonValue.Create(key), shape.Key, $"{place}'s key {key}", reasons);
                    Check(entry, shape.Value, $"{place}[{key}]", reasons);
                }

                break;
            case ("structure" or "list" or "map", _):
                reasons.Add($"{place} is no {shape.Type}");
                break;
            case (_, JsonValue scalar):
                CheckScalar(scalar, shape, place, reasons);
                break;
            default:
                reasons.Add($"{place} is no {shape.Type}");
                break;
        }
    }

    private static void CheckScalar(JsonValue value, Shape shape, string place, List<string> reasons)
    {
        var kind = value.GetValueKind();
        var fits = shape.Type switch
        {
            "string" => kind == JsonValueKind.String,
            "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
            "integer" => kind == JsonValueKind.Number && int.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out _),
            "long" => kind == JsonValueKind.Number && long.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out _),
            "float" or "double" => kind == JsonValueKind.Number,
            "timestamp" => kind == JsonValueKind.Number || (kind == JsonValueKind.String && DateTimeOffset.TryParse((string)value!, CultureInfo.InvariantCulture, out _)),
            "blob" => kind == JsonValueKind.String && Convert.TryFromBase64String((string)value!, new byte[((string)value!).Length], out _),
            _ => false,
        };
        if (!fits)
            reasons.Add($"{place} is no {shape.Type}: {value.ToJsonString()}");
        else if (shape.Enumeration is { } values && !values.Contains((string)value!))
            reasons.Add($"{place} is \"{(string)value!}\", which is none of {string.Join(", ", values)}");
    }
}

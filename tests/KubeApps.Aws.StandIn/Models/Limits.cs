using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeApps.Aws.StandIn.Models;

/// <summary>How long a text, how large a number or how full a list may be, and which letters a text may have.</summary>
internal sealed class Limits
{
    private readonly decimal? _min;
    private readonly decimal? _max;
    private readonly Regex? _pattern;

    /// <param name="said">As limits.json has it.</param>
    public Limits(JsonObject said)
    {
        (_min, _max) = ((decimal?)said["min"], (decimal?)said["max"]);
        // AWS matches the whole text, with or without anchors, and has a class that is not known here.
        if ((string?)said["pattern"] is { } pattern)
            _pattern = new Regex($@"\A(?:{pattern.Replace(@"\p{ASCII}", @"[\x00-\x7F]", StringComparison.Ordinal)})\z", RegexOptions.CultureInvariant);
    }

    /// <summary>Each reason why a value is outside of the limits of its place, or of a place in it.</summary>
    /// <param name="value">What is said.</param>
    /// <param name="shape">What AWS says of it.</param>
    /// <param name="place">Where it is.</param>
    /// <param name="mayBeEmpty">Whether lists and maps may be empty that have a first entry in a request: AWS answers so of what has no tags.</param>
    public static IEnumerable<string> Excesses(JsonNode? value, Shape shape, string place, bool mayBeEmpty = false)
    {
        var inside = value switch
        {
            JsonObject members when shape.Type == "structure" => members.Where(member => shape.Members.ContainsKey(member.Key))
                .SelectMany(member => Excesses(member.Value, shape.Members[member.Key], $"{place}.{member.Key}", mayBeEmpty)),
            JsonObject entries when shape.Type == "map" => entries.SelectMany(entry =>
                Excesses(JsonValue.Create(entry.Key), shape.Key, $"{place}'s key {entry.Key}").Concat(Excesses(entry.Value, shape.Value, $"{place}[{entry.Key}]", mayBeEmpty))),
            JsonArray items when shape.Type == "list" => items.SelectMany((item, index) => Excesses(item, shape.Element, string.Create(CultureInfo.InvariantCulture, $"{place}[{index}]"), mayBeEmpty)),
            _ => [],
        };
        return value is not null && !(mayBeEmpty && value is JsonObject { Count: 0 } or JsonArray { Count: 0 }) && shape.Limits is { } limits ? limits.Excesses(value, place).Concat(inside) : inside;
    }

    private IEnumerable<string> Excesses(JsonNode value, string place)
    {
        (decimal? size, var unit) = value switch
        {
            JsonObject entries => ((decimal?)entries.Count, " entries"),
            JsonArray items => (items.Count, " items"),
            JsonValue scalar when scalar.TryGetValue<string>(out var text) => (text.EnumerateRunes().Count(), " characters"),
            _ when value.GetValueKind() == JsonValueKind.Number => (decimal.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture), ""),
            _ => (null, ""),
        };
        if (size < _min)
            yield return string.Create(CultureInfo.InvariantCulture, $"{place} is {size}{unit}, fewer than {_min}");
        if (size > _max)
            yield return string.Create(CultureInfo.InvariantCulture, $"{place} is {size}{unit}, more than {_max}");
        if (_pattern?.IsMatch(value.GetValueKind() == JsonValueKind.String ? (string)value! : value.ToJsonString()) == false)
            yield return $"{place} is {value.ToJsonString()}, which does not match {_pattern}";
    }
}

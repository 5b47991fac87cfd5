using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Planning;

/// <summary>A Service's selector: the labels that a pod must have. Two with the same labels are equal.</summary>
internal sealed class Selector(IReadOnlyDictionary<string, string> labels) : IEquatable<Selector>
{
    public IReadOnlyDictionary<string, string> Labels { get; } = labels;

    /// <summary>Null where nothing is selected.</summary>
    public static Selector? Of(JsonNode? labels) => labels is JsonObject { Count: > 0 } content
        ? new Selector(content.ToDictionary(label => label.Key, label => (string?)label.Value ?? "", StringComparer.Ordinal))
        : null;

    public Selector With(string label, string value) => new(new Dictionary<string, string>(Labels, StringComparer.Ordinal) { [label] = value });

    public Selector Without(string label) => new(Labels.Where(item => item.Key != label).ToDictionary(StringComparer.Ordinal));

    public bool Matches(JsonNode? podLabels) => Labels.All(label => (string?)podLabels?[label.Key] == label.Value);

    public JsonObject ToJson() => new(Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));

    public bool Equals(Selector? other) =>
        other is not null && Labels.Count == other.Labels.Count && Labels.All(label => other.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Selector);

    /// <inheritdoc/>
    public override int GetHashCode() => Labels.Aggregate(0, (hash, label) => hash ^ HashCode.Combine(label.Key, label.Value));

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));
}

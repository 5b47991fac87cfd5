using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Controllers;

/// <summary>A selector of workloads (<c>matchLabels</c> and <c>matchExpressions</c>).</summary>
internal static class LabelSelector
{
    public static bool IsEmpty(JsonObject selector) => selector.Part("matchLabels").Count == 0 && !selector.Items("matchExpressions").Any();

    public static bool Matches(JsonObject selector, JsonObject labels) =>
        MatchesAll(selector.Part("matchLabels"), labels) && selector.Items("matchExpressions").All(expression => Holds(expression, labels));

    public static bool MatchesAll(JsonObject wanted, JsonObject labels) => wanted.All(pair => labels.Text(pair.Key) is { } value && value == (string?)pair.Value);

    private static bool Holds(JsonObject expression, JsonObject labels)
    {
        var value = labels.Text(expression.Text("key") ?? "");
        var values = expression["values"] as JsonArray ?? [];
        return expression.Text("operator") switch
        {
            "In" => value is not null && values.Any(item => (string?)item == value),
            "NotIn" => value is null || values.All(item => (string?)item != value),
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            _ => false,
        };
    }
}

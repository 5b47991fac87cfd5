using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Controllers;

/// <summary>Short names for content: the same content has the same name, in the alphabet that Kubernetes uses (no vowels, so no words).</summary>
internal static class TemplateHash
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    public static string Of(JsonNode template, int collisions = 0)
    {
        var text = new StringBuilder();
        Canonical(template, text);
        if (collisions > 0)
            text.Append(CultureInfo.InvariantCulture, $"#{collisions}");
        return Encode(Fnv1a(text.ToString()));
    }

    public static string Of(string text) => Encode(Fnv1a(text));

    /// <summary>The same as a number.</summary>
    public static uint Number(string text) => Fnv1a(text);

    private static string Encode(uint hash) =>
        string.Concat(hash.ToString(CultureInfo.InvariantCulture).Select(digit => Alphabet[digit % Alphabet.Length]));

    private static uint Fnv1a(string text)
    {
        var hash = 2166136261;
        foreach (var value in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ value) * 16777619;
        return hash;
    }

    // The order of members says nothing, so it must not count.
    private static void Canonical(JsonNode? node, StringBuilder text)
    {
        switch (node)
        {
            case JsonObject members:
                text.Append('{');
                foreach (var (name, value) in members.OrderBy(member => member.Key, StringComparer.Ordinal))
                {
                    text.Append('"').Append(name).Append("\":");
                    Canonical(value, text);
                    text.Append(',');
                }

                text.Append('}');
                break;
            case JsonArray items:
                text.Append('[');
                foreach (var item in items)
                {
                    Canonical(item, text);
                    text.Append(',');
                }

                text.Append(']');
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }
    }
}

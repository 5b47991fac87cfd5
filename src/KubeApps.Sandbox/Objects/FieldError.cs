using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects;

/// <summary>One violated rule: <paramref name="Text"/> is the message without the field (<c>Required value: …</c>).</summary>
internal sealed record FieldError(string Field, string Reason, string Text)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override string ToString() => $"{Field}: {Text}";

    public static FieldError Required(string field, string detail = "") =>
        new(field, "FieldValueRequired", detail.Length == 0 ? "Required value" : $"Required value: {detail}");

    public static FieldError Invalid(string field, JsonNode? value, string detail) =>
        new(field, "FieldValueInvalid", $"Invalid value: {Show(value)}: {detail}");

    /// <summary>As <see cref="Invalid"/>, of a value that the real server shows in a form of its own.</summary>
    public static FieldError InvalidShown(string field, string shown, string detail) =>
        new(field, "FieldValueInvalid", $"Invalid value: {shown}: {detail}");

    public static FieldError TypeInvalid(string field, string shown, string detail) =>
        new(field, "FieldValueTypeInvalid", $"Invalid value: {shown}: {detail}");

    public static FieldError Duplicate(string field, JsonNode? value) => new(field, "FieldValueDuplicate", $"Duplicate value: {Show(value)}");

    public static FieldError NotFound(string field, JsonNode? value) => new(field, "FieldValueNotFound", $"Not found: {Show(value)}");

    public static FieldError Forbidden(string field, string detail) =>
        new(field, "FieldValueForbidden", detail.Length == 0 ? "Forbidden" : $"Forbidden: {detail}");

    public static FieldError TooLong(string field, int limit) =>
        new(field, "FieldValueTooLong", string.Create(CultureInfo.InvariantCulture, $"Too long: may not be more than {limit} bytes"));

    public static FieldError NotSupported(string field, JsonNode? value, params IEnumerable<string> supported) =>
        new(field, "FieldValueNotSupported",
            $"Unsupported value: {Show(value)}: supported values: {string.Join(", ", supported.Select(text => $"\"{text}\""))}");

    /// <summary>A value as the messages show it: JSON with sorted keys.</summary>
    public static string Show(JsonNode? value)
    {
        var text = new StringBuilder();
        Write(value, text);
        return text.ToString();

        static void Write(JsonNode? node, StringBuilder into)
        {
            switch (node)
            {
                case JsonObject map:
                    into.Append('{');
                    var first = true;
                    foreach (var (key, member) in map.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    {
                        if (!first)
                            into.Append(',');
                        first = false;
                        into.Append(Quote(key)).Append(':');
                        Write(member, into);
                    }

                    into.Append('}');
                    break;
                case JsonArray list:
                    into.Append('[');
                    for (var index = 0; index < list.Count; index++)
                    {
                        if (index > 0)
                            into.Append(',');
                        Write(list[index], into);
                    }

                    into.Append(']');
                    break;
                case null:
                    into.Append("null");
                    break;
                default:
                    into.Append(node.GetValueKind() == JsonValueKind.String ? Quote((string)node!) : node.ToJsonString());
                    break;
            }
        }

        static string Quote(string value) => $"\"{Plain.Encoder!.Encode(value)}\"";
    }
}

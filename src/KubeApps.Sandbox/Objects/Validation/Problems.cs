using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects.Validation;

/// <summary>The list of violated rules that a validation fills, with the rules that are asked everywhere.</summary>
internal sealed class Problems : List<FieldError>
{
    public void Required(string field, string detail = "") => Add(FieldError.Required(field, detail));

    public void Invalid(string field, JsonNode? value, string detail) => Add(FieldError.Invalid(field, value, detail));

    public void Invalid(string field, string value, IEnumerable<string> complaints)
    {
        foreach (var complaint in complaints)
            Add(FieldError.Invalid(field, value, complaint));
    }

    public void Forbidden(string field, string detail) => Add(FieldError.Forbidden(field, detail));

    public void Duplicate(string field, JsonNode? value) => Add(FieldError.Duplicate(field, value));

    /// <summary>One of the values; an absent one is required.</summary>
    public void OneOf(string field, JsonNode? value, params ReadOnlySpan<string> supported)
    {
        if (Json.Text(value) is not { Length: > 0 } text)
            Required(field);
        else if (!supported.Contains(text))
            Add(FieldError.NotSupported(field, value, supported.ToArray()));
    }

    public void NonNegative(string field, JsonNode? value)
    {
        if (Json.Integer(value) < 0)
            Invalid(field, value, "must be greater than or equal to 0");
    }

    public void Positive(string field, JsonNode? value)
    {
        if (Json.Integer(value) <= 0)
            Invalid(field, value, "must be greater than 0");
    }

    public void Port(string field, JsonNode? value)
    {
        if ((Json.Integer(value) ?? 0) is < 1 or > 65535)
            Invalid(field, value ?? JsonValue.Create(0L), Names.PortRange);
    }

    /// <summary>A port's number, or the name of one.</summary>
    public void PortNumberOrName(string field, JsonNode? value)
    {
        if (Json.Text(value) is { } name)
            Invalid(field, name, Names.PortName(name));
        else
            Port(field, value);
    }

    /// <summary>A number of pods or a percentage of them.</summary>
    public void NumberOrPercent(string field, JsonNode? value)
    {
        if (Json.Text(value) is { } text)
        {
            if (Percent(text) is null)
            {
                Invalid(field, value,
                    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
            }
        }
        else
        {
            NonNegative(field, value);
        }
    }

    public static int? Percent(string text) =>
        text.EndsWith('%') && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent) ? percent : null;

    public void Labels(string field, JsonNode? labels)
    {
        foreach (var (key, value) in labels as JsonObject ?? [])
        {
            Invalid(field, key, Names.Qualified(key));
            Invalid(field, Json.Text(value) ?? "", Names.LabelValue(Json.Text(value) ?? ""));
        }
    }

    public void Annotations(string field, JsonNode? annotations)
    {
        const int Limit = 256 * 1024;
        var size = 0L;
        foreach (var (key, value) in annotations as JsonObject ?? [])
        {
            Invalid(field, key, Names.Qualified(key.ToLowerInvariant()));
            size += key.Length + (Json.Text(value)?.Length ?? 0);
        }

        if (size > Limit)
            Add(FieldError.TooLong(field, Limit));
    }

    public void LabelSelector(string field, JsonObject selector)
    {
        Labels($"{field}.matchLabels", selector["matchLabels"]);
        var expressions = selector["matchExpressions"] as JsonArray ?? [];
        for (var index = 0; index < expressions.Count; index++)
        {
            var at = $"{field}.matchExpressions[{index}]";
            var expression = expressions[index] as JsonObject ?? [];
            var values = expression["values"] as JsonArray ?? [];
            switch (Json.Text(expression["operator"]))
            {
                case "In" or "NotIn":
                    if (values.Count == 0)
                        Required($"{at}.values", "must be specified when `operator` is 'In' or 'NotIn'");
                    break;
                case "Exists" or "DoesNotExist":
                    if (values.Count > 0)
                        Forbidden($"{at}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    break;
                default:
                    Invalid($"{at}.operator", expression["operator"] ?? "", "not a valid selector operator");
                    break;
            }

            var key = Json.Text(expression["key"]) ?? "";
            Invalid($"{at}.key", key, Names.Qualified(key));
            for (var place = 0; place < values.Count; place++)
                Invalid($"{at}.values[{place}]", Json.Text(values[place]) ?? "", Names.LabelValue(Json.Text(values[place]) ?? ""));
        }
    }

    /// <summary>The value must be as it was; null stands for "not there".</summary>
    public void Immutable(string field, JsonNode? before, JsonNode? after, string detail = "field is immutable")
    {
        if (!Json.Equal(before, after))
            Invalid(field, after, detail);
    }
}

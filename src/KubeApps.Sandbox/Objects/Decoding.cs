using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects;

/// <summary>
/// What the server's typed decoding makes of a JSON object: types are checked, unknown fields go (and are named), amounts and times take
/// their canonical form, and what the server's types cannot tell from "absent" goes too.
/// </summary>
internal sealed class Decoding
{
    // Marks the steps of the path that are keys of a map: messages about types leave them out.
    private const char Key = '\0';

    private readonly List<string> _path = [];
    private readonly Stack<SchemaType> _structs = new();
    private readonly List<string> _unknown = [];

    private Decoding()
    {
    }

    /// <exception cref="FormatException">A value of a wrong type; the message in the server's words.</exception>
    public static (JsonObject Object, IReadOnlyList<string> UnknownFields) Read(JsonObject source, SchemaType? type)
    {
        if (type is null)
            return ((JsonObject)source.DeepClone(), []);
        var decoding = new Decoding();
        return ((JsonObject)decoding.Visit(source, type)!, decoding._unknown);
    }

    private JsonNode? Visit(JsonNode? node, SchemaType type)
    {
        // What a custom resource's schema says of types is a matter of validation, not of decoding.
        var custom = type.Rules is not null;
        switch (type.Kind)
        {
            case SchemaKind.Struct:
                return node switch
                {
                    JsonObject map => VisitStruct(map, type),
                    null when !custom => VisitStruct([], type),
                    _ when custom => node?.DeepClone(),
                    _ => throw WrongType(node, type),
                };
            case SchemaKind.Map:
                return node switch
                {
                    JsonObject map => VisitMap(map, type),
                    _ when custom || node is null => node?.DeepClone(),
                    _ => throw WrongType(node, type),
                };
            case SchemaKind.List:
                return node switch
                {
                    JsonArray list => VisitList(list, type),
                    _ when custom || node is null => node?.DeepClone(),
                    _ => throw WrongType(node, type),
                };
            default:
                return custom || type.Kind == SchemaKind.Any ? node?.DeepClone() : VisitScalar(node, type);
        }
    }

    private JsonObject VisitStruct(JsonObject source, SchemaType type)
    {
        _structs.Push(type);
        // Read in the order of the document, as complaints come in that order; written in that of the server's type.
        var decoded = new Dictionary<string, JsonNode?>(source.Count, StringComparer.Ordinal);
        JsonObject? kept = null;
        foreach (var (name, value) in source)
        {
            if (type.Fields.TryGetValue(name, out var field))
            {
                _path.Add(name);
                if (value is not null && Visit(value, field.Type) is { } read && !IsLeftOut(read, field))
                    decoded[name] = read;
                _path.RemoveAt(_path.Count - 1);
            }
            else if (type.PreserveUnknownFields)
            {
                (kept ??= [])[name] = value?.DeepClone();
            }
            else
            {
                _unknown.Add(Place(name));
            }
        }

        var result = new JsonObject();
        foreach (var (name, field) in type.Fields)
        {
            if (decoded.TryGetValue(name, out var value))
                result[name] = value;
            else if (!source.TryGetPropertyValue(name, out var given) || given is null)
                WriteAbsent(result, source, name, field);
        }

        foreach (var (name, value) in kept ?? [])
            result[name] = value?.DeepClone();
        _structs.Pop();
        return result;
    }

    private void WriteAbsent(JsonObject result, JsonObject source, string name, SchemaField field)
    {
        if (field.NullIfAbsent)
            result[name] = null;
        else if (field.AlwaysWritten)
            result[name] = Zero(field.Type);
        else if (field.Type.Rules is not null && field.Default is null && source.ContainsKey(name))
            result[name] = null;
    }

    private JsonObject VisitMap(JsonObject source, SchemaType type)
    {
        var result = new JsonObject();
        foreach (var (key, value) in source)
        {
            _path.Add(Key + key);
            result[key] = value is null && type.Rules is null ? Zero(type.Items) : Visit(value, type.Items);
            _path.RemoveAt(_path.Count - 1);
        }

        return result;
    }

    private JsonArray VisitList(JsonArray source, SchemaType type)
    {
        var result = new JsonArray();
        for (var index = 0; index < source.Count; index++)
        {
            _path.Add($"[{index}]");
            result.Add(source[index] is null && type.Rules is null ? Zero(type.Items) : Visit(source[index], type.Items));
            _path.RemoveAt(_path.Count - 1);
        }

        return result;
    }

    private JsonNode? Zero(SchemaType type) => type.Kind switch
    {
        SchemaKind.Struct => VisitStruct([], type),
        SchemaKind.String or SchemaKind.Bytes => JsonValue.Create(""),
        SchemaKind.Integer or SchemaKind.Number or SchemaKind.IntOrString => Json.Number(0),
        SchemaKind.Boolean => JsonValue.Create(false),
        SchemaKind.Quantity => JsonValue.Create("0"),
        _ => null,
    };

    private JsonNode? VisitScalar(JsonNode? node, SchemaType type)
    {
        if (node is null)
            return null;
        switch (type.Kind)
        {
            case SchemaKind.Integer:
                if (!Json.IsNumber(node))
                    throw WrongType(node, type);
                return Json.TryInteger(node, out var whole) && (!type.Int32 || whole is >= int.MinValue and <= int.MaxValue)
                    ? Json.Number(whole)
                    : throw WrongType(node, type, $"number {node.ToJsonString()}");
            case SchemaKind.Number:
                return Json.IsNumber(node) ? node.DeepClone() : throw WrongType(node, type);
            case SchemaKind.Boolean:
                return node.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? node.DeepClone() : throw WrongType(node, type);
            case SchemaKind.IntOrString:
                if (Json.TryInteger(node, out var number))
                    return number is >= int.MinValue and <= int.MaxValue ? Json.Number(number) : throw WrongInt32(node);
                return Json.IsString(node) ? node.DeepClone() : throw WrongInt32(node);
            case SchemaKind.Quantity:
                var amount = Json.IsNumber(node) ? node.ToJsonString() : Json.Text(node) ?? node.ToJsonString();
                return Quantity.TryParse(amount.Trim(), out var quantity) is { } error ? throw new FormatException(error) : JsonValue.Create(quantity.ToString());
            case SchemaKind.Time or SchemaKind.MicroTime:
                return JsonValue.Create(GoTime(Json.Text(node) ?? throw WrongType(node, new SchemaType(SchemaKind.String) { GoName = "string" }), type.Kind));
            case SchemaKind.Bytes:
                var encoded = Json.Text(node) ?? throw WrongType(node, type);
                return IllegalBase64(encoded) is { } at
                    ? throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"illegal base64 data at input byte {at}"))
                    : JsonValue.Create(encoded);
            default:
                return Json.IsString(node) ? node.DeepClone() : throw WrongType(node, type);
        }
    }

    /// <summary>Whether the server's type leaves this value out, so that it is gone when the object is read back.</summary>
    private static bool IsLeftOut(JsonNode value, SchemaField field)
    {
        if (field.Type.Rules is not null)
            return false;
        return field.Type.Kind switch
        {
            SchemaKind.List => ((JsonArray)value).Count == 0 && !field.NullIfAbsent,
            SchemaKind.Map => ((JsonObject)value).Count == 0 && !field.NullIfAbsent,
            SchemaKind.String or SchemaKind.Bytes => !field.KeepsZero && ((string)value!).Length == 0,
            SchemaKind.Integer => !field.KeepsZero && Json.Integer(value) == 0,
            SchemaKind.Boolean => !field.KeepsZero && value.GetValueKind() == JsonValueKind.False,
            _ => false,
        };
    }

    private static string GoTime(string text, SchemaKind kind)
    {
        if (!DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            || !(text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-')))
        {
            var layout = kind == SchemaKind.Time ? "2006-01-02T15:04:05Z07:00" : "2006-01-02T15:04:05.000000Z07:00";
            throw new FormatException($"parsing time \"{text}\" as \"{layout}\": cannot parse \"{text}\" as \"2006\"");
        }

        return time.UtcDateTime.ToString(kind == SchemaKind.Time ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
    }

    private static int? IllegalBase64(string text)
    {
        if (Convert.TryFromBase64String(text, new byte[(text.Length * 3 / 4) + 3], out _))
            return null;
        for (var index = 0; index < text.Length; index++)
            if (!(char.IsAsciiLetterOrDigit(text[index]) || text[index] is '+' or '/' or '\r' or '\n' || (text[index] == '=' && index >= text.Length - 2)))
                return index;
        return text.Length - (text.Length % 4);
    }

    private FormatException WrongInt32(JsonNode node) => new(
        $"json: cannot unmarshal {(Json.IsNumber(node) ? $"number {node.ToJsonString()}" : GoKind(node))} into Go value of type int32");

    private WrongTypeException WrongType(JsonNode? node, SchemaType type, string? shown = null)
    {
        var conversion = WrongTypeException.Words(node, type);
        shown ??= GoKind(node);
        var fields = string.Join('.', _path.Where(segment => segment[0] is not ('[' or Key)));
        return new WrongTypeException(
            _structs.Count == 0
                ? $"json: cannot unmarshal {shown} into Go value of type {type.GoName}"
                : $"json: cannot unmarshal {shown} into Go struct field {ShortName(_structs.Peek())}.{fields} of type {type.GoName}",
            conversion);
    }

    private static string GoKind(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "bool",
    };

    private static string ShortName(SchemaType type) => type.Name[(type.Name.LastIndexOf('.') + 1)..];

    private string Place(string name)
    {
        var text = new StringBuilder();
        foreach (var segment in _path.Append(name))
        {
            if (text.Length > 0 && segment[0] != '[')
                text.Append('.');
            text.Append(segment.AsSpan().TrimStart(Key));
        }

        return text.ToString();
    }
}

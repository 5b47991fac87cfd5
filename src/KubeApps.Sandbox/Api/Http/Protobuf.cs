using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>
/// Reads bodies in Kubernetes' protobuf form, which kubectl 1.32 and later use for what they build themselves (<c>kubectl create
/// deployment</c>). Answers are JSON, which those clients accept.
/// </summary>
internal static class Protobuf
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private const string Resource = "KubeApps.Sandbox.protobuf-fields.txt";
    private const string Inline = "~";

    private static readonly Lazy<Dictionary<string, Dictionary<int, Field>>> Messages = new(ReadMessages);

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <summary>The object as JSON.</summary>
    /// <exception cref="ApiStatusException">400 for what is not such a body, 415 for a kind whose form is not known.</exception>
    public static ReadOnlyMemory<byte> ToJson(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(Magic))
            throw ApiStatusException.BadRequest("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        try
        {
            string apiVersion = "", kind = "";
            ReadOnlySpan<byte> raw = [];
            var envelope = new Reader(body[Magic.Length..]);
            while (envelope.Next(out var number, out var wire))
            {
                if (number == 1)
                {
                    var type = new Reader(envelope.Bytes());
                    while (type.Next(out var part, out var partWire))
                    {
                        if (part == 1)
                            apiVersion = Encoding.UTF8.GetString(type.Bytes());
                        else if (part == 2)
                            kind = Encoding.UTF8.GetString(type.Bytes());
                        else
                            type.Skip(partWire);
                    }
                }
                else if (number == 2)
                {
                    raw = envelope.Bytes();
                }
                else
                {
                    envelope.Skip(wire);
                }
            }

            if (!Messages.Value.TryGetValue(MessageOf(apiVersion, kind), out var fields))
                throw ApiErrors.UnsupportedBody();
            var value = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind };
            Decode(raw, fields, value);
            return Responses.ToBytes(value);
        }
        catch (Exception e) when (e is IndexOutOfRangeException or ArgumentOutOfRangeException or FormatException or OverflowException or JsonException)
        {
            throw ApiStatusException.BadRequest($"the protobuf body cannot be read: {e.Message}");
        }
    }

    /// <summary>The message of a kind: groups are known by their first label (<c>rbac.authorization.k8s.io/v1</c> is <c>rbac.v1</c>).</summary>
    private static string MessageOf(string apiVersion, string kind)
    {
        if (kind == "DeleteOptions")
            return "meta.v1.DeleteOptions";
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? $"core.{apiVersion}.{kind}" : $"{apiVersion[..slash].Split('.')[0]}.{apiVersion[(slash + 1)..]}.{kind}";
    }

    private static void Decode(ReadOnlySpan<byte> message, Dictionary<int, Field> fields, JsonObject into)
    {
        var reader = new Reader(message);
        while (reader.Next(out var number, out var wire))
        {
            if (!fields.TryGetValue(number, out var field))
                reader.Skip(wire);
            else if (field.Name == Inline)
                Decode(reader.Bytes(), Messages.Value[field.Message!], into);
            else if (field.Shape == Shape.Map)
                DecodeEntry(reader.Bytes(), field, into);
            else if (field.Shape == Shape.List)
                Append(into, field.Name, Value(ref reader, wire, field));
            else if (Value(ref reader, wire, field) is { } value && !(field.OmitsZero && IsZero(value)))
                into[field.Name] = value;
        }
    }

    private static void DecodeEntry(ReadOnlySpan<byte> entry, Field field, JsonObject into)
    {
        var key = "";
        JsonNode? value = null;
        var reader = new Reader(entry);
        while (reader.Next(out var number, out var wire))
        {
            if (number == 1)
                key = Encoding.UTF8.GetString(reader.Bytes());
            else if (number == 2)
                value = Value(ref reader, wire, field);
            else
                reader.Skip(wire);
        }

        if (into[field.Name] is not JsonObject map)
            into[field.Name] = map = [];
        map[key] = value ?? "";
    }

    private static void Append(JsonObject into, string name, JsonNode? value)
    {
        if (into[name] is not JsonArray list)
            into[name] = list = [];
        list.Add(value);
    }

    private static JsonNode? Value(ref Reader reader, int wire, Field field) => field.Type switch
    {
        'i' => (long)reader.Varint(),
        'b' => reader.Varint() != 0,
        'd' => BitConverter.Int64BitsToDouble((long)reader.Fixed64()),
        _ when wire != 2 => throw new FormatException($"field {field.Name} has wire type {wire}"),
        's' => Encoding.UTF8.GetString(reader.Bytes()),
        'y' => Convert.ToBase64String(reader.Bytes()),
        'q' => First(reader.Bytes()) is { } quantity ? Encoding.UTF8.GetString(quantity) : "0",
        'r' or 'f' => First(reader.Bytes()) is { Length: > 0 } raw ? JsonNode.Parse(raw) : null,
        'T' => Time(reader.Bytes(), "yyyy-MM-dd'T'HH:mm:ss'Z'"),
        'M' => Time(reader.Bytes(), "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"),
        'n' => NumberOrText(reader.Bytes()),
        _ => Nested(reader.Bytes(), Messages.Value[field.Message!]),
    };

    private static JsonObject Nested(ReadOnlySpan<byte> message, Dictionary<int, Field> fields)
    {
        var value = new JsonObject();
        Decode(message, fields, value);
        return value;
    }

    private static bool IsZero(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.String => ((string)value!).Length == 0,
        JsonValueKind.Number => value.GetValue<object>() is long and 0 or double and 0d,
        JsonValueKind.False => true,
        _ => false,
    };

    /// <summary>Messages that wrap one text or some JSON have it in field 1.</summary>
    private static byte[]? First(ReadOnlySpan<byte> message)
    {
        var reader = new Reader(message);
        while (reader.Next(out var number, out var wire))
        {
            if (number == 1 && wire == 2)
                return reader.Bytes().ToArray();
            reader.Skip(wire);
        }

        return null;
    }

    private static JsonNode? Time(ReadOnlySpan<byte> message, string format)
    {
        var seconds = 0L;
        var nanoseconds = 0L;
        var reader = new Reader(message);
        while (reader.Next(out var number, out var wire))
        {
            if (number == 1)
                seconds = (long)reader.Varint();
            else if (number == 2)
                nanoseconds = (long)reader.Varint();
            else
                reader.Skip(wire);
        }

        return message.Length == 0
            ? null
            : DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100).UtcDateTime.ToString(format, CultureInfo.InvariantCulture);
    }

    private static JsonNode NumberOrText(ReadOnlySpan<byte> message)
    {
        var isText = false;
        var number = 0L;
        var text = "";
        var reader = new Reader(message);
        while (reader.Next(out var field, out var wire))
        {
            switch (field)
            {
                case 1:
                    isText = reader.Varint() == 1;
                    break;
                case 2:
                    number = (long)reader.Varint();
                    break;
                case 3:
                    text = Encoding.UTF8.GetString(reader.Bytes());
                    break;
                default:
                    reader.Skip(wire);
                    break;
            }
        }

        return isText ? text : number;
    }

    private static Dictionary<string, Dictionary<int, Field>> ReadMessages()
    {
        using var stream = typeof(Protobuf).Assembly.GetManifestResourceStream(Resource)!;
        using var lines = new StreamReader(stream);
        var messages = new Dictionary<string, Dictionary<int, Field>>();
        Dictionary<int, Field>? current = null;
        while (lines.ReadLine() is { } line)
        {
            if (line.StartsWith('#') || line.Length == 0)
                continue;
            if (line[0] != ' ')
            {
                messages[line] = current = [];
                continue;
            }

            var parts = line.Split(' ');
            var (type, flags) = parts[3].Split('/') is [var before, var after] ? (before, after) : (parts[3], "");
            var shape = type[0] switch
            {
                '*' => Shape.List,
                '%' => Shape.Map,
                _ => Shape.One,
            };
            if (shape != Shape.One)
                type = type[1..];
            current![int.Parse(parts[1], CultureInfo.InvariantCulture)] = new Field(
                parts[2], type[0], shape, type[0] == ':' ? type[1..] : null, flags == "o");
        }

        return messages;
    }

    private enum Shape
    {
        One,
        List,
        Map,
    }

    /// <summary><paramref name="OmitsZero"/>: always on the wire, but left out of the JSON when it is zero.</summary>
    private sealed record Field(string Name, char Type, Shape Shape, string? Message, bool OmitsZero);

    private ref struct Reader(ReadOnlySpan<byte> message)
    {
        private readonly ReadOnlySpan<byte> _message = message;
        private int _position;

        public bool Next(out int number, out int wire)
        {
            number = wire = 0;
            if (_position >= _message.Length)
                return false;
            var tag = Varint();
            number = (int)(tag >> 3);
            wire = (int)(tag & 7);
            return true;
        }

        public ulong Varint()
        {
            ulong value = 0;
            for (var shift = 0; shift < 64; shift += 7)
            {
                var next = _message[_position++];
                value |= (ulong)(next & 0x7f) << shift;
                if (next < 0x80)
                    return value;
            }

            throw new FormatException("a number is too long");
        }

        public ulong Fixed64()
        {
            var value = BinaryPrimitives.ReadUInt64LittleEndian(_message[_position..]);
            _position += 8;
            return value;
        }

        public ReadOnlySpan<byte> Bytes()
        {
            var length = checked((int)Varint());
            var bytes = _message.Slice(_position, length);
            _position += length;
            return bytes;
        }

        public void Skip(int wire)
        {
            switch (wire)
            {
                case 0:
                    Varint();
                    break;
                case 1:
                    _position += 8;
                    break;
                case 2:
                    Bytes();
                    break;
                case 5:
                    _position += 4;
                    break;
                default:
                    throw new FormatException($"wire type {wire}");
            }
        }
    }
}

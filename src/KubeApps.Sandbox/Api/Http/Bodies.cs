using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>Reads what clients send: JSON or YAML, of limited size.</summary>
internal static class Bodies
{
    /// <summary>The same as the real server's.</summary>
    private const int Limit = 3 * 1024 * 1024;

    /// <summary>The media type of the body, without parameters; JSON if the client says nothing.</summary>
    public static string MediaType(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? type.MediaType.Value!.ToLowerInvariant() : Negotiation.Json;

    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > Limit)
            throw ApiErrors.BodyTooLarge(Limit);
        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            if (read.Buffer.Length > Limit)
                throw ApiErrors.BodyTooLarge(Limit);
            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>The body of a create or update as JSON.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadObjectAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var mediaType = MediaType(request);
        if (mediaType is not (Negotiation.Json or Negotiation.Yaml or Protobuf.MediaType))
            throw ApiErrors.UnsupportedBody();
        var body = await ReadAsync(request, cancellationToken);
        return mediaType switch
        {
            Negotiation.Yaml => YamlToJson(body),
            Protobuf.MediaType when body.Length > 0 => Protobuf.ToJson(body.Span),
            _ => body,
        };
    }

    /// <summary>YAML as JSON; a body that is JSON is left as it is.</summary>
    public static ReadOnlyMemory<byte> YamlToJson(ReadOnlyMemory<byte> body)
    {
        if (IsJson(body.Span))
            return body;
        try
        {
            var parser = new Parser(new StringReader(Encoding.UTF8.GetString(body.Span)));
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
                return "{}"u8.ToArray();
            var node = ReadNode(parser, []);
            return Encoding.UTF8.GetBytes(node?.ToJsonString() ?? "null");
        }
        catch (YamlException e)
        {
            throw ApiStatusException.BadRequest(
                string.Create(CultureInfo.InvariantCulture, $"error decoding YAML: error converting YAML to JSON: yaml: line {e.Start.Line}: {e.Message}"));
        }
    }

    /// <summary>Most clients send JSON under the name of YAML; <c>{a: b}</c> begins alike and is not.</summary>
    private static bool IsJson(ReadOnlySpan<byte> body)
    {
        var start = body.TrimStart(" \t\r\n"u8);
        if (start.Length == 0 || start[0] != (byte)'{')
            return false;
        try
        {
            var reader = new System.Text.Json.Utf8JsonReader(body);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }

    private static JsonNode? ReadNode(IParser parser, Dictionary<AnchorName, JsonNode?> anchors)
    {
        switch (parser.Current)
        {
            case AnchorAlias alias:
                parser.MoveNext();
                return anchors.TryGetValue(alias.Value, out var known)
                    ? known?.DeepClone()
                    : throw new YamlException(alias.Start, alias.End, $"unknown anchor '{alias.Value}' referenced");
            case Scalar scalar:
                parser.MoveNext();
                return Note(scalar, ReadScalar(scalar), anchors);
            case SequenceStart start:
                parser.MoveNext();
                var list = new JsonArray();
                while (!parser.TryConsume<SequenceEnd>(out _))
                    list.Add(ReadNode(parser, anchors));
                return Note(start, list, anchors);
            case MappingStart start:
                parser.MoveNext();
                var map = new JsonObject();
                while (!parser.TryConsume<MappingEnd>(out _))
                {
                    var key = parser.Consume<Scalar>();
                    if (!map.TryAdd(key.Value, null))
                        throw new YamlException(key.Start, key.End, $"key \"{key.Value}\" already set in map");
                    map[key.Value] = ReadNode(parser, anchors);
                }

                return Note(start, map, anchors);
            default:
                throw new YamlException(parser.Current!.Start, parser.Current.End, "unexpected content");
        }
    }

    private static JsonNode? Note(NodeEvent node, JsonNode? value, Dictionary<AnchorName, JsonNode?> anchors)
    {
        if (!node.Anchor.IsEmpty)
            anchors[node.Anchor] = value;
        return value;
    }

    /// <summary>YAML 1.1 as the real server reads it: <c>yes</c> and <c>on</c> are booleans.</summary>
    private static JsonNode? ReadScalar(Scalar scalar)
    {
        if (scalar.Style != ScalarStyle.Plain || scalar.Tag == "tag:yaml.org,2002:str")
            return scalar.Value;
        switch (scalar.Value)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON":
                return true;
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF":
                return false;
        }

        if (long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return whole;
        if (scalar.Value.Length > 0 && (char.IsAsciiDigit(scalar.Value[^1]) || scalar.Value[^1] == '.') && (char.IsAsciiDigit(scalar.Value[0]) || scalar.Value[0] is '-' or '+' or '.')
            && double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return number;
        return scalar.Value;
    }
}

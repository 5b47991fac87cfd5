using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;
using Microsoft.AspNetCore.Http;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeApps.Sandbox.Api.Http;

internal static class Responses
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static Task WriteAsync(HttpContext context, int status, JsonNode body, Output output = default)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        Write(buffer, body);
        return WriteBytesAsync(context, status, buffer.WrittenMemory, output.Yaml);
    }

    public static Task WriteAsync(HttpContext context, ApiStatusException refused, Output output = default) =>
        WriteAsync(context, refused.Code, refused.ToStatus(), output);

    public static Task WriteAsync(HttpContext context, int status, StoredObject stored, Output output = default)
    {
        if (output.Yaml)
            return WriteBytesAsync(context, status, stored.Json.ToArray(), yaml: true);
        var response = Prepare(context, status, Negotiation.Json);
        response.ContentLength = stored.Json.Length;
        response.BodyWriter.Write(stored.Json);
        return response.BodyWriter.FlushAsync(context.RequestAborted).AsTask();
    }

    public static async Task WriteBytesAsync(HttpContext context, int status, ReadOnlyMemory<byte> json, bool yaml = false, string? contentType = null)
    {
        var body = yaml ? ToYaml(JsonNode.Parse(json.Span)) : json;
        var response = Prepare(context, status, contentType ?? (yaml ? Negotiation.Yaml : Negotiation.Json));
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }

    public static HttpResponse Prepare(HttpContext context, int status, string contentType)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.Headers.CacheControl = "no-cache, private";
        return response;
    }

    public static void AddWarnings(HttpContext context, IReadOnlyList<string> warnings)
    {
        foreach (var warning in warnings)
        {
            var quoted = warning.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            context.Response.Headers.Append("Warning", $"299 - \"{quoted}\"");
        }
    }

    public static byte[] ToBytes(JsonNode body)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        Write(buffer, body);
        return buffer.WrittenSpan.ToArray();
    }

    public static void Write(IBufferWriter<byte> buffer, JsonNode? body)
    {
        using var writer = new Utf8JsonWriter(buffer, Relaxed);
        if (body is null)
            writer.WriteNullValue();
        else
            body.WriteTo(writer);
        writer.Flush();
    }

    private static ReadOnlyMemory<byte> ToYaml(JsonNode? json)
    {
        var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, true));
        Emit(emitter, json);
        emitter.Emit(new DocumentEnd(true));
        emitter.Emit(new StreamEnd());
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, true, map.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (key, value) in map)
                {
                    emitter.Emit(Text(key));
                    Emit(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray list:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, true, list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in list)
                    Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case { } value when value.GetValueKind() == JsonValueKind.String:
                emitter.Emit(Text((string)value!));
                break;
            default:
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, node?.ToJsonString() ?? "null", ScalarStyle.Plain, true, false));
                break;
        }
    }

    /// <summary>Quoted unless it is plainly a word: nothing that YAML could read as a number, a boolean or null.</summary>
    private static Scalar Text(string value)
    {
        var isWord = value.Length > 0 && char.IsAsciiLetter(value[0])
            && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '/' or '_')
            && value.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");
        return new Scalar(AnchorName.Empty, TagName.Empty, value, isWord ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted, isWord, !isWord);
    }
}

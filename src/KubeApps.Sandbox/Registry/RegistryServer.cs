using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace KubeApps.Sandbox.Registry;

/// <summary>
/// The OCI distribution API 1.1 over HTTP. Takes the path apart itself: repository names contain slashes, which no route template
/// matches from the right. Who may ask was decided before.
/// </summary>
internal sealed partial class RegistryServer(ContentStore store, ILogger<RegistryServer> logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        context.Response.Headers["Docker-Distribution-Api-Version"] = "registry/2.0";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await RouteAsync(context);
        }
        catch (RegistryException e)
        {
            await RefuseAsync(context, e.Status, e.Code, e.Message);
        }
        catch (BadHttpRequestException e)
        {
            // The body broke off or was no HTTP. What arrived of an upload stays and can go on.
            await RefuseAsync(context, e.StatusCode, "BLOB_UPLOAD_INVALID", "The request's body broke off.");
        }
        catch (IOException e) when (!context.RequestAborted.IsCancellationRequested)
        {
            LogFailure(context.Request.Method, context.Request.Path, e.Message);
            await RefuseAsync(context, StatusCodes.Status507InsufficientStorage, "UNKNOWN", $"The registry's disk refused: {e.Message}");
        }
    }

    /// <summary>Answers with the specification's error body.</summary>
    public static async Task RefuseAsync(HttpContext context, int status, string code, string message)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = status;
        await WriteJsonAsync(context, json =>
        {
            json.WriteStartArray("errors");
            json.WriteStartObject();
            json.WriteString("code", code);
            json.WriteString("message", message);
            json.WriteEndObject();
            json.WriteEndArray();
        });
    }

    private static async Task WriteJsonAsync(HttpContext context, Action<Utf8JsonWriter> content, string mediaType = "application/json")
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }

        context.Response.ContentType = mediaType;
        context.Response.ContentLength = buffer.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), context.RequestAborted);
    }

    private Task RouteAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        if (path is "/v2/" or "/v2")
            return WriteJsonAsync(context, _ => { });
        if (!path.StartsWith("/v2/", StringComparison.Ordinal))
            throw new RegistryException(404, "UNSUPPORTED", "This is an image registry; its API is under /v2/.");
        if (path == "/v2/_catalog")
            return CatalogAsync(context);

        var segments = path["/v2/".Length..].Split('/');
        var last = segments[^1];
        return segments switch
        {
            [.., "blobs", "uploads", ""] => StartUploadAsync(context, Name(segments, 3)),
            [.., "blobs", "uploads"] => StartUploadAsync(context, Name(segments, 2)),
            [.., "blobs", "uploads", _] => UploadAsync(context, Name(segments, 3), last),
            [.., "blobs", _] => BlobAsync(context, Name(segments, 2), last),
            [.., "manifests", _] => ManifestAsync(context, Name(segments, 2), last),
            [.., "tags", "list"] => TagsAsync(context, Name(segments, 2)),
            [.., "referrers", _] => ReferrersAsync(context, Name(segments, 2), last),
            _ => throw new RegistryException(404, "UNSUPPORTED", "The distribution API has no such path."),
        };
    }

    private static string Name(string[] segments, int tail)
    {
        var name = string.Join('/', segments[..^tail]);
        return RegistryGrammar.IsRepository(name) ? name : throw RegistryException.NameInvalid(name);
    }

    private Task CatalogAsync(HttpContext context)
    {
        RequireMethod(context, "GET");
        var page = Page(context, store.Repositories());
        return WriteJsonAsync(context, json => WriteNames(json, "repositories", page));
    }

    private Task TagsAsync(HttpContext context, string repository)
    {
        RequireMethod(context, "GET");
        var page = Page(context, store.Tags(repository) ?? throw RegistryException.NameUnknown(repository));
        return WriteJsonAsync(context, json =>
        {
            json.WriteString("name", repository);
            WriteNames(json, "tags", page);
        });
    }

    private static void WriteNames(Utf8JsonWriter json, string property, IEnumerable<string> names)
    {
        json.WriteStartArray(property);
        foreach (var name in names)
            json.WriteStringValue(name);
        json.WriteEndArray();
    }

    /// <summary>What comes after <c>last</c>, at most <c>n</c> names, and a link to the rest.</summary>
    private static IReadOnlyList<string> Page(HttpContext context, IReadOnlyList<string> names)
    {
        var query = context.Request.Query;
        if (query["last"] is [{ Length: > 0 } last])
            names = [.. names.Where(name => string.CompareOrdinal(name, last) > 0)];
        if (query["n"] is not [{ Length: > 0 } limit])
            return names;
        if (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var n))
            throw new RegistryException(400, "PAGINATION_NUMBER_INVALID", "n must be a number, 0 or more.");
        if (n >= names.Count)
            return names;
        if (n > 0)
            context.Response.Headers.Link = $"<{context.Request.Path}?n={n}&last={Uri.EscapeDataString(names[n - 1])}>; rel=\"next\"";
        return [.. names.Take(n)];
    }

    private Task ReferrersAsync(HttpContext context, string repository, string digest)
    {
        RequireMethod(context, "GET");
        RequireDigest(digest);
        var filter = context.Request.Query["artifactType"] is [{ Length: > 0 } type] ? type : null;
        if (filter is not null)
            context.Response.Headers["OCI-Filters-Applied"] = "artifactType";
        return WriteJsonAsync(context, json =>
        {
            json.WriteNumber("schemaVersion", 2);
            json.WriteString("mediaType", ManifestContent.OciIndex);
            json.WriteStartArray("manifests");
            foreach (var manifest in store.Referrers(repository, digest))
            {
                var artifactType = ManifestContent.Parse(manifest.MediaType, manifest.Content).ArtifactType;
                if (filter is not null && filter != artifactType)
                    continue;
                using var document = JsonDocument.Parse(manifest.Content);
                json.WriteStartObject();
                json.WriteString("mediaType", manifest.MediaType);
                json.WriteString("digest", manifest.Digest);
                json.WriteNumber("size", manifest.Content.Length);
                if (artifactType is not null)
                    json.WriteString("artifactType", artifactType);
                if (document.RootElement.TryGetProperty("annotations", out var annotations))
                {
                    json.WritePropertyName("annotations");
                    annotations.WriteTo(json);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }, ManifestContent.OciIndex);
    }

    private static void RequireMethod(HttpContext context, string method)
    {
        if (context.Request.Method == method || (method == "GET" && HttpMethods.IsHead(context.Request.Method)))
            return;
        context.Response.Headers.Allow = method;
        throw RegistryException.Unsupported($"Only {method} can be asked of this path.");
    }

    private static void RequireDigest(string digest)
    {
        if (!RegistryGrammar.IsDigest(digest))
            throw RegistryException.DigestInvalid("A digest has the form sha256:<64 lower-case hex digits>.");
    }

    /// <summary>Reads a small body whole.</summary>
    private static async Task<ReadOnlyMemory<byte>> ReadAllAsync(HttpContext context, int largest)
    {
        var tooLarge = new RegistryException(413, "MANIFEST_INVALID", $"A manifest may have {largest} bytes.");
        if (context.Request.ContentLength > largest)
            throw tooLarge;
        using var content = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            content.Write(buffer, 0, read);
            if (content.Length > largest)
                throw tooLarge;
        }

        return content.ToArray();
    }

    // Layers are as large as they are.
    private static void AllowAnySize(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Path}: {Error}")]
    private partial void LogFailure(string method, string path, string error);

    [LoggerMessage(LogLevel.Information, "pushed {Repository}:{Reference} as {Digest}")]
    private partial void LogPushed(string repository, string reference, string digest);
}

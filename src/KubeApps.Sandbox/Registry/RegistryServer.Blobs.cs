using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace KubeApps.Sandbox.Registry;

/// <content>Blobs and their uploads.</content>
internal sealed partial class RegistryServer
{
    private async Task BlobAsync(HttpContext context, string repository, string digest)
    {
        RequireDigest(digest);
        switch (context.Request.Method)
        {
            case "GET" or "HEAD":
                await SendBlobAsync(context, store.FindBlob(repository, digest) ?? throw RegistryException.BlobUnknown(digest), digest);
                break;
            case "DELETE":
                if (!store.DeleteBlob(repository, digest))
                    throw RegistryException.BlobUnknown(digest);
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                break;
            default:
                RequireMethod(context, "GET");
                break;
        }
    }

    private static async Task SendBlobAsync(HttpContext context, FileInfo file, string digest)
    {
        var response = context.Response;
        response.ContentType = "application/octet-stream";
        response.Headers["Docker-Content-Digest"] = digest;
        response.Headers.ETag = $"\"{digest}\"";
        response.Headers.AcceptRanges = "bytes";
        var (start, length) = (0L, file.Length);
        if (context.Request.Headers.Range is [{ } header] && ParseRange(header, file.Length) is { } range)
        {
            if (range.Length <= 0)
            {
                response.Headers.ContentRange = $"bytes */{file.Length}";
                throw new RegistryException(416, "UNSUPPORTED", "The blob has no such range.");
            }

            (start, length) = range;
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {start}-{start + length - 1}/{file.Length}";
        }

        response.ContentLength = length;
        if (!HttpMethods.IsHead(context.Request.Method) && length > 0)
            await response.SendFileAsync(file.FullName, start, length, context.RequestAborted);
    }

    /// <summary>One range in bytes; null for anything else, which HTTP lets a server answer with the whole content.</summary>
    private static (long Start, long Length)? ParseRange(string header, long size)
    {
        if (!header.StartsWith("bytes=", StringComparison.Ordinal) || header.Contains(','))
            return null;
        var bounds = header["bytes=".Length..].Split('-');
        if (bounds.Length != 2)
            return null;
        if (bounds[0].Length == 0)
            return ParseNumber(bounds[1]) is { } suffix ? (Math.Max(0, size - suffix), Math.Min(suffix, size)) : null;
        if (ParseNumber(bounds[0]) is not { } start)
            return null;
        if (bounds[1].Length == 0)
            return (start, size - start);
        return ParseNumber(bounds[1]) is { } end && end >= start ? (start, Math.Min(end, size - 1) - start + 1) : null;
    }

    private static long? ParseNumber(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private async Task StartUploadAsync(HttpContext context, string repository)
    {
        RequireMethod(context, "POST");
        var query = context.Request.Query;
        if (query["mount"] is [{ Length: > 0 } mount])
        {
            RequireDigest(mount);
            // Without a source any repository will do; an unknown one is no error: the client uploads then.
            var held = query["from"] is [{ Length: > 0 } from]
                ? RegistryGrammar.IsRepository(from) && store.FindBlob(from, mount) is not null
                : store.HasBlob(mount);
            if (held)
            {
                store.Link(repository, mount);
                Created(context, repository, mount);
                return;
            }
        }

        AllowAnySize(context);
        var digest = Digest(context);
        var id = store.Uploads.Start(repository);
        if (digest is null)
        {
            Accepted(context, repository, id, 0);
            return;
        }

        try
        {
            await store.Uploads.AppendAsync(
                repository, id, context.Request.Body, expectedStart: null, context.Request.ContentLength, context.RequestAborted);
            await store.Uploads.FinishAsync(repository, id, digest, context.RequestAborted);
        }
        catch
        {
            // The client was never told the upload's address: nobody can go on with it.
            store.Uploads.Discard(id);
            throw;
        }

        Created(context, repository, digest);
    }

    private async Task UploadAsync(HttpContext context, string repository, string id)
    {
        var request = context.Request;
        AllowAnySize(context);
        switch (request.Method)
        {
            case "GET" or "HEAD":
                Progress(context, repository, id, store.Uploads.Length(repository, id));
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            case "PATCH":
                Accepted(context, repository, id, await AppendAsync(context, repository, id));
                break;
            case "PUT":
                var digest = Digest(context) ?? throw RegistryException.DigestInvalid("The upload must end with ?digest=….");
                await AppendAsync(context, repository, id);
                await store.Uploads.FinishAsync(repository, id, digest, context.RequestAborted);
                Created(context, repository, digest);
                break;
            case "DELETE":
                store.Uploads.Cancel(repository, id);
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            default:
                RequireMethod(context, "PATCH");
                break;
        }
    }

    private async Task<long> AppendAsync(HttpContext context, string repository, string id)
    {
        var request = context.Request;
        long? start = null;
        var length = request.ContentLength;
        if (request.Headers.ContentRange is [{ Length: > 0 } range])
        {
            var text = range.StartsWith("bytes ", StringComparison.Ordinal) ? range["bytes ".Length..] : range;
            var bounds = text.Split('/')[0].Split('-');
            if (bounds.Length != 2 || ParseNumber(bounds[0]) is not { } first || ParseNumber(bounds[1]) is not { } end || end < first)
                throw RegistryException.UploadInvalid("Content-Range must have the form <first>-<last>.");
            if (length is { } announced && announced != end - first + 1)
                throw RegistryException.UploadInvalid("Content-Range and Content-Length disagree.");
            start = first;
            length = end - first + 1;
        }

        try
        {
            return await store.Uploads.AppendAsync(repository, id, request.Body, start, length, context.RequestAborted);
        }
        catch (RegistryException e) when (e.Status == StatusCodes.Status416RangeNotSatisfiable)
        {
            // So that the client can go on from where the upload really is.
            Progress(context, repository, id, store.Uploads.Length(repository, id));
            throw;
        }
    }

    private static string? Digest(HttpContext context)
    {
        if (context.Request.Query["digest"] is not [{ Length: > 0 } digest])
            return null;
        RequireDigest(digest);
        return digest;
    }

    private static void Created(HttpContext context, string repository, string digest)
    {
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/v2/{repository}/blobs/{digest}";
        context.Response.Headers["Docker-Content-Digest"] = digest;
        context.Response.ContentLength = 0;
    }

    private static void Accepted(HttpContext context, string repository, string id, long length)
    {
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.ContentLength = 0;
        Progress(context, repository, id, length);
    }

    private static void Progress(HttpContext context, string repository, string id, long length)
    {
        context.Response.Headers.Location = $"/v2/{repository}/blobs/uploads/{id}";
        // The form has no way to say "nothing yet"; this is what other registries answer then.
        context.Response.Headers.Range = $"0-{Math.Max(0, length - 1)}";
        context.Response.Headers["Docker-Upload-UUID"] = id;
    }
}

using Microsoft.AspNetCore.Http;

namespace KubeApps.Sandbox.Registry;

/// <content>Manifests, by tag and by digest.</content>
internal sealed partial class RegistryServer
{
    private async Task ManifestAsync(HttpContext context, string repository, string reference)
    {
        switch (context.Request.Method)
        {
            case "GET" or "HEAD":
                await SendManifestAsync(context, store.ResolveManifest(repository, reference) ?? throw RegistryException.ManifestUnknown(reference));
                break;
            case "PUT":
                await PutManifestAsync(context, repository, reference);
                break;
            case "DELETE":
                var deleted = RegistryGrammar.IsDigest(reference)
                    ? store.DeleteManifest(repository, reference)
                    : store.DeleteTag(repository, reference);
                if (!deleted)
                    throw RegistryException.ManifestUnknown(reference);
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                break;
            default:
                RequireMethod(context, "GET");
                break;
        }
    }

    private static async Task SendManifestAsync(HttpContext context, StoredManifest manifest)
    {
        var response = context.Response;
        response.ContentType = manifest.MediaType;
        response.ContentLength = manifest.Content.Length;
        response.Headers["Docker-Content-Digest"] = manifest.Digest;
        response.Headers.ETag = $"\"{manifest.Digest}\"";
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.Body.WriteAsync(manifest.Content, context.RequestAborted);
    }

    private async Task PutManifestAsync(HttpContext context, string repository, string reference)
    {
        var byDigest = RegistryGrammar.IsDigest(reference);
        if (!byDigest && !RegistryGrammar.IsTag(reference))
            throw reference.Contains(':')
                ? RegistryException.DigestInvalid("A digest has the form sha256:<64 lower-case hex digits>.")
                : RegistryException.ManifestInvalid("That is no tag: letters, digits, '_', '.' and '-', at most 128, not beginning with '.' or '-'.");

        var content = await ReadAllAsync(context, ManifestContent.LargestSize);
        var digest = ContentStore.DigestOf(content.Span);
        if (byDigest && digest != reference)
            throw RegistryException.DigestInvalid($"The body has the digest {digest}, not {reference}.");

        var manifest = ManifestContent.Parse(context.Request.ContentType?.Split(';')[0].Trim(), content);
        foreach (var blob in manifest.Blobs)
            if (store.FindBlob(repository, blob) is null)
                throw RegistryException.ManifestBlobUnknown(blob);
        foreach (var entry in manifest.Manifests)
            if (!store.HoldsManifest(repository, entry))
                throw RegistryException.ManifestBlobUnknown(entry);

        store.PutManifest(repository, byDigest ? null : reference, manifest.MediaType, content.Span, manifest.Subject);
        LogPushed(repository, reference, digest);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.ContentLength = 0;
        context.Response.Headers.Location = $"/v2/{repository}/manifests/{digest}";
        context.Response.Headers["Docker-Content-Digest"] = digest;
        // Tells the client that the referrers API knows of it, so that it does not keep an index of its own.
        if (manifest.Subject is not null)
            context.Response.Headers["OCI-Subject"] = manifest.Subject;
    }
}

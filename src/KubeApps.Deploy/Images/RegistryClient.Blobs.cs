using System.Net;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Images;

/// <content>Content that is no manifest: small enough to be sent and read in one piece.</content>
internal sealed partial class RegistryClient
{
    /// <summary>Sends content that the repository lacks.</summary>
    public async Task EnsureBlobAsync(string repository, byte[] content, string digest, CancellationToken cancellationToken)
    {
        using (var present = await SendAsync(HttpMethod.Head, repository, $"blobs/{digest}", null, cancellationToken).ConfigureAwait(false))
            if (present.StatusCode == HttpStatusCode.OK)
                return;
        using var begun = await SendAsync(HttpMethod.Post, repository, "blobs/uploads/", ([], OctetStream), cancellationToken).ConfigureAwait(false);
        if (begun.StatusCode != HttpStatusCode.Accepted || begun.Headers.Location is not { } location)
            throw NotTaken($"beginning an upload to {repository}", begun);
        // The place may have a query of its own, and may be relative.
        var upload = new UriBuilder(new Uri(new Uri(_root), location));
        upload.Query = $"{upload.Query.TrimStart('?')}{(upload.Query.Length > 1 ? "&" : "")}digest={Uri.EscapeDataString(digest)}";
        using var stored = await SendAsync(HttpMethod.Put, upload.Uri, repository, (content, OctetStream), cancellationToken).ConfigureAwait(false);
        if (stored.StatusCode != HttpStatusCode.Created)
            throw NotTaken($"sending {content.Length} bytes to {repository}", stored);
    }

    /// <summary>Content by its digest, which the caller checks; null when it is not there.</summary>
    public async Task<byte[]?> GetBlobAsync(string repository, string digest, CancellationToken cancellationToken)
    {
        if (!IsDigest(digest))
            throw NotOne($"'{digest}' is no digest");
        using var response = await SendAsync(HttpMethod.Get, repository, $"blobs/{digest}", null, cancellationToken).ConfigureAwait(false);
        return response.StatusCode switch
        {
            HttpStatusCode.OK => await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false),
            HttpStatusCode.NotFound => null,
            _ => throw NotOne($"asked for {repository}@{digest}, it gives {Describe(response)}"),
        };
    }

    private DiagnosticException NotTaken(string what, HttpResponseMessage response) =>
        new(DiagnosticDescriptors.RegistryDidNotTake.Because($"The registry {_host} did not take what was sent: {what} gives {Describe(response)}."));
}

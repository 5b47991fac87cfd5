using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Images;

/// <summary>
/// The few requests of the OCI distribution protocol that are ours: is a tag there, tag what is there, and bundles. Sending images is the
/// SDK's business. Whatever goes wrong is one diagnostic that names the registry.
/// </summary>
internal sealed partial class RegistryClient : IDisposable
{
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";

    private const int LargestManifest = 4 << 20;

    // Nothing that is asked for is larger, whatever somebody says of it.
    private const int LargestAnswer = 17 << 20;

    private const string OctetStream = "application/octet-stream";

    private static readonly string[] ManifestTypes =
    [
        OciIndex, OciManifest, "application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.docker.distribution.manifest.v2+json",
    ];

    private readonly HttpClient _http;
    private readonly RegistryLogin _login;
    private readonly string _host;
    private readonly string _root;

    /// <param name="registry">Where.</param>
    /// <param name="readVariable">Reads an environment variable.</param>
    /// <param name="limit">How long one request may take.</param>
    /// <param name="isReadOnly">Whether it only pulls: then no other right is asked for.</param>
    public RegistryClient(ImageRegistry registry, Func<string, string?> readVariable, TimeSpan limit, bool isReadOnly = false)
    {
        _host = registry.Host;
        _root = $"{(registry.IsPlain(readVariable) ? "http" : "https")}://{_host}/v2/";
        var isLocal = _host.Split(':')[0] is "localhost" or "127.0.0.1";
        // A proxy for the outside world has no business between two processes of this machine.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = true, ConnectTimeout = TimeSpan.FromSeconds(10), UseProxy = !isLocal })
        {
            Timeout = limit,
            MaxResponseContentBufferSize = LargestAnswer,
        };
        _login = new RegistryLogin(_http, registry, readVariable, isReadOnly ? "pull" : "pull,push");
    }

    /// <summary>Asks whether a registry is there and lets us in.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, "", "", null, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentType?.MediaType is "text/html")
            throw NotOne($"GET {_root} gives {Describe(response)}");
    }

    /// <summary>The digest of a tag, or null when it is not there.</summary>
    public async Task<string?> FindAsync(string repository, string reference, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Head, repository, $"manifests/{reference}", null, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        RequireManifest(response, repository, reference);
        if (response.Headers.TryGetValues("Docker-Content-Digest", out var values) && values.FirstOrDefault() is { } digest && IsDigest(digest))
            return digest;
        // The header is optional in the protocol; the content is not.
        return await GetAsync(repository, reference, cancellationToken).ConfigureAwait(false) is { } manifest ? manifest.Digest : null;
    }

    /// <summary>A manifest with its media type and digest, or null when it is not there.</summary>
    public async Task<(byte[] Content, string MediaType, string Digest)?> GetAsync(string repository, string reference, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, repository, $"manifests/{reference}", null, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        RequireManifest(response, repository, reference);
        if (response.Content.Headers.ContentLength > LargestManifest)
            throw NotOne($"the manifest of {repository}:{reference} has {response.Content.Headers.ContentLength} bytes");
        var content = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        return (content, response.Content.Headers.ContentType!.MediaType!, "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    /// <summary>Writes a manifest under a tag. What it names must be in the repository.</summary>
    public async Task PutAsync(string repository, string tag, byte[] content, string mediaType, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Put, repository, $"manifests/{tag}", (content, mediaType), cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw NotTaken($"writing {repository}:{tag}", response);
    }

    public static bool IsDigest(string text) =>
        text.StartsWith("sha256:", StringComparison.Ordinal) && text.Length == 71 && text.AsSpan(7).IndexOfAnyExcept("0123456789abcdef") < 0;

    public void Dispose()
    {
        _login.Dispose();
        _http.Dispose();
    }

    private Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string repository, string path, (byte[] Content, string MediaType)? body, CancellationToken cancellationToken) =>
        SendAsync(method, new Uri(_root + (repository.Length == 0 ? "" : $"{repository}/{path}")), repository, body, cancellationToken);

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri uri, string repository, (byte[] Content, string MediaType)? body, CancellationToken cancellationToken)
    {
        // Where a registry sends uploads somewhere else, our credentials are nobody's business there.
        var isOwn = uri.AbsoluteUri.StartsWith(_root, StringComparison.Ordinal);
        try
        {
            var authorization = isOwn ? _login.HeaderFor(repository) : null;
            var response = await SendOnceAsync(authorization).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.Unauthorized && isOwn
                && await _login.AnswerAsync(response, authorization, repository, cancellationToken).ConfigureAwait(false))
            {
                response.Dispose();
                response = await SendOnceAsync(_login.HeaderFor(repository)).ConfigureAwait(false);
            }

            if (response.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden))
                return response;
            using (response)
                throw new DiagnosticException(DiagnosticDescriptors.RegistryRefused.Because(
                    $"The registry {_host} answers {Describe(response)} ({_login.Describe()})."));
        }
        catch (HttpRequestException exception)
        {
            throw new DiagnosticException(
                exception.HttpRequestError is HttpRequestError.ConfigurationLimitExceeded
                    ? DiagnosticDescriptors.RegistryNotOne.Because($"{_host} does not answer as a registry: it gives more than {LargestAnswer} bytes.")
                    : exception.HttpRequestError is HttpRequestError.InvalidResponse or HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError
                    ? DiagnosticDescriptors.RegistryNotOne.Because($"{_host} gives no HTTP answer: {exception.Message}")
                    : DiagnosticDescriptors.RegistryUnreachable.Because($"The registry {_host} cannot be reached: {exception.Message}"),
                exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DiagnosticException(
                DiagnosticDescriptors.RegistryUnreachable.Because($"The registry {_host} did not answer within {_http.Timeout.TotalSeconds:0} s."), exception);
        }

        async Task<HttpResponseMessage> SendOnceAsync(AuthenticationHeaderValue? authorization)
        {
            using var request = new HttpRequestMessage(method, uri);
            request.Headers.Authorization = authorization;
            if (body is { } sent)
            {
                request.Content = new ByteArrayContent(sent.Content);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(sent.MediaType);
            }
            else if (uri.AbsolutePath.Contains("/manifests/", StringComparison.Ordinal))
            {
                foreach (var type in ManifestTypes)
                    request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
            }

            return await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
        }
    }

    private void RequireManifest(HttpResponseMessage response, string repository, string reference)
    {
        if (response.StatusCode != HttpStatusCode.OK || !ManifestTypes.Contains(response.Content.Headers.ContentType?.MediaType))
            throw NotOne($"asked for {repository}:{reference}, it gives {Describe(response)}");
    }

    private DiagnosticException NotOne(string cause) =>
        new(DiagnosticDescriptors.RegistryNotOne.Because($"{_host} does not answer as a registry: {cause}."));

    private static string Describe(HttpResponseMessage response) =>
        $"{(int)response.StatusCode} {response.ReasonPhrase}, {response.Content.Headers.ContentType?.MediaType ?? "no content type"}";
}

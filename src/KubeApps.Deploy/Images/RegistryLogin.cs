using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Aws.Ecr;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Images;

/// <summary>
/// Answers a registry's challenge: basic, or a token that another service gives for a scope. Requests of several images run at once; one of
/// them logs in to a repository, the others go on with what it got.
/// </summary>
internal sealed class RegistryLogin(HttpClient http, ImageRegistry registry, Func<string, string?> readVariable, string actions) : IDisposable
{
    private readonly ConcurrentDictionary<string, AuthenticationHeaderValue> _headers = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1);
    private RegistryCredentials? _credentials = registry.Credentials;
    private bool _searched = registry.Credentials is not null;

    public AuthenticationHeaderValue? HeaderFor(string repository) => _headers.GetValueOrDefault(repository);

    /// <summary>For a message: who we are, never with what.</summary>
    public string Describe() => _credentials is null ? "without credentials: none are stored for it" : $"as {_credentials}";

    /// <summary>Whether there is something new to try after a 401.</summary>
    /// <param name="challenge">The answer.</param>
    /// <param name="refused">What the request was sent with.</param>
    /// <param name="repository">What it was about.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<bool> AnswerAsync(
        HttpResponseMessage challenge, AuthenticationHeaderValue? refused, string repository, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Another request may have logged in meanwhile.
            if (HeaderFor(repository) is { } current && !current.Equals(refused))
                return true;
            return await LogInAsync(challenge, refused, repository, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<bool> LogInAsync(
        HttpResponseMessage challenge, AuthenticationHeaderValue? refused, string repository, CancellationToken cancellationToken)
    {
        if (!_searched)
        {
            _credentials = await SearchAsync(cancellationToken).ConfigureAwait(false);
            _searched = true;
        }

        foreach (var offer in challenge.Headers.WwwAuthenticate)
        {
            var header = offer.Scheme.ToUpperInvariant() switch
            {
                "BASIC" => Basic(),
                "BEARER" => await BearerAsync(offer.Parameter ?? "", repository, cancellationToken).ConfigureAwait(false),
                _ => null,
            };
            if (header is null || header.Equals(refused))
                continue;
            _headers[repository] = header;
            return true;
        }

        return false;
    }

    // What docker has of ECR is twelve hours old at most, or useless: AWS is asked first.
    private async Task<RegistryCredentials?> SearchAsync(CancellationToken cancellationToken)
    {
        DiagnosticException? refused = null;
        try
        {
            if (await EcrRegistry.FindCredentialsAsync(registry.Host, cancellationToken).ConfigureAwait(false) is { } credentials)
                return credentials;
        }
        catch (DiagnosticException failure)
        {
            refused = failure;
        }

        return await DockerCredentials.FindAsync(registry.Host, readVariable, cancellationToken).ConfigureAwait(false) ?? (refused is null ? null : throw refused);
    }

    private AuthenticationHeaderValue? Basic() => _credentials is null
        ? null
        : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_credentials.User}:{_credentials.Password}")));

    private async Task<AuthenticationHeaderValue?> BearerAsync(string parameter, string repository, CancellationToken cancellationToken)
    {
        var values = Parameters(parameter);
        if (!values.TryGetValue("realm", out var realm) || !Uri.TryCreate(realm, UriKind.Absolute, out var uri))
            return null;
        // A password must not be sent in the clear because an answer asks for it.
        if (uri.Scheme != Uri.UriSchemeHttps && !registry.IsPlain(readVariable))
            return null;

        var query = new StringBuilder(uri.Query.Length > 1 ? uri.Query[1..] + "&" : "");
        if (values.TryGetValue("service", out var service))
            query.Append("service=").Append(Uri.EscapeDataString(service)).Append('&');
        if (repository.Length > 0)
            query.Append("scope=").Append(Uri.EscapeDataString($"repository:{repository}:{actions}"));
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(uri) { Query = query.ToString().TrimEnd('&') }.Uri);
        request.Headers.Authorization = Basic();
        using var response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            return null;
        try
        {
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
            return (string?)(answer?["token"] ?? answer?["access_token"]) is { Length: > 0 } token
                ? new AuthenticationHeaderValue("Bearer", token)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static Dictionary<string, string> Parameters(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var rest = text.AsSpan();
        while (rest.IndexOf('=') is var equals and > 0)
        {
            var name = rest[..equals].Trim(" ,").ToString();
            rest = rest[(equals + 1)..];
            var isQuoted = rest.StartsWith("\"");
            if (isQuoted)
                rest = rest[1..];
            var end = rest.IndexOf(isQuoted ? '"' : ',');
            values[name] = (end < 0 ? rest : rest[..end]).ToString();
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return values;
    }
}

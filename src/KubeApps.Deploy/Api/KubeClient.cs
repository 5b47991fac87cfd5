using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Api;

/// <summary>
/// Plain requests to one Kubernetes API server: JSON in, JSON out. Tries again where the cause passes by itself (throttling, a server that
/// restarts, a cut connection), with limits; what remains is an <see cref="ApiException"/> (the server refused) or a
/// <see cref="DiagnosticException"/> (the server cannot be reached, or does not know us).
/// </summary>
internal sealed partial class KubeClient(
    HttpClient http, string server, Func<CancellationToken, Task<AuthenticationHeaderValue?>> authorize, TimeProvider clock) : IDisposable
{
    /// <summary>The name under which everything is applied.</summary>
    public const string FieldManager = "kubeapp";

    // A program may write lines without end.
    private const int LargestLogTail = 1024 * 1024;

    // A server forgets after some minutes what the pages of a list stand for. One that forgets it each time is too slow to be listed.
    private const int MostLists = 4;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    // It explains what is known already: a node that does not answer shall not hold up the report, which asks twice at most.
    private static readonly TimeSpan LogTailTimeout = TimeSpan.FromSeconds(3);

    // Whether the server ever answered.
    private volatile bool _isKnown;

    public string Server => server;

    public TimeProvider Clock => clock;

    /// <summary>An object, or null where there is none.</summary>
    public async Task<JsonObject?> GetAsync(ResourceType type, string? ns, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(HttpMethod.Get, type.ObjectPath(ns, name), null, cancellationToken);
        }
        catch (ApiException refusal) when (refusal.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>All objects of a kind, page by page, and the version that the list stands for. Begun again where the server forgets it between two pages (410).</summary>
    public async Task<(List<JsonObject> Items, string ResourceVersion)> ListAsync(
        ResourceType type, string? ns, string? selector, CancellationToken cancellationToken)
    {
        for (var lists = 1; ; lists++)
            try
            {
                return await ListOnceAsync(type, ns, selector, cancellationToken);
            }
            catch (ApiException refusal) when (refusal.Status == HttpStatusCode.Gone && lists < MostLists)
            {
                // What was read stands for a version that is no more.
            }
    }

    private async Task<(List<JsonObject> Items, string ResourceVersion)> ListOnceAsync(
        ResourceType type, string? ns, string? selector, CancellationToken cancellationToken)
    {
        var items = new List<JsonObject>();
        var next = "";
        while (true)
        {
            var query = $"?limit=500{(selector is null ? "" : "&" + selector)}{(next.Length == 0 ? "" : "&continue=" + Uri.EscapeDataString(next))}";
            var page = await SendAsync(
                HttpMethod.Get, type.CollectionPath(ns) + query, null,
                (answer, token) => JsonSerializer.DeserializeAsync(answer, ApiJson.Default.ObjectList, token), cancellationToken);
            items.AddRange((page.Items ?? []).OfType<JsonObject>().Select(item => WithKind(item, type)));
            next = page.Metadata?.Continue ?? "";
            if (next.Length == 0)
                return (items, page.Metadata?.ResourceVersion ?? "0");
        }
    }

    /// <summary>
    /// Server-side apply: creates or changes. With <paramref name="dryRun"/> the server only says what it would store, with
    /// <paramref name="force"/> it takes fields away from other managers. Under <paramref name="manager"/> fields are owned apart from all others.
    /// </summary>
    public Task<JsonObject> ApplyAsync(
        ResourceType type, JsonObject content, bool dryRun, CancellationToken cancellationToken, bool force = false, string manager = FieldManager)
    {
        var path = type.ObjectPath((string?)content["metadata"]!["namespace"], (string)content["metadata"]!["name"]!);
        var query = $"?fieldManager={manager}&fieldValidation=Strict{(force ? "&force=true" : "")}{(dryRun ? "&dryRun=All" : "")}";
        return dryRun
            ? SendAsync(HttpMethod.Patch, path + query, content, cancellationToken, "application/apply-patch+yaml")
            : WriteAsync(HttpMethod.Patch, path + query, content, cancellationToken, "application/apply-patch+yaml");
    }

    public Task<JsonObject> CreateAsync(ResourceType type, JsonObject content, CancellationToken cancellationToken) => WriteAsync(
        HttpMethod.Post, $"{type.CollectionPath((string?)content["metadata"]!["namespace"])}?fieldManager={FieldManager}", content, cancellationToken);

    /// <summary>Writes an object in place of the version that it names. A conflict is not tried again: whoever wrote meanwhile counts.</summary>
    public Task<JsonObject> ReplaceAsync(ResourceType type, JsonObject content, CancellationToken cancellationToken)
    {
        var path = type.ObjectPath((string?)content["metadata"]!["namespace"], (string)content["metadata"]!["name"]!);
        return SendAsync(HttpMethod.Put, $"{path}?fieldManager={FieldManager}", content, cancellationToken, retriesRaces: false);
    }

    /// <summary>Changes an object by a JSON patch, which names the version that it is meant for.</summary>
    public Task<JsonObject> PatchAsync(ResourceType type, string? ns, string name, JsonArray patch, CancellationToken cancellationToken) => WriteAsync(
        HttpMethod.Patch, $"{type.ObjectPath(ns, name)}?fieldManager={FieldManager}", patch, cancellationToken, "application/json-patch+json", retriesRaces: false);

    /// <summary>Deletes the object that has this UID (and this version). False: it is gone, or another object has its name now.</summary>
    public async Task<bool> DeleteAsync(
        ResourceType type, string? ns, string name, string uid, string propagation, CancellationToken cancellationToken, string? resourceVersion = null)
    {
        var options = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["propagationPolicy"] = propagation,
            ["preconditions"] = new JsonObject { ["uid"] = uid },
        };
        if (resourceVersion is not null)
            options["preconditions"]!["resourceVersion"] = resourceVersion;
        try
        {
            await SendAsync(HttpMethod.Delete, type.ObjectPath(ns, name), options, cancellationToken);
            return true;
        }
        catch (ApiException refusal) when (refusal.IsNotFound || refusal.Status == HttpStatusCode.Conflict)
        {
            return false;
        }
    }

    private async Task<JsonObject> WriteAsync(
        HttpMethod method, string path, JsonNode body, CancellationToken cancellationToken, string contentType = "application/json", bool retriesRaces = true)
    {
        using var ending = new OutlivingToken(clock, cancellationToken);
        return await SendAsync(method, path, body, ending.Token, contentType, retriesRaces: retriesRaces);
    }

    /// <summary>One request; the answer's body must be an object.</summary>
    public Task<JsonObject> SendAsync(
        HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken, string contentType = "application/json", string accept = "application/json",
        bool retriesRaces = true) =>
        SendAsync(
            method, path, body, async (answer, token) => await JsonNode.ParseAsync(answer, cancellationToken: token) as JsonObject, cancellationToken, contentType, accept,
            retriesRaces);

    private async Task<T> SendAsync<T>(
        HttpMethod method, string path, JsonNode? body, Func<Stream, CancellationToken, ValueTask<T?>> read, CancellationToken cancellationToken,
        string contentType = "application/json", string accept = "application/json", bool retriesRaces = true)
        where T : class
    {
        // Serialised once: every attempt sends the same bytes.
        ReadOnlyMemory<byte>? bytes = body is null ? null : RequestBody.Of(body);
        var started = clock.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            RetryCause cause;
            TimeSpan? retryAfter = null;
            Exception failed;
            try
            {
                using var limit = Limit(RequestTimeout, cancellationToken);
                using var request = await RequestAsync(method, path, accept, limit.Token);
                if (bytes is { } content)
                    request.Content = new ReadOnlyMemoryContent(content) { Headers = { ContentType = new MediaTypeHeaderValue(contentType) } };
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
                _isKnown = true;
                Hear(response);
                if (response.IsSuccessStatusCode)
                    return await ReadAsync(response, read, limit.Token);
                var refusal = await RefusalAsync(response, limit.Token);
                cause = Retries.CauseOf(refusal);
                if (cause == RetryCause.Race && !retriesRaces)
                    throw refusal;
                retryAfter = RetryAfter(response);
                failed = refusal;
            }
            catch (Exception failure) when (IsConnectionFailure(failure, cancellationToken))
            {
                cause = IsLasting(failure) ? RetryCause.None : RetryCause.Connection;
                failed = Unreachable(failure);
            }

            if (Retries.DelayBefore(cause, attempt, clock.GetElapsedTime(started), retryAfter, _isKnown, Random.Shared.NextDouble()) is not { } delay)
                throw failed;
            await Task.Delay(delay, clock, cancellationToken);
        }
    }

    /// <summary>The last lines of a container's log; an explanation in their place where there is none.</summary>
    public async Task<string?> LogTailAsync(string ns, string pod, string container, bool previous, int lines, CancellationToken cancellationToken)
    {
        var path = $"{ResourceType.Pod.ObjectPath(ns, pod)}/log?container={Uri.EscapeDataString(container)}&tailLines={lines}&limitBytes={LargestLogTail}{(previous ? "&previous=true" : "")}";
        using var limit = Limit(LogTailTimeout, cancellationToken);
        try
        {
            using var request = await RequestAsync(HttpMethod.Get, path, "*/*", limit.Token);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, limit.Token);
            return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(limit.Token) : null;
        }
        catch (Exception failure) when (IsConnectionFailure(failure, cancellationToken))
        {
            // A log tail explains a failure that is known already: without it the report is shorter, not wrong.
            return null;
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<HttpRequestMessage> RequestAsync(HttpMethod method, string path, string accept, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(method, server.TrimEnd('/') + path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.Authorization = await authorize(cancellationToken);
        return request;
    }

    private async Task<ApiException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        JsonObject? body = null;
        try
        {
            body = JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            // A proxy's page; its text is shown as it is.
        }

        var refusal = ApiException.From(response.StatusCode, body, text);
        return response.StatusCode == HttpStatusCode.Unauthorized
            ? throw new DiagnosticException(DiagnosticDescriptors.CredentialsRefused.Because($"{server} does not accept the credentials (401): {refusal.Message}."), refusal)
            : refusal;
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, Func<Stream, CancellationToken, ValueTask<T?>> read, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            if (await read(stream, cancellationToken) is { } content)
                return content;
        }
        catch (JsonException)
        {
            // Told below: it is the server that is wrong, not the JSON.
        }

        throw new DiagnosticException(DiagnosticDescriptors.NotAnApiServer.Because(
            $"{server} answered {response.RequestMessage?.RequestUri?.AbsolutePath} with {(int)response.StatusCode}, but not with a Kubernetes object."));
    }

    // In seconds, or as a date by the server's clock, which its answer tells too.
    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - (response.Headers.Date ?? clock.GetUtcNow()) is var wait => wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };

    private static bool IsConnectionFailure(Exception failure, CancellationToken cancellationToken) =>
        failure is HttpRequestException or IOException
        || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static bool IsLasting(Exception failure) =>
        failure is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } || failure.InnerException is AuthenticationException;

    private DiagnosticException Unreachable(Exception failure) => new(
        failure.InnerException is AuthenticationException
            ? DiagnosticDescriptors.ServerNotTrusted.Because($"The certificate of {server} is not trusted: {failure.InnerException.Message}")
            : DiagnosticDescriptors.ClusterUnreachable.Because(
                failure is OperationCanceledException
                    ? $"{server} did not answer within {RequestTimeout.TotalSeconds:0} seconds."
                    : $"{server} cannot be reached: {(failure.InnerException ?? failure).Message}"),
        failure);

    private LimitedToken Limit(TimeSpan limit, CancellationToken cancellationToken) => new(limit, clock, cancellationToken);

    private static JsonObject WithKind(JsonObject item, ResourceType type)
    {
        // Items of a list come without their kind.
        item["apiVersion"] ??= type.ApiVersion;
        item["kind"] ??= type.Kind;
        return item;
    }
}

/// <summary>A token that ends with its parent or after a time, whichever comes first.</summary>
internal sealed class LimitedToken : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _linked;

    public LimitedToken(TimeSpan limit, TimeProvider clock, CancellationToken parent)
    {
        _timer = new CancellationTokenSource(limit, clock);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(parent, _timer.Token);
    }

    public CancellationToken Token => _linked.Token;

    /// <summary>Whether it was the time that ended it.</summary>
    public bool TimedOut => _timer.IsCancellationRequested;

    public void Dispose()
    {
        _linked.Dispose();
        _timer.Dispose();
    }
}

using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Api;

/// <summary>What a watch tells: the whole state (at the start, and when the server forgot where we were), or one change.</summary>
internal abstract record WatchChange
{
    private WatchChange()
    {
    }

    internal sealed record Listed(IReadOnlyList<JsonObject> Items) : WatchChange;

    internal sealed record Upserted(JsonObject Object) : WatchChange;

    internal sealed record Removed(JsonObject Object) : WatchChange;
}

internal sealed partial class KubeClient
{
    private static readonly TimeSpan LongestRewatchDelay = TimeSpan.FromSeconds(5);

    // The server ends a watch after this time. One that has not ended some time after has lost its connection, and nobody said so: only HTTP/2 has pings.
    private static readonly TimeSpan WatchTime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan WatchGrace = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Lists, then watches, until cancelled. A cut connection or the server's own time-out resumes from the last version seen; a version
    /// that is too old (410) starts over with a list.
    /// </summary>
    public async IAsyncEnumerable<WatchChange> WatchAsync(
        ResourceType type, string? ns, string? selector, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? version = null;
        var fruitless = 0;
        while (true)
        {
            if (version is null)
            {
                var (items, listed) = await ListAsync(type, ns, selector, cancellationToken);
                version = listed;
                yield return new WatchChange.Listed(items);
            }

            var sawAny = false;
            await foreach (var (kind, content) in LinesAsync(type, ns, selector, version, cancellationToken))
            {
                if (kind == "ERROR")
                {
                    version = null;
                    break;
                }

                sawAny = true;
                version = (string?)content["metadata"]?["resourceVersion"] ?? version;
                if (kind is "ADDED" or "MODIFIED")
                    yield return new WatchChange.Upserted(content);
                else if (kind == "DELETED")
                    yield return new WatchChange.Removed(content);
            }

            fruitless = sawAny ? 0 : fruitless + 1;
            if (fruitless > 0)
            {
                // Ends without a word: the server is going down or coming up. Do not press it.
                var delay = TimeSpan.FromMilliseconds(100 << Math.Min(fruitless, 6));
                await Task.Delay(delay < LongestRewatchDelay ? delay : LongestRewatchDelay, clock, cancellationToken);
            }
        }
    }

    /// <summary>The lines of a container's log as they are written, until the container ends or the token does.</summary>
    public async IAsyncEnumerable<string> LogLinesAsync(
        string ns, string pod, string container, bool follow, bool previous, int? tailLines, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = $"{ResourceType.Pod.ObjectPath(ns, pod)}/log?container={Uri.EscapeDataString(container)}{(follow ? "&follow=true" : "")}"
            + $"{(previous ? "&previous=true" : "")}{(tailLines is { } lines ? $"&tailLines={lines}" : "")}";
        using var request = await RequestAsync(HttpMethod.Get, path, "*/*", cancellationToken);
        using var response = await OpenAsync(request, cancellationToken);
        if (response is null)
            yield break;
        if (!response.IsSuccessStatusCode)
        {
            if (await TryReadRefusalAsync(response, cancellationToken) is { } refusal)
                throw refusal;
            yield break;
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await NextLineAsync(reader, cancellationToken, cancellationToken) is { } line)
            yield return line;
    }

    private async IAsyncEnumerable<(string Kind, JsonObject Object)> LinesAsync(
        ResourceType type, string? ns, string? selector, string version, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = $"{type.CollectionPath(ns)}?watch=true&allowWatchBookmarks=true&timeoutSeconds={WatchTime.TotalSeconds:0}&resourceVersion={Uri.EscapeDataString(version)}"
            + (selector is null ? "" : "&" + selector);
        using var request = await RequestAsync(HttpMethod.Get, path, "application/json", cancellationToken);
        using var response = await OpenAsync(request, cancellationToken);
        if (response is null)
            yield break;
        if (response.StatusCode == HttpStatusCode.Gone)
        {
            yield return ("ERROR", []);
            yield break;
        }

        if (!response.IsSuccessStatusCode)
        {
            var refusal = await TryReadRefusalAsync(response, cancellationToken);
            if (refusal is not null && Retries.CauseOf(refusal) == RetryCause.None)
                throw refusal;
            if (RetryAfter(response) is { } wait)
                await Task.Delay(wait, clock, cancellationToken);
            yield break;
        }

        using var limit = Limit(WatchTime + WatchGrace, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await NextLineAsync(reader, limit.Token, cancellationToken) is { } line)
        {
            if (Parse(line) is not { } change)
                yield break; // Cut in the middle of a line: resume from the version before it.
            yield return change;
        }
    }

    private async Task<HttpResponseMessage?> OpenAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            using var limit = Limit(RequestTimeout, cancellationToken);
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            Hear(response);
            return response;
        }
        catch (Exception failure) when (IsConnectionFailure(failure, cancellationToken))
        {
            return null;
        }
    }

    /// <summary>Null: the connection is cut before all of it is said, or nobody says it.</summary>
    private async Task<ApiException?> TryReadRefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using var limit = Limit(RequestTimeout, cancellationToken);
            return await RefusalAsync(response, limit.Token);
        }
        catch (Exception failure) when (IsConnectionFailure(failure, cancellationToken))
        {
            return null;
        }
    }

    /// <summary>Null: there are no more, or the connection is cut, or the time is over.</summary>
    private static async Task<string?> NextLineAsync(StreamReader reader, CancellationToken limit, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(limit);
        }
        catch (Exception failure) when (IsConnectionFailure(failure, cancellationToken))
        {
            return null;
        }
    }

    private static (string Kind, JsonObject Object)? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, ApiJson.Default.WatchLine) is { Object: { } content } change ? (change.Type ?? "", content) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

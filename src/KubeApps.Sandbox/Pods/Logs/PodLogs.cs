using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Pods.Logs;

/// <summary>The logs of all containers: written while they run, read by the API's <c>log</c> subresource.</summary>
internal sealed class PodLogs(string podsFolder, LogLimits limits, TimeProvider clock)
{
    private const int ChunkSize = 32 << 10;

    private readonly ConcurrentDictionary<string, ContainerLog> _live = new();

    /// <summary>What a container wrote (a <see cref="PodLogSource"/>); null if there was no such run.</summary>
    public Task<IAsyncEnumerable<ReadOnlyMemory<byte>>?> OpenAsync(PodLogRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(RunOf(request) is { } id ? ReadAsync(request, id, cancellationToken) : null);

    /// <summary>A new log; those before the previous one are dropped.</summary>
    public ContainerLog Create(string podUid, string container, string id, string? previousId)
    {
        var path = PathOf(podUid, container, id);
        var folder = Path.GetDirectoryName(path)!;
        if (Directory.Exists(folder))
            foreach (var old in Directory.EnumerateFiles(folder))
                if (previousId is null || !Path.GetFileName(old).StartsWith(FileName(previousId), StringComparison.Ordinal))
                    File.Delete(old);
        return _live[id] = new ContainerLog(path, limits, clock);
    }

    public void End(string id)
    {
        if (_live.TryRemove(id, out var log))
            log.Dispose();
    }

    /// <summary>The end of a log, for the termination message.</summary>
    public string Tail(string podUid, string container, string id, int lines, int bytes)
    {
        if (ContainerLog.OpenIfThere(PathOf(podUid, container, id)) is not { } content)
            return "";
        using var reader = new StreamReader(content);
        var text = string.Join('\n', reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(lines)
            .Select(line => line.Length > LogTime.Length ? line[(LogTime.Length + 1)..] : "")) + "\n";
        return text.Length > bytes ? text[^bytes..] : text;
    }

    /// <summary>
    /// The id of the run that is meant. While a container waits to be started again, that is its last run, whether or not the previous one is asked for.
    /// </summary>
    private static string? RunOf(PodLogRequest request)
    {
        var status = new[] { "containerStatuses", "initContainerStatuses" }.SelectMany(list => request.Pod["status"]?[list] as JsonArray ?? [])
            .FirstOrDefault(status => (string?)status!["name"] == request.Container);
        var last = (string?)status?["lastState"]?["terminated"]?["containerID"];
        return request.Previous ? last
            : status?["state"]?["running"] is not null ? (string?)status["containerID"]
            : (string?)status?["state"]?["terminated"]?["containerID"] ?? last;
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        PodLogRequest request, string id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lines = new LogLines(request);
        var parts = _live.TryGetValue(id, out var live)
            ? ReadLiveAsync(live, lines, request.Follow, cancellationToken)
            : ReadEndedAsync(PathOf((string)request.Pod["metadata"]!["uid"]!, request.Container, id), lines, cancellationToken);
        await foreach (var part in parts)
            yield return part;
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadEndedAsync(
        string path, LogLines lines, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var file in Enumerable.Range(1, limits.Files - 1).Reverse().Select(n => $"{path}.{n}").Append(path))
        {
            if (ContainerLog.OpenIfThere(file) is not { } content)
                continue;
            await using (content)
                await foreach (var part in ReadToEndAsync(content, lines, cancellationToken))
                    yield return part;
        }

        yield return lines.EndTail();
    }

    // File by file, counted in rotations: names change hands while they are read.
    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadLiveAsync(
        ContainerLog live, LogLines lines, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (file, hasCaughtUp) = (live.OldestFile, false);
        FileStream? content = null;
        try
        {
            while (true)
            {
                // The position first: what is written after it was taken completes its task.
                var (newest, ended, changed) = live.Position;
                content ??= live.OpenFile(file);
                if (content is not null)
                    await foreach (var part in ReadToEndAsync(content, lines, cancellationToken))
                        yield return part;
                if (file < newest)
                {
                    if (content is not null)
                        await content.DisposeAsync();
                    content = null;
                    file++;
                    continue;
                }

                if (!hasCaughtUp)
                    yield return lines.EndTail();
                hasCaughtUp = true;
                if (ended || !follow)
                    yield break;
                await changed.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            if (content is not null)
                await content.DisposeAsync();
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadToEndAsync(
        FileStream content, LogLines lines, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new byte[ChunkSize];
        while (await content.ReadAsync(buffer, cancellationToken) is var count and > 0)
            if (lines.Take(buffer.AsSpan(0, count)) is { Length: > 0 } part)
                yield return part;
    }

    private static string FileName(string id) => id[(id.LastIndexOf('/') + 1)..] + ".log";

    private string PathOf(string podUid, string container, string id) => Path.Combine(podsFolder, podUid, "logs", container, FileName(id));
}

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
        if (OpenIfThere(PathOf(podUid, container, id)) is not { } content)
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
        var path = PathOf((string)request.Pod["metadata"]!["uid"]!, request.Container, id);
        var lines = new LogLines(request);
        var live = request.Follow ? _live.GetValueOrDefault(id) : null;
        var rotations = live?.Position.Rotations ?? 0;
        FileStream? current = null;
        try
        {
            foreach (var file in Enumerable.Range(1, limits.Files - 1).Reverse().Select(n => $"{path}.{n}").Append(path))
            {
                if (current is not null)
                    await current.DisposeAsync();
                if ((current = OpenIfThere(file)) is null)
                    continue;
                await foreach (var part in ReadToEndAsync(current, lines, cancellationToken))
                    yield return part;
            }

            yield return lines.EndTail();
            while (live is not null && current is not null)
            {
                // The position first: what is written after it was taken completes its task.
                var (rotationsNow, ended, changed) = live.Position;
                await foreach (var part in ReadToEndAsync(current, lines, cancellationToken))
                    yield return part;
                if (rotationsNow > rotations)
                {
                    // None: written faster than read, and dropped already.
                    if (OpenIfThere(ContainerLog.PathAfter(path, ++rotations, rotationsNow)) is not { } next)
                        continue;
                    await current.DisposeAsync();
                    current = next;
                    continue;
                }

                if (ended)
                    yield break;
                await changed.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            if (current is not null)
                await current.DisposeAsync();
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

    private static FileStream? OpenIfThere(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private string PathOf(string podUid, string container, string id) => Path.Combine(podsFolder, podUid, "logs", container, FileName(id));
}

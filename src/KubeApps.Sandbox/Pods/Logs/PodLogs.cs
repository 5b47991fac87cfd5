using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Pods.Logs;

/// <summary>What a client asks of the <c>log</c> subresource.</summary>
internal sealed record LogQuery(
    string? Container = null, bool Follow = false, bool Previous = false, bool Timestamps = false,
    long? TailLines = null, DateTimeOffset? Since = null, long? LimitBytes = null);

/// <summary>
/// The logs of all pods, for the API's <c>log</c> subresource: first <see cref="Refusal"/>, then <see cref="CopyToAsync"/>.
/// A pod without a node has no log (the API server answers 204).
/// </summary>
internal sealed class PodLogs(string podsFolder, LogLimits limits, TimeProvider clock)
{
    private const int ChunkSize = 32 << 10;

    private readonly ConcurrentDictionary<string, ContainerLog> _live = new();

    /// <summary>Why there is no log to show (400, BadRequest), in the words of Kubernetes; null if there is one.</summary>
    public static string? Refusal(JsonObject pod, LogQuery query) => Find(pod, query).Refusal;

    /// <summary>Writes the log; with <see cref="LogQuery.Follow"/> until the container ends.</summary>
    public async Task CopyToAsync(JsonObject pod, LogQuery query, Stream target, CancellationToken cancellationToken)
    {
        if (Find(pod, query) is not { ContainerId: { } id, Container: { } container })
            return;
        var path = PathOf((string)pod["metadata"]!["uid"]!, container, id);
        var writer = new LogLineWriter(target, query);
        var live = query.Follow ? _live.GetValueOrDefault(id) : null;
        var position = live?.Position;
        foreach (var file in Enumerable.Range(1, limits.Files - 1).Reverse().Select(n => $"{path}.{n}").Append(path))
        {
            if (OpenIfThere(file) is not { } content)
                continue;
            if (live is not null && file == path)
            {
                await FollowAsync(content, live, position!.Value.Rotations, writer, cancellationToken);
                return;
            }

            await using (content)
                if (!await CopyAsync(content, writer, cancellationToken))
                    return;
        }

        await writer.EndTailAsync(cancellationToken);
    }

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

    private static (string? Refusal, string? ContainerId, string? Container) Find(JsonObject pod, LogQuery query)
    {
        var name = (string)pod["metadata"]!["name"]!;
        var spec = pod["spec"]!;
        List<string> mains = [.. Names(spec["containers"])];
        List<string> inits = [.. Names(spec["initContainers"])];
        if (query.Container is null && mains.Count > 1)
            return ($"a container name must be specified for pod {name}, choose one of: [{string.Join(' ', mains)}]"
                + (inits.Count > 0 ? $" or one of the init containers: [{string.Join(' ', inits)}]" : ""), null, null);
        var container = query.Container is { Length: > 0 } named ? named : mains[0];
        if (!mains.Contains(container) && !inits.Contains(container))
            return ($"container {container} is not valid for pod {name}", null, null);
        var statuses = new[] { "containerStatuses", "initContainerStatuses" }.SelectMany(list => pod["status"]?[list] as JsonArray ?? []);
        var status = statuses.FirstOrDefault(status => (string?)status!["name"] == container);
        if (status is null)
            return ($"container \"{container}\" in pod \"{name}\" is not available", null, null);

        var last = (string?)status["lastState"]?["terminated"]?["containerID"];
        if (query.Previous)
            return last is null ? ($"previous terminated container \"{container}\" in pod \"{name}\" not found", null, null) : (null, last, container);
        var state = status["state"];
        if (state?["running"] is not null)
            return (null, (string?)status["containerID"], container);
        if (state?["terminated"] is { } terminated && ((string?)terminated["containerID"] ?? last) is { } ended)
            return (null, ended, container);
        if (last is not null)
            return (null, last, container);
        if (state?["terminated"] is not null)
            return ($"container \"{container}\" in pod \"{name}\" is terminated", null, null);
        var why = (string?)state?["waiting"]?["reason"] switch
        {
            null => " - no logs yet",
            "ErrImagePull" => ": image can't be pulled",
            "ImagePullBackOff" => ": trying and failing to pull image",
            var reason => $": {reason}",
        };
        return ($"container \"{container}\" in pod \"{name}\" is waiting to start{why}", null, null);
    }

    private static IEnumerable<string> Names(JsonNode? containers) => (containers as JsonArray ?? []).Select(container => (string)container!["name"]!);

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

    private static async Task<bool> CopyAsync(FileStream content, LogLineWriter writer, CancellationToken cancellationToken)
    {
        var buffer = new byte[ChunkSize];
        while (await content.ReadAsync(buffer, cancellationToken) is var count and > 0)
            if (!await writer.WriteAsync(buffer.AsMemory(0, count), cancellationToken))
                return false;
        return true;
    }

    private static async Task FollowAsync(
        FileStream content, ContainerLog log, int rotations, LogLineWriter writer, CancellationToken cancellationToken)
    {
        var tailDone = false;
        try
        {
            while (true)
            {
                // The position first: what is written after it was taken completes its task.
                var (rotationsNow, ended, changed) = log.Position;
                if (!await CopyAsync(content, writer, cancellationToken))
                    return;
                if (!tailDone)
                    await writer.EndTailAsync(cancellationToken);
                tailDone = true;
                if (rotationsNow > rotations)
                {
                    // None: written faster than read, and dropped already.
                    if (OpenIfThere(ContainerLog.PathAfter(log.Path, ++rotations, rotationsNow)) is not { } next)
                        continue;
                    await content.DisposeAsync();
                    content = next;
                    continue;
                }

                if (ended)
                    return;
                await changed.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            await content.DisposeAsync();
        }
    }

    private string PathOf(string podUid, string container, string id) => Path.Combine(podsFolder, podUid, "logs", container, FileName(id));
}

using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api;

/// <summary>Which lines of a container's output a client wants.</summary>
internal sealed record PodLogRequest(JsonObject Pod, string Container)
{
    public bool Follow { get; init; }

    /// <summary>The output of the container's last run, not of the present one.</summary>
    public bool Previous { get; init; }

    /// <summary>Only the last lines; null for all.</summary>
    public int? TailLines { get; init; }

    /// <summary>Only lines from this moment on; null for all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Begin each line with its time (RFC 3339, nanoseconds).</summary>
    public bool Timestamps { get; init; }

    public long? LimitBytes { get; init; }
}

/// <summary>
/// Where the output of containers comes from: the kubelet. Returns the output as it becomes known; with <see cref="PodLogRequest.Follow"/>
/// it ends when the container does. Null when there is none (<see cref="PodLogRequest.Previous"/> and the container never ran before).
/// </summary>
internal delegate Task<IAsyncEnumerable<ReadOnlyMemory<byte>>?> PodLogSource(PodLogRequest request, CancellationToken cancellationToken);

using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Objects;
using KubeApps.Sandbox.Pods.Logs;

namespace KubeApps.Sandbox.Hosting;

/// <summary>Joins the API's log subresource, which reads, to the kubelet's logs, which write.</summary>
internal sealed class PodOutput(PodLogs logs)
{
    public Task<IAsyncEnumerable<ReadOnlyMemory<byte>>?> OpenAsync(PodLogRequest request, CancellationToken cancellationToken)
    {
        var query = new LogQuery(
            request.Container, request.Follow, request.Previous, request.Timestamps, request.TailLines, request.Since, request.LimitBytes);
        if (PodLogs.Refusal(request.Pod, query) is { } refusal)
            throw ApiStatusException.BadRequest(refusal);
        return Task.FromResult<IAsyncEnumerable<ReadOnlyMemory<byte>>?>(ReadAsync(request, query, cancellationToken));
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        PodLogRequest request, LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var copy = CopyAsync(request, query, pipe.Writer, left.Token);
        try
        {
            while (true)
            {
                var read = await pipe.Reader.ReadAsync(cancellationToken);
                foreach (var part in read.Buffer)
                    yield return part;
                pipe.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    break;
            }
        }
        finally
        {
            await left.CancelAsync();
            await pipe.Reader.CompleteAsync();
            await copy;
        }
    }

    private async Task CopyAsync(PodLogRequest request, LogQuery query, PipeWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            await logs.CopyToAsync(request.Pod, query, writer.AsStream(), cancellationToken);
            await writer.CompleteAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The reader has left, or the log was removed with its pod: the output ends here.
            await writer.CompleteAsync();
        }
    }
}

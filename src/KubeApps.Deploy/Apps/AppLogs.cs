using System.Text.Json.Nodes;
using System.Threading.Channels;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Rollouts;
using KubeApps.Events;

namespace KubeApps.Deploy.Apps;

/// <summary>A line of a container's log.</summary>
internal readonly record struct LogLine(string Pod, string Workload, string Container, string Text);

/// <summary>Which logs.</summary>
/// <param name="Follow">Go on as lines are written, new pods included.</param>
/// <param name="Tail">The last lines of each container; null means all.</param>
/// <param name="Workload">Of one workload alone.</param>
/// <param name="Container">Of containers with this name alone.</param>
/// <param name="Previous">Of the run before the last restart.</param>
internal sealed record LogQuery(bool Follow, int? Tail, string? Workload, string? Container, bool Previous);

/// <summary>Reads the logs of all pods of an app.</summary>
internal sealed class AppLogs(KubeClient client, IEventSink sink)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    public async IAsyncEnumerable<LogLine> ReadAsync(
        Inventory inventory, LogQuery query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lines = Channel.CreateBounded<LogLine>(1000);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = Task.Run(() => RunAsync(inventory, query, lines.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(cancellationToken))
                yield return line;
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }
    }

    private async Task RunAsync(Inventory inventory, LogQuery query, ChannelWriter<LogLine> lines, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            if (query.Follow)
                await FollowAsync(inventory, query, lines, cancellationToken);
            else
                await ReadOnceAsync(inventory, query, lines, cancellationToken);
        }
        catch (Exception caught) when (caught is OperationCanceledException or ApiException or Diagnostics.DiagnosticException)
        {
            failure = caught;
        }

        lines.TryComplete(failure is OperationCanceledException ? null : failure);
    }

    private async Task ReadOnceAsync(Inventory inventory, LogQuery query, ChannelWriter<LogLine> lines, CancellationToken cancellationToken)
    {
        async Task<IReadOnlyCollection<JsonObject>> List(ResourceType type) =>
            [.. (await Task.WhenAll(AppStatus.NamespacesOf(inventory).Select(ns => client.ListAsync(type, ns, null, cancellationToken)))).SelectMany(list => list.Items)];
        var pods = AppPods.Of(inventory, await List(ResourceType.ReplicaSet), await List(ResourceType.Job), await List(ResourceType.Pod));
        foreach (var (pod, workload) in pods.OrderBy(item => (string?)item.Pod["metadata"]!["name"], StringComparer.Ordinal))
            foreach (var container in Wanted(pod, workload, query))
                await StreamAsync(pod, workload, container, query, lines, cancellationToken);
    }

    private async Task FollowAsync(Inventory inventory, LogQuery query, ChannelWriter<LogLine> lines, CancellationToken cancellationToken)
    {
        await using var watch = new AppWatch(
            client, AppStatus.NamespacesOf(inventory), [ResourceType.ReplicaSet, ResourceType.Job, ResourceType.Pod], null, cancellationToken);
        var streams = new Dictionary<(string Uid, string Container, int Restarts), Task>();
        try
        {
            while (true)
            {
                await watch.NextAsync(Tick);
                foreach (var (pod, workload) in AppPods.Of(inventory, watch.Of(ResourceType.ReplicaSet), watch.Of(ResourceType.Job), watch.Of(ResourceType.Pod)).ToList())
                    foreach (var container in Wanted(pod, workload, query))
                    {
                        // A restart is another log.
                        var key = ((string)pod["metadata"]!["uid"]!, (string)container["name"]!, (int?)container["restartCount"] ?? 0);
                        if (!streams.ContainsKey(key))
                            streams[key] = StreamAsync(pod, workload, container, key.Item3 == 0 ? query : query with { Tail = null }, lines, cancellationToken);
                    }
            }
        }
        finally
        {
            await Task.WhenAll(streams.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StreamAsync(
        JsonObject pod, string workload, JsonObject container, LogQuery query, ChannelWriter<LogLine> lines, CancellationToken cancellationToken)
    {
        var (ns, name, containerName) = ((string)pod["metadata"]!["namespace"]!, (string)pod["metadata"]!["name"]!, (string)container["name"]!);
        try
        {
            await foreach (var text in client.LogLinesAsync(ns, name, containerName, query.Follow, query.Previous, query.Tail, cancellationToken))
                await lines.WriteAsync(new LogLine(name, workload, containerName, text), cancellationToken);
        }
        catch (ApiException refusal)
        {
            // One container without a log does not silence the others.
            sink.Publish(new DeployEvent.Note($"{name}/{containerName}: {refusal.Message}"));
        }
    }

    private static IEnumerable<JsonObject> Wanted(JsonObject pod, string workload, LogQuery query) =>
        query.Workload is not null && query.Workload != workload
            ? []
            : (pod["status"]?["initContainerStatuses"] as JsonArray ?? []).Concat(pod["status"]?["containerStatuses"] as JsonArray ?? [])
                .OfType<JsonObject>()
                .Where(container => query.Container is null || (string?)container["name"] == query.Container)
                .Where(container => container["state"]?["waiting"] is null || ((int?)container["restartCount"] ?? 0) > 0);
}

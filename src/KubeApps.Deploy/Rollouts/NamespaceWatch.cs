using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy.Rollouts;

/// <summary>
/// Keeps what stands in one namespace up to date: one watch for each kind, however many objects there are. Created, read and disposed by
/// one task.
/// </summary>
internal sealed class NamespaceWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly Channel<(ResourceType Type, WatchChange Change)> _changes = Channel.CreateUnbounded<(ResourceType, WatchChange)>();
    private readonly Dictionary<ResourceType, Dictionary<string, JsonObject>> _objects;
    private readonly HashSet<ResourceType> _unlisted;
    private readonly IReadOnlySet<ResourceType> _optional;
    private readonly ConcurrentDictionary<ResourceType, bool> _unreadable = [];
    private readonly Task _watches;

    /// <param name="client">The cluster.</param>
    /// <param name="ns">The namespace.</param>
    /// <param name="types">What is watched.</param>
    /// <param name="cancellationToken">Ends the watches.</param>
    /// <param name="selector">Narrows what is watched, as a query.</param>
    /// <param name="optional">What a role need not be allowed to read: then it counts as empty. Events never need be.</param>
    public NamespaceWatch(
        KubeClient client, string ns, IReadOnlyCollection<ResourceType> types, CancellationToken cancellationToken, string? selector = null,
        IReadOnlySet<ResourceType>? optional = null)
    {
        _optional = optional ?? new HashSet<ResourceType> { ResourceType.Event };
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _objects = types.ToDictionary(type => type, _ => new Dictionary<string, JsonObject>());
        _unlisted = [.. types];
        _watches = RunAsync(client, ns, types, selector);
    }

    public IReadOnlyCollection<JsonObject> Of(ResourceType type) => _objects.TryGetValue(type, out var objects) ? objects.Values : [];

    /// <summary>Whether the role may not read a kind.</summary>
    public bool IsUnreadable(ResourceType type) => _unreadable.ContainsKey(type);

    /// <summary>Waits for the next changes and takes all that are there; returns after <paramref name="atMost"/> in any case.</summary>
    public async Task NextAsync(TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
    {
        do
        {
            using var limit = new LimitedToken(atMost, clock, cancellationToken);
            try
            {
                if (!await _changes.Reader.WaitToReadAsync(limit.Token))
                    await _watches; // Ended: throws what ended it.
            }
            catch (OperationCanceledException) when (limit.TimedOut && !cancellationToken.IsCancellationRequested)
            {
                // Nothing changed, but time went by, which counts too.
            }

            while (_changes.Reader.TryRead(out var item))
                Take(item.Type, item.Change);
        }
        while (_unlisted.Count > 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _watches;
        }
        catch (Exception failure) when (failure is OperationCanceledException or ApiException or Diagnostics.DiagnosticException)
        {
            // Whoever waited has been told already.
        }

        _stop.Dispose();
    }

    private void Take(ResourceType type, WatchChange change)
    {
        var objects = _objects[type];
        switch (change)
        {
            case WatchChange.Listed listed:
                objects.Clear();
                foreach (var item in listed.Items)
                    objects[Uid(item)] = Kept(type, item);
                _unlisted.Remove(type);
                break;
            case WatchChange.Upserted upserted:
                objects[Uid(upserted.Object)] = Kept(type, upserted.Object);
                break;
            case WatchChange.Removed removed:
                objects.Remove(Uid(removed.Object));
                break;
        }
    }

    private async Task RunAsync(KubeClient client, string ns, IReadOnlyCollection<ResourceType> types, string? selector)
    {
        Exception? failure = null;
        try
        {
            await Task.WhenAll(types.Select(async type =>
            {
                try
                {
                    await WatchAsync(client, ns, type, selector);
                }
                catch
                {
                    // One that fails ends all: a rollout must not be judged by half of what is.
                    await _stop.CancelAsync();
                    throw;
                }
            }));
        }
        catch (Exception caught) when (caught is ApiException or Diagnostics.DiagnosticException or OperationCanceledException)
        {
            failure = caught;
            throw;
        }
        finally
        {
            _changes.Writer.TryComplete(failure);
        }
    }

    private async Task WatchAsync(KubeClient client, string ns, ResourceType type, string? selector)
    {
        try
        {
            await foreach (var change in client.WatchAsync(type, ns, selector, _stop.Token))
                _changes.Writer.TryWrite((type, change));
        }
        catch (ApiException refusal) when (_optional.Contains(type) && refusal.Status == HttpStatusCode.Forbidden)
        {
            // Without events a diagnosis knows less, but a rollout can be judged.
            _unreadable[type] = true;
            _changes.Writer.TryWrite((type, new WatchChange.Listed([])));
        }
    }

    // Whose which fields are takes more than the fields, and is asked of workloads alone, and not of their status.
    private static JsonObject Kept(ResourceType type, JsonObject content)
    {
        if (type == ResourceType.ReplicaSet || type == ResourceType.Pod || type == ResourceType.Event)
            content["metadata"]!.AsObject().Remove("managedFields");
        foreach (var entry in Ownership.Entries(content).Where(entry => (string?)entry["subresource"] == "status"))
            entry.Remove("fieldsV1");
        return UnreadObject.Of(content);
    }

    private static string Uid(JsonObject content) => (string)content["metadata"]!["uid"]!;
}

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace KubeApps.Sandbox.Api;

/// <summary>
/// All objects with one ever-growing resource version, and a feed of changes. Objects that go in and come out are shared: nobody
/// changes them, everybody clones first. What is legal is decided above (see <see cref="Cluster"/> and the API handlers).
/// </summary>
internal sealed class ObjectStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, JsonObject> _objects = [];
    private readonly List<Watcher> _watchers = [];
    private long _version;

    public long Version
    {
        get
        {
            lock (_gate)
                return _version;
        }
    }

    public JsonObject? Get(ObjectKey key)
    {
        lock (_gate)
            return _objects.GetValueOrDefault(key);
    }

    /// <summary>The objects of a type, by namespace and name, and the version that the list stands for.</summary>
    public (IReadOnlyList<JsonObject> Items, long Version) List(ResourceType type, string? ns)
    {
        lock (_gate)
        {
            var items = _objects
                .Where(pair => pair.Key.Type == type && (ns is null || pair.Key.Namespace == ns))
                .OrderBy(pair => pair.Key.Namespace, StringComparer.Ordinal).ThenBy(pair => pair.Key.Name, StringComparer.Ordinal)
                .Select(pair => pair.Value).ToList();
            return (items, _version);
        }
    }

    /// <summary>
    /// Writes the outcome of <paramref name="change"/>, which gets the stored object (or null) and returns its successor: null deletes,
    /// the same instance leaves all as it is. Atomic. Stamps <c>metadata.resourceVersion</c>.
    /// </summary>
    public JsonObject? Write(ObjectKey key, Func<JsonObject?, JsonObject?> change)
    {
        lock (_gate)
        {
            var before = _objects.GetValueOrDefault(key);
            var after = change(before);
            if (ReferenceEquals(before, after))
                return after;
            var version = ++_version;
            if (after is null)
            {
                _objects.Remove(key);
                var last = (JsonObject)before!.DeepClone();
                last["metadata"]!["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);
                Announce(key, new WatchEvent(WatchEventType.Deleted, last, version, before));
                return null;
            }

            after["metadata"]!["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);
            _objects[key] = after;
            Announce(key, new WatchEvent(before is null ? WatchEventType.Added : WatchEventType.Modified, after, version, before));
            return after;
        }
    }

    /// <summary>The objects as they are now, as <see cref="WatchEventType.Added"/>, and then every change, without a gap.</summary>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceType type, string? ns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var watcher = new Watcher(type, ns, Channel.CreateUnbounded<WatchEvent>());
        IReadOnlyList<JsonObject> current;
        lock (_gate)
        {
            (current, _) = List(type, ns);
            _watchers.Add(watcher);
        }

        try
        {
            foreach (var item in current)
                yield return new WatchEvent(WatchEventType.Added, item, long.Parse((string)item["metadata"]!["resourceVersion"]!, CultureInfo.InvariantCulture));
            await foreach (var change in watcher.Changes.Reader.ReadAllAsync(cancellationToken))
                yield return change;
        }
        finally
        {
            lock (_gate)
                _watchers.Remove(watcher);
        }
    }

    private void Announce(ObjectKey key, WatchEvent change)
    {
        foreach (var watcher in _watchers)
            if (watcher.Type == key.Type && (watcher.Namespace is null || watcher.Namespace == key.Namespace))
                watcher.Changes.Writer.TryWrite(change);
    }

    private sealed record Watcher(ResourceType Type, string? Namespace, Channel<WatchEvent> Changes);
}

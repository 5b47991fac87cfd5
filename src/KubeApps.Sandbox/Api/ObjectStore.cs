using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace KubeApps.Sandbox.Api;

/// <summary>
/// All objects with one ever-growing resource version, and a feed of changes. Objects that go in and come out are shared: nobody
/// changes them, everybody clones first. What is legal is decided above (see <see cref="ObjectOperations"/>).
/// </summary>
internal sealed class ObjectStore : IDisposable
{
    /// <summary>How many changes of a type are remembered for watches and consistent pages.</summary>
    private const int HistoryLength = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<ResourceType, Shelf> _shelves = [];
    private readonly List<Channel<WatchEvent>> _feeds = [];
    private ObjectLog? _log;
    private long _version;
    private long _forgotten;

    public long Version
    {
        get
        {
            lock (_gate)
                return _version;
        }
    }

    /// <summary>A store whose objects are kept under <paramref name="directory"/>. Without it (<c>new</c>) all is in memory.</summary>
    public static ObjectStore Open(string directory)
    {
        var store = new ObjectStore();
        store._log = ObjectLog.Open(directory, store.Replay);
        store.ForgetHistory();
        return store;
    }

    public JsonObject? Get(ObjectKey key) => Find(key)?.Value;

    public StoredObject? Find(ObjectKey key)
    {
        lock (_gate)
            return _shelves.GetValueOrDefault(key.Type)?.Objects.GetValueOrDefault((key.Namespace, key.Name));
    }

    /// <summary>The objects of a type, by namespace and name, and the version that the list stands for.</summary>
    public (IReadOnlyList<JsonObject> Items, long Version) List(ResourceType type, string? ns)
    {
        var (items, version) = ListStored(type, ns);
        return (items.ConvertAll(item => item.Value), version);
    }

    public (List<StoredObject> Items, long Version) ListStored(ResourceType type, string? ns)
    {
        lock (_gate)
            return (Current(type, ns), _version);
    }

    /// <summary>The list as it was at <paramref name="version"/>; null if that is further back than is remembered.</summary>
    public List<StoredObject>? ListAt(ResourceType type, string? ns, long version)
    {
        lock (_gate)
        {
            var items = Current(type, ns);
            if (version == _version)
                return items;
            if (!Remembers(type, version))
                return null;
            if (!_shelves.TryGetValue(type, out var shelf))
                return items;
            var past = new SortedDictionary<(string?, string), StoredObject>(NameOrder.Instance);
            foreach (var item in items)
                past[(item.Key.Namespace, item.Key.Name)] = item;
            foreach (var change in shelf.History.Reverse().TakeWhile(change => change.ResourceVersion > version))
            {
                if (ns is not null && change.Key.Namespace != ns)
                    continue;
                if (change.StoredBefore is { } before)
                    past[(change.Key.Namespace, change.Key.Name)] = before;
                else
                    past.Remove((change.Key.Namespace, change.Key.Name));
            }

            return [.. past.Values];
        }
    }

    /// <summary>The types of which there is at least one object.</summary>
    public IReadOnlyList<ResourceType> StoredTypes()
    {
        lock (_gate)
            return [.. _shelves.Where(pair => pair.Value.Objects.Count > 0).Select(pair => pair.Key)];
    }

    public int Count(ResourceType type, string? ns)
    {
        lock (_gate)
        {
            if (!_shelves.TryGetValue(type, out var shelf))
                return 0;
            return ns is null ? shelf.Objects.Count : shelf.Objects.Keys.Count(key => key.Namespace == ns);
        }
    }

    /// <summary>
    /// Writes the outcome of <paramref name="change"/>, which gets the stored object (or null) and returns its successor: null deletes,
    /// the same instance leaves all as it is. Atomic. What is stored, and returned, is a copy with its <c>metadata.resourceVersion</c>.
    /// </summary>
    /// <exception cref="StateNotSavedException">The disk did not take it; nothing was changed.</exception>
    public JsonObject? Write(ObjectKey key, Func<JsonObject?, JsonObject?> change)
    {
        lock (_gate)
        {
            var shelf = ShelfOf(key.Type);
            var before = shelf.Objects.GetValueOrDefault((key.Namespace, key.Name));
            var after = change(before?.Value);
            if (ReferenceEquals(before?.Value, after))
                return after;
            var version = _version + 1;
            var last = after ?? (JsonObject)before!.Value.DeepClone();
            last["metadata"]!["resourceVersion"] = StoredObject.VersionText(version);
            var stored = new StoredObject(key, last, version);
            _log?.Append(key, version, after is null ? null : stored);
            _version = version;
            if (after is null)
                shelf.Remove(key);
            else
                shelf.Put(stored);
            var type = after is null ? WatchEventType.Deleted : before is null ? WatchEventType.Added : WatchEventType.Modified;
            Announce(shelf, new WatchEvent(type, stored.Value, version, before?.Value) { Stored = stored, StoredBefore = before });
            if (_log is { WantsRewrite: true })
                _log.Rewrite(_version, _shelves.Values.SelectMany(each => each.Objects.Values));
            return after is null ? null : stored.Value;
        }
    }

    /// <summary>The objects as they are now, as <see cref="WatchEventType.Added"/>, and then every change, without a gap.</summary>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceType type, string? ns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<StoredObject> current;
        Subscription subscription;
        lock (_gate)
        {
            current = Current(type, ns);
            subscription = Subscribe(type, ns, Channel.CreateUnbounded<WatchEvent>());
        }

        using (subscription)
        {
            foreach (var item in current)
                yield return Added(item);
            await foreach (var change in subscription.Changes.ReadAllAsync(cancellationToken))
                yield return change;
        }
    }

    /// <summary>
    /// Every change of a type after <paramref name="version"/>; null if those are not remembered any more. A reader that falls too far
    /// behind sees the feed end with an <see cref="OverflowException"/>.
    /// </summary>
    public Subscription? WatchFrom(ResourceType type, string? ns, long version)
    {
        lock (_gate)
        {
            if (version != _version && !Remembers(type, version))
                return null;
            var missed = _shelves.TryGetValue(type, out var shelf)
                ? shelf.History.Where(change => change.ResourceVersion > version && (ns is null || change.Key.Namespace == ns)).ToList()
                : [];
            var subscription = Subscribe(type, ns, Channel.CreateBounded<WatchEvent>(HistoryLength * 2));
            foreach (var change in missed)
                subscription.Offer(change);
            return subscription;
        }
    }

    /// <summary>The present objects, the version they stand for, and every change after it.</summary>
    public (List<StoredObject> Items, long Version, Subscription Changes) ListAndWatch(ResourceType type, string? ns)
    {
        lock (_gate)
            return (Current(type, ns), _version, Subscribe(type, ns, Channel.CreateBounded<WatchEvent>(HistoryLength * 2)));
    }

    /// <summary>Every object of every type as <see cref="WatchEventType.Added"/>, and then every change.</summary>
    public async IAsyncEnumerable<WatchEvent> WatchAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var feed = Channel.CreateUnbounded<WatchEvent>();
        List<StoredObject> current;
        lock (_gate)
        {
            current = [.. _shelves.Values.SelectMany(shelf => shelf.Objects.Values)];
            _feeds.Add(feed);
        }

        try
        {
            foreach (var item in current)
                yield return Added(item);
            await foreach (var change in feed.Reader.ReadAllAsync(cancellationToken))
                yield return change;
        }
        finally
        {
            lock (_gate)
                _feeds.Remove(feed);
        }
    }

    /// <summary>The oldest version from which a watch can start; what came before is forgotten.</summary>
    public long OldestVersion(ResourceType type)
    {
        lock (_gate)
            return Math.Max(_forgotten, _shelves.GetValueOrDefault(type)?.Forgotten ?? 0);
    }

    /// <summary>Forgets all changes up to now: watches from an older version get <c>410 Expired</c>.</summary>
    public void ForgetHistory()
    {
        lock (_gate)
        {
            _forgotten = _version;
            foreach (var shelf in _shelves.Values)
                shelf.History.Clear();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _log?.Dispose();
            _log = null;
        }
    }

    private static WatchEvent Added(StoredObject item) => new(WatchEventType.Added, item.Value, item.Version) { Stored = item };

    private bool Remembers(ResourceType type, long version) => version >= OldestVersion(type);

    private List<StoredObject> Current(ResourceType type, string? ns)
    {
        if (!_shelves.TryGetValue(type, out var shelf))
            return [];
        var all = shelf.Sorted();
        return ns is null ? [.. all] : [.. all.Where(item => item.Key.Namespace == ns)];
    }

    private Shelf ShelfOf(ResourceType type)
    {
        if (!_shelves.TryGetValue(type, out var shelf))
            _shelves[type] = shelf = new Shelf();
        return shelf;
    }

    private void Replay(ObjectKey key, long version, JsonObject? value)
    {
        _version = Math.Max(_version, version);
        if (value is null)
            ShelfOf(key.Type).Remove(key);
        else
            ShelfOf(key.Type).Put(new StoredObject(key, value, version));
    }

    private void Announce(Shelf shelf, WatchEvent change)
    {
        shelf.History.Enqueue(change);
        if (shelf.History.Count > HistoryLength)
            shelf.Forgotten = shelf.History.Dequeue().ResourceVersion;
        foreach (var watcher in shelf.Watchers)
            if (watcher.Namespace is null || watcher.Namespace == change.Key.Namespace)
                watcher.Offer(change);
        foreach (var feed in _feeds)
            feed.Writer.TryWrite(change);
    }

    private Subscription Subscribe(ResourceType type, string? ns, Channel<WatchEvent> channel)
    {
        var shelf = ShelfOf(type);
        var subscription = new Subscription(ns, channel, leaving =>
        {
            lock (_gate)
                shelf.Watchers.Remove(leaving);
        });
        shelf.Watchers.Add(subscription);
        return subscription;
    }

    /// <summary>A feed of changes that ends when it is disposed.</summary>
    internal sealed class Subscription(string? ns, Channel<WatchEvent> channel, Action<Subscription> leave) : IDisposable
    {
        public string? Namespace => ns;

        public ChannelReader<WatchEvent> Changes => channel.Reader;

        public void Offer(WatchEvent change)
        {
            if (!channel.Writer.TryWrite(change))
                channel.Writer.TryComplete(new OverflowException("The reader of this watch is too slow."));
        }

        public void Dispose()
        {
            leave(this);
            channel.Writer.TryComplete();
        }
    }

    private sealed class Shelf
    {
        private StoredObject[]? _sorted;

        public Dictionary<(string? Namespace, string Name), StoredObject> Objects { get; } = [];

        public Queue<WatchEvent> History { get; } = [];

        public List<Subscription> Watchers { get; } = [];

        public long Forgotten { get; set; }

        public void Put(StoredObject stored)
        {
            Objects[(stored.Key.Namespace, stored.Key.Name)] = stored;
            _sorted = null;
        }

        public void Remove(ObjectKey key)
        {
            Objects.Remove((key.Namespace, key.Name));
            _sorted = null;
        }

        public StoredObject[] Sorted() =>
            _sorted ??= [.. Objects.Values.OrderBy(item => (item.Key.Namespace, item.Key.Name), NameOrder.Instance)];
    }

    /// <summary>By namespace, then by name, both by their bytes, as the real one's keys are.</summary>
    private sealed class NameOrder : IComparer<(string? Namespace, string Name)>
    {
        public static readonly NameOrder Instance = new();

        public int Compare((string? Namespace, string Name) x, (string? Namespace, string Name) y)
        {
            var byNamespace = string.CompareOrdinal(x.Namespace, y.Namespace);
            return byNamespace != 0 ? byNamespace : string.CompareOrdinal(x.Name, y.Name);
        }
    }
}

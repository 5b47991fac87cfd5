using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api;

/// <summary>
/// How controllers and the kubelet see the cluster, in process: reads, watches, and writes that pass the same admission (defaults,
/// validation, finalizers) as those that come over HTTP. A write that is refused ends in an <see cref="ApiStatusException"/>.
/// </summary>
internal sealed class Cluster
{
    private readonly EventRecorder _events;

    public Cluster(ObjectStore store, TimeProvider clock)
    {
        Store = store;
        Clock = clock;
        _events = new EventRecorder(store, clock);
        var schemas = new SchemaCatalog();
        foreach (var definition in store.List(ResourceTypes.CustomResourceDefinition, null).Items)
            schemas.Define(definition);
        Semantics = new ObjectSemantics(schemas);
        Operations = new ObjectOperations(store, Semantics, schemas, clock);
    }

    public ObjectSemantics Semantics { get; }

    public ObjectOperations Operations { get; }

    public ObjectStore Store { get; }

    public TimeProvider Clock { get; }

    public JsonObject? Get(ObjectKey key) => Store.Get(key);

    public IReadOnlyList<JsonObject> List(ResourceType type, string? ns = null) => Store.List(type, ns).Items;

    /// <summary>The present objects as Added, then every change.</summary>
    public IAsyncEnumerable<WatchEvent> WatchAsync(ResourceType type, string? ns, CancellationToken cancellationToken) =>
        Store.WatchAsync(type, ns, cancellationToken);

    /// <summary>Creates an object; null if one of that name is there already.</summary>
    public JsonObject? Create(ResourceType type, JsonObject candidate, string manager)
    {
        var created = (JsonObject)candidate.DeepClone();
        created["apiVersion"] = type.ApiVersion;
        created["kind"] = type.Kind;
        try
        {
            return Operations.Create(type, (string?)created["metadata"]?["namespace"], new DecodedObject(created, []), new WriteOptions(manager)).Object;
        }
        catch (ApiStatusException e) when (e.Reason == "AlreadyExists")
        {
            return null;
        }
    }

    /// <summary>
    /// Changes an object: <paramref name="change"/> gets a clone and says whether it changed anything. Bumps <c>generation</c> when the
    /// spec changed. Returns what is stored then; null if the object is gone.
    /// </summary>
    public JsonObject? Update(ObjectKey key, string manager, Func<JsonObject, bool> change) =>
        Operations.Change(key, change, new WriteOptions(manager));

    /// <summary>Like <see cref="Update"/>, for the status alone: never bumps the generation.</summary>
    public JsonObject? UpdateStatus(ObjectKey key, string manager, Func<JsonObject, bool> change) =>
        Operations.Change(key, change, new WriteOptions(manager) { Subresource = "status" });

    /// <summary>
    /// Deletes as a client would: with finalizers or a grace period (pods) it sets <c>deletionTimestamp</c> and waits for who is responsible.
    /// <paramref name="gracePeriodSeconds"/> 0 removes a pod at once (the kubelet, when the processes are gone).
    /// </summary>
    public bool Delete(ObjectKey key, int? gracePeriodSeconds = null) => Delete(key, new DeleteOptions { GracePeriodSeconds = gracePeriodSeconds });

    /// <summary>False if the object is not there.</summary>
    public bool Delete(ObjectKey key, DeleteOptions options)
    {
        try
        {
            Operations.Delete(key, options);
            return true;
        }
        catch (ApiStatusException e) when (e.Reason == "NotFound")
        {
            return false;
        }
    }

    /// <summary>
    /// Writes an event about an object; equal ones are counted up, as Kubernetes does. <paramref name="fieldPath"/> names a part of the
    /// object (<c>spec.containers{web}</c>), <paramref name="host"/> the node that reports it.
    /// </summary>
    public void RecordEvent(
        JsonObject regarding, string type, string reason, string message, string component, string? fieldPath = null, string? host = null) =>
        _events.Record(regarding, type, reason, message, component, fieldPath, host);

    /// <summary>Drops what is remembered about events that are gone.</summary>
    public void ForgetExpiredEvents() => _events.Forget();

    public string Timestamp() => ObjectOperations.Timestamp(Clock.GetUtcNow());
}

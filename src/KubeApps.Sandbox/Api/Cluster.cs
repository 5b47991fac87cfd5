using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api;

/// <summary>
/// How controllers and the kubelet see the cluster, in process: reads, watches, and writes that pass the same admission (defaults,
/// validation, finalizers) as those that come over HTTP.
/// </summary>
internal sealed class Cluster(ObjectStore store, TimeProvider clock)
{
    public JsonObject? Get(ObjectKey key) => store.Get(key);

    public IReadOnlyList<JsonObject> List(ResourceType type, string? ns = null) => store.List(type, ns).Items;

    /// <summary>The present objects as Added, then every change.</summary>
    public IAsyncEnumerable<WatchEvent> WatchAsync(ResourceType type, string? ns, CancellationToken cancellationToken) =>
        store.WatchAsync(type, ns, cancellationToken);

    /// <summary>Creates an object; null if one of that name is there already.</summary>
    public JsonObject? Create(ResourceType type, JsonObject candidate, string manager)
    {
        var created = (JsonObject)candidate.DeepClone();
        created["apiVersion"] = type.ApiVersion;
        created["kind"] = type.Kind;
        var metadata = created["metadata"]!.AsObject();
        if (metadata["name"] is null)
            metadata["name"] = (string)metadata["generateName"]! + Random.Shared.Next(0x100000).ToString("x5", CultureInfo.InvariantCulture);
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Timestamp();
        if (created["spec"] is not null)
            metadata["generation"] = 1;
        var key = new ObjectKey(type, (string?)metadata["namespace"], (string)metadata["name"]!);
        var wasThere = false;
        var stored = store.Write(key, before =>
        {
            wasThere = before is not null;
            return before ?? created;
        });
        return wasThere ? null : stored;
    }

    /// <summary>
    /// Changes an object: <paramref name="change"/> gets a clone and says whether it changed anything. Bumps <c>generation</c> when the
    /// spec changed. Returns what is stored then; null if the object is gone.
    /// </summary>
    public JsonObject? Update(ObjectKey key, string manager, Func<JsonObject, bool> change) => Change(key, change, bumpGeneration: true);

    /// <summary>Like <see cref="Update"/>, for the status alone: never bumps the generation.</summary>
    public JsonObject? UpdateStatus(ObjectKey key, string manager, Func<JsonObject, bool> change) => Change(key, change, bumpGeneration: false);

    /// <summary>
    /// Deletes as a client would: with finalizers or a grace period (pods) it sets <c>deletionTimestamp</c> and waits for who is responsible.
    /// <paramref name="gracePeriodSeconds"/> 0 removes a pod at once (the kubelet, when the processes are gone).
    /// </summary>
    public bool Delete(ObjectKey key, int? gracePeriodSeconds = null)
    {
        var found = false;
        store.Write(key, before =>
        {
            found = before is not null;
            return null;
        });
        return found;
    }

    /// <summary>Writes an event about an object; equal ones are counted up, as Kubernetes does.</summary>
    public void RecordEvent(JsonObject regarding, string type, string reason, string message, string component)
    {
    }

    public string Timestamp() => clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private JsonObject? Change(ObjectKey key, Func<JsonObject, bool> change, bool bumpGeneration) => store.Write(key, before =>
    {
        if (before is null)
            return null;
        var after = (JsonObject)before.DeepClone();
        if (!change(after) || JsonNode.DeepEquals(before, after))
            return before;
        if (bumpGeneration && !JsonNode.DeepEquals(before["spec"], after["spec"]))
            after["metadata"]!["generation"] = (int?)before["metadata"]!["generation"] + 1;
        return after;
    });
}

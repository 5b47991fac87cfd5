using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api;

/// <summary>Events as the controllers and the kubelet write them: one object per fact, counted up when it happens again.</summary>
internal sealed class EventRecorder(ObjectStore store, TimeProvider clock)
{
    private readonly ConcurrentDictionary<EventFact, ObjectKey> _known = [];

    public void Record(
        JsonObject regarding, string type, string reason, string message, string component, string? fieldPath, string? host)
    {
        var metadata = regarding["metadata"]!;
        var uid = (string?)metadata["uid"] ?? "";
        var now = ObjectOperations.Timestamp(clock.GetUtcNow());
        var fact = new EventFact(uid, fieldPath, type, reason, message, component);
        if (_known.TryGetValue(fact, out var key) && CountUp(key, now))
            return;

        var name = (string)metadata["name"]!;
        var ns = (string?)metadata["namespace"] ?? "default";
        var nanoseconds = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100 + Random.Shared.Next(100);
        var involved = new JsonObject
        {
            ["kind"] = (string?)regarding["kind"],
            ["namespace"] = ns,
            ["name"] = name,
            ["uid"] = uid,
            ["apiVersion"] = (string?)regarding["apiVersion"],
            ["resourceVersion"] = (string?)metadata["resourceVersion"],
        };
        if (metadata["namespace"] is null)
            involved.Remove("namespace");
        if (fieldPath is not null)
            involved["fieldPath"] = fieldPath;
        var source = new JsonObject { ["component"] = component };
        if (host is not null)
            source["host"] = host;
        key = new ObjectKey(ResourceTypes.Event, ns, string.Create(CultureInfo.InvariantCulture, $"{name}.{nanoseconds:x}"));
        var created = new JsonObject
        {
            ["kind"] = "Event",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = key.Name,
                ["namespace"] = ns,
                ["uid"] = Guid.NewGuid().ToString(),
                ["creationTimestamp"] = now,
            },
            ["involvedObject"] = involved,
            ["reason"] = reason,
            ["message"] = message,
            ["source"] = source,
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["count"] = 1,
            ["type"] = type,
            ["eventTime"] = null,
            ["reportingComponent"] = component,
            ["reportingInstance"] = host ?? "",
        };
        // Like the real one: nothing new is written into a namespace that is on its way out.
        if (store.Get(new ObjectKey(ResourceTypes.Namespace, null, ns))?["metadata"]?["deletionTimestamp"] is not null)
            return;
        store.Write(key, before => before ?? created);
        _known[fact] = key;
    }

    /// <summary>Drops what is known about events that have expired.</summary>
    public void Forget()
    {
        foreach (var (fact, key) in _known)
            if (store.Find(key) is null)
                _known.TryRemove(fact, out _);
    }

    private bool CountUp(ObjectKey key, string now)
    {
        var found = false;
        store.Write(key, before =>
        {
            if (before is null)
                return null;
            found = true;
            var after = (JsonObject)before.DeepClone();
            after["count"] = ((int?)after["count"] ?? 1) + 1;
            after["lastTimestamp"] = now;
            return after;
        });
        return found;
    }

    private readonly record struct EventFact(string Uid, string? FieldPath, string Type, string Reason, string Message, string Component);
}

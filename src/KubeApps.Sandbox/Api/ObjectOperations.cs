using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api;

/// <summary>
/// Every write to the cluster, over HTTP or from a controller: semantics, admission (terminating namespaces, quota), identity and
/// versions, finalizers. Each one is atomic, and changes nothing when it is refused.
/// </summary>
internal sealed class ObjectOperations(ObjectStore store, ObjectSemantics semantics, SchemaCatalog schemas, TimeProvider clock)
{
    private readonly Admission _admission = new(store);

    public ObjectStore Store => store;

    /// <summary>
    /// The certificate (PEM) by which pods know the API, published in every namespace as <c>kube-root-ca.crt</c>; null publishes none.
    /// </summary>
    public string? RootCertificate { get; set; }

    public WriteResult Create(ResourceType type, string? ns, DecodedObject decoded, WriteOptions options)
    {
        var candidate = semantics.ApplyDefaults(type, decoded.Object);
        if (!type.Namespaced)
            candidate["metadata"]?.AsObject().Remove("namespace");
        candidate = semantics.UpdateManagedFields(type, null, candidate, Author(options));
        return new WriteResult(Insert(type, ns, candidate, options), Created: true, decoded.Warnings);
    }

    /// <summary>PUT: the whole object.</summary>
    public WriteResult Update(ObjectKey key, DecodedObject decoded, WriteOptions options)
    {
        JsonObject? result = null;
        var stored = store.Write(key, before =>
        {
            if (before is null)
                throw ApiStatusException.NotFound(key.Type, key.Name);
            CheckIdentity(key, before, decoded.Object);
            var after = semantics.ApplyDefaults(key.Type, decoded.Object);
            if (key.Type == ResourceTypes.Service)
                ServiceAllocation.KeepAddress(before, after);
            after = semantics.UpdateManagedFields(key.Type, before, after, Author(options));
            return Replace(key, before, after, options, out result);
        });
        return new WriteResult(Outcome(stored, result!, options), Created: false, decoded.Warnings);
    }

    public WriteResult Patch(ObjectKey key, PatchType kind, ReadOnlyMemory<byte> body, WriteOptions options)
    {
        JsonObject? result = null;
        IReadOnlyList<string> warnings = [];
        var stored = store.Write(key, before =>
        {
            if (before is null)
                throw ApiStatusException.NotFound(key.Type, key.Name);
            var patched = semantics.Patch(key.Type, before, kind, body, options.Validation);
            warnings = patched.Warnings;
            CheckIdentity(key, before, patched.Object);
            var after = semantics.ApplyDefaults(key.Type, patched.Object);
            after = semantics.UpdateManagedFields(key.Type, before, after, Author(options));
            return Replace(key, before, after, options, out result);
        });
        return new WriteResult(Outcome(stored, result!, options), Created: false, warnings);
    }

    /// <summary>Server-side apply: creates the object or changes it.</summary>
    public WriteResult Apply(ObjectKey key, ReadOnlyMemory<byte> body, WriteOptions options)
    {
        var live = store.Get(key);
        if (live is null && options.Subresource is not null)
            throw ApiStatusException.NotFound(key.Type, key.Name);
        if (live is null)
        {
            var fresh = semantics.Apply(key.Type, null, body, Author(options), options.Force, options.Validation);
            try
            {
                return new WriteResult(Insert(key.Type, key.Namespace, fresh.Object, options), Created: true, fresh.Warnings);
            }
            catch (ApiStatusException e) when (e.Reason == "AlreadyExists")
            {
                // Somebody was faster: it is an update then.
            }
        }

        JsonObject? result = null;
        IReadOnlyList<string> warnings = [];
        var stored = store.Write(key, before =>
        {
            if (before is null)
                throw ApiStatusException.Stale(key.Type, key.Name);
            var applied = semantics.Apply(key.Type, before, body, Author(options), options.Force, options.Validation);
            warnings = applied.Warnings;
            CheckIdentity(key, before, applied.Object);
            return Replace(key, before, applied.Object, options, out result);
        });
        return new WriteResult(Outcome(stored, result!, options), Created: false, warnings);
    }

    /// <summary>
    /// For controllers: <paramref name="change"/> gets a clone and says whether it changed anything. Null if the object is gone.
    /// </summary>
    public JsonObject? Change(ObjectKey key, Func<JsonObject, bool> change, WriteOptions options)
    {
        JsonObject? result = null;
        var stored = store.Write(key, before =>
        {
            if (before is null)
                return null;
            var after = (JsonObject)before.DeepClone();
            if (!change(after) || ObjectSemantics.IsSame(before, after))
            {
                result = before;
                return before;
            }

            after = semantics.ApplyDefaults(key.Type, after);
            after = semantics.UpdateManagedFields(key.Type, before, after, Author(options));
            return Replace(key, before, after, options, out result);
        });
        return result is null ? null : Outcome(stored, result, options);
    }

    public DeleteResult Delete(ObjectKey key, DeleteOptions options)
    {
        Admission.CheckDeletion(key);
        DeleteResult? result = null;
        var stored = store.Write(key, before =>
        {
            if (before is null)
                throw ApiStatusException.NotFound(key.Type, key.Name);
            var metadata = before["metadata"]!.AsObject();
            if (options.Uid is { } uid && uid != (string?)metadata["uid"])
                throw ApiErrors.UidMismatch(key.Type, key.Name, uid, (string)metadata["uid"]!);
            if (options.ResourceVersion is { } version && version != (string?)metadata["resourceVersion"])
                throw ApiErrors.VersionMismatch(key.Type, key.Name, version, (string)metadata["resourceVersion"]!);
            var after = Deletion.Mark(key, before, options, clock.GetUtcNow());
            if (after is null && !options.DryRun && key.Type == ResourceTypes.CustomResourceDefinition)
                schemas.Remove(before);
            result = new DeleteResult(after ?? before, Gone: after is null);
            return options.DryRun ? before : after;
        });
        return stored is null || options.DryRun ? result! : result! with { Object = stored };
    }

    public string Timestamp() => Timestamp(clock.GetUtcNow());

    public static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>What the client gets: what is stored now, or what would be (dry run), or what was last (the write removed it).</summary>
    private static JsonObject Outcome(JsonObject? stored, JsonObject result, WriteOptions options) =>
        stored is null || options.DryRun ? result : stored;

    private Writer Author(WriteOptions options) => new(options.Manager, clock.GetUtcNow(), options.Subresource);

    private JsonObject Insert(ResourceType type, string? ns, JsonObject candidate, WriteOptions options)
    {
        var metadata = Metadata(candidate);
        var given = (string?)metadata["namespace"];
        if (type.Namespaced)
        {
            if (!string.IsNullOrEmpty(given) && given != ns)
                throw ApiStatusException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
            metadata["namespace"] = ns;
        }

        if (!string.IsNullOrEmpty((string?)metadata["resourceVersion"]))
            throw ApiStatusException.BadRequest("resourceVersion should not be set on objects to be created");
        var generated = string.IsNullOrEmpty((string?)metadata["name"]) && !string.IsNullOrEmpty((string?)metadata["generateName"]);
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Timestamp();
        metadata.Remove("deletionTimestamp");
        metadata.Remove("deletionGracePeriodSeconds");
        while (true)
        {
            if (generated)
                metadata["name"] = NameSuffix.Append((string)metadata["generateName"]!);
            var created = semantics.PrepareCreate(type, candidate);
            var name = (string?)Metadata(created)["name"] ?? "";
            _admission.CheckNamespace(type, ns, name);
            semantics.ValidateCreate(type, created);
            var wasThere = false;
            var stored = store.Write(new ObjectKey(type, type.Namespaced ? ns : null, name), before =>
            {
                wasThere = before is not null;
                if (wasThere)
                    return before;
                _admission.AdmitNew(type, ns, name, created);
                return options.DryRun ? null : created;
            });
            if (!wasThere)
            {
                if (stored is not null)
                    Accompany(type, name, stored);
                return stored ?? created;
            }

            if (!generated)
                throw ApiStatusException.AlreadyExists(type, name);
        }
    }

    /// <summary>What others must find as soon as the object is there.</summary>
    private void Accompany(ResourceType type, string name, JsonObject created)
    {
        if (type == ResourceTypes.Namespace)
            NamespaceLifecycle.Furnish(this, name);
        if (type == ResourceTypes.CustomResourceDefinition)
        {
            schemas.Define(created);
            CustomResourceLifecycle.Establish(this, new ObjectKey(type, null, name));
        }
    }

    private JsonObject? Replace(ObjectKey key, JsonObject before, JsonObject after, WriteOptions options, out JsonObject result)
    {
        var old = before["metadata"]!.AsObject();
        var metadata = Metadata(after);
        foreach (var field in (ReadOnlySpan<string>)["uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            if (old[field] is { } kept)
                metadata[field] = kept.DeepClone();
            else
                metadata.Remove(field);
        }

        after = semantics.PrepareUpdate(key.Type, before, after, options.Subresource);
        _admission.AdmitChange(key, before, after);
        semantics.ValidateUpdate(key.Type, before, after, options.Subresource);
        if (ObjectSemantics.IsSame(before, after))
        {
            result = before;
            return before;
        }

        result = after;
        if (options.DryRun)
            return before;
        var gone = Deletion.IsFinished(key, after);
        if (key.Type == ResourceTypes.CustomResourceDefinition)
        {
            schemas.Remove(before);
            if (!gone)
                schemas.Define(after);
        }

        return gone ? null : after;
    }

    private static void CheckIdentity(ObjectKey key, JsonObject before, JsonObject body)
    {
        var metadata = Metadata(body);
        if ((string?)metadata["name"] is { Length: > 0 } name && name != key.Name)
            throw ApiStatusException.BadRequest($"the name of the object ({name}) does not match the name on the URL ({key.Name})");
        if (key.Namespace is not null && (string?)metadata["namespace"] is { Length: > 0 } ns && ns != key.Namespace)
            throw ApiStatusException.BadRequest($"the namespace of the object ({ns}) does not match the namespace on the URL ({key.Namespace})");
        var old = before["metadata"]!.AsObject();
        if ((string?)metadata["uid"] is { Length: > 0 } uid && uid != (string?)old["uid"])
        {
            throw ApiStatusException.Conflict(key.Type, key.Name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {(string?)old["uid"]}");
        }

        if ((string?)metadata["resourceVersion"] is { Length: > 0 } version && version != (string?)old["resourceVersion"])
            throw ApiStatusException.Stale(key.Type, key.Name);
        metadata["name"] = key.Name;
        if (key.Namespace is not null)
            metadata["namespace"] = key.Namespace;
    }

    private static JsonObject Metadata(JsonObject body)
    {
        if (body["metadata"] is JsonObject metadata)
            return metadata;
        metadata = [];
        body["metadata"] = metadata;
        return metadata;
    }
}

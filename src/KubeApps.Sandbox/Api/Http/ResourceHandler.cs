using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api.Tables;
using KubeApps.Sandbox.Objects;

using Microsoft.AspNetCore.Http;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>The verbs on resources: get, list, watch, create, update, patch, delete and deletecollection.</summary>
internal sealed class ResourceHandler(Cluster cluster, ResourceCatalog catalog, PodLogHandler logs, CancellationToken stopping)
{
    private readonly ListHandler _lists = new(cluster.Store, cluster.Clock);
    private readonly WatchHandler _watches = new(cluster.Store, cluster.Clock, stopping);
    private readonly ScaleHandler _scales = new(cluster);
    private readonly PortForwardHandler _forwards = new(cluster, stopping);

    public Task HandleAsync(HttpContext context, ResourcePath path)
    {
        var method = context.Request.Method;
        if (Reviews.IsReview(path))
            return Reviews.HandleAsync(context, path, AccessControl.Of(context.Request, cluster.Store));
        var served = catalog.Find(path.Group, path.Version, path.Plural) ?? throw Unserved.Resource(path);
        var type = served.Type;
        if (type.Namespaced ? path.Namespace is null && path.Name is not null : path.Namespace is not null)
            throw ApiErrors.UnknownPath();
        var key = new ObjectKey(type, path.Namespace, path.Name ?? "");
        Authorize(context.Request, path, key);
        if (path.Subresource is { } subresource)
        {
            if (!served.Subresources.Contains(subresource))
                throw Unserved.Subresource(path, subresource);
            return subresource switch
            {
                "log" => HttpMethods.IsGet(method) ? logs.HandleAsync(context, key) : throw ApiErrors.MethodNotAllowed(),
                "portforward" => HttpMethods.IsGet(method) || HttpMethods.IsPost(method) ? _forwards.HandleAsync(context, key) : throw ApiErrors.MethodNotAllowed(),
                "scale" => _scales.HandleAsync(context, served, key),
                "eviction" => HttpMethods.IsPost(method) ? EvictAsync(context, key) : throw ApiErrors.MethodNotAllowed(),
                "finalize" => HttpMethods.IsPut(method) ? UpdateAsync(context, key, null) : throw ApiErrors.MethodNotAllowed(),
                _ => HandleObjectAsync(context, served, key, subresource),
            };
        }

        if (path.Name is not null)
            return HandleObjectAsync(context, served, key, null);
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method))
            return ListAsync(context, served, path.Namespace);
        if (HttpMethods.IsPost(method))
            return type.Namespaced && path.Namespace is null ? throw ApiErrors.MethodNotAllowed() : CreateAsync(context, served, path.Namespace);
        if (HttpMethods.IsDelete(method) && served.Verbs.Contains("deletecollection"))
            return DeleteCollectionAsync(context, served, path.Namespace);
        throw ApiErrors.MethodNotAllowed();
    }

    private void Authorize(HttpRequest request, ResourcePath path, ObjectKey key)
    {
        var access = AccessControl.Of(request, cluster.Store);
        if (access.User is null)
            return;
        // A namespace is in itself.
        var ns = key.Type == ResourceTypes.Namespace ? path.Name : path.Namespace;
        var resource = path.Subresource is null ? path.Plural : $"{path.Plural}/{path.Subresource}";
        access.Require(key.Type, new AccessRequest(AccessControl.VerbOf(request, path), path.Group, resource, ns, path.Name));
        if (HttpMethods.IsPatch(request.Method) && path.Subresource is null && cluster.Store.Find(key) is null)
            access.Require(key.Type, new AccessRequest("create", path.Group, resource, ns, path.Name));
    }

    private Task HandleObjectAsync(HttpContext context, ServedResource served, ObjectKey key, string? subresource)
    {
        var method = context.Request.Method;
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method))
            return GetAsync(context, served, key);
        if (HttpMethods.IsPut(method))
            return UpdateAsync(context, key, subresource);
        if (HttpMethods.IsPatch(method))
            return PatchAsync(context, key, subresource);
        if (HttpMethods.IsDelete(method) && subresource is null)
            return DeleteAsync(context, key);
        throw ApiErrors.MethodNotAllowed();
    }

    private Task GetAsync(HttpContext context, ServedResource served, ObjectKey key)
    {
        var output = Negotiation.Choose(context.Request);
        var stored = cluster.Store.Find(key) ?? throw ApiStatusException.NotFound(key.Type, key.Name);
        if (output.Form == OutputForm.Table)
        {
            var metadata = new JsonObject { ["resourceVersion"] = StoredObject.VersionText(stored.Version) };
            return Responses.WriteAsync(context, 200, TableRenderer.Render(
                served, Query.Text(context.Request, "includeObject"), [stored.Value], metadata, cluster.Clock.GetUtcNow(), cluster.Store), output);
        }

        return output.Form == OutputForm.PartialObjectMetadata
            ? Responses.WriteAsync(context, 200, TableRenderer.MetadataOf(stored.Value), output)
            : Responses.WriteAsync(context, 200, stored, output);
    }

    private Task ListAsync(HttpContext context, ServedResource served, string? ns)
    {
        var output = Negotiation.Choose(context.Request);
        var query = ListQuery.Read(context.Request, served.Type);
        return query.Watch ? _watches.HandleAsync(context, served, ns, query, output) : _lists.HandleAsync(context, served, ns, query, output);
    }

    private async Task CreateAsync(HttpContext context, ServedResource served, string? ns)
    {
        var output = Negotiation.Choose(context.Request);
        var options = Query.WriteOptions(context.Request, "CreateOptions", null);
        var body = await Bodies.ReadObjectAsync(context.Request, context.RequestAborted);
        var decoded = cluster.Semantics.Decode(served.Type, body, options.Validation);
        CheckNamespace(ns);
        AccessControl.Of(context.Request, cluster.Store).RequireRole(served.Type, ns, () => decoded.Object);
        var result = cluster.Operations.Create(served.Type, ns, decoded, options);
        await WriteAsync(context, served.Type, result, output);
    }

    private async Task UpdateAsync(HttpContext context, ObjectKey key, string? subresource)
    {
        var output = Negotiation.Choose(context.Request);
        var options = Query.WriteOptions(context.Request, "UpdateOptions", subresource);
        var body = await Bodies.ReadObjectAsync(context.Request, context.RequestAborted);
        var decoded = cluster.Semantics.Decode(key.Type, body, options.Validation);
        await WriteAsync(context, key.Type, cluster.Operations.Update(key, decoded, options), output);
    }

    private async Task PatchAsync(HttpContext context, ObjectKey key, string? subresource)
    {
        var request = context.Request;
        var output = Negotiation.Choose(request);
        PatchType? kind = Bodies.MediaType(request) switch
        {
            "application/json-patch+json" => PatchType.Json,
            "application/merge-patch+json" => PatchType.Merge,
            "application/strategic-merge-patch+json" => PatchType.Strategic,
            "application/apply-patch+yaml" => null,
            _ => throw ApiStatusException.UnsupportedMediaType(),
        };
        var options = Query.WriteOptions(request, "PatchOptions", subresource);
        var body = await Bodies.ReadAsync(request, context.RequestAborted);
        if (kind is not null)
        {
            await WriteAsync(context, key.Type, cluster.Operations.Patch(key, kind.Value, body, options), output);
            return;
        }

        var applied = Bodies.YamlToJson(body);
        CheckNamespace(key.Namespace);
        if (cluster.Store.Find(key) is null)
            AccessControl.Of(request, cluster.Store).RequireRole(key.Type, key.Namespace, () => cluster.Semantics.Decode(key.Type, applied, FieldValidation.Ignore).Object);
        await WriteAsync(context, key.Type, cluster.Operations.Apply(key, applied, options), output);
    }

    private async Task DeleteAsync(HttpContext context, ObjectKey key)
    {
        var output = Negotiation.Choose(context.Request);
        var options = await DeletionRequest.ReadAsync(context.Request, context.RequestAborted);
        var result = cluster.Operations.Delete(key, options);
        await Responses.WriteAsync(context, 200, DeletionRequest.Answer(key, result), output);
    }

    private async Task DeleteCollectionAsync(HttpContext context, ServedResource served, string? ns)
    {
        var output = Negotiation.Choose(context.Request);
        var query = ListQuery.Read(context.Request, served.Type);
        var options = await DeletionRequest.ReadAsync(context.Request, context.RequestAborted);
        var (items, version) = cluster.Store.ListStored(served.Type, ns);
        items.RemoveAll(item => !query.Matches(item.Value));
        foreach (var item in items)
            cluster.Delete(item.Key, options);
        var metadata = new JsonObject { ["resourceVersion"] = StoredObject.VersionText(version) };
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        ListHandler.WriteList(buffer, served, items, metadata, OutputForm.Object);
        await Responses.WriteBytesAsync(context, 200, buffer.WrittenMemory, output.Yaml);
    }

    private async Task EvictAsync(HttpContext context, ObjectKey key)
    {
        var options = await DeletionRequest.ReadAsync(context.Request, context.RequestAborted, "deleteOptions");
        cluster.Operations.Delete(key, options);
        await Responses.WriteAsync(context, 201, new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["code"] = 201,
        });
    }

    private void CheckNamespace(string? ns)
    {
        if (ns is not null && cluster.Store.Find(new ObjectKey(ResourceTypes.Namespace, null, ns)) is null)
            throw ApiStatusException.NotFound(ResourceTypes.Namespace, ns);
    }

    private async Task WriteAsync(HttpContext context, ResourceType type, WriteResult result, Output output)
    {
        Responses.AddWarnings(context, [.. result.Warnings, .. Unserved.Warnings(type, result)]);
        var status = result.Created ? 201 : 200;
        var metadata = result.Object["metadata"]!;
        var key = new ObjectKey(type, (string?)metadata["namespace"], (string)metadata["name"]!);
        if (output.Form == OutputForm.PartialObjectMetadata)
            await Responses.WriteAsync(context, status, TableRenderer.MetadataOf(result.Object), output);
        else if (cluster.Store.Find(key) is { } stored && ReferenceEquals(stored.Value, result.Object))
            await Responses.WriteAsync(context, status, stored, output);
        else
            await Responses.WriteAsync(context, status, new StoredObject(key, result.Object, 0), output);
    }
}

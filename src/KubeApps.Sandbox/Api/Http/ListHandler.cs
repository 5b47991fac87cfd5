using System.Buffers;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api.Tables;

using Microsoft.AspNetCore.Http;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>GET of a collection: selected, paged, at the version asked for; written from the stored bytes.</summary>
internal sealed class ListHandler(ObjectStore store, TimeProvider clock)
{
    public async Task HandleAsync(HttpContext context, ServedResource served, string? ns, ListQuery query, Output output)
    {
        var (items, version, more, remaining) = Select(served.Type, ns, query);
        var metadata = new JsonObject { ["resourceVersion"] = StoredObject.VersionText(version) };
        if (more is not null)
            metadata["continue"] = more;
        if (remaining is not null)
            metadata["remainingItemCount"] = remaining;
        if (output.Form == OutputForm.Table)
        {
            var table = TableRenderer.Render(served, Query.Text(context.Request, "includeObject"), items.Select(item => item.Value), metadata, clock.GetUtcNow(), store);
            await Responses.WriteAsync(context, 200, table, output);
            return;
        }

        var buffer = new ArrayBufferWriter<byte>(256 + items.Sum(item => item.Json.Length));
        WriteList(buffer, served, items, metadata, output.Form);
        await Responses.WriteBytesAsync(context, 200, buffer.WrittenMemory, output.Yaml);
    }

    public static void WriteList(IBufferWriter<byte> buffer, ServedResource served, List<StoredObject> items, JsonObject metadata, OutputForm form)
    {
        var partial = form == OutputForm.PartialObjectMetadata;
        var head = new JsonObject
        {
            ["kind"] = partial ? "PartialObjectMetadataList" : served.ListKind,
            ["apiVersion"] = partial ? "meta.k8s.io/v1" : served.Type.ApiVersion,
            ["metadata"] = metadata,
        };
        var text = new ArrayBufferWriter<byte>(256);
        Responses.Write(text, head);
        buffer.Write(text.WrittenSpan[..^1]);
        buffer.Write(",\"items\":["u8);
        var first = true;
        foreach (var item in items)
        {
            if (!first)
                buffer.Write(","u8);
            first = false;
            if (partial)
                Responses.Write(buffer, TableRenderer.MetadataOf(item.Value));
            else if (served.IsCustom)
                buffer.Write(item.Json);
            else
                item.WriteItem(buffer);
        }

        buffer.Write("]}"u8);
    }

    private (List<StoredObject> Items, long Version, string? More, long? Remaining) Select(ResourceType type, string? ns, ListQuery query)
    {
        List<StoredObject> items;
        long version;
        (string? Namespace, string Name)? after = null;
        if (query.Continue is not null)
        {
            (version, var afterNamespace, var afterName) = query.ReadContinue();
            items = store.ListAt(type, ns, version) ?? throw ApiErrors.ContinueTooOld();
            after = (ns ?? afterNamespace, afterName);
        }
        else
        {
            (items, version) = store.ListStored(type, ns);
            if (query.Version() is { } asked)
            {
                if (asked > version)
                    throw ApiErrors.TooNew(asked, version);
                if (query.VersionMatch == "Exact")
                {
                    items = store.ListAt(type, ns, asked) ?? throw ApiErrors.ListTooOld();
                    version = asked;
                }
            }
        }

        if (after is { } last)
            items.RemoveAll(item => Compare(item.Key, last) <= 0);
        if (!query.SelectsAll)
            items.RemoveAll(item => !query.Matches(item.Value));
        if (query.Limit is not > 0 || items.Count <= query.Limit)
            return (items, version, null, null);
        // How many are left is only known to the real server when it need not look at them.
        var remaining = query.SelectsAll ? items.Count - query.Limit : null;
        items.RemoveRange((int)query.Limit.Value, items.Count - (int)query.Limit.Value);
        return (items, version, ListQuery.ContinueToken(version, ns, items[^1].Key), remaining);
    }

    private static int Compare(ObjectKey key, (string? Namespace, string Name) other)
    {
        var byNamespace = other.Namespace is null ? 0 : string.CompareOrdinal(key.Namespace, other.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(key.Name, other.Name);
    }
}

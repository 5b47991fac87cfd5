using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Objects;

/// <summary>What to do about fields that the schema does not know (<c>?fieldValidation=</c>); Warn is the server's default.</summary>
internal enum FieldValidation
{
    Ignore,
    Warn,
    Strict,
}

internal enum PatchType
{
    /// <summary><c>application/json-patch+json</c>, RFC 6902.</summary>
    Json,

    /// <summary><c>application/merge-patch+json</c>, RFC 7386.</summary>
    Merge,

    /// <summary><c>application/strategic-merge-patch+json</c>: lists merge as the schema says.</summary>
    Strategic,
}

/// <summary>A body that was read: the object, and what goes into the <c>Warning</c> headers (texts without the <c>299 -</c>).</summary>
internal sealed record DecodedObject(JsonObject Object, IReadOnlyList<string> Warnings);

/// <summary>Who writes: the manager's name, the subresource (<c>status</c>, <c>scale</c> or null) and the time to note.</summary>
internal sealed record Writer(string Manager, DateTimeOffset Now, string? Subresource = null);

/// <summary>
/// What the API does to an object between the bytes of a request and the store, free of I/O. Nothing that goes in is changed. A request
/// that must be refused ends in an <see cref="ApiStatusException"/>.
/// </summary>
/// <remarks>
/// The handlers call, in this order:
/// <list type="bullet">
/// <item>create: <see cref="Decode"/>, <see cref="ApplyDefaults"/>, <see cref="UpdateManagedFields"/> (before = null), [name from
/// generateName, namespace, uid, creationTimestamp], <see cref="PrepareCreate"/>, <see cref="ValidateCreate"/>;</item>
/// <item>update: Decode, ApplyDefaults, UpdateManagedFields, <see cref="PrepareUpdate"/>, <see cref="ValidateUpdate"/>;</item>
/// <item>patch: <see cref="Patch"/>, then as for update without Decode;</item>
/// <item>server-side apply: <see cref="Apply"/> (defaults and managed fields are done then), then the rest of create or update.</item>
/// </list>
/// If what comes out of an update equals the stored object (<see cref="IsSame"/>), nothing is written.
/// </remarks>
internal sealed class ObjectSemantics
{
    /// <summary>Reads a body for an object of <paramref name="type"/>: checks apiVersion and kind, types and unknown fields.</summary>
    public DecodedObject Decode(ResourceType type, ReadOnlyMemory<byte> body, FieldValidation validation)
    {
        try
        {
            if (JsonNode.Parse(body.Span) is JsonObject parsed)
            {
                parsed["apiVersion"] = type.ApiVersion;
                parsed["kind"] = type.Kind;
                return new DecodedObject(parsed, []);
            }
        }
        catch (JsonException error)
        {
            throw ApiStatusException.BadRequest(error.Message);
        }

        throw ApiStatusException.BadRequest("the body is not an object");
    }

    /// <summary>Fills in what the API server would.</summary>
    public JsonObject ApplyDefaults(ResourceType type, JsonObject candidate) => (JsonObject)candidate.DeepClone();

    /// <summary>
    /// Sets what clients have no say in when an object is created (status, generation, a Job's selector and labels, …). The object must
    /// have its <c>metadata.uid</c> already.
    /// </summary>
    public JsonObject PrepareCreate(ResourceType type, JsonObject candidate) => (JsonObject)candidate.DeepClone();

    /// <summary>
    /// Keeps what this write must not change (the status; or all but the status, through the status subresource), and counts
    /// <c>metadata.generation</c> up if the specification changed.
    /// </summary>
    public JsonObject PrepareUpdate(ResourceType type, JsonObject before, JsonObject after, string? subresource = null) =>
        (JsonObject)after.DeepClone();

    /// <exception cref="ApiStatusException">422 with all causes.</exception>
    public void ValidateCreate(ResourceType type, JsonObject candidate)
    {
    }

    /// <exception cref="ApiStatusException">422 with all causes.</exception>
    public void ValidateUpdate(ResourceType type, JsonObject before, JsonObject after, string? subresource = null)
    {
    }

    /// <summary>The live object with a patch carried out.</summary>
    public DecodedObject Patch(ResourceType type, JsonObject live, PatchType kind, ReadOnlyMemory<byte> body, FieldValidation validation) =>
        throw ApiStatusException.UnsupportedMediaType();

    /// <summary>
    /// Server-side apply. <paramref name="live"/> is null when the object is not there yet. <paramref name="body"/> is JSON; the caller
    /// converts YAML.
    /// </summary>
    /// <exception cref="ApiStatusException">409 with the conflicts, unless <paramref name="force"/>.</exception>
    public DecodedObject Apply(
        ResourceType type, JsonObject? live, ReadOnlyMemory<byte> body, Writer writer, bool force, FieldValidation validation) =>
        throw ApiStatusException.UnsupportedMediaType();

    /// <summary>
    /// <paramref name="after"/> with the fields that this write changed noted as managed by <paramref name="writer"/> (operation Update).
    /// </summary>
    public JsonObject UpdateManagedFields(ResourceType type, JsonObject? before, JsonObject after, Writer writer) =>
        (JsonObject)after.DeepClone();

    /// <summary>Whether writing <paramref name="after"/> would change nothing (the resource version aside).</summary>
    public static bool IsSame(JsonObject before, JsonObject after)
    {
        var left = (JsonObject)before.DeepClone();
        var right = (JsonObject)after.DeepClone();
        left["metadata"]?.AsObject().Remove("resourceVersion");
        right["metadata"]?.AsObject().Remove("resourceVersion");
        return JsonNode.DeepEquals(left, right);
    }
}

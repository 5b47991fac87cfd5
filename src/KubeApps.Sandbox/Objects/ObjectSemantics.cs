using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Objects.Defaults;
using KubeApps.Sandbox.Objects.Ownership;
using KubeApps.Sandbox.Objects.Patches;
using KubeApps.Sandbox.Objects.Strategies;
using KubeApps.Sandbox.Objects.Validation;

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
internal sealed class ObjectSemantics(SchemaCatalog schemas)
{
    private static readonly FieldSet StatusField = FieldManager.SetOf(["f:status"]);
    private static readonly FieldSet ScaleExcluded = FieldManager.SetOf(["f:status"], ["f:metadata"]);
    private static readonly FieldSet StatusExcluded = FieldManager.SetOf(["f:spec"], ["f:metadata", "f:labels"]);
    private static readonly FieldSet CustomStatusExcluded = FieldManager.SetOf(["f:spec"], ["f:metadata"]);

    /// <summary>Reads a body for an object of <paramref name="type"/>: checks apiVersion and kind, types and unknown fields.</summary>
    public DecodedObject Decode(ResourceType type, ReadOnlyMemory<byte> body, FieldValidation validation)
    {
        var problems = new List<string>();
        JsonNode? parsed;
        try
        {
            parsed = JsonReading.Parse(body.Span, problems);
        }
        catch (FormatException error)
        {
            throw Unrecognized(type, $"couldn't get version/kind; json parse error: {error.Message}", body.Span);
        }

        if (parsed is not JsonObject source)
            throw Unrecognized(type, "couldn't get version/kind; json parse error: json: cannot unmarshal into Go value of type struct", body.Span);

        CheckKind(type, source);
        return Read(type, source, validation, [.. problems.Select(place => $"duplicate field \"{place}\"")], message =>
            ApiStatusException.BadRequest($"{type.Kind} in version \"{type.Version}\" cannot be handled as a {type.Kind}: {message}"));
    }

    /// <summary>Fills in what the API server would.</summary>
    public JsonObject ApplyDefaults(ResourceType type, JsonObject candidate)
    {
        var result = (JsonObject)candidate.DeepClone();
        FillDefaults(type, result);
        return result;
    }

    /// <summary>
    /// Sets what clients have no say in when an object is created (status, generation, a Job's selector and labels, …). The object must
    /// have its <c>metadata.uid</c> already.
    /// </summary>
    public JsonObject PrepareCreate(ResourceType type, JsonObject candidate)
    {
        var result = (JsonObject)candidate.DeepClone();
        Preparation.Create(type, result, schemas.Find(type), schemas.HasStatus(type));
        return result;
    }

    /// <summary>
    /// Keeps what this write must not change (the status; or all but the status, through the status subresource), and counts
    /// <c>metadata.generation</c> up if the specification changed.
    /// </summary>
    public JsonObject PrepareUpdate(ResourceType type, JsonObject before, JsonObject after, string? subresource = null)
    {
        var result = (JsonObject)after.DeepClone();
        Preparation.Update(type, before, result, schemas.Find(type), schemas.HasStatus(type), subresource);
        return result;
    }

    /// <exception cref="ApiStatusException">422 with all causes.</exception>
    public void ValidateCreate(ResourceType type, JsonObject candidate) =>
        Refuse(type, candidate, KindValidation.Create(type, candidate, schemas.Find(type)));

    /// <exception cref="ApiStatusException">422 with all causes.</exception>
    public void ValidateUpdate(ResourceType type, JsonObject before, JsonObject after, string? subresource = null) =>
        Refuse(type, after, KindValidation.Update(type, before, after, schemas.Find(type), subresource));

    /// <summary>The live object with a patch carried out.</summary>
    public DecodedObject Patch(ResourceType type, JsonObject live, PatchType kind, ReadOnlyMemory<byte> body, FieldValidation validation)
    {
        var schema = schemas.Find(type);
        if (kind == PatchType.Strategic && schema is not { Rules: null })
            throw ApiStatusException.UnsupportedMediaType();

        var duplicates = new List<string>();
        JsonNode? patch;
        try
        {
            patch = JsonReading.Parse(body.Span, duplicates);
            if (kind != PatchType.Json && patch is not JsonObject)
                throw new FormatException("json: cannot unmarshal into Go value of type map[string]interface {}");
        }
        catch (FormatException error)
        {
            throw ApiStatusException.BadRequest(kind == PatchType.Strategic ? error.Message : $"error decoding patch: {error.Message}");
        }

        JsonObject patched;
        try
        {
            patched = kind switch
            {
                PatchType.Merge => (JsonObject)MergePatch.Apply(live, patch)!,
                PatchType.Strategic => StrategicMergePatch.Apply(live, (JsonObject)patch!, schema!),
                _ => JsonPatch.Apply(live, JsonPatch.Read(patch)),
            };
        }
        catch (FormatException error)
        {
            throw ApiStatusException.BadRequest(error.Message);
        }
        catch (PatchFailedException error)
        {
            throw error.BadRequest ? ApiStatusException.BadRequest(error.Message) : ApiStatusException.UnprocessablePatch();
        }

        var prefix = kind == PatchType.Json ? "json patch " : "";
        var shown = kind == PatchType.Strategic ? GoValue.Show(patch) : FieldError.Show(patched);
        return Read(type, patched, validation, [.. duplicates.Select(place => $"{prefix}duplicate field \"{place}\"")], message =>
            ApiStatusException.Invalid("", "", "", [FieldError.Invalid("patch", JsonValue.Create(shown), message)]), inMemory: kind == PatchType.Strategic);
    }

    /// <summary>
    /// Server-side apply. <paramref name="live"/> is null when the object is not there yet. <paramref name="body"/> is JSON; the caller
    /// converts YAML.
    /// </summary>
    /// <exception cref="ApiStatusException">409 with the conflicts, unless <paramref name="force"/>.</exception>
    public DecodedObject Apply(
        ResourceType type, JsonObject? live, ReadOnlyMemory<byte> body, Writer writer, bool force, FieldValidation validation)
    {
        var duplicates = new List<string>();
        var applied = ParseApplied(type, body.Span, duplicates);
        var schema = SchemaOf(type);
        if (AppliedConfiguration.Check(applied, schema) is { } problem)
            throw ApiStatusException.Unclassified(
                $"failed to create typed patch object ({Json.Text(applied["metadata"]?["namespace"])}/{Json.Text(applied["metadata"]?["name"])}; {GroupVersionKind(type)}): {problem}");
        if (duplicates.Count > 0 && validation == FieldValidation.Strict)
            throw ApiStatusException.BadRequest($"error strict decoding YAML: {DuplicateKeys(duplicates)}");

        var ignored = IgnoredFields(type, writer.Subresource);
        JsonObject result;
        bool changed;
        try
        {
            (result, changed) = FieldManager.Apply(live, applied, schema, type.ApiVersion, writer, force, ignored);
        }
        catch (FieldManager.ConflictException conflict) when (live is not null && writer.Manager == "kubectl")
        {
            var unchanged = LastApplied.Unchanged(live, schema, type.ApiVersion);
            var remaining = conflict.Conflicts
                .Select(entry => entry with { Fields = entry.Fields.Except(unchanged) }).Where(entry => !entry.Fields.IsEmpty).ToList();
            if (remaining.Count > 0)
                throw ApplyConflicts.ToStatus(remaining);
            (result, changed) = FieldManager.Apply(live, applied, schema, type.ApiVersion, writer, force: true, ignored);
        }
        catch (FieldManager.ConflictException conflict)
        {
            throw ApplyConflicts.ToStatus(conflict.Conflicts);
        }

        if (writer.Manager == "kubectl")
            LastApplied.Refresh(result, applied);
        IReadOnlyList<string> warnings = duplicates.Count > 0 && validation == FieldValidation.Warn ? [DuplicateKeys(duplicates)] : [];
        if (!changed)
            return new DecodedObject(result, warnings);
        var decoded = Read(type, WithoutNulls(result), FieldValidation.Ignore, [], message =>
            ApiStatusException.Unclassified($"failed to convert new typed object ({GroupVersionKind(type)}) to object: {message}"));
        FillDefaults(type, decoded.Object);
        return new DecodedObject(FieldManager.KeepTimesIfUnchanged(live, decoded.Object), warnings);
    }

    /// <summary>
    /// <paramref name="after"/> with the fields that this write changed noted as managed by <paramref name="writer"/> (operation Update).
    /// </summary>
    public JsonObject UpdateManagedFields(ResourceType type, JsonObject? before, JsonObject after, Writer writer) =>
        FieldManager.KeepTimesIfUnchanged(
            before, FieldManager.Update(before, after, SchemaOf(type), type.ApiVersion, writer, IgnoredFields(type, writer.Subresource)));

    /// <summary>The manager of a write that names none: the user agent up to its first slash.</summary>
    public static string ManagerName(string? fieldManager, string? userAgent)
    {
        if (!string.IsNullOrEmpty(fieldManager))
            return fieldManager;
        var printable = new StringBuilder();
        foreach (var character in (userAgent ?? "").Split('/')[0])
            if (!char.IsControl(character) && printable.Length < 128)
                printable.Append(character);
        return printable.Length == 0 ? "unknown" : printable.ToString();
    }

    /// <summary>Whether writing <paramref name="after"/> would change nothing (the resource version aside).</summary>
    public static bool IsSame(JsonObject before, JsonObject after)
    {
        if (ReferenceEquals(before, after))
            return true;
        return Json.EqualBut("metadata", before, after)
            && before["metadata"] is JsonObject old && after["metadata"] is JsonObject metadata && Json.EqualBut("resourceVersion", old, metadata);
    }

    private static void Refuse(ResourceType type, JsonObject value, Problems problems)
    {
        if (problems.Count > 0)
            throw ApiStatusException.Invalid(type, Json.Text(value["metadata"]?["name"]), problems);
    }

    private SchemaType SchemaOf(ResourceType type) => schemas.Find(type) ?? SchemaType.Any;

    private FieldSet IgnoredFields(ResourceType type, string? subresource)
    {
        var schema = SchemaOf(type);
        return subresource switch
        {
            "status" => schema.Rules is null ? StatusExcluded : CustomStatusExcluded,
            "scale" => ScaleExcluded,
            _ => schemas.HasStatus(type) ? StatusField : FieldSet.Empty,
        };
    }

    private void FillDefaults(ResourceType type, JsonObject value)
    {
        if (schemas.Find(type) is { Rules: not null } custom)
            KindDefaults.ApplyStructural(value, custom);
        else
            KindDefaults.Apply(type, value);
    }

    /// <summary>Decodes an object that is ours to change.</summary>
    private DecodedObject Read(
        ResourceType type, JsonObject source, FieldValidation validation, List<string> problems, Func<string, ApiStatusException> refuse,
        bool inMemory = false)
    {
        source["apiVersion"] = type.ApiVersion;
        source["kind"] = type.Kind;
        JsonObject decoded;
        try
        {
            (decoded, var unknown) = Decoding.Read(source, schemas.Find(type));
            problems.AddRange(unknown.Select(place => $"unknown field \"{place}\""));
        }
        catch (FormatException error)
        {
            throw refuse(inMemory && error is WrongTypeException wrong ? wrong.Conversion : error.Message);
        }

        if (problems.Count > 0 && validation == FieldValidation.Strict)
            throw refuse($"strict decoding error: {string.Join(", ", problems)}");
        return new DecodedObject(decoded, validation == FieldValidation.Warn ? problems : []);
    }

    private static JsonObject ParseApplied(ResourceType type, ReadOnlySpan<byte> body, List<string> duplicates)
    {
        JsonObject applied;
        try
        {
            applied = JsonReading.Parse(body, duplicates) as JsonObject
                ?? throw new FormatException("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal into Go value of type map[string]interface {}");
        }
        catch (FormatException error)
        {
            throw ApiStatusException.BadRequest($"error decoding YAML: {error.Message}");
        }

        if (Json.Text(applied["apiVersion"]) is { } version && version != type.ApiVersion)
            throw ApiStatusException.BadRequest($"Incorrect version specified in apply patch. Specified patch version: {version}, expected: {type.ApiVersion}");
        if (Json.Text(applied["kind"]) is { } kind && kind != type.Kind)
            throw ApiStatusException.BadRequest($"the kind in the patch ({kind}) does not match the kind of the resource ({type.Kind})");
        if (applied["metadata"] is JsonObject metadata && metadata["managedFields"] is not null)
            throw ApiStatusException.BadRequest("metadata.managedFields must be nil");
        return applied;
    }

    private void CheckKind(ResourceType type, JsonObject source)
    {
        var kind = Json.Text(source["kind"]) ?? type.Kind;
        var apiVersion = Json.Text(source["apiVersion"]) ?? type.ApiVersion;
        if (kind == type.Kind && apiVersion == type.ApiVersion)
            return;
        var slash = apiVersion.IndexOf('/');
        var (group, version) = slash < 0 ? ("", apiVersion) : (apiVersion[..slash], apiVersion[(slash + 1)..]);
        var why = schemas.Find(group, version, kind) is null ? $"no kind \"{kind}\" is registered for version \"{apiVersion}\" in scheme \"pkg/api/legacyscheme/scheme.go:30\""
            : kind == type.Kind ? $"the API version in the data ({apiVersion}) does not match the expected API version ({type.ApiVersion})"
            : $"converting ({version}.{kind}) to ({(type.Group.Length == 0 ? "core" : type.Group.Split('.')[0])}.{type.Kind}): unknown conversion";
        throw ApiStatusException.BadRequest(kind == type.Kind && why.StartsWith("the API", StringComparison.Ordinal)
            ? why
            : $"{kind} in version \"{version}\" cannot be handled as a {type.Kind}: {why}");
    }

    private static ApiStatusException Unrecognized(ResourceType type, string why, ReadOnlySpan<byte> body)
    {
        const int Shown = 30;
        var summary = body.Length == 0 ? "<empty>"
            : body[0] == '{' ? Encoding.UTF8.GetString(body[..Math.Min(Shown, body.Length)]) + (body.Length > Shown ? " ..." : "")
            : Convert.ToHexStringLower(body[..Math.Min(Shown, body.Length)]) + (body.Length > Shown ? " ..." : "");
        return ApiStatusException.BadRequest($"the object provided is unrecognized (must be of type {type.Kind}): {why} ({summary})");
    }

    private static string DuplicateKeys(List<string> places) =>
        "yaml: unmarshal errors:\n" + string.Join('\n', places.Select(place => $"  key \"{place[(place.LastIndexOf('.') + 1)..]}\" already set in map"));

    private static string GroupVersionKind(ResourceType type) => $"{type.Group}/{type.Version}, Kind={type.Kind}";

    /// <summary>Pruning leaves null where a map or list was emptied: that means "not there".</summary>
    private static JsonObject WithoutNulls(JsonObject value)
    {
        foreach (var (key, child) in value.ToList())
        {
            if (child is null)
                value.Remove(key);
            else
                Clean(child);
        }

        return value;

        static void Clean(JsonNode node)
        {
            if (node is JsonObject map)
                WithoutNulls(map);
            else if (node is JsonArray list)
                foreach (var item in list)
                    if (item is not null)
                        Clean(item);
        }
    }
}

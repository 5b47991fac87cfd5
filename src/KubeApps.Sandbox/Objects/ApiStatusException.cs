using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Objects;

/// <summary>
/// A request that the API refuses: the Status object to answer with. Thrown and not returned, because every layer between the rule that
/// is broken and the HTTP answer would only hand it on.
/// </summary>
internal sealed class ApiStatusException : Exception
{
    public ApiStatusException(int code, string? reason, string message, JsonObject? details)
        : base(message)
    {
        Code = code;
        Reason = reason;
        Details = details;
    }

    public int Code { get; }

    /// <summary>The machine-readable reason (<c>Invalid</c>, <c>Conflict</c>, …); null where the real server gives none.</summary>
    public string? Reason { get; }

    public JsonObject? Details { get; }

    /// <summary>The body of the answer, a new instance each time.</summary>
    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
        };
        if (Reason is not null)
            status["reason"] = Reason;
        if (Details is not null)
            status["details"] = Details.DeepClone();
        status["code"] = Code;
        return status;
    }

    public static ApiStatusException BadRequest(string message) => new(400, "BadRequest", message, null);

    /// <summary>An error that the real server does not classify: 500 without a reason.</summary>
    public static ApiStatusException Unclassified(string message) => new(500, null, message, null);

    public static ApiStatusException Forbidden(ResourceType type, string name, string why) =>
        new(403, "Forbidden", $"{GroupResource(type)} \"{name}\" is forbidden: {why}", Named(type, name, type.Plural));

    public static ApiStatusException NotFound(ResourceType type, string name) =>
        new(404, "NotFound", $"{GroupResource(type)} \"{name}\" not found", Named(type, name, type.Plural));

    public static ApiStatusException AlreadyExists(ResourceType type, string name) =>
        new(409, "AlreadyExists", $"{GroupResource(type)} \"{name}\" already exists", Named(type, name, type.Plural));

    public static ApiStatusException Conflict(ResourceType type, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {GroupResource(type)} \"{name}\": {why}", Named(type, name, type.Plural));

    /// <summary>A write based on a version that is no longer the newest.</summary>
    public static ApiStatusException Stale(ResourceType type, string name) =>
        Conflict(type, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiStatusException UnsupportedMediaType() =>
        new(415, "UnsupportedMediaType", "415: Unsupported Media Type", []);

    /// <summary>A patch that is well-formed but cannot be carried out on this object.</summary>
    public static ApiStatusException UnprocessablePatch() =>
        new(422, "Invalid", "the server rejected our request due to an error in our request", []);

    public static ApiStatusException ApplyConflict(string message, JsonArray causes) =>
        new(409, "Conflict", message, new JsonObject { ["causes"] = causes });

    public static ApiStatusException Invalid(ResourceType type, string? name, IReadOnlyList<FieldError> errors) =>
        Invalid(type.Kind, type.Group, name, errors);

    public static ApiStatusException Invalid(string kind, string group, string? name, IReadOnlyList<FieldError> errors)
    {
        var details = new JsonObject();
        if (!string.IsNullOrEmpty(name))
            details["name"] = name;
        if (group.Length > 0)
            details["group"] = group;
        if (kind.Length > 0)
            details["kind"] = kind;
        var causes = new JsonArray();
        foreach (var error in errors)
            causes.Add(new JsonObject { ["reason"] = error.Reason, ["message"] = error.Text, ["field"] = error.Field });
        details["causes"] = causes;

        var texts = errors.Select(error => error.ToString()).Distinct().ToList();
        var all = texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
        var groupKind = group.Length == 0 ? kind : $"{kind}.{group}";
        return new ApiStatusException(422, "Invalid", $"{groupKind} \"{name}\" is invalid: {all}", details);
    }

    private static string GroupResource(ResourceType type) => type.Group.Length == 0 ? type.Plural : $"{type.Plural}.{type.Group}";

    private static JsonObject Named(ResourceType type, string name, string kind)
    {
        var details = new JsonObject { ["name"] = name };
        if (type.Group.Length > 0)
            details["group"] = type.Group;
        details["kind"] = kind;
        return details;
    }
}

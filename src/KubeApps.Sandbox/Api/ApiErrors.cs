using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api;

/// <summary>The refusals of the API itself, in the words of the real server; those about an object's content are in Objects.</summary>
internal static class ApiErrors
{
    /// <summary>A path that the real server would not know either.</summary>
    public static ApiStatusException UnknownPath() => new(404, "NotFound", "the server could not find the requested resource", []);

    /// <summary>Something that Kubernetes has and the sandbox does not.</summary>
    public static ApiStatusException NotServed(string what, string next) =>
        new(501, "NotImplemented", $"the KubeApps sandbox does not serve {what}: {next}", []);

    public static ApiStatusException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    public static ApiStatusException NotAcceptable() =>
        new(406, "NotAcceptable", "only the following media types are accepted: application/json, application/yaml", []);

    public static ApiStatusException UnsupportedBody() =>
        new(415, "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf", []);

    public static ApiStatusException BodyTooLarge(long limit) =>
        new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {limit}", []);

    /// <summary>A watch from a version that is not remembered any more.</summary>
    public static ApiStatusException TooOld(long asked, long oldest) => new(410, "Expired", $"too old resource version: {asked} ({oldest})", null);

    public static ApiStatusException ListTooOld() => new(410, "Expired", "The resourceVersion for the provided list is too old.", null);

    public static ApiStatusException ContinueTooOld() => new(410, "Expired",
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.", null);

    /// <summary>A list or watch from a version that is yet to come.</summary>
    public static ApiStatusException TooNew(long asked, long current) => new(504, "Timeout",
        $"Timeout: Too large resource version: {asked}, current: {current}",
        new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }),
            ["retryAfterSeconds"] = 1,
        });

    public static ApiStatusException UidMismatch(ResourceType type, string name, string asked, string actual) => Precondition(type, name,
        $"the UID in the precondition ({asked}) does not match the UID in record ({actual}). The object might have been deleted and then recreated");

    public static ApiStatusException VersionMismatch(ResourceType type, string name, string asked, string actual) => Precondition(type, name,
        $"the ResourceVersion in the precondition ({asked}) does not match the ResourceVersion in record ({actual}). The object might have been modified");

    public static ApiStatusException NamespaceTerminating(ResourceType type, string name, string ns)
    {
        var plain = ApiStatusException.Forbidden(type, name, $"unable to create new content in namespace {ns} because it is being terminated");
        plain.Details!["causes"] = new JsonArray(new JsonObject
        {
            ["reason"] = "NamespaceTerminating",
            ["message"] = $"namespace {ns} is being terminated",
            ["field"] = "metadata.namespace",
        });
        return plain;
    }

    public static ApiStatusException NotSaved(StateNotSavedException cause) => new(500, "InternalError", cause.Message, []);

    public static ApiStatusException Internal(Exception cause) => new(500, "InternalError", $"Internal error occurred: {cause.Message}", new JsonObject
    {
        ["causes"] = new JsonArray(new JsonObject { ["message"] = cause.Message }),
    });

    private static ApiStatusException Precondition(ResourceType type, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {type.QualifiedKind} \"{name}\": {why}", new JsonObject
        {
            ["name"] = name,
            ["kind"] = type.Kind,
        });
}

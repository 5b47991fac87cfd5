using System.Net;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Api;

/// <summary>One reason that the API server gives, with the field it is about.</summary>
internal sealed record ApiCause(string Reason, string Message, string Field)
{
    /// <summary>Of a field conflict: who owns the field.</summary>
    public string? ConflictingManager =>
        Message.StartsWith(ConflictWith, StringComparison.Ordinal) && Message.IndexOf('"', ConflictWith.Length) is > 0 and var end ? Message[ConflictWith.Length..end] : null;

    private const string ConflictWith = "conflict with \"";
}

/// <summary>The API server's refusal of a request, as it said it (<c>meta/v1 Status</c>). Turned into a diagnostic where it is known what the request was for.</summary>
internal sealed class ApiException(HttpStatusCode status, string reason, string message, IReadOnlyList<ApiCause> causes, string? detailsKind)
    : Exception(message)
{
    private static readonly string[] WebhookAbsence =
    [
        "connection refused", "no endpoints available", "context deadline exceeded", "i/o timeout", "EOF", "connection reset", "no route to host", "no such host",
        // The certificate is made and published by the webhook itself when it starts.
        "x509: certificate signed by unknown authority",
    ];

    // Each kind has its own words for it.
    private static readonly string[] Immutability =
    [
        "immutable", "may not change once set", "updates to statefulset spec for fields other than", "cannot change roleRef",
        // StorageClass, PriorityClass, pods.
        "updates to parameters are forbidden", "updates to provisioner are forbidden", "may not be changed in an update", "pod updates may not change fields other than",
    ];

    public HttpStatusCode Status { get; } = status;

    public string Reason { get; } = reason;

    public IReadOnlyList<ApiCause> Causes { get; } = causes;

    public bool IsNotFound => Status == HttpStatusCode.NotFound;

    public bool IsAlreadyExists => Status == HttpStatusCode.Conflict && Reason == "AlreadyExists";

    /// <summary>Another field manager owns what we want to set. The only 409 of an apply that trying again cannot heal.</summary>
    public bool IsFieldConflict => Status == HttpStatusCode.Conflict && Causes.Any(cause => cause.Reason == "FieldManagerConflict");

    /// <summary>A field was to be changed that can only be set at creation.</summary>
    public bool IsImmutable => Status == HttpStatusCode.UnprocessableEntity && Causes.Any(cause => Immutability.Any(sign => cause.Message.Contains(sign, StringComparison.Ordinal)));

    /// <summary>Somebody else wrote at the same moment: the object itself, or the quota that counts it.</summary>
    public bool IsRace => Status == HttpStatusCode.Conflict && !IsFieldConflict && !IsAlreadyExists && !Message.Contains("precondition", StringComparison.OrdinalIgnoreCase);

    public bool IsQuota => Status == HttpStatusCode.Forbidden && Message.Contains("exceeded quota", StringComparison.Ordinal);

    /// <summary>The role does not allow it, whatever it is about: an authorizer's words.</summary>
    public bool IsMissingPermission => Status == HttpStatusCode.Forbidden && Message.Contains(" cannot ", StringComparison.Ordinal) && Message.Contains(" resource \"", StringComparison.Ordinal);

    public bool IsTerminatingNamespace => Status == HttpStatusCode.Forbidden && Causes.Any(cause => cause.Reason == "NamespaceTerminating");

    /// <summary>Of an eviction: which disruption budget does not allow it now, in the server's words. That may last, and is nobody's overload.</summary>
    public string? DisruptionBudget => Status == HttpStatusCode.TooManyRequests ? Causes.FirstOrDefault(cause => cause.Reason == "DisruptionBudget")?.Message : null;

    public bool IsAdmission => Message.Contains("admission webhook", StringComparison.Ordinal) || Message.Contains("ValidatingAdmissionPolicy", StringComparison.Ordinal);

    /// <summary>The request has a field that the kind does not have: of server-side apply, told with the status of a server's fault.</summary>
    public bool IsBadField => Message.Contains("field not declared in schema", StringComparison.Ordinal) || Message.Contains("unknown field", StringComparison.Ordinal)
        || Message.Contains("failed to create typed patch object", StringComparison.Ordinal);

    /// <summary>An admission webhook could not be asked.</summary>
    public bool IsWebhookFailure => Message.Contains("failed calling webhook", StringComparison.Ordinal);

    /// <summary>It could not, because it is not there yet, or not reached in time; not because it answers nonsense.</summary>
    public bool IsWebhookAway => IsWebhookFailure
        // Its Service or its endpoints are not there: the end of the message, since a webhook that answers may say the like of something else.
        && (Message.EndsWith("\" not found", StringComparison.Ordinal) || WebhookAbsence.Any(sign => Message.Contains(sign, StringComparison.Ordinal)));

    public string? DetailsKind { get; } = detailsKind;

    /// <summary>A field conflict without the fields of some managers.</summary>
    public ApiException Without(IReadOnlyCollection<string> managers) =>
        new(Status, Reason, Message, [.. Causes.Where(cause => cause.ConflictingManager is not { } manager || !managers.Contains(manager))], DetailsKind);

    /// <summary>Reads a Status; anything else (a proxy's page) becomes a short text.</summary>
    public static ApiException From(HttpStatusCode status, JsonObject? body, string text)
    {
        if ((string?)body?["kind"] != "Status")
            return new ApiException(status, status.ToString(), text.Length == 0 ? $"The server answered {(int)status}." : Shorten(text), [], null);
        var details = body["details"] as JsonObject;
        var causes = (details?["causes"] as JsonArray ?? [])
            .OfType<JsonObject>()
            .Select(cause => new ApiCause((string?)cause["reason"] ?? "", (string?)cause["message"] ?? "", (string?)cause["field"] ?? ""))
            .ToList();
        return new ApiException(
            status, (string?)body["reason"] ?? status.ToString(), (string?)body["message"] ?? $"The server answered {(int)status}.", causes, (string?)details?["kind"]);
    }

    private static string Shorten(string text)
    {
        var line = text.ReplaceLineEndings(" ").Trim();
        return line.Length <= 300 ? line : line[..300] + "…";
    }
}

using System.Globalization;
using KubeApps.Sandbox.Objects;

using Microsoft.AspNetCore.Http;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>Reads the parameters that requests of the API have in common.</summary>
internal static class Query
{
    public static string? Text(HttpRequest request, string name) => request.Query[name] is [{ Length: > 0 } value, ..] ? value : null;

    public static bool Flag(HttpRequest request, string name) => request.Query[name] is [var value, ..] && value is "" or "1" or "t" or "T" or "true" or "True" or "TRUE";

    /// <exception cref="ApiStatusException">400 for what is not a number.</exception>
    public static long? Number(HttpRequest request, string name)
    {
        if (Text(request, name) is not { } text)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiStatusException.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");
    }

    public static WriteOptions WriteOptions(HttpRequest request, string optionsKind, string? subresource)
    {
        var errors = new List<FieldError>();
        var dryRun = request.Query["dryRun"];
        if (dryRun.Count > 0 && dryRun is not ["All"])
            errors.Add(FieldError.NotSupported("dryRun", dryRun.ToString(), "All"));
        var validation = Text(request, "fieldValidation");
        if (validation is not (null or "Ignore" or "Warn" or "Strict"))
            errors.Add(FieldError.NotSupported("fieldValidation", validation, "Ignore", "Strict", "Warn"));
        var isApply = optionsKind == "PatchOptions" && Bodies.MediaType(request) is "application/apply-patch+yaml" or "application/apply-patch+cbor";
        var manager = Text(request, "fieldManager");
        if (isApply && manager is null)
            errors.Add(FieldError.Required("fieldManager", "is required for apply patch"));
        if (!isApply && request.Query.ContainsKey("force"))
            errors.Add(FieldError.Forbidden("force", "may not be specified for non-apply patch"));
        if (errors.Count > 0)
            throw ApiStatusException.Invalid(optionsKind, "meta.k8s.io", "", errors);
        return new WriteOptions(ObjectSemantics.ManagerName(manager, request.Headers.UserAgent.ToString()))
        {
            Subresource = subresource,
            DryRun = dryRun.Count > 0,
            Force = Flag(request, "force"),
            Validation = Enum.Parse<FieldValidation>(validation ?? "Warn"),
        };
    }
}

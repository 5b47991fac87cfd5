using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api.Selectors;
using KubeApps.Sandbox.Objects;

using Microsoft.AspNetCore.Http;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>The parameters of a list or a watch.</summary>
internal sealed record ListQuery(
    LabelSelector Labels, FieldSelector Fields, string? ResourceVersion, string? VersionMatch, long? Limit, string? Continue, bool Watch)
{
    public bool SelectsAll => Labels.IsEverything && Fields.IsEverything;

    public static ListQuery Read(HttpRequest request, ResourceType type)
    {
        var query = new ListQuery(
            LabelSelector.Parse(Query.Text(request, "labelSelector")),
            FieldSelector.Parse(type, Query.Text(request, "fieldSelector")),
            Query.Text(request, "resourceVersion"),
            Query.Text(request, "resourceVersionMatch"),
            Query.Number(request, "limit"),
            Query.Text(request, "continue"),
            Query.Flag(request, "watch"));
        query.Check(Query.Text(request, "sendInitialEvents"));
        return query;
    }

    public bool Matches(JsonObject value) => Labels.Matches(value) && Fields.Matches(value);

    /// <summary>The version asked for; null if the client takes any, or the newest.</summary>
    public long? Version()
    {
        if (ResourceVersion is null or "0")
            return null;
        return long.TryParse(ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw ApiStatusException.BadRequest($"Invalid value: \"{ResourceVersion}\": strconv.ParseUint: parsing \"{ResourceVersion}\": invalid syntax");
    }

    /// <summary>Where the next page starts and which version it shows, in the form of the real server.</summary>
    public static string ContinueToken(long version, string? pathNamespace, ObjectKey last)
    {
        var start = pathNamespace is null && last.Namespace is not null ? $"{last.Namespace}/{last.Name}" : last.Name;
        var json = string.Create(CultureInfo.InvariantCulture, $"{{\"v\":\"meta.k8s.io/v1\",\"rv\":{version},\"start\":\"/{start}\\u0000\"}}");
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
    }

    public (long Version, string? Namespace, string Name) ReadContinue()
    {
        try
        {
            var token = JsonNode.Parse(Base64Url.DecodeFromChars(Continue))!;
            var start = ((string)token["start"]!).TrimStart('/').TrimEnd('\0');
            var slash = start.IndexOf('/', StringComparison.Ordinal);
            return ((long)token["rv"]!, slash < 0 ? null : start[..slash], start[(slash + 1)..]);
        }
        catch (Exception e) when (e is FormatException or System.Text.Json.JsonException or InvalidOperationException or NullReferenceException)
        {
            throw ApiStatusException.BadRequest("continue key is not valid: invalid character");
        }
    }

    private void Check(string? sendInitialEvents)
    {
        var errors = new List<FieldError>();
        if (sendInitialEvents is not null)
        {
            if (!Watch)
                errors.Add(FieldError.Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
            else if (VersionMatch is null)
                errors.Add(FieldError.Forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
            else if (VersionMatch != "NotOlderThan")
                errors.Add(FieldError.NotSupported("resourceVersionMatch", VersionMatch, "NotOlderThan"));
        }
        else if (VersionMatch is not null)
        {
            if (Watch)
                errors.Add(FieldError.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
            else if (ResourceVersion is null)
                errors.Add(FieldError.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided"));
            else if (Continue is not null)
                errors.Add(FieldError.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
            else if (VersionMatch is not ("Exact" or "NotOlderThan"))
                errors.Add(FieldError.NotSupported("resourceVersionMatch", VersionMatch, "Exact", "NotOlderThan"));
            else if (VersionMatch == "Exact" && ResourceVersion == "0")
                errors.Add(FieldError.Forbidden("resourceVersionMatch", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
        }

        if (Continue is not null && ResourceVersion is not (null or "0"))
            throw ApiStatusException.BadRequest("specifying resource version is not allowed when using continue");
        if (errors.Count > 0)
            throw ApiStatusException.Invalid("ListOptions", "meta.k8s.io", "", errors);
    }
}

using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Api;

/// <summary>Times as objects have them: RFC 3339, in UTC where nothing else is said.</summary>
internal static class KubeTime
{
    /// <summary>Null where there is none, or none that can be read.</summary>
    public static DateTimeOffset? Read(JsonNode? value) =>
        DateTimeOffset.TryParse((string?)value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>To the second, as Kubernetes writes its own.</summary>
    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Planning;

/// <summary>How much longer than usual pods may take to end once they are told to: <c>spec.terminationGracePeriodSeconds</c> of their templates.</summary>
internal static class ExtraGrace
{
    // The server's default: whoever waits for pods at all has counted it in.
    private const long Usual = 30;

    // Whoever asks for more has to wait for it by hand.
    private const long Longest = 24 * 60 * 60;

    /// <param name="objects">Workloads; others do not count.</param>
    public static TimeSpan Of(IEnumerable<JsonObject> objects) => objects
        .Select(item => ((item["spec"] as JsonObject)?["template"] as JsonObject)?["spec"] is JsonObject pod && pod["terminationGracePeriodSeconds"] is JsonValue value && value.TryGetValue<long>(out var seconds)
            ? TimeSpan.FromSeconds(Math.Clamp(seconds - Usual, 0, Longest))
            : TimeSpan.Zero)
        .DefaultIfEmpty().Max();
}

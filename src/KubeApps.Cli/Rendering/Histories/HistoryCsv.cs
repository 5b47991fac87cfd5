using System.Globalization;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.History;

namespace KubeApps.Cli.Rendering.Histories;

/// <summary>The history for spreadsheets. Columns are added at the end, never renamed or moved.</summary>
internal static class HistoryCsv
{
    private static readonly (string Name, Func<HistoryEntry, string?> Read)[] Columns =
    [
        ("startedAt", entry => Time(entry.StartedAt)),
        ("endedAt", entry => Time(entry.EndedAt)),
        ("app", entry => entry.App),
        ("environment", entry => entry.Environment),
        ("namespace", entry => entry.Namespace),
        ("state", entry => entry.State.Word()),
        ("current", entry => entry.IsCurrent ? "true" : "false"),
        ("liveFrom", entry => Time(entry.LiveFrom)),
        ("liveTo", entry => Time(entry.LiveTo)),
        ("commit", entry => entry.Commit),
        ("task", entry => entry.Task),
        ("actor", entry => entry.Actor),
        ("revision", entry => entry.Number?.ToString(CultureInfo.InvariantCulture)),
        ("deployment", entry => entry.Deployment?.ToString(CultureInfo.InvariantCulture)),
        ("cause", entry => entry.Cause),
        ("url", entry => entry.Url),
        ("runUrl", entry => entry.RunUrl),
        ("strategy", entry => entry.Strategy),
        ("images", entry => string.Join(' ', entry.Images.Select(image => image.Image).Distinct())),
        ("bundle", entry => entry.Bundle),
        ("rollout", entry => entry.Rollout),
        ("cluster", entry => entry.Line.Cluster),
        ("clusterName", entry => entry.ClusterName),
    ];

    public static void Write(TextWriter output, IEnumerable<HistoryEntry> entries) => Csv.Write(
        output, entries.Select(entry => (IReadOnlyList<string?>)[.. Columns.Select(column => column.Read(entry))]).Prepend([.. Columns.Select(column => column.Name)]));

    private static string? Time(DateTimeOffset? time) => time is { } at ? KubeTime.Write(at) : null;
}

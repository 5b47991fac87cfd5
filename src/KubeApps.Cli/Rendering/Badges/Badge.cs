using KubeApps.Cli.Rendering.Histories;
using KubeApps.Deploy.History;
using KubeApps.Events;

namespace KubeApps.Cli.Rendering.Badges;

/// <summary>What a badge says: of which environment, which version, and how that is. Every text is one short line.</summary>
/// <param name="Label">The left side.</param>
/// <param name="Message">The right side.</param>
/// <param name="Color">Of the right side, as <c>shields.io</c> calls them.</param>
/// <param name="IsError">Whether the last deploy failed.</param>
internal sealed record Badge(string Label, string Message, string Color, bool IsError)
{
    private const int LongestText = 60;

    /// <param name="app">The app that was asked for; it is told where there may be several.</param>
    /// <param name="environment">The environment that was asked for.</param>
    /// <param name="summary">What stands there; null for nothing.</param>
    public static Badge Of(string? app, string environment, EnvironmentSummary? summary)
    {
        var label = Printable.Line(app is null ? environment : $"{app} {environment}", LongestText);
        if (summary is null)
            return new Badge(label, "not deployed", "lightgrey", false);
        var version = summary.Current is { } current
            ? $"{Version(current)} since {(current.LiveFrom ?? current.StartedAt).UtcDateTime:yyyy-MM-dd}"
            : summary.State == HistoryState.Success ? "not deployed" : Word(summary.State);
        return summary.State switch
        {
            HistoryState.Success => new Badge(label, version, summary.Current is null ? "lightgrey" : "brightgreen", false),
            HistoryState.Queued or HistoryState.Pending or HistoryState.InProgress => new Badge(label, Beside(version, "deploying"), "blue", false),
            HistoryState.Failure or HistoryState.Error => new Badge(label, Beside(version, "last deploy failed"), summary.Current is null ? "red" : "orange", true),
            _ => new Badge(label, version, summary.Current is null ? "lightgrey" : "brightgreen", false),
        };

        string Beside(string text, string what) => summary.Current is null ? what : $"{text}, {what}";
    }

    public static string Word(HistoryState state) => state.Word().Replace('_', ' ');

    /// <summary>The beginning of the commit, else the number of the revision.</summary>
    public static string Version(HistoryEntry entry) =>
        entry.Commit is { Length: > 0 } ? HistoryText.Commit(entry.Commit) : entry.Number is { } number ? $"revision {number}" : "unknown";
}

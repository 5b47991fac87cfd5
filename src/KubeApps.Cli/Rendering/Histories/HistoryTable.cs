using KubeApps.Deploy.History;
using KubeApps.Deploy.Records;
using KubeApps.Events;

namespace KubeApps.Cli.Rendering.Histories;

/// <summary>The history of an app or a repository for a person. What GitHub and a cluster have is written by others: every cell is one short line.</summary>
internal static class HistoryTable
{
    private const int LongestCell = 60;
    private const int LongestCause = 140;

    /// <summary>The newest last, as <c>kubectl rollout history</c> has it: that is where one looks.</summary>
    /// <param name="entries">The newest first.</param>
    /// <param name="isOfOneApp">Whether all are of the app that was named: then nobody needs to hear its name.</param>
    /// <param name="now">The time.</param>
    /// <param name="isWide">With causes, bundles and whole images.</param>
    public static IEnumerable<string> Of(IReadOnlyList<HistoryEntry> entries, bool isOfOneApp, DateTimeOffset now, bool isWide)
    {
        var isOnGitHub = entries.Any(entry => entry.Deployment is not null);
        var places = HistoryPlaces.Of(entries);
        var hasApps = !isOfOneApp || entries.Any(entry => entry.IsForeign);
        return PlainTable.Of(
            [
                "REVISION", .. isOnGitHub ? (string[])["DEPLOYMENT"] : [], .. hasApps ? (string[])["APP", "ENVIRONMENT"] : [],
                .. places.AreSeveral ? (string[])["WHERE"] : [], "AGE", "DURATION", "OUTCOME", "BY", "COMMIT", "STRATEGY", "IMAGES",
                .. isWide ? (string[])["BUNDLE", "CAUSE"] : [],
            ],
            entries.Reverse().Select(entry => (string[])
            [
                $"{entry.Number}{(entry.IsCurrent ? " *" : "")}".TrimStart(),
                .. isOnGitHub ? (string[])[$"{entry.Deployment}"] : [],
                .. hasApps ? (string[])[Cell(entry.App), Cell(entry.Environment)] : [],
                .. places.AreSeveral ? (string[])[Cell(places.Find(entry.Line))] : [],
                Words.Age(now - entry.StartedAt), entry.EndedAt is { } end && end >= entry.StartedAt ? Words.Seconds(end - entry.StartedAt) : "",
                Outcome(entry), Cell(entry.Actor), HistoryText.Commit(entry.Commit), Cell(entry.IsForeign ? entry.Task : entry.Strategy),
                Cell(string.Join(", ", entry.Images.Select(image => isWide ? Printable.Of(image.Image) : HistoryText.Image(image.Image)).Distinct()), isWide ? int.MaxValue : LongestCell),
                .. isWide ? (string[])[Cell(entry.Bundle, int.MaxValue), Cell(entry.Cause, LongestCause)] : [],
            ]));
    }

    /// <summary>When a commit was live, in sentences.</summary>
    /// <param name="sha">The commit, or its beginning.</param>
    /// <param name="history">What was found.</param>
    /// <param name="now">The time.</param>
    public static IEnumerable<string> Live(string sha, DeployHistory history, DateTimeOffset now)
    {
        var places = HistoryPlaces.Of(history.Entries.Concat((history.Live ?? []).Select(span => span.First)));
        return (history.Live ?? []).Select(span => Live(sha, span, places.Find(span.Line) ?? Unusual(span.Line), now));
    }

    // The namespace of a pull request, say, of which nothing else tells.
    private static string? Unusual(HistoryLine line) =>
        line is { App: { } app, Namespace: { } ns } && ns != app && ns != $"{app}-{line.Environment}" ? Cell(ns) : null;

    private static string Live(string sha, LiveSpan span, string? place, DateTimeOffset now)
    {
        var (line, first) = (span.Line, span.First);
        var where = line.App is null ? Cell(line.Environment) : $"{Cell(line.App)} in {Cell(line.Environment)}{(place is null ? "" : $" ({place})")}";
        var with = string.Equals(first.Commit, sha, StringComparison.OrdinalIgnoreCase) || first.Commit?.StartsWith(sha, StringComparison.OrdinalIgnoreCase) == true
            ? "" : $" as part of {HistoryText.Commit(first.Commit)}";
        var time = span.To is { } end
            ? $"was live from {Time(span.From)} to {Time(end)} ({Words.Age(end - span.From)}){(span.Last is { } last ? $", until {Name(last)}" : "")}"
            : $"is live since {Time(span.From)} ({Words.Age(now - span.From)})";
        return $"{where}: {HistoryText.Commit(sha)} {time}, with {Name(first)}{with}.";
    }

    public static string Outcome(HistoryEntry entry)
    {
        if (entry.Revision is { } revision)
            return HistoryText.Outcome(revision);
        if (entry.Task == RecordRules.DestroyTask && entry.State == HistoryState.Success)
            return "destroyed";
        return entry.Restores is { } restored ? $"{entry.State.Word()}, rollback to {restored}" : entry.State.Word();
    }

    private static string Name(HistoryEntry entry) => (entry.Number, entry.Deployment) switch
    {
        ({ } number, { } id) => $"revision {number} (deployment {id})",
        ({ } number, null) => $"revision {number}",
        (_, var id) => $"deployment {id}",
    };

    private static string Time(DateTimeOffset time) => $"{time.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z";

    private static string Cell(string? text, int longest = LongestCell) => text is null ? "" : Printable.Line(text, longest);
}

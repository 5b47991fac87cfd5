using System.Text;
using KubeApps.Cli.Rendering.Histories;
using KubeApps.Deploy.History;

namespace KubeApps.Cli.Rendering.Badges;

/// <summary>What stands in each environment, as a table for a README, a wiki or a summary.</summary>
internal static class BadgeMarkdown
{
    public static string Write(IReadOnlyList<EnvironmentSummary> summaries, DateTimeOffset now)
    {
        var places = HistoryPlaces.Of(summaries.Select(summary => summary.Latest));
        var text = new StringBuilder();
        text.Append("| Environment | App | Version | Since | By | Last deploy |\n| --- | --- | --- | --- | --- | --- |\n");
        foreach (var summary in summaries)
        {
            var current = summary.Current;
            text.AppendJoin(" | ", (string[])
            [
                "| " + Environment(summary, places.Find(summary.Line)), Cell(summary.Line.App), current is null ? "" : Markdown.Code(Badge.Version(current)),
                current is null ? "" : $"{(current.LiveFrom ?? current.StartedAt).UtcDateTime:yyyy-MM-dd HH:mm} UTC", current is null ? "" : Cell(current.Actor), Last(summary, now) + " |",
            ]);
            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Environment(EnvironmentSummary summary, string? place)
    {
        var name = Cell(summary.Line.Environment) + (place is null ? "" : $", {Cell(place)}");
        return summary.Current?.Url is { Length: > 0 } url ? $"{name} ({Markdown.Link(url)})" : name;
    }

    private static string Last(EnvironmentSummary summary, DateTimeOffset now)
    {
        var word = $"{Badge.Word(summary.State)}, {Words.Age(now - summary.Latest.StartedAt)} ago";
        return summary.Latest.RunUrl is { Length: > 0 } run ? $"{word} ({Markdown.Link(run)})" : word;
    }

    private static string Cell(string? text) => text is null ? "" : Markdown.Text(Events.Printable.Line(text, 80));
}

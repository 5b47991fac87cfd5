using System.Globalization;
using System.Text;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Planning.Reports;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Rendering.Plans;

/// <summary>
/// A plan for the comment on a pull request. What stands in values and names is shown, and never read as Markdown or HTML. GitHub refuses
/// comments above 65,536 characters: what does not fit is left out, and said so.
/// </summary>
internal static class PlanMarkdown
{
    public const int Limit = 65_536;

    // Half a screen of one field says what it is about.
    private const int LongestValue = 500;
    private const int LongestName = 300;
    private const int MostLines = 60;

    // For the closing words, whatever they count.
    private const int Reserve = 500;

    /// <param name="plan">The plan.</param>
    /// <param name="room">What it has to fit into; null for a comment.</param>
    public static string Of(PlanReport plan, PlanRoom? room = null)
    {
        var (limit, holder, rest) = room ?? PlanRoom.Comment;
        int Share(int ofComment) => (int)((long)ofComment * limit / Limit);
        var text = new StringBuilder();
        var changed = plan.Objects.Where(item => item.Change != ResourceChange.Unchanged).ToList();
        text.Append(CultureInfo.InvariantCulture, $"### {Markdown.Text(PlanWords.Summary(plan))}\n\n")
            .Append(CultureInfo.InvariantCulture, $"{Markdown.Text(plan.Environment)} on {Markdown.Text(plan.Target)}, namespace {Markdown.Code(plan.Namespace)}")
            .Append(plan.Commit is { } commit ? $", commit {Markdown.Code(commit)}" : "").Append("\n\n");
        var cut = new List<string>();

        // Each has a share of its own, so that no list pushes out what is more important than its end.
        Section(text, limit, Share(8_000), "", plan.Obstacles, obstacle => Alert("CAUTION", obstacle), "obstacle", "obstacles", "", cut);
        Section(text, limit, Share(8_000), "", plan.Warnings, warning => Alert("WARNING", warning), "warning", "warnings", "", cut);
        Section(text, limit, Share(20_000), "| | object | |\n| --- | --- | --- |\n", changed, Row, "object", "objects", "\n", cut);
        Section(text, limit, Share(10_000), "| workload | container | image |\n| --- | --- | --- |\n", plan.Images, Row, "image", "images", "\n", cut);
        Section(text, limit, Share(4_000), "<details><summary>Steps</summary>\n\n", plan.Steps.Index().ToList(), Row, "step", "steps", "\n</details>\n\n", cut);
        Section(text, limit, limit, "", changed.Where(item => item.Fields.Count + item.Conflicts.Count > 0).ToList(), Details, "object's fields", "objects' fields", "", cut);
        if (cut.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"**Left out, because a {holder}:** {string.Join(", ", cut)}. {rest}\n");
        return text.ToString();
    }

    private static void Section<T>(
        StringBuilder text, int limit, int share, string head, IReadOnlyList<T> items, Func<T, string> render, string one, string many, string foot, List<string> cut)
    {
        if (items.Count == 0)
            return;
        var start = text.Length;
        text.Append(head);
        var done = 0;
        foreach (var item in items)
        {
            var part = render(item);
            if (text.Length + part.Length + foot.Length > Math.Min(limit - Reserve, start + share))
                break;
            text.Append(part);
            done++;
        }

        if (done == 0)
            text.Length = start;
        else
            text.Append(foot);
        if (done < items.Count)
            cut.Add($"{items.Count - done} {(items.Count - done == 1 ? one : many)}");
    }

    // https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#alerts
    private static string Alert(string kind, Diagnostic diagnostic) =>
        $"> [!{kind}]\n> {Markdown.Text(PlanWords.Limited($"{diagnostic.Code}: {diagnostic.Cause} {diagnostic.NextStep}", 2 * LongestValue))}\n\n";

    private static string Row(ObjectPlan item) => string.Create(CultureInfo.InvariantCulture,
        $"| {item.Change.ToString().ToLowerInvariant()} | {Markdown.Code(item.Id.ToString())} | {(item.Replaces is { } old ? $"in place of {Markdown.Code(old)}" : item.Note is { } note ? Markdown.Text(note)
            : item.Fields.Count == 0 ? "" : $"{item.Fields.Count} field{(item.Fields.Count == 1 ? "" : "s")}")} |\n");

    private static string Row(ImageChange image) => $"| {Markdown.Code(image.Workload.ToString())} | {Markdown.Code(image.Container)} | "
        + $"{Markdown.Code(PlanWords.Image(image))} |\n";

    private static string Row((int Index, PlannedStep Step) row) => string.Create(CultureInfo.InvariantCulture,
        $"{row.Index + 1}. {Markdown.Text(row.Step.Title)}{(row.Step.Timeout is { } limit ? $" (at most {Words.Limit(limit)})" : "")}\n");

    private static string Details(ObjectPlan item)
    {
        var diff = string.Concat(PlanWords.Fields(item).SelectMany(field => FieldLines(field.Field, field.Conflict)).Select(line => line + "\n"));
        return $"<details><summary>{Markdown.Code(item.Id.ToString())}</summary>\n\n{Markdown.Fence(diff, "diff")}\n</details>\n\n";
    }

    private static IEnumerable<string> FieldLines(FieldChange field, FieldConflict? conflict)
    {
        var path = PlanWords.Limited(PlanWords.Path(field), LongestName);
        if (PlanWords.Lines(field) is { } lines)
        {
            yield return $"  {path}:{PlanWords.Of(conflict)}";
            foreach (var (sign, line) in lines.Take(MostLines))
                yield return $"{sign}   {PlanWords.Limited(line, LongestValue)}";
            if (lines.Count > MostLines)
                yield return $"  and {lines.Count - MostLines} more lines";
            yield break;
        }

        if (field.IsHidden)
        {
            yield return $"! {path}: {PlanWords.Hidden(field)}{PlanWords.Of(conflict)}";
            yield break;
        }

        var (old, wanted) = PlanWords.Values(field);
        if (old is not null)
            yield return $"- {path}: {PlanWords.Limited(old, LongestValue)}{PlanWords.Of(conflict)}";
        if (wanted is not null)
            yield return $"+ {path}: {PlanWords.Limited(wanted, LongestValue)}";
    }
}

/// <summary>What a plan has to fit into.</summary>
/// <param name="Limit">How many characters there are.</param>
/// <param name="Holder">What holds no more, in words.</param>
/// <param name="Rest">Where the rest is, in Markdown.</param>
internal sealed record PlanRoom(int Limit, string Holder, string Rest)
{
    private const string InComment = "comment holds 65,536 characters";
    private const string ByTool = "`dotnet kubeapp plan` shows all.";

    public static PlanRoom Comment { get; } = new(PlanMarkdown.Limit, InComment, ByTool);

    /// <summary>A comment with so many other characters, of a run whose summary has more room.</summary>
    public static PlanRoom CommentOfRun(int taken) => new(PlanMarkdown.Limit - taken, InComment, "The summary of the run below shows more.");

    public static PlanRoom Summary(int limit) => new(limit, "summary holds 1 MiB", ByTool);
}

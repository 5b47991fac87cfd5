using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Planning.Reports;
using KubeApps.Events;

namespace KubeApps.Cli.Rendering.Plans;

/// <summary>A plan for a person at a terminal, or a log: what is written does not depend on the colours.</summary>
internal static class PlanText
{
    private const int LongestValue = 160;
    private const int MostLines = 40;
    private const string Reset = "\x1b[0m";

    private enum Tone
    {
        Plain,
        Created,
        Changed,
        Deleted,
        Warning,
    }

    public static void Write(PlanReport plan, TextWriter output, bool usesColor) => Write(Lines(plan), output, usesColor);

    /// <summary>Objects and images alone, as they differ.</summary>
    public static void Write(IReadOnlyList<ObjectPlan> objects, IReadOnlyList<ImageChange> images, TextWriter output, bool usesColor) =>
        Write(objects.SelectMany(ObjectLines).Concat(ImageLines(images)), output, usesColor);

    private static void Write(IEnumerable<(Tone Tone, string Line)> lines, TextWriter output, bool usesColor)
    {
        foreach (var (tone, line) in lines)
            output.WriteLine(usesColor && tone != Tone.Plain ? $"{Color(tone)}{line}{Reset}" : line);
    }

    private static IEnumerable<(Tone Tone, string Line)> Lines(PlanReport plan)
    {
        yield return (Tone.Plain, $"{plan.App} ({plan.Environment}) on {plan.Target}, namespace {plan.Namespace}"
            + (plan.Commit is { } commit ? $", commit {Printable.Commit(commit)}" : ""));
        yield return (Tone.Plain, "");
        foreach (var line in plan.Objects.Where(item => item.Change != ResourceChange.Unchanged).SelectMany(ObjectLines).Append((Tone.Plain, "")))
            yield return line;
        foreach (var line in ImageLines(plan.Images))
            yield return line;
        if (plan.Steps.Count > 0)
        {
            yield return (Tone.Plain, "Steps:");
            foreach (var (number, step) in plan.Steps.Index())
                yield return (Tone.Plain, $"  {number + 1}. {step.Title}{(step.Timeout is { } limit ? $" (at most {Words.Limit(limit)})" : "")}");
            yield return (Tone.Plain, "");
        }

        foreach (var warning in plan.Warnings)
            yield return (Tone.Warning, PlanWords.Printable(warning.ToString()));
        if (plan.Warnings.Count > 0)
            yield return (Tone.Plain, "");
        yield return (Tone.Plain, PlanWords.Summary(plan));
    }

    private static IEnumerable<(Tone Tone, string Line)> ImageLines(IReadOnlyList<ImageChange> images) => images.Count == 0
        ? []
        : images.Select(image => (Tone.Plain, $"  {image.Workload}, {image.Container}: {PlanWords.Image(image)}")).Prepend((Tone.Plain, "Images:")).Append((Tone.Plain, ""));

    private static IEnumerable<(Tone Tone, string Line)> ObjectLines(ObjectPlan item)
    {
        var (tone, sign) = item.Change switch
        {
            ResourceChange.Created => (Tone.Created, '+'),
            ResourceChange.Deleted => (Tone.Deleted, '-'),
            _ => (Tone.Changed, '~'),
        };
        yield return (tone, $"{sign} {item.Change.ToString().ToLowerInvariant(),-7} {item.Id}"
            + (item.Replaces is null ? "" : $", in place of {item.Replaces}") + (item.Note is null ? "" : $" ({item.Note})"));
        foreach (var (field, conflict) in PlanWords.Fields(item))
            foreach (var line in FieldLines(field, conflict))
                yield return line;
    }

    private static IEnumerable<(Tone Tone, string Line)> FieldLines(FieldChange field, FieldConflict? conflict)
    {
        var others = PlanWords.Of(conflict);
        if (PlanWords.Lines(field) is { } lines)
        {
            yield return (conflict is { IsTaken: false } ? Tone.Warning : Tone.Changed, $"{(conflict is { IsTaken: false } ? "  ! " : "    ")}{PlanWords.Path(field)}:{others}");
            foreach (var (sign, line) in lines.Take(MostLines))
                yield return (sign == '+' ? Tone.Created : Tone.Deleted, $"      {sign} {PlanWords.Limited(line, LongestValue)}");
            if (lines.Count > MostLines)
                yield return (Tone.Plain, $"      and {lines.Count - MostLines} more lines");
            yield break;
        }

        var (old, wanted) = PlanWords.Values(field);
        if (conflict is { IsTaken: false })
        {
            yield return (Tone.Warning, $"  ! {PlanWords.Path(field)}: {(field.IsHidden ? PlanWords.Hidden(field)
                : $"{PlanWords.Limited(old ?? "(not set)", LongestValue)} → {PlanWords.Limited(wanted ?? "(not set)", LongestValue)}")}{others}");
            yield break;
        }

        var (tone, text) = field switch
        {
            { IsHidden: true } => (Tone.Changed, $"    {PlanWords.Path(field)}: {PlanWords.Hidden(field)}"),
            { Kind: FieldChangeKind.Added } => (Tone.Created, $"  + {PlanWords.Path(field)}: {PlanWords.Limited(wanted!, LongestValue)}"),
            { Kind: FieldChangeKind.Removed } => (Tone.Deleted, $"  - {PlanWords.Path(field)}: {PlanWords.Limited(old!, LongestValue)}"),
            _ => (Tone.Changed, $"    {PlanWords.Path(field)}: {PlanWords.Limited(old!, LongestValue)} → {PlanWords.Limited(wanted!, LongestValue)}"),
        };
        yield return (tone, text + others);
    }

    private static string Color(Tone tone) => tone switch
    {
        Tone.Created => "\x1b[32m",
        Tone.Deleted => "\x1b[31m",
        Tone.Warning => "\x1b[35m",
        _ => "\x1b[33m",
    };
}

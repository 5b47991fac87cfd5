using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Planning.Reports;
using KubeApps.Events;

namespace KubeApps.Cli.Rendering.Plans;

/// <summary>How the parts of a plan are called, whatever they are written into.</summary>
internal static class PlanWords
{
    private const int DigestLength = 12;
    private const string Digest = "@sha256:";

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>2 to create, 1 to change, 1 to delete, 12 unchanged</c>.</summary>
    public static string Counts(PlanReport plan)
    {
        var parts = new List<string>();
        foreach (var (change, verb) in ((ResourceChange, string)[])[
            (ResourceChange.Created, "to create"), (ResourceChange.Changed, "to change"), (ResourceChange.Replaced, "to replace"),
            (ResourceChange.Deleted, "to delete"), (ResourceChange.Unchanged, "unchanged")])
            if (plan.Count(change) is > 0 and var count)
                parts.Add($"{count} {verb}");
        return string.Join(", ", parts);
    }

    /// <summary>What the plan comes to, in a sentence.</summary>
    public static string Summary(PlanReport plan) => !plan.HasDifferences
        ? $"Nothing to do: {plan.App} is up to date."
        : $"{plan.App}: {Counts(plan)}.{(plan.Obstacles.Count > 0 ? " A deploy stops before its first write." : "")}";

    /// <summary>What becomes of every field, each with the conflict that it is in; conflicts about no field that would change come last.</summary>
    public static IEnumerable<(FieldChange Field, FieldConflict? Conflict)> Fields(ObjectPlan item)
    {
        foreach (var field in item.Fields)
            yield return (field, item.Conflicts.FirstOrDefault(conflict => FieldPath.IsWithin(field.Path, conflict.Path) || FieldPath.IsWithin(conflict.Path, field.Path)));
        foreach (var conflict in item.Conflicts.Where(conflict => !item.Fields.Any(field => FieldPath.IsWithin(field.Path, conflict.Path) || FieldPath.IsWithin(conflict.Path, field.Path))))
            yield return (new FieldChange(conflict.Path, FieldChangeKind.Changed, conflict.Theirs, conflict.Ours, conflict.IsHidden), conflict);
    }

    /// <summary>Behind a field that another manager owns.</summary>
    public static string Of(FieldConflict? conflict) => conflict is null ? ""
        : conflict.IsTaken ? $" (taken from {Printable(conflict.Manager)})" : $" (conflict: belongs to {Printable(conflict.Manager)})";

    /// <summary><c>repo@sha256:abc → sha256:def</c>: the repository once where it stays, digests short.</summary>
    public static string Image(ImageChange change) => change.Old is null ? Short(change.New)
        : RepositoryOf(change.Old) is { } old && old == RepositoryOf(change.New) ? $"{Short(change.Old)} → {Short(change.New)[(old.Length + 1)..]}"
        : $"{Short(change.Old)} → {Short(change.New)}";

    public static string Short(string image) =>
        image.IndexOf(Digest, StringComparison.Ordinal) is >= 0 and var at && image.Length > at + Digest.Length + DigestLength
            ? image[..(at + Digest.Length + DigestLength)] : image;

    public static string Path(FieldChange change) => Printable(change.Path) + (change.IsOrder ? " (order)" : "");

    /// <summary>Old and new value, on one line: hidden ones say only that.</summary>
    public static (string? Old, string? New) Values(FieldChange change)
    {
        var (old, wanted) = (change.Old is null ? null : Text(change.Old), change.New is null ? null : Text(change.New));
        // "1" and 1 look alike, but are not.
        return old is not null && old == wanted ? (change.Old?.ToJsonString(Relaxed), change.New?.ToJsonString(Relaxed)) : (old, wanted);
    }

    public static string Hidden(FieldChange change) => $"(hidden, {change.Kind.ToString().ToLowerInvariant()})";

    /// <summary>The lines that differ, where both values are texts of several lines.</summary>
    public static IReadOnlyList<(char Sign, string Line)>? Lines(FieldChange change) =>
        change is { IsHidden: false, Old: JsonValue old, New: JsonValue wanted }
        && old.TryGetValue<string>(out var before) && wanted.TryGetValue<string>(out var after)
        && (before.TrimEnd('\n').Contains('\n', StringComparison.Ordinal) || after.TrimEnd('\n').Contains('\n', StringComparison.Ordinal))
            ? [.. LineDiff.Of(before, after).Select(line => (line.Sign, Printable(line.Line)))]
            : null;

    /// <summary>At most so many characters, and how many there were.</summary>
    public static string Limited(string text, int length)
    {
        if (text.Length <= length)
            return text;
        // Never half of a pair.
        var end = char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;
        return string.Create(CultureInfo.InvariantCulture, $"{text[..end]}… ({text.Length:N0} characters)");
    }

    /// <summary>What stands in a cluster may hold anything, also what a terminal obeys.</summary>
    public static string Printable(string text) => Events.Printable.Of(text);

    /// <summary>The same for what has lines.</summary>
    public static string PrintableLines(string text) => string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(Printable));

    private static string? RepositoryOf(string image) => image.IndexOf('@', StringComparison.Ordinal) is > 0 and var at ? image[..at] : null;

    /// <summary>A value on one line: a plain text as it is, everything else as JSON.</summary>
    public static string Text(JsonNode value) =>
        value is JsonValue scalar && scalar.TryGetValue<string>(out var text) && text.Length > 0 && text.Trim() == text && !text.Any(char.IsControl) ? Printable(text)
        : Printable(value.ToJsonString(Relaxed));
}

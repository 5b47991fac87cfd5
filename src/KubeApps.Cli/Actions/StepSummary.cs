using System.Globalization;
using KubeApps.Bundles;
using KubeApps.Cli.Commands;
using KubeApps.Cli.Rendering;
using KubeApps.Cli.Rendering.Plans;
using KubeApps.Deploy;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Actions;

/// <summary>What the page of a workflow's run shows of a command. All texts are Markdown already; <c>summary.sbn</c> puts them in their places.</summary>
internal sealed record StepSummary(string Mark, string Title)
{
    private const int MostRows = 200;
    private const int MostAlerts = 20;
    private const int LongestCause = 1000;

    public string Sentence { get; init; } = "";

    /// <summary>What went wrong, as a block each.</summary>
    public IReadOnlyList<string> Failures { get; init; } = [];

    public IReadOnlyList<SummaryAlert> Alerts { get; init; } = [];

    public IReadOnlyList<SummaryTable> Tables { get; init; } = [];

    /// <summary>Of a deploy, or of the end of one.</summary>
    public static StepSummary Of(string command, DeployResult result, IReadOnlyList<StepTime> times, DateTimeOffset now) =>
        new(MarkOf(result), TitleOf(command, result))
        {
            Sentence = SentenceOf(result, now),
            Failures = [.. result.Failures.Select(failure => Markdown.Fence(PlanWords.PrintableLines(failure.ToString())))],
            Alerts = AlertsOf(result.Diagnostics.Except(result.Failures.Select(failure => failure.ToDiagnostic()))),
            Tables =
            [
                .. Table(result.ExitCode == ExitCodes.Done ? "What changed" : "What was to change", ["", "object"], result.Changes.Where(change => change.Change != ResourceChange.Unchanged), change =>
                    [change.Change.ToString().ToLowerInvariant(), Markdown.Code(Words.Object(change.Kind, change.Namespace, change.Name))]),
                .. Table("Images", ["workload", "container", "image"], result.Plan?.Images ?? [], image =>
                    [Markdown.Code(image.Workload.ToString()), Markdown.Code(image.Container), Markdown.Code(PlanWords.Image(image))]),
                .. Table("Checks", ["check", "", "attempts", "time"], result.Checks, check =>
                    [Markdown.Text(check.Name), check.Passed ? "passed" : "**failed**", $"{check.Attempts}", Words.Seconds(check.Elapsed)]),
                .. Table("Steps", ["step", "", "time"], times, step =>
                    [Markdown.Text(step.Title), step.Summary is null ? "**not ended**" : Markdown.Text(step.Summary), step.Elapsed is { } elapsed ? Words.Seconds(elapsed) : ""]),
            ],
        };

    /// <summary>Of a destroy.</summary>
    public static StepSummary Of(Inventory inventory, string target, IReadOnlyList<InventoryItem> deleted, IReadOnlyList<InventoryItem> kept, bool isDry) =>
        new("✅", $"{Markdown.Text(inventory.App)} {(isDry ? "would be" : "is")} gone from {Markdown.Text(inventory.Environment)}")
        {
            Sentence = $"On {Markdown.Text(target)}, namespace {Markdown.Code(inventory.Namespace)}.",
            Tables =
            [
                .. Table(isDry ? "Would be deleted" : "Deleted", ["object"], deleted, item => [Markdown.Code(item.Id.ToString())]),
                .. Table("Kept", ["object"], kept, item => [Markdown.Code(item.Id.ToString())]),
            ],
        };

    /// <summary>Of a destroy of several environments.</summary>
    public static StepSummary Of(string app, string target, IReadOnlyList<Inventory> environments, IReadOnlyList<Diagnostic> failures, bool isDry) =>
        new(failures.Count == 0 ? "✅" : "❌", $"Environments of {Markdown.Text(app)} that {(isDry ? "would be" : "were to be")} destroyed")
        {
            Sentence = $"On {Markdown.Text(target)}: {(environments.Count == 0 ? "none" : $"{environments.Count}, of which {failures.Count} failed")}.",
            Alerts = AlertsOf(failures),
            Tables = [.. Table("Environments", ["environment", "namespace"], environments, item => [Markdown.Text(item.Environment), Markdown.Code(item.Namespace)])],
        };

    /// <summary>Of what was published.</summary>
    public static StepSummary Of(Bundle bundle) => new("📦", $"{Markdown.Text(bundle.App)} is published")
    {
        Sentence = $"{(bundle.Commit is { } commit ? $"Commit {Markdown.Code(commit)}. " : "")}{(bundle.Reference is { } reference ? $"Bundle {Markdown.Code(reference)}." : "")}",
        Tables =
        [
            .. Table("Images", ["image", "by digest", "platforms", "in the registry"], bundle.Images.OrderBy(image => image.Key, StringComparer.Ordinal), image =>
                [Markdown.Text(image.Key), Markdown.Code(image.Value.Reference), Markdown.Text(string.Join(", ", image.Value.Platforms)), Markdown.Text(Came(bundle.Published.FirstOrDefault(published => published.Name == image.Key)))]),
        ],
    };

    private static string Came(PublishedImage? image) => image is null ? ""
        : $"{image.Size()}{(image.WasThere ? "; it was there" : image.Push() is { Length: > 0 } push ? $"; {push}" : "")}";

    /// <summary>Of a command that ended before it had a result.</summary>
    public static StepSummary Of(string command, DeployOutcome outcome, IReadOnlyList<Diagnostic> causes) =>
        new(outcome == DeployOutcome.Cancelled ? "⚪" : "❌", outcome == DeployOutcome.Cancelled ? $"{command} was cancelled" : $"{command} failed") { Alerts = AlertsOf(causes) };

    /// <summary>The same without what can be long.</summary>
    public StepSummary Shortened() => this with
    {
        Failures = [.. Failures.Take(1)],
        Alerts = [.. Alerts.Take(1)],
        Tables = [],
        Sentence = $"{Sentence} The rest is left out: the summary of a step holds 1 MiB.",
    };

    private static string MarkOf(DeployResult result) => result switch
    {
        { Outcome: DeployOutcome.Held, ExitCode: ExitCodes.Done } => "⏸️",
        { Outcome: DeployOutcome.Cancelled or DeployOutcome.Superseded } => "⚪",
        { ExitCode: ExitCodes.Done } => "✅",
        _ => "❌",
    };

    private static string TitleOf(string command, DeployResult result)
    {
        var app = Markdown.Text(result.App.Length == 0 ? "The app" : result.App);
        var place = Markdown.Text(result.Environment);
        return (command, result.Outcome) switch
        {
            ("rollback", DeployOutcome.Deployed) => $"{app} is back at revision {result.RolledBackTo} in {place}",
            ("promote", DeployOutcome.Deployed) => $"{app} is promoted in {place}",
            (_, DeployOutcome.Deployed) => $"{app} is deployed to {place}",
            (_, DeployOutcome.Unchanged) => $"{app} is up to date in {place}",
            (_, DeployOutcome.Superseded) => $"{app} stays as it is in {place}",
            (_, DeployOutcome.Held) => $"{app} is held in {place}",
            (_, DeployOutcome.Aborted) => $"The deploy of {app} to {place} is aborted",
            (_, DeployOutcome.Planned) => $"What a deploy of {app} to {place} would do",
            (_, DeployOutcome.RolledBack) => $"{app} was not deployed to {place}: {(result.RolledBackTo is { } number ? $"it is back at revision {number}" : "the version before serves")}",
            (_, DeployOutcome.Cancelled) => $"{command} of {app} ({place}) was cancelled",
            (_, DeployOutcome.TimedOut) => $"{command} of {app} ({place}) did not end in time",
            _ => $"{command} of {app} ({place}) failed",
        };
    }

    private static string SentenceOf(DeployResult result, DateTimeOffset now)
    {
        var parts = new List<string>();
        if (result.Target.Length > 0)
            parts.Add($"On {Markdown.Text(result.Target)}, namespace {Markdown.Code(result.Namespace)}");
        if (result.Revision is { } revision)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"revision {revision}"));
        if (result.Commit is { } commit)
            parts.Add($"commit {Markdown.Code(commit)}");
        parts.Add(Words.Seconds(result.Elapsed));
        var text = $"{string.Join(", ", parts)}.";
        if (SlotCommands.Describe(result.Rollout, now) is { } slots)
            text += $" {Markdown.Text(slots)}.";
        foreach (var url in result.Urls)
            text += $"\n\n{Markdown.Link(url)}";
        foreach (var url in result.PreviewUrls)
            text += $"\n\nPreview: {Markdown.Link(url)}";
        return text;
    }

    private static IReadOnlyList<SummaryAlert> AlertsOf(IEnumerable<Diagnostic> diagnostics) =>
    [
        .. diagnostics.Take(MostAlerts).Select(diagnostic => new SummaryAlert(
            diagnostic.Severity == DiagnosticSeverity.Error ? "CAUTION" : "WARNING",
            Markdown.Text(Printable.Line($"{diagnostic.Code}: {diagnostic.Cause} {diagnostic.NextStep}", LongestCause)),
            diagnostic.Place is { } place ? Markdown.Code(place.ToString()) : "")),
    ];

    private static IEnumerable<SummaryTable> Table<T>(string title, IReadOnlyList<string> columns, IEnumerable<T> items, Func<T, string[]> cells)
    {
        var all = items.ToList();
        if (all.Count > 0)
            yield return new SummaryTable(title, columns, [.. all.Take(MostRows).Select(cells)], Math.Max(0, all.Count - MostRows));
    }
}

/// <param name="Kind">In GitHub's own word.</param>
/// <param name="Text">One line.</param>
/// <param name="Place">Where, or empty.</param>
internal sealed record SummaryAlert(string Kind, string Text, string Place);

/// <param name="Title">What stands above it.</param>
/// <param name="Columns">Their heads.</param>
/// <param name="Rows">Their cells.</param>
/// <param name="More">How many rows are left out.</param>
internal sealed record SummaryTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<string[]> Rows, int More);

/// <summary>A step of a deploy and how long it took; no time for one that did not end.</summary>
internal sealed record StepTime(string Id, string Title, string? Summary, TimeSpan? Elapsed);

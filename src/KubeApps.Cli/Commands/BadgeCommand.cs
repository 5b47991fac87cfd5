using System.CommandLine;
using System.Text.Json.Nodes;
using KubeApps.Cli.Rendering;
using KubeApps.Cli.Rendering.Badges;
using KubeApps.Cli.Rendering.Histories;
using KubeApps.Deploy;
using KubeApps.Deploy.History;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Commands;

/// <summary><c>badge</c>: which version stands in an environment, for a page.</summary>
internal static class BadgeCommand
{
    public static Command Create(Terminal terminal)
    {
        var sources = new HistorySourceOptions();
        var output = CommonOptions.Output("svg, shields (the JSON that shields.io makes a badge of) or markdown (a table of all environments that are meant).", "svg", "shields", "markdown");
        var file = new Option<string?>("--out") { Description = "Write it there, in place of stdout.", HelpName = "FILE" };
        var command = new Command(
            "badge",
            """
            Write which version runs in an environment, since when, and how its last deploy ended: as a picture, for shields.io, or as Markdown.

            Examples:
              dotnet kubeapp badge -e prod --out prod.svg
              dotnet kubeapp badge storefront -e prod --repository acme/shop -o shields
              dotnet kubeapp badge --repository acme/shop -o markdown >> "$GITHUB_STEP_SUMMARY"
            """);
        sources.AddTo(command);
        command.Add(output);
        command.Add(file);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var source = await HistorySources.OpenAsync(sources, parsed, terminal, cancellationToken);
            var format = parsed.GetValue(output)!;
            var environment = source.Cluster?.Inventory.Environment ?? sources.Environment(parsed);
            // Without one, a repository's deployments are of as many as there are; one badge cannot say them.
            if (environment is null && format != "markdown")
                throw new DiagnosticException(DiagnosticDescriptors.EnvironmentNotChosen.Because("A badge is of one environment."));
            var filter = source.Of(new HistoryFilter { App = sources.App(parsed), Environment = environment }) with { IncludesForeign = false };
            var summaries = await source.SummarizeAsync(filter, cancellationToken);
            var text = format == "markdown" ? BadgeMarkdown.Write(summaries, terminal.Clock.GetUtcNow())
                : Write(Badge.Of(sources.App(parsed), environment!, One(summaries, filter)), format);
            await WriteAsync(terminal, text, parsed.GetValue(file), cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static EnvironmentSummary? One(IReadOnlyList<EnvironmentSummary> summaries, HistoryFilter filter)
    {
        var apps = summaries.Select(summary => summary.Line.App).OfType<string>().Distinct().ToList();
        if (filter.App is null && apps.Count > 1)
            throw new DiagnosticException(DiagnosticDescriptors.AppNotChosen.Because($"Several apps are deployed to {filter.Environment}: {string.Join(", ", apps.Select(Events.Printable.Of))}."));
        var ours = summaries.Where(summary => summary.Line.App is not null).ToList();
        // What has gone from one place to another is in one of them now.
        if (ours.Where(summary => summary.Current is not null).ToList() is { Count: > 1 } several && HistoryPlaces.Of(several.Select(summary => summary.Latest)) is { AreSeveral: true } places)
            throw new DiagnosticException(DiagnosticDescriptors.EnvironmentNotChosen.Because(
                $"{Events.Printable.Of(several[0].Line.App!)} in {filter.Environment} stands in several places: {string.Join(", ", several.Select(summary => places.Find(summary.Line)))}.",
                nextStep: "Name what GitHub calls the environment with --github-environment, or write the table of all with -o markdown."));
        return ours.FirstOrDefault(summary => summary.Current is not null) ?? ours.FirstOrDefault() ?? summaries.FirstOrDefault();
    }

    private static string Write(Badge badge, string format)
    {
        if (format == "svg")
            return BadgeSvg.Write(badge);
        // https://shields.io/badges/endpoint-badge
        using var text = new StringWriter { NewLine = "\n" };
        Json.Write(text, new JsonObject { ["schemaVersion"] = 1, ["label"] = badge.Label, ["message"] = badge.Message, ["color"] = badge.Color, ["isError"] = badge.IsError }, "json");
        return text.ToString();
    }

    private static async Task WriteAsync(Terminal terminal, string text, string? file, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            await terminal.Out.WriteAsync(text);
            return;
        }

        try
        {
            await File.WriteAllTextAsync(Path.GetFullPath(file, terminal.Directory), text, cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(DiagnosticDescriptors.BadgeNotWritten.Because($"{file} cannot be written: {failure.Message}"), failure);
        }
    }
}

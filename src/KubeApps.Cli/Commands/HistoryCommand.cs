using System.CommandLine;
using KubeApps.Cli.Rendering;
using KubeApps.Cli.Rendering.Histories;
using KubeApps.Cli.Rendering.Plans;
using KubeApps.Deploy;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Cli.Commands;

/// <summary><c>history</c>: the deploys of an app that its cluster remembers; <c>show</c> one, <c>diff</c> two.</summary>
internal static class HistoryCommand
{
    public static Command Create(Terminal terminal)
    {
        var selection = new DeployedApp.Selection();
        var output = CommonOptions.Output("text, wide (with causes, bundles and whole images), json or yaml.", "text", "wide", "json", "yaml");
        var command = new Command(
            "history",
            """
            List the deploys of the app that its cluster remembers: when, how it ended, who, commit and images. The star marks what stands.

            Examples:
              dotnet kubeapp history
              dotnet kubeapp history storefront --context prod-eu -o json
            """);
        selection.AddTo(command);
        command.Add(output);
        command.Add(CreateShow(terminal));
        command.Add(CreateDiff(terminal));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var app = await DeployedApp.FindAsync(selection, parsed, terminal, cancellationToken);
            var revisions = await ListAsync(app, cancellationToken);
            var format = parsed.GetValue(output)!;
            if (format is not ("text" or "wide"))
                Json.Write(terminal.Out, HistoryJson.History(app.Inventory, app.Connection.Description, revisions), format);
            else if (revisions.Count == 0)
                terminal.Error.WriteLine($"{app.Inventory.App} has no revisions yet: the next deploy that changes something is the first.");
            else
                foreach (var line in HistoryText.Table(app.Inventory, revisions, terminal.Clock.GetUtcNow(), isWide: format == "wide"))
                    terminal.Out.WriteLine(line);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateShow(Terminal terminal)
    {
        var number = Number("revision", "The number of the revision.");
        var selection = new DeployedApp.Selection();
        var output = CommonOptions.Output("text, json or yaml (with all objects; of Secrets the keys alone).", "text", "json", "yaml");
        var command = new Command(
            "show",
            """
            Show everything about one deploy: who, when, plan, images, checks, objects, and why it failed.

            Examples:
              dotnet kubeapp history show 3
              dotnet kubeapp history show 3 storefront -o yaml
            """)
        {
            number,
        };
        selection.AddTo(command);
        command.Add(output);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var app = await DeployedApp.FindAsync(selection, parsed, terminal, cancellationToken);
            var revision = RevisionRules.Find(await ListAsync(app, cancellationToken), app.Inventory.App, parsed.GetValue(number));
            if (parsed.GetValue(output) is { } format and not "text")
                Json.Write(terminal.Out, HistoryJson.Details(app.Inventory, app.Connection.Description, revision), format);
            else
                foreach (var line in HistoryText.Details(app.Inventory, app.Connection.Description, revision, terminal.Clock.GetUtcNow()))
                    terminal.Out.WriteLine(line);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateDiff(Terminal terminal)
    {
        var from = Number("from", "The number of the one revision.");
        var to = Number("to", "The number of the other.");
        var selection = new DeployedApp.Selection();
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "diff",
            """
            Compare two deploys: commits, images, and objects field by field.

            Examples:
              dotnet kubeapp history diff 2 3
              dotnet kubeapp history diff 2 3 storefront -o json
            """)
        {
            from,
            to,
        };
        selection.AddTo(command);
        command.Add(output);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var app = await DeployedApp.FindAsync(selection, parsed, terminal, cancellationToken);
            var revisions = await ListAsync(app, cancellationToken);
            var diff = RevisionDiff.Of(
                RevisionRules.Find(revisions, app.Inventory.App, parsed.GetValue(from)), RevisionRules.Find(revisions, app.Inventory.App, parsed.GetValue(to)));
            if (parsed.GetValue(output) is { } format and not "text")
                Json.Write(terminal.Out, HistoryJson.Diff(app.Inventory, app.Connection.Description, diff), format);
            else
                Show(terminal, diff);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Show(Terminal terminal, RevisionDiff diff)
    {
        terminal.Out.WriteLine(HistoryText.Diff(diff));
        terminal.Out.WriteLine();
        PlanText.Write(diff.Objects, diff.Images, terminal.Out, terminal.UsesColor);
        if (!diff.IsWhole)
            terminal.Error.WriteLine("The objects of one of them were not kept: there is nothing to compare.");
        else if (diff.Objects.Count == 0)
            terminal.Error.WriteLine("Their objects are equal.");
    }

    private static Task<IReadOnlyList<Revision>> ListAsync(DeployedApp app, CancellationToken cancellationToken) =>
        new RevisionStore(app.Connection.Client).ListAsync(app.Inventory, cancellationToken);

    private static Argument<int> Number(string name, string description)
    {
        var argument = new Argument<int>(name) { Description = description };
        argument.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var number) && number < 1)
                result.AddError($"'{token.Value}' is not the number of a revision: they count from 1.");
        });
        return argument;
    }
}

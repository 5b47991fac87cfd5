using System.CommandLine;
using KubeApps.Cli.Git;
using KubeApps.Cli.Rendering;
using KubeApps.Cli.Rendering.Histories;
using KubeApps.Cli.Rendering.Plans;
using KubeApps.Deploy;
using KubeApps.Deploy.History;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Cli.Commands;

/// <summary><c>history</c>: the deploys that a cluster and GitHub remember; <c>show</c> one, <c>diff</c> two.</summary>
internal static class HistoryCommand
{
    public static Command Create(Terminal terminal)
    {
        var sources = new HistorySourceOptions();
        var options = new HistoryOptions(terminal.Clock);
        var output = CommonOptions.Output(
            "text, wide (with causes, bundles and whole images), json, yaml or csv (for spreadsheets, the newest first).", "text", "wide", "json", "yaml", "csv", "table");
        var command = new Command(
            "history",
            """
            List deploys: when, how they ended, who, commit and images. The star marks what runs now.

            The cluster remembers the last ones of an app. GitHub, where they are recorded, remembers all; those that other tools recorded are listed, too.

            Examples:
              dotnet kubeapp history
              dotnet kubeapp history storefront --context prod-eu -o json
              dotnet kubeapp history --sha 1a2b3c4                        where that commit is live, and since when
              dotnet kubeapp history --repository acme/shop -e prod       what GitHub knows; no cluster is asked
              dotnet kubeapp history --source both --status failure --since 2w -o csv
            """);
        sources.AddTo(command);
        options.AddTo(command);
        command.Add(output);
        command.Add(CreateShow(terminal));
        command.Add(CreateDiff(terminal));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var source = await HistorySources.OpenAsync(sources, parsed, terminal, cancellationToken);
            var filter = source.Of(options.Filter(parsed, sources.App(parsed), sources.Environment(parsed)));
            var commit = parsed.GetValue(options.Sha) is { } sha ? await CommitSearch.OpenAsync(terminal.Directory, sha, terminal.Clock, cancellationToken) : null;
            var history = await source.ReadAsync(
                async (gitHub, token) => new HistoryQuery(filter, options.Limit(parsed), commit is null ? null : await commit.QueryAsync(gitHub, terminal.Tell, token)), cancellationToken);
            var format = parsed.GetValue(output)!;
            if (format == "csv")
                HistoryCsv.Write(terminal.Out, history.Entries);
            else if (format is "json" or "yaml")
                Json.Write(terminal.Out, HistoryJson.History(source.Cluster, source.GitHub?.Repository.FullName, filter, commit?.Sha, history), format);
            else
                Show(terminal, source, filter, commit?.Sha, history, isWide: format == "wide");
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Show(Terminal terminal, HistorySources source, HistoryFilter filter, string? sha, DeployHistory history, bool isWide)
    {
        var now = terminal.Clock.GetUtcNow();
        if (sha is not null && history.Live is { } live)
        {
            foreach (var line in HistoryTable.Live(sha, history, now))
                terminal.Out.WriteLine(line);
            if (live.Count == 0)
                terminal.Error.WriteLine($"{HistoryText.Commit(sha)} was never live{(history.Entries.Count == 0 ? ", as far as is known" : "")}.");
        }

        if (history.Entries.Count > 0)
        {
            if (history.Live?.Count > 0)
                terminal.Out.WriteLine();
            foreach (var line in HistoryTable.Of(history.Entries, source.Cluster is not null || filter.App is not null, now, isWide))
                terminal.Out.WriteLine(line);
        }
        else if (sha is null)
        {
            terminal.Error.WriteLine(source.Cluster is { Revisions.Count: 0 } empty && source.GitHub is null
                ? $"{empty.Inventory.App} has no revisions yet: the next deploy that changes something is the first."
                : "There is no such deploy.");
        }

        if (history.HasMore)
            terminal.Error.WriteLine("There are older ones: ask for more with --limit.");
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
            using var app = await DeployedApp.FindAsync(selection, parsed, terminal, writes: false, cancellationToken);
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
            Compare two deploys: the commits between them, images, and objects field by field.

            Of a deployment whose revision the cluster does not keep any more, what its record says is compared: its commit and its images.
            Commits come from the clone in the working directory, or from GitHub where it does not have them.

            Examples:
              dotnet kubeapp history diff 2 3
              dotnet kubeapp history diff 2 3 storefront -o json
              dotnet kubeapp history diff --deployments 2345678901 2345678950    by their records on GitHub
            """)
        {
            from,
            to,
        };
        selection.AddTo(command);
        var gitHub = new GitHubOptions();
        gitHub.AddTo(command);
        var deployments = new Option<bool>("--deployments") { Description = "The numbers are those of deployments on GitHub, not of revisions." };
        command.Add(deployments);
        command.Add(output);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var app = await DeployedApp.FindAsync(selection, parsed, terminal, writes: false, cancellationToken);
            var revisions = await ListAsync(app, cancellationToken);
            async Task<Revision> FindAsync(long number) => parsed.GetValue(deployments)
                ? await DeploymentReturn.FindRevisionAsync(number, app, revisions, gitHub, parsed, terminal, cancellationToken)
                : RevisionRules.Find(revisions, app.Inventory.App, number);
            var diff = RevisionDiff.Of(await FindAsync(parsed.GetValue(from)), await FindAsync(parsed.GetValue(to)));
            var commits = await CommitRanges.FindAsync(
                diff.From.Commit, diff.To.Commit, terminal.Directory,
                async () => (await gitHub.FindAsync(parsed, terminal, cancellationToken)).Access is { } access ? HistorySources.Open(access, mustAnswer: false, terminal) : null,
                terminal.Tell, cancellationToken);
            if (parsed.GetValue(output) is { } format and not "text")
                Json.Write(terminal.Out, HistoryJson.Diff(app.Inventory, app.Connection.Description, diff, commits), format);
            else
                Show(terminal, diff, commits);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Show(Terminal terminal, RevisionDiff diff, CommitRange? commits)
    {
        terminal.Out.WriteLine(HistoryText.Diff(diff));
        foreach (var line in commits is null ? [] : HistoryText.Commits(commits))
            terminal.Out.WriteLine(line);
        terminal.Out.WriteLine();
        PlanText.Write(diff.Objects, diff.Images, terminal.Out, terminal.UsesColor);
        if (!diff.IsWhole)
            terminal.Error.WriteLine("The objects of one of them were not kept: images alone are compared.");
        else if (diff.Objects.Count == 0)
            terminal.Error.WriteLine("Their objects are equal.");
    }

    private static Task<IReadOnlyList<Revision>> ListAsync(DeployedApp app, CancellationToken cancellationToken) =>
        new RevisionStore(app.Connection.Client).ListAsync(app.Inventory, cancellationToken);

    private static Argument<long> Number(string name, string description)
    {
        var argument = new Argument<long>(name) { Description = description };
        argument.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && long.TryParse(token.Value, out var number) && number < 1)
                result.AddError($"'{token.Value}' is not the number of a revision: they count from 1.");
        });
        return argument;
    }
}

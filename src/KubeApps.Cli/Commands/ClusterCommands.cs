using System.CommandLine;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Targets;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;
using KubeApps.Events;
using KubeApps.Yaml;

namespace KubeApps.Cli.Commands;

/// <summary><c>cluster plan|create|update|list|get|doctor|delete|gc|kubeconfig|token</c>: clusters of an app's own.</summary>
internal static class ClusterCommands
{
    public static Command Create(Terminal terminal) => new(
        "cluster",
        """
        Clusters of an app's own: where its environment lives, on this machine for the sandbox.

        Examples:
          dotnet kubeapp cluster create storefront
          dotnet kubeapp cluster list
          dotnet kubeapp cluster delete storefront-local-1 -y
        """)
    {
        ClusterChangeCommands.CreatePlan(terminal), CreateOne(terminal), ClusterChangeCommands.CreateUpdate(terminal), List(terminal), Get(terminal), ClusterCareCommands.CreateDoctor(terminal),
        Delete(terminal), ClusterCareCommands.CreateCollection(terminal), Kubeconfig(terminal), ClusterTokenCommand.Create(terminal),
    };

    private static Command CreateOne(Terminal terminal)
    {
        var (selection, specification) = (new ClusterSelection(), new ClusterSpecificationOptions());
        var name = new Option<string?>("--name") { Description = "The cluster's name. Default: APP-ENVIRONMENT-N.", HelpName = "NAME" };
        var beside = new Option<bool>("--beside") { Description = "Make a further cluster beside those that the app has." };
        var cleanup = new Option<bool>("--cleanup-on-failure") { Description = "Delete a new cluster that cannot be made. Default: what was made stays, and the next run goes on with it." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be done." };
        var output = Output();
        var command = new Command(
            "create",
            """
            Make the app's cluster, or go on with one whose creation was cut. One that stands is left as it is.

            Examples:
              dotnet kubeapp cluster create storefront
              dotnet kubeapp cluster create storefront --beside
              dotnet kubeapp cluster create --bundle bundle -e staging --dry-run
            """);
        selection.AddAppTo(command);
        specification.AddTo(command);
        foreach (var option in (Option[])[name, beside, cleanup, dryRun, output])
            command.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var place = await selection.OpenAsync(parsed, terminal, cancellationToken);
            var owner = selection.Owner(parsed, place, terminal);
            var clusters = await place.Provider.ListAsync(null, cancellationToken);
            var chosen = parsed.GetValue(name) ?? Choose(owner, clusters, await place.Provider.NamesAsync(cancellationToken), parsed.GetValue(beside));
            var isNew = clusters.All(cluster => cluster.Name != chosen);
            var plan = await place.Provider.PlanAsync(new ClusterChange.Ensure(chosen, owner, specification.Of(parsed, place)), cancellationToken);
            // Changing what runs is not what was asked for.
            var differs = !isNew && plan.Steps.Any(step => step.Action is not ClusterAction.Create and not ClusterAction.Await);
            if (differs)
                terminal.Error.WriteLine($"{chosen} stands, but is not what is specified: 'cluster update' changes it.");
            else if (!await MakeAsync(place.Provider, plan, parsed.GetValue(dryRun), isNew && parsed.GetValue(cleanup), terminal, cancellationToken))
                return ExitCodes.Done;
            var made = (await place.Provider.ListAsync(owner, cancellationToken)).First(cluster => cluster.Name == chosen);
            if (plan.IsNoOp)
                terminal.Error.WriteLine($"{chosen} stands.");
            if (parsed.GetValue(output) is { } format && format != "text")
                Json.Write(terminal.Out, ClusterJson.Document(made, await LoadOfAsync(place.Provider, made, cancellationToken), place.Provider.Description), format);
            else
                terminal.Out.WriteLine(chosen);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>What <c>create</c> means without a name: the one that is not done, else the newest, else a new one.</summary>
    internal static string Choose(ClusterOwner owner, IReadOnlyList<AppCluster> clusters, IReadOnlyList<string> names, bool beside)
    {
        var own = clusters.Where(cluster => cluster.Owner == owner && cluster.State != ClusterState.Deleting).ToList();
        return own.Find(cluster => cluster.State == ClusterState.Creating)?.Name
            ?? (beside ? null : own.MaxBy(cluster => cluster.CreatedAt)?.Name)
            ?? ClusterNames.Next(owner, clusters.Select(cluster => cluster.Name).Concat(names));
    }

    private static Command List(Terminal terminal)
    {
        var selection = new ClusterSelection();
        var output = Output();
        var command = new Command(
            "list",
            """
            List the clusters, of all apps or of one.

            Examples:
              dotnet kubeapp cluster list
              dotnet kubeapp cluster list storefront -o json
            """);
        selection.AddAppTo(command);
        command.Add(output);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var place = await selection.OpenAsync(parsed, terminal, cancellationToken);
            var clusters = await place.Provider.ListAsync(selection.Filter(parsed, place, terminal), cancellationToken);
            if (parsed.GetValue(output) is { } format && format != "text")
            {
                var document = Json.Document("ClusterList");
                document["provider"] = place.Provider.Description;
                document["clusters"] = Json.Array(clusters, ClusterJson.Of);
                Json.Write(terminal.Out, document, format);
                return ExitCodes.Done;
            }

            if (clusters.Count == 0)
                terminal.Error.WriteLine($"There are no clusters on {place.Provider.Description}.");
            else
                foreach (var line in PlainTable.Of(["NAME", "APP", "ENVIRONMENT", "STATE", "VERSION", "AGE"], clusters.Select(cluster => Row(cluster, terminal.Clock.GetUtcNow()))))
                    terminal.Out.WriteLine(line);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Get(Terminal terminal)
    {
        var selection = new ClusterSelection();
        var output = Output();
        var command = new Command(
            "get",
            """
            Show one cluster.

            Examples:
              dotnet kubeapp cluster get storefront-local-1
              dotnet kubeapp cluster get storefront-local-1 -o json | jq -r .state
            """);
        selection.AddNameTo(command);
        command.Add(output);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var place = await selection.OpenAsync(parsed, terminal, cancellationToken);
            var cluster = await selection.FindAsync(parsed, place, cancellationToken);
            var load = await LoadOfAsync(place.Provider, cluster, cancellationToken);
            if (parsed.GetValue(output) is { } format && format != "text")
                Json.Write(terminal.Out, ClusterJson.Document(cluster, load, place.Provider.Description), format);
            else
                foreach (var (name, value) in Lines(cluster, load, terminal.Clock.GetUtcNow()))
                    terminal.Out.WriteLine($"{name + ":",-13}{value}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Delete(Terminal terminal)
    {
        var selection = new ClusterSelection();
        var yes = CommonOptions.Yes();
        var nonInteractive = CommonOptions.NonInteractive();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be done." };
        var output = Output();
        var command = new Command(
            "delete",
            """
            Delete a cluster with all that it holds, and say what is left of it. Exit code 1: something is.

            Examples:
              dotnet kubeapp cluster delete storefront-local-1
              dotnet kubeapp cluster delete storefront-local-1 -y
            """);
        selection.AddNameTo(command);
        foreach (var option in (Option[])[yes, nonInteractive, dryRun, output])
            command.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var place = await selection.OpenAsync(parsed, terminal, cancellationToken);
            var cluster = await selection.FindOrRemainsAsync(parsed, place, cancellationToken);
            using (var sink = terminal.Lines())
                await new AppClusters(place.Provider, cluster.Owner, sink).RequireNotNeededAsync(cluster.Name, cancellationToken);
            var plan = await place.Provider.PlanAsync(new ClusterChange.Remove(cluster.Name, cluster.Owner), cancellationToken);
            if (!parsed.GetValue(dryRun) && !parsed.GetValue(yes) && !plan.Findings.Any(finding => finding.Severity == DiagnosticSeverity.Error))
                await DestroyCommand.ConfirmAsync(
                    $"the cluster {cluster.Name} of {cluster.Owner.App} ({cluster.Owner.Environment}) on {place.Provider.Description}, with all that it holds",
                    terminal.CanAsk && !parsed.GetValue(nonInteractive), terminal, cancellationToken);
            if (!await ExecuteAsync(place.Provider, plan, parsed.GetValue(dryRun), terminal, cancellationToken))
                return ExitCodes.Done;
            var leftovers = await TellLeftAsync(place.Provider, cluster.Name, cluster.Owner, terminal, cancellationToken);
            if (parsed.GetValue(output) is { } format && format != "text")
            {
                var document = Json.Document("ClusterDeletion");
                document["name"] = cluster.Name;
                document["leftovers"] = Json.Array(leftovers, ClusterJson.Of);
                Json.Write(terminal.Out, document, format);
            }

            return leftovers.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static Command Kubeconfig(Terminal terminal)
    {
        var selection = new ClusterSelection();
        var file = new Option<string?>("--file") { Description = "Write it to this file, for its owner's eyes only, and print the path.", HelpName = "FILE" };
        var command = new Command(
            "kubeconfig",
            """
            Print a kubeconfig for a cluster, with one context of the cluster's name. For the sandbox it holds the token.

            Examples:
              dotnet kubeapp cluster kubeconfig storefront-local-1 > storefront.yaml
              export KUBECONFIG="$(dotnet kubeapp cluster kubeconfig storefront-local-1 --file storefront.yaml)"
            """);
        selection.AddNameTo(command);
        command.Add(file);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var place = await selection.OpenAsync(parsed, terminal, cancellationToken);
            var cluster = await selection.FindAsync(parsed, place, cancellationToken);
            using var sink = terminal.Lines();
            var content = YamlWriter.Write(await place.Provider.KubeconfigAsync(cluster, sink, cancellationToken));
            if (parsed.GetValue(file) is { } name)
            {
                var path = Path.GetFullPath(name, terminal.Directory);
                PrivateFiles.Write(path, System.Text.Encoding.UTF8.GetBytes(content));
                terminal.Out.WriteLine(path);
            }
            else
            {
                terminal.Out.Write(content);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Looks for what a cluster has left that is gone, and tells it.</summary>
    private static async Task<IReadOnlyList<ClusterLeftover>> TellLeftAsync(IClusterProvider provider, string name, ClusterOwner owner, Terminal terminal, CancellationToken cancellationToken)
    {
        var leftovers = await ClusterAudit.OfDeletedAsync(provider, name, owner, terminal.Clock, cancellationToken);
        foreach (var leftover in leftovers)
            terminal.Error.WriteLine($"left      {leftover.Kind} {leftover.Id}{(leftover.Reason is { } reason ? $": {reason}" : "")}");
        terminal.Error.WriteLine(leftovers.Count == 0 ? $"{name} is gone; nothing of it is left." : $"{name} is gone, but not all of it.");
        return leftovers;
    }

    /// <summary>Makes a cluster; where it fails, what was made is taken down again if that is wanted.</summary>
    private static async Task<bool> MakeAsync(IClusterProvider provider, ClusterPlan plan, bool isDry, bool cleansUp, Terminal terminal, CancellationToken cancellationToken)
    {
        try
        {
            return await ExecuteAsync(provider, plan, isDry, terminal, cancellationToken);
        }
        catch (Exception failure) when (cleansUp && failure is DiagnosticException or StepTimedOutException && plan.Findings.All(finding => finding.Severity != DiagnosticSeverity.Error))
        {
            terminal.Error.WriteLine($"{plan.Change.Name} could not be made ({failure.Message}); what was made of it is deleted.");
            await ExecuteAsync(provider, await provider.PlanAsync(new ClusterChange.Remove(plan.Change.Name, plan.Change.Owner), cancellationToken), isDry: false, terminal, cancellationToken);
            await TellLeftAsync(provider, plan.Change.Name, plan.Change.Owner, terminal, cancellationToken);
            throw;
        }
    }

    /// <summary>Does what was planned; false where it is only to be said.</summary>
    internal static async Task<bool> ExecuteAsync(IClusterProvider provider, ClusterPlan plan, bool isDry, Terminal terminal, CancellationToken cancellationToken)
    {
        foreach (var finding in plan.Findings.Where(finding => isDry || finding.Severity == DiagnosticSeverity.Warning))
            terminal.Tell(finding);
        if (isDry)
        {
            foreach (var line in ClusterPlanText.Lines(plan))
                terminal.Out.WriteLine(line);
            if (plan is { IsNoOp: true, Findings.Count: 0 })
                terminal.Error.WriteLine("Nothing is to be done.");
            return false;
        }

        using var renderer = terminal.Events();
        await provider.ExecuteAsync(plan, renderer, cancellationToken);
        return true;
    }

    private static async Task<ClusterLoad> LoadOfAsync(IClusterProvider provider, AppCluster cluster, CancellationToken cancellationToken)
    {
        var shares = await provider.Load.ReadAsync(cluster.Owner, cancellationToken);
        return new ClusterLoad(
            shares.Count == 0 ? null : await provider.Load.AddressAsync(cluster.Owner, cancellationToken), shares.TryGetValue(cluster.Name, out var share) ? share : null,
            await UpdateOfAsync(provider, cluster, cancellationToken));
    }

    // One that does not run is not started for it, and one that cannot be entered is shown all the same.
    private static async Task<FullUpdate?> UpdateOfAsync(IClusterProvider provider, AppCluster cluster, CancellationToken cancellationToken)
    {
        if (cluster is not { State: ClusterState.Ready, Problem: null })
            return null;
        try
        {
            using var connection = await provider.ConnectAsync(cluster, IgnoredEvents.Instance, cancellationToken);
            var apps = await new AppLocator(connection.Client).FindAllAsync(cluster.Owner.App, cluster.Owner.Environment, null, cancellationToken);
            var update = (await Task.WhenAll(apps.Select(app => AppStatus.UpdateAsync(connection.Client, app, cancellationToken)))).FirstOrDefault(item => item is not null);
            // How far it is, the old cluster knows; until it is given up, which the new one knows.
            if (update is not { From: { } old, Phase: not UpdatePhase.Retiring } || old == cluster.Name)
                return update;
            var main = (await provider.ListAsync(cluster.Owner, cancellationToken)).FirstOrDefault(item => item.Name == old);
            return main is null ? update : await UpdateOfAsync(provider, main, cancellationToken) ?? update;
        }
        catch (Exception failure) when (failure is DiagnosticException or ApiException)
        {
            return null;
        }
    }

    private static Option<string> Output() => CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");

    private static string[] Row(AppCluster cluster, DateTimeOffset now) =>
    [
        cluster.Name, cluster.Owner.App, cluster.Owner.Environment, Json.Camel(cluster.State), cluster.Version ?? "-",
        cluster.CreatedAt is { } created ? Words.Age(now - created) : "-",
    ];

    private static IEnumerable<(string Name, string Value)> Lines(AppCluster cluster, ClusterLoad load, DateTimeOffset now)
    {
        yield return ("name", cluster.Name);
        yield return ("app", cluster.Owner.App);
        yield return ("environment", cluster.Owner.Environment);
        yield return ("state", Json.Camel(cluster.State));
        if (cluster.Version is { } version)
            yield return ("version", version);
        if (cluster.Identity is { } identity)
            yield return ("identity", identity);
        if (load.Share is { } share)
            yield return ("load", $"{share} % of {load.Address}");
        if (load.Update is { } update)
            yield return ("update", FullUpdateText.Standing(update, now));
        if (cluster.Problem is { } problem)
            yield return ("problem", problem);
    }
}

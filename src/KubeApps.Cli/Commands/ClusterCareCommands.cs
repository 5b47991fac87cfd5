using System.CommandLine;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Clusters;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Commands;

/// <summary><c>cluster doctor|gc</c>: what is wrong with a cluster, and what clusters have left.</summary>
internal static class ClusterCareCommands
{
    public static Command CreateDoctor(Terminal terminal)
    {
        var (selection, specification) = (new ClusterSelection(), new ClusterSpecificationOptions());
        var command = new Command(
            "doctor",
            """
            Look whether the app's clusters are well: what the provider says of them, whether their API answers, whether they are what the specification says, and
            what clusters that are gone have left. Exit code 1: something is wrong.

            Examples:
              dotnet kubeapp cluster doctor storefront -e prod
            """);
        selection.AddAppTo(command);
        specification.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var place = await selection.OpenAsync(parsed, terminal, cancellationToken);
            var owner = selection.Owner(parsed, place, terminal);
            var isWell = true;
            var clusters = await place.Provider.ListAsync(owner, cancellationToken);
            if (clusters.Count == 0)
                Say(false, $"{owner.App} ({owner.Environment}) has no cluster on {place.Provider.Description}");
            foreach (var cluster in clusters)
            {
                Say(cluster is { State: ClusterState.Ready, Problem: null }, $"{cluster.Name} is {Json.Camel(cluster.State)}{(cluster.Problem is { } problem ? $": {problem}" : "")}");
                if (cluster.State == ClusterState.Ready)
                {
                    var reason = await AnswersAsync(place.Provider, cluster, terminal, cancellationToken);
                    Say(reason is null, reason ?? $"the API of {cluster.Name} answers");
                }

                var plan = await place.Provider.PlanAsync(new ClusterChange.Ensure(cluster.Name, owner, specification.Of(parsed, place)) { IsAll = true }, cancellationToken);
                foreach (var finding in plan.Findings)
                    Say(finding.Severity != DiagnosticSeverity.Error, finding.ToString());
                Say(plan.IsNoOp, plan.IsNoOp ? $"{cluster.Name} is what the specification says" : $"{cluster.Name} is not what the specification says: {string.Join("; ", plan.Steps.Select(step => step.Title))}");
            }

            var leftovers = ClusterLeftover.WithoutNew(await place.Provider.AuditAsync(owner, cancellationToken), terminal.Clock.GetUtcNow());
            Say(leftovers.Count == 0, leftovers.Count == 0 ? "nothing is left of clusters that are gone" : $"{leftovers.Count} things are left of clusters that are gone; 'cluster gc' removes them");
            return isWell ? ExitCodes.Done : ExitCodes.Failed;

            void Say(bool good, string text)
            {
                isWell &= good;
                terminal.Out.WriteLine($"{(good ? "ok    " : "WRONG ")} {text}");
            }
        });
        return command;
    }

    public static Command CreateCollection(Terminal terminal)
    {
        var selection = new ClusterSelection();
        var (yes, nonInteractive) = (CommonOptions.Yes(), CommonOptions.NonInteractive());
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "gc",
            """
            Delete what clusters have left that are gone: balancers, security groups, interfaces, roles, logs, and the network of an app that has none any more.
            Volumes stay, for they may hold data, and so does what was made within the last hour: a cluster that is being made has its network and its roles
            before it is there. Exit code 1: something is left.

            Examples:
              dotnet kubeapp cluster gc storefront -e prod
              dotnet kubeapp cluster gc -e prod --bundle bundle -y
              dotnet kubeapp cluster gc -e prod --older-than 1m
            """);
        var olderThan = new Option<TimeSpan?>("--older-than")
        {
            Description = "Leave what belongs to an app of which a role or the network was made since: 10m, 2h. Default: 1h.",
            HelpName = "DURATION",
            CustomParser = CommonOptions.ParseDuration,
        };
        selection.AddAppTo(command);
        foreach (var option in (Option[])[olderThan, yes, nonInteractive, output])
            command.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var place = await selection.OpenAsync(parsed, terminal, cancellationToken);
            var found = ClusterLeftover.SpareNew(
                await place.Provider.AuditAsync(selection.Filter(parsed, place, terminal), cancellationToken), terminal.Clock.GetUtcNow(), parsed.GetValue(olderThan) ?? ClusterLeftover.NewFor);
            foreach (var leftover in found)
                terminal.Error.WriteLine($"{leftover.Cluster}: {leftover.Kind} {leftover.Id}{(leftover.Reason is { } reason ? $" ({reason})" : "")}");
            var rest = found;
            if (found.Any(leftover => leftover.Reason is null))
            {
                if (!parsed.GetValue(yes) && !(terminal.CanAsk && !parsed.GetValue(nonInteractive) && await terminal.ConfirmAsync($"Delete this on {place.Provider.Description}?", cancellationToken)))
                    throw new DiagnosticException(DiagnosticDescriptors.ConfirmationNeeded.Because("Nothing was deleted."));
                using var renderer = terminal.Events();
                rest = [.. (await place.Provider.CollectAsync(found, renderer, cancellationToken)).Union(found.Where(leftover => leftover.Reason is not null))];
            }

            if (parsed.GetValue(output) is { } format && format != "text")
            {
                var document = Json.Document("ClusterCollection");
                document["found"] = Json.Array(found, ClusterJson.Of);
                document["leftovers"] = Json.Array(rest, ClusterJson.Of);
                Json.Write(terminal.Out, document, format);
            }

            terminal.Error.WriteLine(rest.Count == 0 ? "Nothing is left." : $"{rest.Count} things are left.");
            return rest.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    /// <summary>Why a cluster's API does not answer us; null where it does.</summary>
    private static async Task<string?> AnswersAsync(IClusterProvider provider, AppCluster cluster, Terminal terminal, CancellationToken cancellationToken)
    {
        using var sink = terminal.Lines();
        try
        {
            using var connection = await provider.ConnectAsync(cluster, sink, cancellationToken);
            await connection.Client.GetAsync(ResourceType.Namespace, null, "kube-system", cancellationToken);
            return null;
        }
        catch (DiagnosticException failure)
        {
            return failure.Diagnostics[0].ToString();
        }
        catch (ApiException refusal)
        {
            return ApiDiagnostics.For(refusal, cluster.Name).ToString();
        }
    }
}

using System.CommandLine;
using KubeApps.Cli.Rendering;
using KubeApps.Cli.Rendering.Histories;
using KubeApps.Deploy;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Rollouts;
using KubeApps.Events;
using Spectre.Console;

namespace KubeApps.Cli.Commands;

/// <summary><c>status</c>: the app, its workloads, its pods and its address; with <c>-w</c> as they change.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    public static Command Create(Terminal terminal)
    {
        var selection = new DeployedApp.Selection();
        var output = CommonOptions.Output("text, wide (with images, addresses and nodes), json or yaml.", "text", "wide", "json", "yaml");
        var watch = new Option<bool>("--watch", "-w") { Description = "Go on and show every change, until Ctrl+C." };
        var detailed = new Option<bool>("--detailed-exitcode") { Description = "End with 2 where something is not as it was deployed, and with 1 where that could not be told, too." };
        var command = new Command(
            "status",
            """
            Show what stands: the app, its workloads, pods and address, and what others changed since the deploy. Exit code 1: something is not as it should be.

            Examples:
              dotnet kubeapp status                     the app in the sandbox
              dotnet kubeapp status storefront -w       watch it
              dotnet kubeapp status --context prod-eu storefront -o json
            """);
        selection.AddTo(command);
        command.Add(output);
        command.Add(watch);
        command.Add(detailed);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var app = await DeployedApp.FindAsync(selection, parsed, terminal, writes: false, cancellationToken);
            var format = parsed.GetValue(output)!;
            if (parsed.GetValue(watch))
                return await WatchAsync(app, terminal, format, cancellationToken);
            var status = await AppStatus.ReadAsync(app.Connection.Client, app.Inventory, app.Connection.Description, cancellationToken);
            Show(terminal, status, format);
            return parsed.GetValue(detailed) ? DetailedExitCode(status) : status.IsHealthy ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static async Task<int> WatchAsync(DeployedApp app, Terminal terminal, string format, CancellationToken cancellationToken)
    {
        var client = app.Connection.Client;
        var shown = "";
        try
        {
            await using var watch = new AppWatch(client, AppStatus.NamespacesOf(app.Inventory), AppStatus.Kinds, AppStatus.OptionalKinds, cancellationToken);
            AppStatus Now() => AppStatus.Of(app.Inventory, app.Connection.Description, watch.Of, client.Now);
            if (terminal.Narrative == Narrative.Live && format is "text" or "wide")
            {
                var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(terminal.Out) });
                await console.Live(new Text("")).StartAsync(async context =>
                {
                    while (true)
                    {
                        await watch.NextAsync(Tick);
                        context.UpdateTarget(new Text(Text(Now(), format == "wide", client.Clock.GetUtcNow())));
                    }
                });
            }

            while (true)
            {
                await watch.NextAsync(Tick);
                var status = Now();
                // Ages change every second; only what happened is worth a line.
                var facts = Json.Of(status, DateTimeOffset.MinValue).ToJsonString();
                if (facts == shown)
                    continue;
                shown = facts;
                Show(terminal, status, format, isLine: true);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Cancelled;
        }
    }

    internal static int DetailedExitCode(AppStatus status) => status.Drift switch
    {
        { Objects.Count: > 0 } => ExitCodes.Differences,
        { Fields: not FieldSight.None, Away.Count: 0 } when status.IsHealthy => ExitCodes.Done,
        _ => ExitCodes.Failed,
    };

    private static void Show(Terminal terminal, AppStatus status, string format, bool isLine = false)
    {
        if (format is "json" or "yaml")
        {
            if (format == "yaml" && isLine)
                terminal.Out.WriteLine("---");
            Json.Write(terminal.Out, Json.Of(status, terminal.Clock.GetUtcNow()), format, isLine);
        }
        else
        {
            terminal.Out.WriteLine(Text(status, format == "wide", terminal.Clock.GetUtcNow()));
        }

        terminal.Out.Flush();
    }

    private static string Text(AppStatus status, bool isWide, DateTimeOffset now)
    {
        string Age(DateTimeOffset? since) => since is { } start ? Words.Age(now - start) : "";
        var inventory = status.Inventory;
        // What stands elsewhere says where.
        string Place(string? ns) => ns is null || ns == inventory.Namespace ? "" : $"{ns}/";
        var lines = new List<string>
        {
            $"{inventory.App} ({inventory.Environment}) on {status.Target}, namespace {inventory.Namespace}",
            $"  {(inventory.IsComplete ? "deployed" : inventory.Rollout is { IsUnderWay: true } ? "deploy under way" : "deploy not complete")}{(inventory.DeployedAt is { } at ? $" {Age(at)} ago" : "")}"
                + $"{(inventory.Revision is { } revision ? $", revision {revision}" : "")}{(inventory.Commit is { } commit ? $", commit {Printable.Commit(commit)}" : "")}",
        };
        if (status.FailedDeploy is { } failed)
            lines.Add($"  last deploy: revision {failed.Number} {HistoryText.Outcome(failed)} {Age(failed.StartedAt)} ago{(failed.State.Cause is { } cause ? $": {Printable.Of(cause)}" : "")}");
        if (SlotCommands.Describe(inventory.Rollout, now) is { } slots)
            lines.Add($"  {slots}");
        if (status.Update is { } update)
            lines.Add($"  {FullUpdateText.Standing(update, now)}");
        lines.AddRange(status.Urls.Select(url => $"  {url}"));
        if (inventory.Rollout is { IsUnderWay: true })
            lines.AddRange(status.PreviewUrls.Select(url => $"  {url} (the version that does not serve)"));
        lines.Add("");
        lines.AddRange(PlainTable.Of(
            [.. (string[])["WORKLOAD", "READY", "UPDATED", "STATE", "AGE"], .. isWide ? (string[])["IMAGES"] : [], "MESSAGE"],
            status.Workloads.Select(workload => (string[])
            [
                $"{Place(workload.Id.Namespace)}{workload.Id.Kind.ToLowerInvariant()}/{workload.Id.Name}", $"{workload.Status.Ready}/{workload.Status.Desired}", $"{workload.Status.Updated}", workload.Status.State.ToString(),
                Age(workload.CreatedAt), .. isWide ? (string[])[string.Join(',', workload.Images)] : [], workload.Message,
            ])));
        lines.Add("");
        lines.AddRange(PlainTable.Of(
            [.. (string[])["POD", "READY", "STATUS", "RESTARTS", "AGE"], .. isWide ? (string[])["IP", "NODE"] : []],
            status.Pods.Select(pod => (string[])
            [
                Place(pod.Namespace) + pod.Name, $"{pod.Ready}/{pod.Containers}", pod.Status, $"{pod.Restarts}", Age(pod.CreatedAt), .. isWide ? (string[])[pod.Ip ?? "", pod.Node ?? ""] : [],
            ])));
        if (status.Drift is { Objects: { Count: > 0 } drift })
        {
            lines.Add("");
            lines.AddRange(PlainTable.Of(
                ["DRIFT", "OBJECT", "FIELDS"], drift.Select(item => (string[])
                [
                    item.Kind.ToString(), item.Id.ToString(), string.Join(", ", item.Fields.Select(Words.Drift)),
                ])));
        }

        if (status.Drift is { Fields: not FieldSight.Server and var sight })
            lines.AddRange(["", sight == FieldSight.Estimated
                ? "Drift was worked out from what stands: the role may not have the server try what was deployed."
                : "Fields were not compared with what was deployed: " + (inventory.IsComplete ? "what that was is not kept." : "the deploy is not complete.")]);
        if (status.Drift is { Away: { Count: > 0 } away })
            lines.AddRange(["", $"Could not be looked at, since whoever serves their kind does not answer: {string.Join(", ", away.Select(id => Printable.Of(id.ToString())))}."]);
        foreach (var report in status.Failures)
            lines.AddRange(["", report.ToString()]);
        return string.Join('\n', lines);
    }
}

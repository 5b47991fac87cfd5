using System.CommandLine;
using KubeApps.Cli.Rendering;
using KubeApps.Cli.Rendering.Fleets;
using KubeApps.Deploy;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Fleet;

namespace KubeApps.Cli.Commands;

/// <summary><c>fleet</c>: all apps of many clusters at once.</summary>
internal static class FleetCommands
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "fleet",
            """
            All apps of many clusters at once. What becomes of one says nothing of the others: each is told for itself.

            Examples:
              dotnet kubeapp fleet list --context 'prod-*'
              dotnet kubeapp fleet status --context 'prod-*'
              dotnet kubeapp fleet deploy --context 'prod-*' --bundle oci://registry.example.com/shop@sha256:…
            """);
        command.Add(CreateList(terminal));
        command.Add(CreateStatus(terminal));
        command.Add(CreateDrift(terminal));
        command.Add(FleetDeployCommand.Create(terminal));
        command.Add(FleetUpgradeCommand.Create(terminal));
        command.Add(FleetScaleCommand.Create(terminal));
        command.Add(FleetExecCommand.Create(terminal));
        command.Add(FleetCostCommand.Create(terminal));
        return command;
    }

    private static Command CreateList(Terminal terminal)
    {
        var options = new FleetOptions();
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "list",
            """
            List what is deployed in all clusters of the fleet. Exit code 1: a cluster could not be read.

            Examples:
              dotnet kubeapp fleet list --context 'prod-*'
              dotnet kubeapp fleet list --context '*' -l app=storefront
              dotnet kubeapp fleet list --context prod-eu --context prod-us -l 'environment in (prod,live),app!=*-demo' -o json
            """);
        options.AddTo(command);
        command.Add(output);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var fleet = await options.FindAsync(parsed, terminal, cancellationToken);
            if (parsed.GetValue(output) is { } format and not "text")
                Json.Write(terminal.Out, FleetJson.Of(fleet), format);
            else
                Write(terminal, FleetText.Of(fleet, terminal.Clock.GetUtcNow()));
            terminal.Error.WriteLine($"{Words.Count(fleet.Apps.Count, "app")} in {Words.Count(fleet.Clusters.Count, "cluster")}.");
            return cancellationToken.IsCancellationRequested ? ExitCodes.Cancelled : fleet.IsComplete ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static Command CreateStatus(Terminal terminal)
    {
        var options = new FleetOptions();
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "status",
            """
            Show how all apps of the fleet stand, a line for each. Exit code 1: one is not as it should be, or could not be read.

            Examples:
              dotnet kubeapp fleet status --context 'prod-*'
              dotnet kubeapp fleet status --context '*' -l app=storefront --timeout 10s
              dotnet kubeapp fleet status --context '*' -o json
            """);
        options.AddTo(command);
        command.Add(output);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var began = terminal.Clock.GetTimestamp();
            using var fleet = await options.FindAsync(parsed, terminal, cancellationToken);
            fleet.RequireApps();
            var apps = await FleetOptions.RunAsync(
                terminal, options.Order(parsed), "apps read", fleet,
                async (app, _, token) => new FleetStatus(await AppStatus.GlanceAsync(app.Connection.Client, app.Inventory, app.Connection.Description, token)), null, cancellationToken);
            if (parsed.GetValue(output) is { } format and not "text")
                Json.Write(terminal.Out, FleetJson.Of(fleet, apps, terminal.Clock.GetElapsedTime(began)), format);
            else
                Write(terminal, FleetText.Of(apps, terminal.Clock.GetUtcNow()));
            return cancellationToken.IsCancellationRequested ? ExitCodes.Cancelled : FleetText.IsHealthy(fleet, apps) ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static Command CreateDrift(Terminal terminal)
    {
        var options = new FleetOptions();
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "drift",
            """
            Show what others changed of all apps of the fleet since their last deploys. Exit code 2: something was; 1: that could not be told of all.

            Examples:
              dotnet kubeapp fleet drift --context 'prod-*'
              dotnet kubeapp fleet drift --context '*' -l app=storefront -o json
            """);
        options.AddTo(command);
        command.Add(output);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var fleet = await options.FindAsync(parsed, terminal, cancellationToken);
            fleet.RequireApps();
            var apps = await FleetOptions.RunAsync(
                terminal, options.Order(parsed), "apps compared", fleet, (app, _, token) => AppStatus.DriftAsync(app.Connection.Client, app.Inventory, token), null, cancellationToken);
            if (parsed.GetValue(output) is { } format and not "text")
                Json.Write(terminal.Out, FleetDriftText.Document(fleet, apps), format);
            else
                Write(terminal, FleetDriftText.Table(apps));
            var (drifted, unknown) = (apps.Count(app => app.Value is { Objects.Count: > 0 }), apps.Count(app => app.Value is null or { Fields: FieldSight.None } or { Away.Count: > 0 }));
            terminal.Error.WriteLine($"{drifted} of {Words.Count(apps.Count, "app")} drifted{(unknown > 0 ? $"; of {unknown} not all is known" : "")}.");
            return cancellationToken.IsCancellationRequested ? ExitCodes.Cancelled
                : !fleet.IsComplete || unknown > 0 ? ExitCodes.Failed
                : drifted > 0 ? ExitCodes.Differences : ExitCodes.Done;
        });
        return command;
    }

    private static void Write(Terminal terminal, IEnumerable<string> lines)
    {
        foreach (var line in lines)
            terminal.Out.WriteLine(line);
    }
}

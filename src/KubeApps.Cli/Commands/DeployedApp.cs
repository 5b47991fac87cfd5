using System.CommandLine;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Targets;

namespace KubeApps.Cli.Commands;

/// <summary>An app that stands on a cluster, and the way there: what status, logs, open and destroy start from.</summary>
internal sealed record DeployedApp(ClusterConnection Connection, Inventory Inventory) : IDisposable
{
    public void Dispose() => Connection.Dispose();

    /// <summary>The options and the argument by which a command finds an app.</summary>
    internal sealed class Selection
    {
        public TargetOptions Target { get; } = new();

        public Option<string?> Bundle { get; } = CommonOptions.Bundle();

        private readonly Argument<string?> _app = CommonOptions.App();

        private readonly Option<string?> _named = new("--app") { Description = "The app's name, in place of the argument.", HelpName = "NAME" };

        public string? App(ParseResult parsed) => parsed.GetValue(_named) ?? parsed.GetValue(_app);

        public void AddTo(Command command)
        {
            command.Add(_app);
            command.Add(_named);
            command.Validators.Add(result =>
            {
                if (result.GetValue(_named) is { } named && result.GetValue(_app) is { } app && app != named)
                    result.AddError($"Two apps are named: '{app}' and '{named}'.");
            });
            Target.AddTo(command);
            command.Add(Bundle);
        }
    }

    /// <summary>A cluster, and what was said of the app on it.</summary>
    internal sealed record Place(ClusterConnection Connection, string? App, string? Environment, string? Namespace);

    /// <param name="selection">Which app.</param>
    /// <param name="parsed">What was said.</param>
    /// <param name="terminal">Where it was said.</param>
    /// <param name="writes">Whether something is to be changed.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public static async Task<DeployedApp> FindAsync(Selection selection, ParseResult parsed, Terminal terminal, bool writes, CancellationToken cancellationToken)
    {
        var place = await ConnectAsync(selection, parsed, terminal, writes, cancellationToken);
        try
        {
            var inventory = await new AppLocator(place.Connection.Client).FindAsync(
                place.App, ProjectFolder.TryFind(terminal.Directory)?.PublishedAppName(), place.Environment, place.Namespace, place.Connection.Description, cancellationToken);
            return new DeployedApp(place.Connection, inventory);
        }
        catch
        {
            place.Connection.Dispose();
            throw;
        }
    }

    public static async Task<Place> ConnectAsync(Selection selection, ParseResult parsed, Terminal terminal, bool writes, CancellationToken cancellationToken)
    {
        var (app, environment, ns) = (selection.App(parsed), parsed.GetValue(selection.Target.Environment), parsed.GetValue(selection.Target.Namespace));
        using var sink = terminal.Lines();
        var bundle = parsed.GetValue(selection.Bundle) is { } source ? await BundleSource.OpenAsync(source, terminal, startsSandbox: false, sink, cancellationToken) : null;
        // Only a bundle knows where another environment than the sandbox's lives.
        var rendered = bundle is null ? null : BundleSource.EnvironmentOf(bundle, environment);
        var whose = bundle?.App ?? app ?? ProjectFolder.TryFind(terminal.Directory)?.PublishedAppName();
        var connection = await TargetSelector.ConnectAsync(
            selection.Target.Choice(parsed), rendered?.Target, whose is null ? null : new ClusterOwner(whose, rendered?.Name ?? environment ?? "local"), writes, startsSandbox: false, sink,
            terminal.Clock, cancellationToken);
        return new Place(connection, app ?? bundle?.App, rendered?.Name ?? environment, ns ?? rendered?.Namespace);
    }
}

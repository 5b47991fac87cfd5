using System.CommandLine;
using KubeApps.Bundles;
using KubeApps.Deploy.Clusters;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Commands;

/// <summary>The options that say which clusters are meant: of which app and environment, or by name; and where they come from.</summary>
internal sealed class ClusterSelection
{
    private readonly Option<string?> _environment = new("--environment", "-e") { Description = "The environment of the specification. Default: local.", HelpName = "NAME" };

    private readonly Option<string?> _bundle = CommonOptions.Bundle();

    private readonly Argument<string?> _app = CommonOptions.App();

    private readonly Argument<string> _name = new("cluster") { Description = "The cluster's name, as 'cluster list' shows it." };

    /// <summary>For a command about an app's clusters.</summary>
    public void AddAppTo(Command command)
    {
        command.Add(_app);
        AddTo(command);
    }

    /// <summary>For a command about one cluster.</summary>
    public void AddNameTo(Command command)
    {
        command.Add(_name);
        AddTo(command);
    }

    /// <summary>Where the clusters come from: where the environment lives, as the bundle says it.</summary>
    public async Task<ClusterPlace> OpenAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var sink = terminal.Lines();
        var bundle = parsed.GetValue(_bundle) is { } source
            ? await BundleSource.OpenAsync(source, terminal, startsSandbox: false, sink, cancellationToken)
            : ProjectFolder.TryFind(terminal.Directory)?.LastBundle();
        var name = parsed.GetValue(_environment);
        var environment = bundle is null ? null : BundleSource.EnvironmentOf(bundle, name);
        return new ClusterPlace(ClusterProviders.Open(environment?.Target, terminal.Clock), bundle, environment, environment?.Name ?? name);
    }

    /// <summary>Whose clusters are meant.</summary>
    public ClusterOwner Owner(ParseResult parsed, ClusterPlace place, Terminal terminal) => new(
        parsed.GetValue(_app) ?? place.Bundle?.App ?? ProjectFolder.TryFind(terminal.Directory)?.AppName
            ?? throw new DiagnosticException(DiagnosticDescriptors.AppNotChosen.Because("No app is named, and there is no project in the working directory.")),
        place.EnvironmentName ?? "local");

    /// <summary>Whose clusters are listed; null where nothing was said: all.</summary>
    public ClusterOwner? Filter(ParseResult parsed, ClusterPlace place, Terminal terminal) =>
        parsed.GetValue(_app) is null && parsed.GetValue(_bundle) is null && parsed.GetValue(_environment) is null ? null : Owner(parsed, place, terminal);

    /// <summary>The cluster that is named.</summary>
    public async Task<AppCluster> FindAsync(ParseResult parsed, ClusterPlace place, CancellationToken cancellationToken)
    {
        var name = parsed.GetValue(_name)!;
        return (await place.Provider.ListAsync(null, cancellationToken)).FirstOrDefault(cluster => cluster.Name == name)
            ?? throw NotFound(name, place);
    }

    /// <summary>The cluster that is named, or one that is gone of which something is left: a deletion that was cut goes on.</summary>
    public async Task<(string Name, ClusterOwner Owner)> FindOrRemainsAsync(ParseResult parsed, ClusterPlace place, CancellationToken cancellationToken)
    {
        var name = parsed.GetValue(_name)!;
        if ((await place.Provider.ListAsync(null, cancellationToken)).FirstOrDefault(cluster => cluster.Name == name) is { } found)
            return (name, found.Owner);
        var left = await place.Provider.AuditAsync(null, cancellationToken);
        return left.FirstOrDefault(item => item.Owner is { } owner && (item.Cluster == name || ClusterNames.IsOf(owner, name))) is { Owner: { } its } ? (name, its) : throw NotFound(name, place);
    }

    private static DiagnosticException NotFound(string name, ClusterPlace place) =>
        new(DiagnosticDescriptors.ClusterNotFound.Because($"There is no cluster '{name}' on {place.Provider.Description}."));

    private void AddTo(Command command)
    {
        command.Add(_environment);
        command.Add(_bundle);
    }
}

/// <param name="Provider">Where the clusters come from.</param>
/// <param name="Bundle">What is to run in them, where it is known.</param>
/// <param name="Environment">Its environment.</param>
/// <param name="EnvironmentName">How that is called; null where nobody said it.</param>
internal sealed record ClusterPlace(IClusterProvider Provider, Bundle? Bundle, BundleEnvironment? Environment, string? EnvironmentName) : IDisposable
{
    public void Dispose() => Provider.Dispose();
}

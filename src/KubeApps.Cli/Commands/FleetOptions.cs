using System.CommandLine;
using KubeApps.Cli.Rendering.Fleets;
using KubeApps.Deploy.Fleet;
using KubeApps.Events;
using Spectre.Console;

namespace KubeApps.Cli.Commands;

/// <summary>Which apps of which clusters are meant, and how many are worked on at once: the same words in every command of the fleet.</summary>
internal sealed class FleetOptions
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Option<string[]> _contexts = new("--context")
    {
        Description = "A context of the kubeconfig, as often as needed; * stands for anything. The current context is never used without being named.",
        HelpName = "NAME",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _kubeconfig = new("--kubeconfig") { Description = "The kubeconfig. Default: KUBECONFIG, else ~/.kube/config.", HelpName = "FILE" };

    private readonly Option<string?> _namespace = new("--namespace", "-n") { Description = "Look only there: for a role that may not read all namespaces.", HelpName = "NAME" };

    private readonly Option<FleetSelector> _selector = new("--selector", "-l")
    {
        Description = "Which apps: app, environment, namespace or cluster, with =, !=, in (A,B) or notin (A,B); * stands for anything. All of several conditions hold.",
        HelpName = "CONDITIONS",
        DefaultValueFactory = _ => FleetSelector.All,
        CustomParser = result =>
        {
            var (selector, mistake) = FleetSelector.Parse(result.Tokens[0].Value);
            if (mistake is not null)
                result.AddError($"--selector: {mistake}");
            return selector;
        },
    };

    private readonly Option<int> _parallel = new("--parallel") { Description = "How many at once.", HelpName = "N", DefaultValueFactory = _ => FleetOrder.DefaultParallel };

    private readonly Option<TimeSpan?> _timeout = new("--timeout")
    {
        Description = "How long each cluster, and each app, may take: 90s, 5m.",
        HelpName = "DURATION",
        DefaultValueFactory = _ => Patience,
        CustomParser = CommonOptions.ParseDuration,
    };

    public void AddTo(Command command)
    {
        CommonOptions.Check(_parallel, number => number is >= 1 and <= 200 ? null : "A number from 1 to 200.");
        foreach (var option in (Option[])[_contexts, _kubeconfig, _namespace, _selector, _parallel, _timeout])
            command.Add(option);
    }

    public FleetOrder Order(ParseResult parsed) => new() { Parallel = parsed.GetValue(_parallel), Timeout = parsed.GetValue(_timeout) };

    /// <summary>All apps that are meant. What is wrong with a cluster is told, and keeps nobody from the others.</summary>
    public async Task<FleetApps> FindAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var clusters = FleetCluster.OfContexts(parsed.GetValue(_kubeconfig), parsed.GetValue(_contexts)!, terminal.Clock);
        using var said = terminal.Lines();
        FleetApps fleet;
        using (var screen = Screen(terminal, "clusters read", [.. clusters.Select(cluster => cluster.Name)]))
            fleet = await FleetApps.FindAsync(
                clusters, parsed.GetValue(_namespace), parsed.GetValue(_selector)!, Runner(terminal, Order(parsed), screen), said, cancellationToken);
        foreach (var problem in FleetText.Problems(fleet.Clusters, cluster => cluster.Name))
            said.Publish(new DeployEvent.DiagnosticRaised(problem));
        return fleet;
    }

    /// <summary>A result for each app, and what is wrong with any of them told.</summary>
    public async Task<IReadOnlyList<FleetResult<FleetApp, T>>> RunAsync<T>(
        ParseResult parsed, Terminal terminal, string what, FleetApps fleet, Func<FleetApp, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        IReadOnlyList<FleetResult<FleetApp, T>> results;
        using (var screen = Screen(terminal, what, [.. fleet.Apps.Select(app => app.Title)]))
            results = await Runner(terminal, Order(parsed), screen).RunAsync(fleet.Apps, work, null, cancellationToken);
        using var said = terminal.Lines();
        foreach (var problem in FleetText.Problems(results, app => app.Title))
            said.Publish(new DeployEvent.DiagnosticRaised(problem));
        return results;
    }

    private static FleetRunner Runner(Terminal terminal, FleetOrder order, FleetScreen? screen) => new(order, terminal.Clock) { Tell = screen is null ? null : screen.Tell };

    private static FleetScreen? Screen(Terminal terminal, string what, IReadOnlyList<string> titles) => terminal.Narrative != Narrative.Live ? null
        : new FleetScreen(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(terminal.Error) }), what, titles, terminal.Clock);
}

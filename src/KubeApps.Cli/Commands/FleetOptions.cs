using System.CommandLine;
using System.Text.RegularExpressions;
using KubeApps.Cli.Rendering;
using KubeApps.Cli.Rendering.Fleets;
using KubeApps.Deploy;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Fleet;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary>Which apps of which clusters are meant, and how many are worked on at once: the same words in every command of the fleet.</summary>
internal sealed partial class FleetOptions
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Option<string[]> _contexts = new("--context")
    {
        Description = "A context of the kubeconfig, as often as needed; * stands for anything. The current context is never used without being named.",
        HelpName = "NAME",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _kubeconfig = new("--kubeconfig") { Description = "The kubeconfig. Default: KUBECONFIG, else ~/.kube/config.", HelpName = "FILE" };

    private readonly Option<bool> _sandbox = new("--sandbox-clusters") { Description = "The clusters of this machine that 'cluster create' made. Those that are stopped start." };

    private readonly Option<string[]> _eks = new("--eks")
    {
        Description = "The clusters of EKS in these regions that carry our tags, as often as needed; with the account, where the credentials must be of that one.",
        HelpName = "[ACCOUNT/]REGION,…",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _profiles = new("--profile")
    {
        Description = "A profile of AWS's own files with which the regions are entered, as often as needed: in each of them with each. Default: AWS_PROFILE, or whatever else says who we are.",
        HelpName = "NAME",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _namespace = new("--namespace", "-n") { Description = "Look only there: for a role that may not read all namespaces.", HelpName = "NAME" };

    private readonly Option<FleetSelector> _selector = new("--selector", "-l")
    {
        Description = "Which apps: app, environment, namespace, cluster, region or account, with =, !=, in (A,B) or notin (A,B); * stands for anything. All of several conditions hold.",
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

    private readonly Option<TimeSpan?> _timeout;
    private readonly bool _hasOwnTimeout;
    private readonly bool _isOfClusters;

    /// <param name="timeout">What the command's time-out is, where that is not how long each may take.</param>
    /// <param name="isOfClusters">Whether clusters are meant that can be changed, and not the apps in whatever cluster.</param>
    public FleetOptions(Option<TimeSpan?>? timeout = null, bool isOfClusters = false)
    {
        (_hasOwnTimeout, _isOfClusters) = (timeout is not null, isOfClusters);
        _timeout = timeout ?? CommonOptions.Timeout("How long each cluster, and each app, may take: 90s, 5m.", Patience);
    }

    public void AddTo(Command command)
    {
        CommonOptions.Check(_eks, places => places?.FirstOrDefault(place => !Place().IsMatch(place)) is { } wrong ? $"'{wrong}' is no region. Write REGION or ACCOUNT/REGION, and commas between several regions." : null);
        CommonOptions.Check(_parallel, number => number is >= 1 and <= 200 ? null : "A number from 1 to 200.");
        if (_isOfClusters)
        {
            _selector.Description = "Which clusters, by their apps: app, environment, cluster, region or account, with =, !=, in (A,B) or notin (A,B); * stands for anything. All of several conditions hold.";
            CommonOptions.Check(_selector, selector => selector?.Has("namespace") == true ? "clusters cannot be selected by a namespace." : null);
        }

        foreach (var option in _isOfClusters ? (Option[])[_eks, _profiles, _selector, _parallel, _timeout] : [_contexts, _kubeconfig, _sandbox, _eks, _profiles, _namespace, _selector, _parallel, _timeout])
            command.Add(option);
    }

    /// <summary>Whether some of the apps are meant, and not all.</summary>
    public bool Chooses(ParseResult parsed) => parsed.GetValue(_selector) != FleetSelector.All || parsed.GetValue(_namespace) is not null;

    public FleetOrder Order(ParseResult parsed) =>
        new() { Parallel = parsed.GetValue(_parallel), Timeout = _hasOwnTimeout ? Patience : parsed.GetValue(_timeout) };

    /// <summary>All apps that are meant. What is wrong with a cluster is told, and keeps nobody from the others.</summary>
    public async Task<FleetApps> FindAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var clusters = await ClustersAsync(parsed, terminal, cancellationToken);
        using var progress = new FleetProgress(terminal, "clusters read", [.. clusters.Select(cluster => Printable.Of(cluster.Title))]);
        var fleet = await FleetApps.FindAsync(
            clusters, parsed.GetValue(_namespace), parsed.GetValue(_selector)!, new FleetRunner(Order(parsed), terminal.Clock) { Tell = progress.Tell }, progress.SinkOf(null),
            cancellationToken);
        TellProblems(fleet.Clusters, progress);
        return fleet;
    }

    /// <summary>All clusters that are meant by their places and their owners. None of them is entered.</summary>
    public async Task<FleetClusters> OfProvidersAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_eks)!.Length == 0)
            throw new DiagnosticException(DiagnosticDescriptors.FleetNotChosen.Because("No region was named.", nextStep: "Name regions with --eks."));
        var clusters = FleetClusters.Of(FleetCluster.Distinguish(await OfEksAsync(parsed, terminal, cancellationToken)), parsed.GetValue(_selector)!);
        clusters.RequireClusters();
        return clusters;
    }

    private async Task<IReadOnlyList<FleetCluster>> ClustersAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var (contexts, regions) = (parsed.GetValue(_contexts)!, parsed.GetValue(_eks)!);
        var chosen = new List<FleetCluster>();
        // Without anything it says which contexts there are.
        if (contexts.Length > 0 || (regions.Length == 0 && !parsed.GetValue(_sandbox)))
            chosen.AddRange(FleetCluster.OfContexts(parsed.GetValue(_kubeconfig), contexts, terminal.Clock));
        if (parsed.GetValue(_sandbox))
            chosen.AddRange(await FleetSources.OfProviderAsync(ClusterProviders.Open(null, terminal.Clock), null, terminal.Clock, cancellationToken));
        var clusters = FleetCluster.Distinguish([.. chosen, .. await OfEksAsync(parsed, terminal, cancellationToken)]);
        // Those that are not meant are not entered: what is wrong with them is nobody's trouble.
        List<FleetCluster> meant = [.. clusters.Where(parsed.GetValue(_selector)!.MayMean)];
        FleetHome.Release(clusters, kept: meant);
        return meant.Count > 0 || clusters.Count == 0 ? meant
            : throw new DiagnosticException(DiagnosticDescriptors.FleetNotChosen.Because(
                $"None of the {Words.Count(clusters.Count, "cluster")} is one that --selector means.", nextStep: "Say with -l clusters, regions and accounts that are among them."));
    }

    /// <summary>The clusters of EKS that are meant by their places. One that two profiles lead to is there twice.</summary>
    private async Task<IReadOnlyList<FleetCluster>> OfEksAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var places = Settings(parsed.GetValue(_eks)!, parsed.GetValue(_profiles)!);
        var found = await Task.WhenAll(places.Select(settings => FleetSources.OfProviderAsync(
            ClusterProviders.OfEks(settings, terminal.Clock, entersAsListed: true), Order(parsed).Timeout, terminal.Clock, cancellationToken)));
        return [.. found.SelectMany(clusters => clusters)];
    }

    /// <summary>Every account and region that is meant, once, in the order in which they are named. Pure.</summary>
    public static IReadOnlyList<AwsSettings> Settings(IReadOnlyList<string> places, IReadOnlyList<string> profiles) =>
    [
        .. (from place in places.Select(text => Place().Match(text))
            from region in place.Groups["region"].Captures
            from profile in profiles.DefaultIfEmpty(null)
            select new AwsSettings { Account = place.Groups["account"] is { Success: true, Value: var account } ? account : null, Region = region.Value, Profile = profile }).Distinct(),
    ];

    [GeneratedRegex("^(?:(?<account>[0-9]{12})/)?(?<region>[a-z]{2}(?:-[a-z]+)+-[0-9]+)(?:,(?<region>[a-z]{2}(?:-[a-z]+)+-[0-9]+))*$")]
    private static partial Regex Place();

    /// <summary>A result for each app, and what is wrong with any of them told.</summary>
    public static async Task<IReadOnlyList<FleetResult<FleetApp, T>>> RunAsync<T>(
        Terminal terminal, FleetOrder order, string what, FleetApps fleet, Func<FleetApp, IEventSink, CancellationToken, Task<T>> work, Func<T, bool>? isGood,
        CancellationToken cancellationToken) => await RunAsync(terminal, order, what, fleet.Apps, app => app.Title, work, isGood, cancellationToken);

    /// <summary>The same for whatever many there are.</summary>
    public static async Task<IReadOnlyList<FleetResult<TItem, T>>> RunAsync<TItem, T>(
        Terminal terminal, FleetOrder order, string what, IReadOnlyList<TItem> items, Func<TItem, string> title, Func<TItem, IEventSink, CancellationToken, Task<T>> work,
        Func<T, bool>? isGood, CancellationToken cancellationToken)
    {
        using var progress = new FleetProgress(terminal, what, [.. items.Select(title)]);
        var results = await new FleetRunner(order, terminal.Clock) { Tell = progress.Tell }.RunAsync(
            [.. items.Select((item, index) => (Item: item, Sink: progress.SinkOf(index)))], (one, token) => work(one.Item, one.Sink, token), isGood, cancellationToken);
        TellProblems(results, progress);
        return [.. results.Select(result => new FleetResult<TItem, T>(result.Item.Item, result.Outcome, result.Value, result.Problems, result.Elapsed))];
    }

    /// <summary>What a command ends with that went over the apps: done only where all were found, and all are done.</summary>
    public static int ExitCode<T>(FleetApps fleet, IReadOnlyList<FleetResult<FleetApp, T>> results, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ExitCodes.Cancelled
        : fleet.IsComplete && results.All(result => result.Outcome == FleetOutcome.Done) ? ExitCodes.Done : ExitCodes.Failed;

    /// <summary>Says that it stopped before all had their turn, where it did.</summary>
    public static void TellSkipped<T>(Terminal terminal, FleetApps fleet, IReadOnlyList<FleetResult<FleetApp, T>> results)
    {
        if (results.Count(result => result.Outcome == FleetOutcome.Skipped) is > 0 and var skipped)
            terminal.Tell(DiagnosticDescriptors.FleetStopped.Because(
                $"{Words.Count(results.Count(result => result.Outcome is FleetOutcome.Failed or FleetOutcome.TimedOut) + fleet.Unread, "failure")}: {Words.Count(skipped, "app")} of {results.Count} {(skipped == 1 ? "was" : "were")} not touched."));
    }

    private static void TellProblems<TItem, T>(IReadOnlyList<FleetResult<TItem, T>> results, FleetProgress progress)
    {
        foreach (var (result, index) in results.Select((result, index) => (result, index)))
            foreach (var problem in result.Problems)
                progress.SinkOf(index).Publish(new DeployEvent.DiagnosticRaised(problem));
    }
}

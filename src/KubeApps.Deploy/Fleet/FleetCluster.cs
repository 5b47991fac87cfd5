using System.Text.Json.Nodes;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Fleet;

/// <summary>A cluster in which apps of the fleet may stand, and the way to it.</summary>
/// <param name="Name">What it is called where it is: the context's name, or the cluster's own.</param>
/// <param name="ConnectAsync">Connects to it; nothing is asked before.</param>
/// <param name="KubeconfigAsync">A kubeconfig that leads to it and nowhere else, for programs of others.</param>
internal sealed record FleetCluster(
    string Name, Func<IEventSink, CancellationToken, Task<ClusterConnection>> ConnectAsync, Func<IEventSink, CancellationToken, Task<JsonObject>> KubeconfigAsync)
{
    /// <summary>For people, and for selecting by it: as much of account, region and name as tells it from the others.</summary>
    public string Title { get; init; } = Name;

    /// <summary>The account of AWS that it is in, where that is known.</summary>
    public string? Account { get; init; }

    /// <summary>The region of AWS that it is in, where that is known.</summary>
    public string? Region { get; init; }

    /// <summary>Where it comes from; null for a context, which somebody else keeps.</summary>
    public FleetHome? Home { get; init; }

    /// <summary>Why it stands for an account or a region that could not be read; null where it is a cluster.</summary>
    public DiagnosticException? Unreadable { get; init; }

    /// <summary>Contexts of a kubeconfig, in the order in which they are named: who is named first comes first in a canary.</summary>
    /// <param name="kubeconfig">The file; null takes KUBECONFIG, else the user's own.</param>
    /// <param name="patterns">Names of contexts, in which * stands for anything.</param>
    /// <param name="clock">The time.</param>
    /// <exception cref="DiagnosticException">A pattern means none, or the file cannot be read.</exception>
    public static IReadOnlyList<FleetCluster> OfContexts(string? kubeconfig, IReadOnlyList<string> patterns, TimeProvider clock)
    {
        var config = KubeconfigTarget.Read(kubeconfig);
        var chosen = new List<string>();
        foreach (var pattern in patterns)
        {
            var meant = config.Contexts.Contains(pattern) ? [pattern] : config.Contexts.Where(name => FleetSelector.IsLike(name, pattern)).ToList();
            if (meant.Count == 0)
                throw NotChosen($"No context is called '{pattern}'.", config);
            chosen.AddRange(meant);
        }

        return patterns.Count == 0
            ? throw NotChosen("No context was named.", config)
            : [.. chosen.Distinct(StringComparer.Ordinal).Select(name => OfContext(config, name, clock))];
    }

    /// <summary>The same clusters, each with a title that no other one has: two regions may have one of the same name, and so may two accounts. Pure.</summary>
    public static IReadOnlyList<FleetCluster> Distinguish(IReadOnlyList<FleetCluster> clusters)
    {
        var names = clusters.CountBy(cluster => cluster.Name).ToDictionary();
        var places = clusters.CountBy(cluster => cluster.InRegion).ToDictionary();
        return
        [
            .. clusters.Select(cluster => cluster with
            {
                Title = names[cluster.Name] == 1 ? cluster.Name
                    : places[cluster.InRegion] == 1 || cluster.Account is null ? cluster.InRegion
                    : $"{cluster.Account}/{cluster.InRegion}",
            }),
        ];
    }

    private string InRegion => Region is null ? Name : $"{Region}/{Name}";

    // AWS's own tool calls contexts by the ARNs of their clusters.
    private static FleetCluster OfContext(Kubeconfig config, string name, TimeProvider clock)
    {
        var arn = EksArn.Of(name);
        return new FleetCluster(
            name, async (sink, token) => (await KubeconfigTarget.LogInAsync(config, name, sink, clock, token)).Connect(clock), (_, _) => Task.FromResult(config.Document(name)))
        {
            Account = arn?.Account,
            Region = arn?.Region,
        };
    }

    private static DiagnosticException NotChosen(string cause, Kubeconfig config) => new(DiagnosticDescriptors.FleetNotChosen.Because(
        $"{cause} {(config.Contexts.Count == 0 ? "The kubeconfig has none." : $"The contexts are: {string.Join(", ", config.Contexts)}.")}"));
}

/// <summary>Where a cluster of ours comes from.</summary>
/// <param name="Provider">Who made it, and can change it.</param>
/// <param name="Cluster">As it was when all were listed.</param>
internal sealed record FleetHome(IClusterProvider Provider, AppCluster Cluster)
{
    /// <summary>All clusters of its owner, when it was listed.</summary>
    public IReadOnlyList<AppCluster> Siblings { get; init; } = [];

    /// <exception cref="DiagnosticException">Nothing can be asked of it yet, or any more.</exception>
    public AppCluster RequireReady() => Cluster.State is ClusterState.Ready or ClusterState.Updating ? Cluster : throw new DiagnosticException(DiagnosticDescriptors.ClusterNotReady.Because(
        $"{Cluster.Name} of {Cluster.Owner.App} ({Cluster.Owner.Environment}) is {Cluster.State.ToString().ToLowerInvariant()}{(Cluster.Problem is { } problem ? $": {problem}" : ".")}"));

    /// <summary>Lets go of what clusters come from. Connections to them go on.</summary>
    /// <param name="clusters">All that were found.</param>
    /// <param name="kept">Those that are still needed.</param>
    public static void Release(IEnumerable<FleetCluster> clusters, IEnumerable<FleetCluster>? kept = null)
    {
        foreach (var provider in Providers(clusters).Except(Providers(kept ?? [])))
            provider.Dispose();

        static IEnumerable<IClusterProvider> Providers(IEnumerable<FleetCluster> clusters) => clusters.Select(cluster => cluster.Home?.Provider).OfType<IClusterProvider>();
    }
}

using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Updates;

/// <summary>What a cluster knows of the app and of a full update.</summary>
/// <param name="Update">What is written down in it; null: it believes that it is the only one.</param>
/// <param name="App">What of the app stands in it.</param>
internal sealed record ClusterInside(FullUpdate? Update, Inventory? App)
{
    public static readonly ClusterInside Nothing = new(null, null);
}

/// <summary>A cluster of the app, from the outside and the inside.</summary>
/// <param name="Cluster">As the provider has it.</param>
/// <param name="Inside">What it knows; nothing where it is not ready.</param>
/// <param name="Unreadable">Why nobody could look inside, though there may be something.</param>
internal sealed record ClusterFacts(AppCluster Cluster, ClusterInside Inside, Diagnostic? Unreadable = null)
{
    public string Name => Cluster.Name;

    public FullUpdate? Update => Inside.Update;
}

/// <summary>All that decides what is to be done next.</summary>
internal sealed record UpdateFacts(ClusterOwner Owner, IReadOnlyList<ClusterFacts> Clusters, IReadOnlyDictionary<string, int> Shares)
{
    /// <summary>The names of all clusters there are, whoever owns them.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>What a new cluster is called.</summary>
    public string NextName => ClusterNames.Next(Owner, Clusters.Select(cluster => cluster.Name).Concat(Names));

    /// <summary>Whether a name is that of somebody else's cluster.</summary>
    public bool IsOthers(string name) => Find(name) is null && Names.Contains(name);

    public ClusterFacts? Find(string? name) => Clusters.FirstOrDefault(cluster => cluster.Name == name);

    public int ShareOf(string? name) => name is null ? 0 : Shares.GetValueOrDefault(name);
}

/// <summary>Which cluster is which. Pure.</summary>
/// <param name="From">The old one; null where there is none, or none any more.</param>
/// <param name="To">The new one; null where it is not there yet, or not any more.</param>
/// <param name="Update">What is under way.</param>
internal sealed record UpdateSituation(ClusterFacts? From, ClusterFacts? To, FullUpdate? Update)
{
    /// <summary>The cluster whose word counts, and whose lock guards the update.</summary>
    public ClusterFacts? Main => Update?.Phase == UpdatePhase.Retiring ? To : From;

    /// <summary>Migrations that ran in the new cluster and never in the old one: its version does not fit the data any more.</summary>
    public IReadOnlyList<string> OneWayJobs => [.. NamesOf(To).Except(NamesOf(From))];

    /// <summary>Those that may have run in a new cluster that cannot be asked.</summary>
    public IReadOnlyList<string> OneWayJobsInDoubt => To is not { Unreadable: not null } ? [] :
    [
        // Where its configuration is in its name, that stands behind it.
        .. (Update?.Terms.OneWayJobs ?? []).Where(job => !NamesOf(From).Any(ran => ran == job || ran.StartsWith($"{job}-", StringComparison.Ordinal))),
    ];

    private static IEnumerable<string> NamesOf(ClusterFacts? cluster) => cluster?.Inside.App?.OneWayJobs.Select(job => job.Name) ?? [];

    /// <exception cref="DiagnosticException">It cannot be told.</exception>
    public static UpdateSituation Of(UpdateFacts facts)
    {
        if (facts.Clusters.FirstOrDefault(item => item.Update is { Phase: UpdatePhase.Retiring } update && update.To == item.Name) is { } heir)
            return new UpdateSituation(facts.Find(heir.Update!.From), heir, heir.Update);
        if (facts.Clusters.FirstOrDefault(item => item.Update is { } update && update.From == item.Name) is { } old)
            return new UpdateSituation(old, facts.Find(old.Update!.To), old.Update);
        // What cannot be looked into may hold the word that counts.
        if (facts.Clusters.Select(item => item.Unreadable).OfType<Diagnostic>().FirstOrDefault() is { } unreadable)
            throw new DiagnosticException(unreadable);
        if (facts.Clusters.FirstOrDefault(item => item.Update is { } update && update.To == item.Name) is { } first)
            // Where the old cluster lost its copy, nothing is known of how far it was: everything before the point of no return can be done again.
            return new UpdateSituation(facts.Find(first.Update!.From), first, first.Update with { Phase = UpdatePhase.Preparing });

        var standing = facts.Clusters.Where(item => item.Cluster.State != ClusterState.Deleting).ToList();
        if (standing.Count > 1)
            throw new DiagnosticException(DiagnosticDescriptors.ClusterNotChosen.Because(
                $"{facts.Owner.App} has several clusters for '{facts.Owner.Environment}', and no full update joins them: {string.Join(", ", standing.Select(item => $"{item.Name} ({facts.ShareOf(item.Name)} % of the load)"))}."));
        // One in which nothing was ever deployed is what a first deploy that was cut has left, or what somebody made for it.
        return standing is not [var only] ? new UpdateSituation(null, null, null)
            : only.Inside.App is not null || facts.ShareOf(only.Name) > 0 ? new UpdateSituation(only, null, null)
            : new UpdateSituation(null, only, null);
    }
}

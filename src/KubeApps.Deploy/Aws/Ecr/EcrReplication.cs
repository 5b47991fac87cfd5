namespace KubeApps.Deploy.Aws.Ecr;

/// <summary>Where a registry's rules send what is pushed. Pure.</summary>
internal static class EcrReplication
{
    private const string ByPrefix = "PREFIX_MATCH";

    /// <summary>Where a repository's images go.</summary>
    public static IReadOnlyList<ReplicationDestination> PlacesOf(IEnumerable<ReplicationRule> rules, string path) =>
        [.. rules.Where(rule => Holds(rule, path)).SelectMany(rule => rule.Destinations).Distinct()];

    /// <summary>The rules with one for the regions that the repositories below a prefix do not go to yet; null where none is missing.</summary>
    public static IReadOnlyList<ReplicationRule>? Missing(IReadOnlyList<ReplicationRule> rules, string prefix, string account, IEnumerable<string> regions)
    {
        var there = PlacesOf(rules, prefix);
        var missing = regions.Distinct().Select(region => new ReplicationDestination(region, account)).Except(there).ToList();
        return missing.Count == 0 ? null : [.. rules, new ReplicationRule(missing) { RepositoryFilters = [new RepositoryFilter(prefix, ByPrefix)] }];
    }

    private static bool Holds(ReplicationRule rule, string path) =>
        rule.RepositoryFilters is not { Count: > 0 } filters || filters.Any(filter => path.StartsWith(filter.Filter, StringComparison.Ordinal));
}

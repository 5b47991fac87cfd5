using KubeApps.Deploy.Aws.ElasticLoadBalancingV2;
using KubeApps.Deploy.Aws.Route53;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>
/// The records of DNS that make shares hold: for each name of an app one of each cluster, an alias of its balancer with the share for a weight;
/// and one of IPv6, where all of the balancers have such addresses: one alone would get all that comes by them. Pure.
/// </summary>
/// <seealso href="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-weighted.html"/>
internal static class EksRecords
{
    private const string Prefix = "kubeapps/";
    private const string DualStack = "dualstack.";

    /// <summary>The type of a record of addresses of IPv4: each share has one.</summary>
    public const string V4 = "A";

    /// <summary>The same of IPv6.</summary>
    public const string V6 = "AAAA";

    private static readonly string[] Addresses = [V4, V6, "CNAME"];

    /// <summary>A cluster's record of a name. What is healthy, the update looks at itself: DNS must not give load back behind its back.</summary>
    public static ResourceRecordSet Of(string name, string type, string cluster, int share, AliasTarget target) => new(Normal(name), type)
    {
        SetIdentifier = Prefix + cluster,
        Weight = share,
        AliasTarget = target,
    };

    public static AliasTarget TargetOf(LoadBalancer balancer) => new(balancer.CanonicalHostedZoneId, Normal(balancer.DNSName), EvaluateTargetHealth: false);

    /// <summary>Whether a balancer has addresses of IPv6.</summary>
    public static bool HasV6(LoadBalancer balancer) => balancer.IpAddressType?.StartsWith("dualstack", StringComparison.Ordinal) == true;

    /// <summary>The cluster that a record leads to; null where it is none of ours.</summary>
    public static string? ClusterOf(ResourceRecordSet record) =>
        record is { Type: V4 or V6, Weight: not null, AliasTarget: not null, SetIdentifier: { } id } && id.StartsWith(Prefix, StringComparison.Ordinal) ? id[Prefix.Length..] : null;

    /// <summary>Whether a record leads to a balancer of a region: <c>web-1.eu-central-1.elb.amazonaws.com</c>, or <c>web-1.elb.eu-central-1.amazonaws.com</c>.</summary>
    public static bool IsIn(string region, ResourceRecordSet record) => record.AliasTarget?.DNSName.Split('.').Contains(region, StringComparer.OrdinalIgnoreCase) == true;

    /// <summary>Records of others that say, too, where a name leads.</summary>
    public static IEnumerable<ResourceRecordSet> Foreign(IEnumerable<ResourceRecordSet> records) => records.Where(record => Addresses.Contains(record.Type) && ClusterOf(record) is null);

    /// <summary>Whether a record leads to a balancer, for all requests and by nothing but its name.</summary>
    public static bool LeadsTo(ResourceRecordSet record, string balancer) =>
        record.SetIdentifier is null && (record.AliasTarget?.DNSName ?? (record is { Type: "CNAME", ResourceRecords: [var only] } ? only.Value : null)) is { } host && IsSame(host, balancer);

    /// <summary>One batch: what is not ours and in the way goes before, what is not wanted any more goes after.</summary>
    /// <param name="standing">Ours, as they stand.</param>
    /// <param name="wanted">Ours, as they shall be.</param>
    /// <param name="replaced">Those of others that ours take the place of.</param>
    public static IReadOnlyList<Change> Changes(IReadOnlyList<ResourceRecordSet> standing, IReadOnlyList<ResourceRecordSet> wanted, IReadOnlyList<ResourceRecordSet> replaced) =>
    [
        .. replaced.Select(record => new Change(ChangeAction.Delete, record)),
        .. wanted.Where(record => !standing.Any(other => Key(other) == Key(record) && other.Weight == record.Weight && IsSameAlias(other.AliasTarget!, record.AliasTarget!)))
            .Select(record => new Change(ChangeAction.Upsert, record)),
        .. standing.Where(record => !wanted.Any(other => Key(other) == Key(record))).Select(record => new Change(ChangeAction.Delete, record)),
    ];

    public static bool IsSame(string host, string other) => Plain(host) == Plain(other);

    /// <summary>Who keeps a name by itself: <c>external-dns</c> writes down beside a record that it is its own.</summary>
    public static bool IsKeptByExternalDns(IEnumerable<ResourceRecordSet> records) =>
        records.Any(record => record.Type == "TXT" && record.ResourceRecords?.Any(text => text.Value.Contains("heritage=external-dns", StringComparison.Ordinal)) == true);

    private static string Normal(string name) => name.TrimEnd('.').ToLowerInvariant() + ".";

    private static string Plain(string host)
    {
        var normal = Normal(host);
        return normal.StartsWith(DualStack, StringComparison.Ordinal) ? normal[DualStack.Length..] : normal;
    }

    private static (string Name, string Type, string? Cluster) Key(ResourceRecordSet record) => (Normal(record.Name), record.Type, ClusterOf(record));

    private static bool IsSameAlias(AliasTarget alias, AliasTarget other) =>
        alias.HostedZoneId == other.HostedZoneId && IsSame(alias.DNSName, other.DNSName) && alias.EvaluateTargetHealth == other.EvaluateTargetHealth;
}

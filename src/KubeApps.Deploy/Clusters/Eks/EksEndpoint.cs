using KubeApps.Deploy.Aws.Eks;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>From where a cluster's API can be reached. Its own network always can. Pure.</summary>
/// <param name="IsPrivate">From there alone.</param>
/// <param name="Ranges">Else from here; empty: from everywhere.</param>
internal sealed record EksEndpoint(bool IsPrivate, IReadOnlyList<string> Ranges)
{
    private const string Everywhere = "0.0.0.0/0";

    /// <summary>Null where nothing is said: what somebody has narrowed by hand is not opened.</summary>
    public static EksEndpoint? Of(ClusterSpecification specification) =>
        specification is { IsPrivate: false, AllowedRanges.Count: 0 } ? null : new(specification.IsPrivate, specification.AllowedRanges);

    public VpcConfigRequest Request => new() { EndpointPrivateAccess = true, EndpointPublicAccess = !IsPrivate, PublicAccessCidrs = IsPrivate || Ranges.Count == 0 ? null : Ranges };

    public bool IsMet(Cluster cluster) => cluster.ResourcesVpcConfig is { EndpointPrivateAccess: true } there && there.EndpointPublicAccess == !IsPrivate
        && (IsPrivate || (there.PublicAccessCidrs ?? []).ToHashSet(StringComparer.Ordinal).SetEquals(Ranges.DefaultIfEmpty(Everywhere)));

    /// <summary>For people.</summary>
    public override string ToString() => IsPrivate ? "from its network alone" : $"from {string.Join(", ", Ranges.DefaultIfEmpty(Everywhere))}";
}

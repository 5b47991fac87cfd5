using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>The tags by which all that belongs to a cluster is found again, and the names that follow from them.</summary>
internal static class EksTags
{
    public const string App = "kubeapps.dev/app";
    public const string Environment = "kubeapps.dev/environment";
    public const string Cluster = "kubeapps.dev/cluster";
    public const string ManagedBy = "kubeapps.dev/managed-by";

    /// <summary>Which of the app's clusters it is of: each full update makes the next. Not on those that were made before there was such a tag.</summary>
    public const string Revision = "kubeapps.dev/revision";

    /// <summary>What a thing is of its cluster or network, where its kind does not say it: <c>subnet/private/eu-central-1a</c>.</summary>
    public const string Part = "kubeapps.dev/part";

    /// <summary>On a VPC of ours, of which AWS does not say it: when it was made, <c>2026-11-27T17:20:00Z</c>.</summary>
    public const string MadeAt = "kubeapps.dev/made-at";

    /// <summary>On a VPC that an account's apps share: <c>shared</c>.</summary>
    public const string Network = "kubeapps.dev/network";

    /// <summary>On a cluster: what users of the app call, separated by spaces.</summary>
    public const string Address = "kubeapps.dev/address";

    /// <summary>On a cluster: the zone of DNS in which those names are.</summary>
    public const string Zone = "kubeapps.dev/zone";

    /// <summary>On a cluster that was just made: who has made it, and may not enter it yet.</summary>
    public const string Maker = "kubeapps.dev/maker";

    /// <summary>On the access entry of an administrator whom a specification has named: <c>true</c>. That of who made the cluster does not have it, and stays, whoever is named.</summary>
    public const string Named = "kubeapps.dev/named";

    /// <summary>On what gives a controller's pods their role: the version that was installed, and after a plus sign how often what is applied of it has changed.</summary>
    public const string Version = "kubeapps.dev/version";

    public const string Us = "kubeapps";

    /// <summary>How EKS, its nodes and its controllers tag what they make for a cluster.</summary>
    public static string OfKubernetes(string cluster) => $"kubernetes.io/cluster/{cluster}";

    public static Dictionary<string, string> Of(ClusterOwner owner, string? cluster = null, string? part = null)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal) { [ManagedBy] = Us, [App] = owner.App, [Environment] = owner.Environment };
        if (cluster is not null)
            tags[Cluster] = cluster;
        if (cluster is not null && ClusterNames.NumberOf(owner, cluster) is { } number)
            tags[Revision] = number.ToString(CultureInfo.InvariantCulture);
        if (part is not null)
            tags[Part] = part;
        return tags;
    }

    /// <summary>Whose it is; null where it is not ours.</summary>
    public static ClusterOwner? OwnerOf(IReadOnlyDictionary<string, string>? tags) =>
        tags is not null && tags.GetValueOrDefault(ManagedBy) == Us && tags.TryGetValue(App, out var app) && tags.TryGetValue(Environment, out var environment)
            ? new ClusterOwner(app, environment)
            : null;

    /// <summary>The name of a role: it holds for all regions of the account.</summary>
    public static string Role(string cluster, string region, string part) => Fit($"{cluster}-{part}-{region}", 64);

    public static string LaunchTemplate(string cluster, string nodegroup) => Fit($"{cluster}-{nodegroup}", 128);

    public static string LogGroup(string cluster) => $"/aws/eks/{cluster}/cluster";

    /// <summary>Whether a text can be a tag's value: AWS takes few characters besides letters and digits.</summary>
    public static bool IsValue(string text) => text.Length <= 256 && text.All(character => char.IsAsciiLetterOrDigit(character) || "+-=._:/@ ".Contains(character, StringComparison.Ordinal));

    /// <summary>The first digits of a hash.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];

    private static string Fit(string name, int longest) => name.Length <= longest ? name : $"{name[..(longest - 9)]}-{Hash(name)}";
}

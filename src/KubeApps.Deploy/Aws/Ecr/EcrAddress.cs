using System.Text.RegularExpressions;
using Amazon;

namespace KubeApps.Deploy.Aws.Ecr;

/// <summary>Whose registry an address names, and where it is: <c>123456789012.dkr.ecr.eu-central-1.amazonaws.com</c>. Pure.</summary>
/// <seealso href="https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html"/>
internal sealed partial record EcrAddress(string Account, string Region)
{
    /// <summary>How a place for images says: the account's own registry, <c>ecr</c> or <c>ecr/team</c>.</summary>
    public const string Own = "ecr";

    /// <summary>Whether its cryptography is validated by FIPS 140.</summary>
    public bool IsFips { get; init; }

    /// <summary>Whether it answers by IPv6, too.</summary>
    public bool IsDualStack { get; init; }

    public string Host
    {
        get
        {
            var partition = RegionEndpoint.GetBySystemName(Region).PartitionDnsSuffix;
            var registry = IsFips ? "ecr-fips" : "ecr";
            return IsDualStack
                ? $"{Account}.dkr-{registry}.{Region}.{(partition == "amazonaws.com.cn" ? "on.amazonwebservices.com.cn" : "on.aws")}"
                : $"{Account}.dkr.{registry}.{Region}.{partition}";
        }
    }

    /// <summary>Null where a host is no registry of ECR.</summary>
    public static EcrAddress? TryParse(string host) => Pattern().Match(host) is { Success: true } match
        ? new(match.Groups["account"].Value, match.Groups["region"].Value) { IsFips = match.Groups["fips"].Success, IsDualStack = match.Groups["dual"].Success }
        : null;

    /// <summary>Whether a place is the account's own registry, and what its repositories begin with.</summary>
    public static bool IsOwn(string place, out string prefix)
    {
        var slash = place.IndexOf('/', StringComparison.Ordinal);
        prefix = slash < 0 ? "" : place[(slash + 1)..].Trim('/');
        return (slash < 0 ? place : place[..slash]) == Own;
    }

    [GeneratedRegex(@"\A(?<account>[0-9]{12})\.dkr(\.|(?<dual>-))ecr(?<fips>-fips)?\.(?<region>[a-z0-9-]+)\.(?(dual)(on\.aws|on\.amazonwebservices\.com\.cn)|amazonaws\.com(\.cn)?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}

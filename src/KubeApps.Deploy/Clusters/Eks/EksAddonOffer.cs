using System.Globalization;
using System.Text.RegularExpressions;
using KubeApps.Deploy.Aws.Eks;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>The versions of an add-on that EKS has for a version of Kubernetes. Pure.</summary>
/// <param name="Default">The one that EKS takes by itself.</param>
/// <param name="Fitting">All that run with it.</param>
internal sealed partial record EksAddonOffer(string Default, IReadOnlyList<string> Fitting)
{
    /// <summary>What one that stands shall become: somebody has made it newer than EKS would, and may need that, as long as it runs with Kubernetes, and runs at all.</summary>
    /// <param name="standing">The one that stands; null where it is missing.</param>
    public string Wanted(Addon? standing) =>
        standing is { AddonVersion: { } version, Status: AddonStatus.Active or AddonStatus.Creating or AddonStatus.Updating } && Fitting.Contains(version) && IsNewer(version, Default) ? version : Default;

    // v1.20.4-eksbuild.1: number by number, the build last.
    private static bool IsNewer(string version, string other)
    {
        foreach (var (own, its) in Numbers(version).Zip(Numbers(other)))
            if (own != its)
                return own > its;
        return Numbers(version).Count() > Numbers(other).Count();
    }

    private static IEnumerable<int> Numbers(string version) => Number().Matches(version).Select(match => int.Parse(match.Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"(?<=[v.-]|^)[0-9]{1,8}(?=[.-]|$)")]
    private static partial Regex Number();
}

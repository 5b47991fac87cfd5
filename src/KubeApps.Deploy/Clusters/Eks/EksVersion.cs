using System.Globalization;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Versions of Kubernetes, and the way from one to another: minor by minor. Pure.</summary>
internal static class EksVersion
{
    // https://kubernetes.io/releases/version-skew-policy/#kubelet
    private const int MostBehind = 3;

    public static bool IsOlder(string version, string other) => Minor(version) < Minor(other);

    /// <summary>The version that a cluster shall have.</summary>
    public static string Wanted(ClusterSpecification specification, EksObserved observed) =>
        specification.Version ?? observed.Cluster?.Version ?? observed.Offer.Versions.Where(item => item.VersionStatus == VersionStatus.StandardSupport)
            .OrderByDescending(item => Minor(item.ClusterVersion)).FirstOrDefault()?.ClusterVersion
        ?? throw new DiagnosticException(DiagnosticDescriptors.ClusterVersionInvalid.Because("EKS names no version that is in standard support."));

    /// <summary>The versions between, the wanted one last.</summary>
    public static IEnumerable<string> Way(string from, string to)
    {
        for (var minor = Minor(from) + 1; minor <= Minor(to); minor++)
            yield return string.Create(CultureInfo.InvariantCulture, $"1.{minor}");
    }

    public static IEnumerable<Diagnostic> Findings(string version, EksObserved observed)
    {
        var known = observed.Offer.Versions.FirstOrDefault(item => item.ClusterVersion == version);
        if (known is null)
            yield return DiagnosticDescriptors.ClusterVersionInvalid.Because(
                $"EKS has no version {version}. It has: {string.Join(", ", observed.Offer.Versions.Select(item => item.ClusterVersion).OrderBy(Minor))}.");
        else if (known.VersionStatus == VersionStatus.ExtendedSupport)
            yield return DiagnosticDescriptors.ClusterInExtendedSupport.Because(
                $"Kubernetes {version} is in extended support{(known.EndOfExtendedSupportDate is { } end ? $" until {end:yyyy-MM-dd}" : "")}, which costs six times as much.");
        if (observed.Cluster?.Version is not { } current)
            yield break;
        if (IsOlder(version, current))
            yield return DiagnosticDescriptors.ClusterVersionInvalid.Because(
                $"The cluster has Kubernetes {current}; it cannot go back to {version}.", nextStep: "Make a new cluster of the older version: a full update does that.");
        else if (IsOlder(current, version))
        {
            if (Behind(version, observed) is { } behind)
                yield return behind;
            foreach (var obstacle in observed.Offer.Obstacles)
                yield return DiagnosticDescriptors.ClusterNotReadyForUpgrade.Because(
                    $"EKS finds in the way of {version}: {Events.Printable.Line(obstacle.Name, 120)}: {Events.Printable.Line(obstacle.InsightStatus?.Reason ?? "", 300)}");
        }
    }

    // The control plane goes first: the machines are what they are until it has arrived.
    private static Diagnostic? Behind(string version, EksObserved observed)
    {
        var oldest = observed.Nodegroups.Where(group => group.Version is { } its && Minor(version) - Minor(its) > MostBehind).MinBy(group => Minor(group.Version!));
        if (oldest is null)
            return null;
        var reached = string.Create(CultureInfo.InvariantCulture, $"1.{Minor(oldest.Version!) + MostBehind}");
        var least = string.Create(CultureInfo.InvariantCulture, $"1.{Minor(version) - MostBehind}");
        return DiagnosticDescriptors.ClusterNotReadyForUpgrade.Because(
            $"The node group {oldest.NodegroupName} has Kubernetes {oldest.Version}; with a control plane of {version} it would be more than {MostBehind} minor versions behind, which nodes may not be.",
            nextStep: EksTags.OwnerOf(oldest.Tags) is null
                ? $"Who keeps that node group must bring it to {least} at least; then run this again. Nothing was changed."
                : $"Upgrade to {reached} first, which brings the node groups there, too; then run this again. Nothing was changed.");
    }

    private static int Minor(string version) =>
        version.Split('.') is ["1", var minor, ..] && int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}

using KubeApps.Bundles;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Clusters.Sandbox;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters;

/// <summary>Where the clusters of an environment come from.</summary>
internal static class ClusterProviders
{
    /// <param name="target">Where the environment lives; null means this machine.</param>
    /// <param name="clock">The time.</param>
    public static IClusterProvider Open(BundleTarget? target, TimeProvider clock) => target?.Kind switch
    {
        null or "sandbox" => new SandboxClusterProvider(SandboxLocation.FromEnvironment(), clock),
        "eks" => OfEks(new AwsSettings { Account = target.Account, Region = target.Region }, clock),
        _ => throw new DiagnosticException(DiagnosticDescriptors.ClustersNotProvided.Because($"The environment's target is '{target.Kind}'.")),
    };

    /// <param name="settings">Which account and region, and how they are entered.</param>
    /// <param name="clock">The time.</param>
    /// <param name="entersAsListed">Whether who was listed is entered without being described again.</param>
    public static EksClusterProvider OfEks(AwsSettings settings, TimeProvider clock, bool entersAsListed = false)
    {
        var place = $"{(settings.Account is { } account ? $"{account}/" : "")}{settings.Region}{(settings.Profile is { } profile ? $" ({profile})" : "")}";
        return new EksClusterProvider(cancellationToken => AwsAccess.OpenAsync(settings, cancellationToken), place, clock) { Profile = settings.Profile, EntersAsListed = entersAsListed };
    }
}

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
        "eks" => new EksClusterProvider(
            cancellationToken => AwsAccess.OpenAsync(new AwsSettings { Account = target.Account, Region = target.Region }, cancellationToken), $"{target.Account}/{target.Region}", clock),
        _ => throw new DiagnosticException(DiagnosticDescriptors.ClustersNotProvided.Because($"The environment's target is '{target.Kind}'.")),
    };
}

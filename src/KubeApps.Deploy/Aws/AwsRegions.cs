using System.Text.RegularExpressions;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Aws;

/// <summary>Which region is meant: the one that is named, else that of the variables, else the profile's.</summary>
internal static partial class AwsRegions
{
    /// <exception cref="DiagnosticException">None is named, or something that is no region.</exception>
    public static RegionEndpoint Find(AwsSettings settings)
    {
        var name = settings.Region ?? Environment.GetEnvironmentVariable("AWS_REGION") ?? FromProfile(settings.Profile) ?? FallbackRegionFactory.GetRegionEndpoint()?.SystemName;
        return name is null
            ? throw new DiagnosticException(DiagnosticDescriptors.AwsRegionInvalid.Because("No region of AWS is named: not by the environment's target, not in AWS_REGION, and not in the profile."))
            : Name().IsMatch(name)
            ? RegionEndpoint.GetBySystemName(name)
            : throw new DiagnosticException(DiagnosticDescriptors.AwsRegionInvalid.Because($"'{Printable.Line(name, 60)}' is no region of AWS."));
    }

    private static string? FromProfile(string? profile) =>
        profile is not null && new CredentialProfileStoreChain().TryGetProfile(profile, out var found) ? found.Region?.SystemName : null;

    [GeneratedRegex(@"\A[a-z]{2,4}(-[a-z]+)+-[0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}

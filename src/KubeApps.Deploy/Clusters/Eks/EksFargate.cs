using KubeApps.Deploy.Aws.Eks;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>What a Fargate profile of a specification is called in EKS: its own name, or one that says what it picks where that name is taken. Pure.</summary>
internal static class EksFargate
{
    // The longest that EKS takes is 63.
    private const int LongestPrefix = 50;

    /// <param name="profile">What is wanted.</param>
    /// <param name="standing">What stands.</param>
    public static string NameOf(FargateSpecification profile, IReadOnlyList<Aws.Eks.FargateProfile> standing)
    {
        var changed = $"{Prefix(profile.Name)}{EksTags.Hash(TextOf(profile))}";
        // One that goes, or could not be made, is made anew under its name.
        return standing.FirstOrDefault(item => item.FargateProfileName == profile.Name) is { Status: not (FargateProfileStatus.Deleting or FargateProfileStatus.CreateFailed) } there && !IsSame(profile, there)
            || standing.Any(item => item.FargateProfileName == changed && item.Status != FargateProfileStatus.Deleting)
                ? changed : profile.Name;
    }

    /// <summary>Whether a profile was made for this one of a specification.</summary>
    public static bool IsOf(string profile, string name) => name == profile || name.StartsWith(Prefix(profile), StringComparison.Ordinal);

    private static bool IsSame(FargateSpecification profile, Aws.Eks.FargateProfile there) => TextOf(profile) == TextOf(new FargateSpecification(
        profile.Name, [.. (there.Selectors ?? []).Select(selector => new FargateSelector(selector.Namespace, selector.Labels ?? new Dictionary<string, string>()))]));

    private static string Prefix(string profile) => profile.Length <= LongestPrefix ? $"{profile}-" : $"{profile[..(LongestPrefix - 9)]}-{EksTags.Hash(profile)}-";

    private static string TextOf(FargateSpecification profile) => string.Join('|', profile.Selectors
        .Select(selector => $"{selector.Namespace}{string.Concat(selector.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $" {label.Key}={label.Value}"))}")
        .Order(StringComparer.Ordinal));
}

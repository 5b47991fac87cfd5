using KubeApps.Bundles;

namespace KubeApps.Rendering;

/// <summary>What stands in <c>bundle.json</c> as data for the deploy and is no Kubernetes object.</summary>
internal static class BundleData
{
    public static BundleTarget Target(Target target) => new(target.Kind.ToString().ToLowerInvariant(), target.ContextName)
    {
        Account = target.Account,
        Region = target.Region,
        Registry = target.Registry,
    };

    public static BundleStrategy Strategy(KubeAppModel app) => new("rolling", TimeSpan.FromMinutes(10));
}

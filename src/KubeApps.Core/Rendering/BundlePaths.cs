using KubeApps.Bundles;

namespace KubeApps.Rendering;

/// <summary>In which order objects stand in a bundle, and what their files are called.</summary>
internal static class BundlePaths
{
    /// <summary>What others need comes first; the order of the design, which the deploy refines into waves.</summary>
    private static readonly string[] Order =
    [
        "Namespace", "CustomResourceDefinition", "PriorityClass", "StorageClass", "ResourceQuota", "LimitRange",
        "ConfigMap", "Secret", "ExternalSecret", "PersistentVolume", "PersistentVolumeClaim",
        "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "NetworkPolicy", "PodDisruptionBudget",
        "Job", "Deployment", "StatefulSet", "DaemonSet", "CronJob",
        "Service", "Ingress", "HorizontalPodAutoscaler",
    ];

    public static IReadOnlyList<BundleObject> InApplyOrder(string environment, IEnumerable<RenderedObject> objects)
    {
        HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
        return
        [
            .. objects
                .OrderBy(item => Array.IndexOf(Order, item.Kind) is var rank and >= 0 ? rank : Order.Length)
                .ThenBy(item => item.Kind, StringComparer.Ordinal)
                .ThenBy(item => item.Name, StringComparer.Ordinal)
                .Select(item => new BundleObject(PathOf(environment, item, taken), item.Phase, item.Content)),
        ];
    }

    private static string PathOf(string environment, RenderedObject item, HashSet<string> taken)
    {
        // A name may hold what a file name may not (RBAC allows colons).
        var stem = string.Concat($"{item.Kind.ToLowerInvariant()}-{item.Name}".Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_'));
        var path = $"env/{environment}/{stem}.yaml";
        for (var number = 2; !taken.Add(path); number++)
            path = $"env/{environment}/{stem}-{number}.yaml";
        return path;
    }
}

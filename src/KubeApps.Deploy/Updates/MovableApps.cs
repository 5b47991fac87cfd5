using KubeApps.Bundles;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Updates;

/// <summary>Whether an app can move to another cluster, as far as its bundle tells. Pure.</summary>
internal static class MovableApps
{
    /// <summary>What is worth knowing. An error stops a full update before anything is done: data would stay behind.</summary>
    public static IReadOnlyList<Diagnostic> Look(Bundle bundle, BundleEnvironment environment)
    {
        var claims = environment.Objects.Where(item => Kind(item) == "PersistentVolumeClaim" && !MayBeginEmpty(item)).Select(Name);
        var templates = environment.Objects.Where(item => Kind(item) == "StatefulSet" && item.Content["spec"]?["volumeClaimTemplates"] is System.Text.Json.Nodes.JsonArray { Count: > 0 }).Select(Name);
        var scheduled = environment.Objects.Where(item => Kind(item) == "CronJob").Select(Name).ToList();
        return
        [
            .. claims.Concat(templates).Select(what => DiagnosticDescriptors.StateCannotMove.Because($"{what} of {bundle.App} keeps data.")),
            .. scheduled.Count == 0 ? (IEnumerable<Diagnostic>)[] : [DiagnosticDescriptors.RunsTwice.Because($"{string.Join(", ", scheduled)} of {bundle.App} run{(scheduled.Count == 1 ? "s" : "")} in both clusters until the old one is deleted.")],
        ];
    }

    private static bool MayBeginEmpty(BundleObject item) => (string?)item.Content["metadata"]?["annotations"]?[BundleConventions.PerSlot] == "true";

    private static string Kind(BundleObject item) => (string?)item.Content["kind"] ?? "";

    private static string Name(BundleObject item) => $"{Kind(item)} {item.Content["metadata"]?["name"]}";
}

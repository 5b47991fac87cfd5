using System.Text.Json.Nodes;
using KubeApps.Bundles;
using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

/// <summary>Persistent claims, and the volumes and mounts of pods.</summary>
internal static class StorageRendering
{
    private static readonly Dictionary<string, string> PerSlot = new() { [BundleConventions.PerSlot] = "true" };

    public static void Render(RenderContext context)
    {
        foreach (var claim in context.App.All<PersistentClaim>())
            context.Add(
                Object(
                    ("apiVersion", "v1"),
                    ("kind", "PersistentVolumeClaim"),
                    ("metadata", context.Metadata(claim.Name, annotations: claim.PerSlot ? PerSlot : null)),
                    ("spec", Spec(claim))),
                part: claim);
    }

    public static JsonObject Spec(PersistentClaim claim) => Object(
        ("accessModes", new JsonArray(claim.Access.ToString())),
        ("storageClassName", claim.StorageClass),
        ("resources", Object(("requests", Object(("storage", claim.Size))))));

    /// <summary>The volumes that the mounts of a pod's containers need, each once. A stateful set's own claims are volumes by themselves.</summary>
    public static JsonArray? Volumes(Workload workload)
    {
        var own = workload is StatefulSet set ? set.Claims.Select(claim => claim.Name).ToHashSet(StringComparer.Ordinal) : [];
        return List(
            workload.Containers.Concat(workload.InitContainers).Concat(workload.Sidecars)
                .SelectMany(container => container.Mounts)
                .Where(mount => mount.Kind != MountKind.Claim || !own.Contains(mount.Source))
                .DistinctBy(mount => mount.VolumeName, StringComparer.Ordinal),
            Volume);
    }

    public static JsonObject Mount(Mount mount) => Object(
        ("name", mount.VolumeName),
        ("mountPath", mount.Path),
        ("subPath", mount.Key),
        ("readOnly", mount.ReadOnly ? true : null));

    private static JsonObject Volume(Mount mount) => Object(
        ("name", mount.VolumeName),
        ("configMap", mount.Kind == MountKind.Config ? Object(("name", mount.Source)) : null),
        ("secret", mount.Kind == MountKind.Secret ? Object(("secretName", mount.Source)) : null),
        ("persistentVolumeClaim", mount.Kind == MountKind.Claim ? Object(("claimName", mount.Source)) : null),
        ("emptyDir", mount.Kind != MountKind.EmptyDirectory ? null : Object(
            ("medium", mount.InMemory ? "Memory" : null), ("sizeLimit", mount.SizeLimit))));
}

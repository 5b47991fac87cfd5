using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects.Defaults;

internal static class StorageDefaults
{
    public static void Claim(JsonObject claim)
    {
        claim.Ensure("spec").Default("volumeMode", "Filesystem");
        claim.Ensure("status").Default("phase", "Pending");
    }

    public static void Volume(JsonObject volume)
    {
        var spec = volume.Ensure("spec");
        spec.Default("persistentVolumeReclaimPolicy", "Retain");
        spec.Default("volumeMode", "Filesystem");
        volume.Ensure("status").Default("phase", "Pending");
    }

    public static void Class(JsonObject storageClass)
    {
        storageClass.Default("reclaimPolicy", "Delete");
        storageClass.Default("volumeBindingMode", "Immediate");
    }
}

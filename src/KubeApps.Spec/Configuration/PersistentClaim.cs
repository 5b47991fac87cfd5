using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>How many nodes can use a <see cref="PersistentClaim"/>.</summary>
public enum ClaimAccess
{
    /// <summary>One node reads and writes.</summary>
    ReadWriteOnce,

    /// <summary>One pod reads and writes.</summary>
    ReadWriteOncePod,

    /// <summary>Many nodes read and write.</summary>
    ReadWriteMany,

    /// <summary>Many nodes read.</summary>
    ReadOnlyMany,
}

/// <summary>Storage that outlives pods. A deploy never deletes it, unless it is <see cref="PerSlot"/>.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/storage/persistent-volumes/"/>
public sealed class PersistentClaim : AppPart
{
    [JsonConstructor]
    internal PersistentClaim()
    {
    }

    /// <summary>A claim.</summary>
    /// <param name="name">Its name: a DNS-1123 label.</param>
    /// <param name="size">A quantity: <c>10Gi</c>. It can grow later where the storage class allows it, never shrink.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public PersistentClaim(string name, string size, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        : base(name, file, line) => Size = size;

    /// <summary>How much it holds: <c>10Gi</c>.</summary>
    public string Size { get; set; } = "";

    /// <summary>How many nodes can use it. Default: one.</summary>
    public ClaimAccess Access { get; set; }

    /// <summary>The storage class. Default: the cluster's.</summary>
    public string? StorageClass { get; set; }

    /// <summary>
    /// Whether each slot of a blue/green deploy has such a claim of its own, empty when its version comes up and deleted with it: for caches, and
    /// for disks that the pods of two versions cannot use at once. Only Deployments can mount it. Default: false, all versions share the one claim.
    /// </summary>
    public bool PerSlot { get; set; }
}

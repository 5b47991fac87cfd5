using System.Text.Json.Serialization;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>
/// Something that an app consists of and that has a name: a workload, a service, a configuration… Add it with
/// <see cref="KubeAppModel.Add{T}"/>. Where another part is asked for by name, the part itself can be given.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Deployment), nameof(Deployment))]
[JsonDerivedType(typeof(StatefulSet), nameof(StatefulSet))]
[JsonDerivedType(typeof(DaemonSet), nameof(DaemonSet))]
[JsonDerivedType(typeof(Job), nameof(Job))]
[JsonDerivedType(typeof(CronJob), nameof(CronJob))]
[JsonDerivedType(typeof(Service), nameof(Service))]
[JsonDerivedType(typeof(NetworkPolicy), nameof(NetworkPolicy))]
[JsonDerivedType(typeof(Config), nameof(Config))]
[JsonDerivedType(typeof(Secret), nameof(Secret))]
[JsonDerivedType(typeof(PersistentClaim), nameof(PersistentClaim))]
[JsonDerivedType(typeof(ServiceAccount), nameof(ServiceAccount))]
[JsonDerivedType(typeof(NodePool), nameof(NodePool))]
[JsonDerivedType(typeof(FargateProfile), nameof(FargateProfile))]
public abstract class AppPart
{
    private protected AppPart()
    {
    }

    private protected AppPart(string name, string file, int line) => (Name, Location) = (name, new SourceLocation(file, line));

    /// <summary>The name, unique among the parts of its kind: a DNS-1123 label (lower-case letters, digits, hyphens; at most 63).</summary>
    public string Name { get; set; } = "";

    /// <summary>Where it was made; the file as the compiler saw it.</summary>
    internal SourceLocation? Location { get; }

    /// <summary>A part stands for its name.</summary>
    public static implicit operator string(AppPart part) => part.Name;
}

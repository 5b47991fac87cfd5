namespace KubeApps;

/// <summary>What a pod may do on its node. Null means: what the framework's default says; with that turned off, what the cluster says.</summary>
/// <seealso href="https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"/>
public sealed class PodSecurity
{
    /// <summary>Whether containers that would run as root are refused. Default: true.</summary>
    public bool? RunAsNonRoot { get; set; }

    /// <summary>The user that programs run as. Default: the image's (1654 in the .NET images).</summary>
    public long? RunAsUser { get; set; }

    /// <summary>The group that programs run as. Default: the image's.</summary>
    public long? RunAsGroup { get; set; }

    /// <summary>The group that owns the files of volumes. Default: 1654, the group of the .NET images, where a persistent claim is mounted.</summary>
    public long? FsGroup { get; set; }

    /// <summary>The seccomp profile: <c>RuntimeDefault</c> or <c>Unconfined</c>. Default: <c>RuntimeDefault</c>.</summary>
    public string? SeccompProfile { get; set; }
}

namespace KubeApps;

/// <summary>What a container may do. Null means: what the framework's default says; with that turned off, what the cluster says.</summary>
/// <seealso href="https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"/>
public sealed class ContainerSecurity
{
    /// <summary>Whether the program can gain more privileges than its parent. Default: false.</summary>
    public bool? AllowPrivilegeEscalation { get; set; }

    /// <summary>
    /// Whether the root file system is read-only. Default: true; an empty directory stands at <c>/tmp</c> then, unless something else is mounted there.
    /// </summary>
    public bool? ReadOnlyRootFilesystem { get; set; }

    /// <summary>Whether a program that would run as root is refused. Default: as the pod says.</summary>
    public bool? RunAsNonRoot { get; set; }

    /// <summary>The user that the program runs as. Default: as the pod says, else the image's.</summary>
    public long? RunAsUser { get; set; }

    /// <summary>Linux capabilities that are taken away. Default: <c>ALL</c>.</summary>
    public List<string>? DropCapabilities { get; set; }

    /// <summary>Linux capabilities that are given: <c>NET_BIND_SERVICE</c>. Default: none.</summary>
    public List<string>? AddCapabilities { get; set; }

    /// <summary>Whether the container can do all that the node can. Default: false.</summary>
    public bool? Privileged { get; set; }
}

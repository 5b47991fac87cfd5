namespace KubeApps.Sandbox.Pods.Containers;

/// <summary>A container cannot be made or started. The message is what stands in its status and in the event.</summary>
internal sealed class ContainerException(string reason, string message) : Exception(message)
{
    /// <summary>A ConfigMap, a Secret or a key is missing: tried again until it is there.</summary>
    public const string ConfigError = "CreateContainerConfigError";

    /// <summary>The container cannot be made as its spec or its image wants it.</summary>
    public const string CreateError = "CreateContainerError";

    /// <summary>The program cannot be started: counts as a run that failed.</summary>
    public const string StartError = "StartError";

    /// <summary>The reason in the container's status.</summary>
    public string Reason => reason;

    /// <summary>A program that a container runtime cannot find, in its words.</summary>
    public static ContainerException NotStarted(string program, string why) => new(
        StartError,
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
        + $"unable to start container process: exec: \"{program}\": {why}: unknown");
}

namespace KubeApps.Sandbox.Pods;

/// <summary>What is known of a container at one moment: what its status says.</summary>
internal sealed record ContainerSnapshot(ContainerSpec Spec, ContainerState State)
{
    public ContainerState.Terminated? LastTermination { get; init; }

    public int RestartCount { get; init; }

    public bool Started { get; init; }

    public bool Ready { get; init; }

    public string ImageId { get; init; } = "";

    public string? ContainerId { get; init; }
}

/// <summary>Waiting, running or terminated.</summary>
internal abstract record ContainerState
{
    internal sealed record Waiting(string Reason, string? Message = null) : ContainerState;

    internal sealed record Running(DateTimeOffset StartedAt) : ContainerState;

    /// <summary>How one run ended. Times are as Kubernetes has them: a program that did not start has started in 1970.</summary>
    internal sealed record Terminated(
        int ExitCode, string Reason, string? Message, DateTimeOffset StartedAt, DateTimeOffset FinishedAt, string? ContainerId) : ContainerState;
}

using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Rollouts;

namespace KubeApps.Deploy.Fleet;

/// <summary>How an app stands, in a word.</summary>
internal enum FleetHealth
{
    Healthy,

    /// <summary>A deploy is under way or was cut: what stands is not yet what it shall be.</summary>
    Deploying,
    Failing,
}

/// <summary>How an app of the fleet stands, in a line. Pure.</summary>
/// <param name="Status">All that is known of it.</param>
internal sealed record FleetStatus(AppStatus Status)
{
    // The first that is not as it should be, those that failed before those that are on their way.
    private readonly WorkloadRow? _worst = Status.Workloads.Where(workload => workload.Status.State != WorkloadState.Current)
        .OrderBy(workload => workload.Finding is null && workload.Status.State == WorkloadState.InProgress).FirstOrDefault();

    public FleetHealth Health => Status.Inventory is { IsComplete: true, Rollout: not { IsUnderWay: true } } ? (_worst is null ? FleetHealth.Healthy : FleetHealth.Failing)
        : Status.FailedDeploy is not null || _worst?.Finding is not null || _worst is { Status.State: not WorkloadState.InProgress } ? FleetHealth.Failing
        : FleetHealth.Deploying;

    /// <summary>Pods that shall stay and are ready: those of Jobs are not meant to.</summary>
    public int Ready => Status.Workloads.Where(workload => workload.Id.Kind != "Job").Sum(workload => workload.Status.Ready);

    public int Desired => Status.Workloads.Where(workload => workload.Id.Kind != "Job").Sum(workload => workload.Status.Desired);

    /// <summary>What is most worth knowing; null where all is well.</summary>
    public string? Message => _worst is not null ? $"{_worst.Id.Kind} {_worst.Id.Name}: {_worst.Message}"
        : Status.FailedDeploy is { } failed ? $"The deploy of revision {failed.Number} did not end well{(failed.State.Cause is { } cause ? $": {cause}" : ".")}"
        : null;
}

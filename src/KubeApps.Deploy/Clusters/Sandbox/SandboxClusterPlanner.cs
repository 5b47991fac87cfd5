using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Sandbox;

/// <summary>What stands of a sandbox cluster, and what the plan for it must know besides.</summary>
/// <param name="Found">The cluster of that name; null where there is none.</param>
/// <param name="HasFolder">Whether there is a folder of that name, whatever is in it.</param>
/// <param name="IsRunning">Whether its process runs.</param>
/// <param name="Others">The names of its owner's other clusters.</param>
/// <param name="Shares">Its owner's shares.</param>
internal sealed record SandboxClusterSight(
    AppCluster? Found, bool HasFolder, bool IsRunning, IReadOnlyList<string> Others, IReadOnlyDictionary<string, int> Shares)
{
    /// <summary>Whether there is a cluster of which it cannot be read whose it is.</summary>
    public bool IsUnknown { get; init; }
}

/// <summary>Which steps lead from what stands to what is wanted. Decides; does nothing.</summary>
internal static class SandboxClusterPlanner
{
    public const string Folder = "folder";
    public const string ControlPlane = "control-plane";
    public const string Load = "load";

    public static ClusterPlan Plan(ClusterChange change, SandboxClusterSight sight)
    {
        if (!ClusterNames.IsValid(change.Name))
            return Refused(change, DiagnosticDescriptors.ClusterNameUnusable.Because($"'{change.Name}' cannot be the name of a cluster."));
        if (sight.Found is { } found && found.Owner != change.Owner)
            return Refused(change, DiagnosticDescriptors.ClusterNameUnusable.Because(
                $"The cluster {change.Name} is of {found.Owner.App} ({found.Owner.Environment}), not of {change.Owner.App} ({change.Owner.Environment})."));
        if (sight.IsUnknown)
            return Refused(change, DiagnosticDescriptors.ClusterNameUnusable.Because(
                $"What the cluster {change.Name} says of itself cannot be read: a newer version may have made it.", nextStep: "Update the tool, or choose another name."));
        return change switch
        {
            ClusterChange.Remove => Remove(change, sight),
            ClusterChange.Upgrade => Refused(change, DiagnosticDescriptors.ClusterVersionInvalid.Because(
                $"The cluster {change.Name} is on this machine: it has the version that the sandbox speaks{(sight.Found?.Version is { } version ? $", {version}" : "")}.", nextStep: "Update the tool.")),
            _ => Ensure(change, sight),
        };
    }

    private static ClusterPlan Ensure(ClusterChange change, SandboxClusterSight sight)
    {
        if (sight.Found?.State == ClusterState.Deleting)
            return Refused(change, DiagnosticDescriptors.ClusterNameUnusable.Because(
                $"The cluster {change.Name} is being deleted.", nextStep: $"Delete it to the end with 'dotnet kubeapp cluster delete {change.Name}', or choose another name."));
        var steps = new List<ClusterStep>();
        if (sight.Found is null)
            steps.Add(Step(Folder, $"Make {change.Name}", ClusterAction.Create));
        if (sight.Found is not { State: ClusterState.Ready } || !sight.IsRunning)
            steps.Add(Step(ControlPlane, $"Start the API of {change.Name}", ClusterAction.Create, after: steps.Count > 0 ? [Folder] : []) with { Expected = TimeSpan.FromSeconds(2) });
        return new ClusterPlan(change, steps);
    }

    private static ClusterPlan Remove(ClusterChange change, SandboxClusterSight sight)
    {
        var share = sight.Shares.GetValueOrDefault(change.Name);
        // The last one takes the address with it. Before that, whoever deletes what serves has mistaken one for the other.
        if (share > 0 && sight.Others.Count > 0)
            return Refused(change, DiagnosticDescriptors.ClusterStillServes.Because(
                $"{change.Name} gets {share} % of the load of {change.Owner.App} ({change.Owner.Environment}); there is also {string.Join(", ", sight.Others)}."));
        var steps = new List<ClusterStep>();
        if (sight.Shares.ContainsKey(change.Name))
            steps.Add(Step(Load, $"Take {change.Name} out of the load", ClusterAction.Delete));
        if (sight.IsRunning)
            steps.Add(Step(ControlPlane, $"Stop {change.Name} and its pods", ClusterAction.Delete, after: [.. steps.Select(step => step.Id)]) with { Expected = TimeSpan.FromSeconds(5) });
        if (sight.HasFolder)
            steps.Add(Step(Folder, $"Delete what {change.Name} holds", ClusterAction.Delete, after: [.. steps.Select(step => step.Id)]));
        return new ClusterPlan(change, steps);
    }

    private static ClusterPlan Refused(ClusterChange change, Diagnostic reason) => new(change, []) { Findings = [reason] };

    private static ClusterStep Step(string id, string title, ClusterAction action, params IReadOnlyList<string> after) =>
        new(id, title, action, after) { Expected = TimeSpan.FromSeconds(0.1), Timeout = TimeSpan.FromMinutes(2) };
}

using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.History;

/// <summary>Where one version takes the place of another: what runs there is one thing at a time.</summary>
/// <param name="Environment">The environment.</param>
/// <param name="App">The app; null for what other tools deploy.</param>
/// <param name="Namespace">The app's namespace; with the cluster it tells apart what has the same name.</param>
/// <param name="Cluster">The cluster's identity, where it is known.</param>
/// <param name="Task">Of other tools: the task. They have no apps, but tasks.</param>
internal sealed record HistoryLine(string Environment, string? App, string? Namespace, string? Cluster, string? Task);

/// <summary>One deploy, as the cluster, GitHub or both keep it. Where both know something, the cluster is right.</summary>
/// <param name="Revision">The cluster's.</param>
/// <param name="Record">GitHub's.</param>
internal sealed record HistoryEntry(Revision? Revision, RecordedDeployment? Record)
{
    /// <summary>The identity of the cluster that keeps the revision, where neither it nor its record says it.</summary>
    public string? Cluster { get; init; }

    /// <summary>Of what stands in the cluster: since when.</summary>
    public DateTimeOffset? StandsSince { get; init; }

    /// <summary>The deployment that GitHub has of it.</summary>
    public long? Deployment => Record?.Deployment.Id ?? Revision?.Record?.Id;

    /// <summary>What both sides call it: the UID of the revision's object.</summary>
    public string? Rollout => Revision?.Rollout ?? Record?.Payload?.Rollout;

    public string? App => Revision?.App ?? Record?.Payload?.App;

    public string Environment => Revision?.Environment ?? Record?.Payload?.Environment ?? Record?.Deployment.Environment ?? "";

    public string? Namespace => Revision?.Namespace ?? Record?.Payload?.Namespace;

    /// <summary>What people call the cluster; null where only the cluster itself tells of the deploy.</summary>
    public string? ClusterName => Record?.Payload?.ClusterName;

    public int? Number => Revision?.Number ?? Record?.Payload?.Revision;

    public string? Commit => Revision?.Commit ?? Record?.Deployment.Sha;

    public string Task => Record?.Deployment.Task ?? RecordRules.TaskOf(Revision!);

    public int? Restores => Revision?.Restores ?? Record?.Payload?.Restores;

    public string? Strategy => Revision?.Strategy ?? Record?.Payload?.Strategy;

    public string Actor => Revision?.By.Name ?? Record?.Payload?.Actor ?? Record?.Deployment.Creator?.Login ?? "";

    public string? RunUrl => Revision?.By.RunUrl ?? Record?.Payload?.RunUrl ?? Record?.Telling?.LogUrl;

    public string? Url => Record?.Telling?.EnvironmentUrl is { Length: > 0 } url ? url : Revision?.State.Url;

    public string? Bundle => Revision?.Bundle ?? Record?.Payload?.Bundle;

    public IReadOnlyList<RevisionImage> Images => Revision?.Images ?? Record?.Payload?.Images ?? [];

    /// <summary>Why it failed, or what was said of it last.</summary>
    public string? Cause => Revision is null ? Record?.Telling?.Description ?? Record?.Deployment.Description : Revision.State.Cause;

    public DateTimeOffset StartedAt => Revision?.StartedAt ?? Record!.StartedAt;

    public DateTimeOffset? EndedAt => Revision is null ? Record?.EndedAt
        : Revision.State.Elapsed is { } elapsed ? Revision.StartedAt + elapsed : State == HistoryState.InProgress ? null : Record?.EndedAt;

    public HistoryState State => Revision is null ? Record?.State ?? HistoryState.Unknown : HistoryStates.Of(Revision.State.Outcome);

    /// <summary>Whether another tool made it.</summary>
    public bool IsForeign => App is null;

    public HistoryLine Line => IsForeign
        ? new HistoryLine(Environment, null, null, null, Task)
        : new HistoryLine(Environment, App, Namespace, Record?.Payload?.ClusterUid ?? Revision?.Record?.Cluster.Uid ?? Cluster, null);

    /// <summary>When it began to serve; null where it never did, or where that is not known.</summary>
    public DateTimeOffset? LiveFrom => State != HistoryState.Success || Task == RecordRules.DestroyTask ? null
        : Revision?.State.Elapsed is { } elapsed ? Later(StandsSince, Revision.StartedAt + elapsed)
        // One that was held served later than its own run ended: of what stands the cluster knows when, of others the record, which may be late.
        : Record?.SucceededAt is { } told ? (StandsSince < told ? StandsSince : told) : Later(StandsSince, StartedAt);

    /// <summary>When it ceased to; null while it serves. <see cref="Liveness"/> finds it.</summary>
    public DateTimeOffset? LiveTo { get; init; }

    /// <summary>Whether it is what runs now.</summary>
    public bool IsCurrent { get; init; }

    private static DateTimeOffset Later(DateTimeOffset? one, DateTimeOffset other) => one > other ? one.Value : other;
}

using KubeApps.Deploy.GitHub;

namespace KubeApps.Deploy.History;

/// <summary>A deployment as GitHub keeps it, ours or another tool's.</summary>
/// <param name="Deployment">As GitHub tells it.</param>
/// <param name="Payload">What we wrote of it; null for one of another tool.</param>
/// <param name="Statuses">The newest first; null where they were not asked for.</param>
internal sealed record RecordedDeployment(GitHubDeployment Deployment, RecordedPayload? Payload, IReadOnlyList<GitHubDeploymentStatus>? Statuses = null)
{
    public static RecordedDeployment Of(GitHubDeployment deployment) => new(deployment, RecordedPayload.Read(deployment.Payload));

    public HistoryState State => Statuses is null ? HistoryState.Unknown : HistoryStates.Of(Statuses);

    /// <summary>When it began to serve: its first success.</summary>
    public DateTimeOffset? SucceededAt => Oldest("success")?.CreatedAt;

    /// <summary>When it said how it ended; null while it goes on.</summary>
    public DateTimeOffset? EndedAt => Statuses?.LastOrDefault(status => status.State is "success" or "failure" or "error")?.CreatedAt
        ?? Oldest("inactive")?.CreatedAt;

    /// <summary>When it was said to serve no more, after it did.</summary>
    public DateTimeOffset? RetiredAt => Statuses is null || SucceededAt is null ? null
        : Statuses.TakeWhile(status => status.State != "success").LastOrDefault(status => status.State == "inactive")?.CreatedAt;

    /// <summary>What the last state says, of those that say something.</summary>
    public GitHubDeploymentStatus? Telling => Statuses?.FirstOrDefault(status => status.State != "inactive") ?? Statuses?.FirstOrDefault();

    private GitHubDeploymentStatus? Oldest(string state) => Statuses?.LastOrDefault(status => status.State == state);
}

using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Events;

namespace KubeApps.Deploy.History;

/// <summary>A deployment as GitHub keeps it, ours or another tool's.</summary>
/// <param name="Deployment">As GitHub tells it.</param>
/// <param name="Payload">What we wrote of it; null for one of another tool.</param>
/// <param name="Statuses">The newest first; null where they were not asked for.</param>
internal sealed record RecordedDeployment(GitHubDeployment Deployment, RecordedPayload? Payload, IReadOnlyList<GitHubDeploymentStatus>? Statuses = null)
{
    // A record is made as its deploy begins. What was delivered afterwards, because GitHub did not answer, says what GitHub's own times do not.
    private static readonly TimeSpan Prompt = TimeSpan.FromMinutes(1);

    public static RecordedDeployment Of(GitHubDeployment deployment) => new(deployment, RecordedPayload.Read(deployment.Payload));

    public HistoryState State => Statuses is null ? HistoryState.Unknown : HistoryStates.Of(Statuses);

    /// <summary>When the deploy began.</summary>
    public DateTimeOffset StartedAt => Payload?.StartedAt is { } started && started < Deployment.CreatedAt ? started : Deployment.CreatedAt;

    /// <summary>When it began to serve: its first success, or before, where that came late and says how long the deploy took.</summary>
    public DateTimeOffset? SucceededAt => Oldest("success") is not { } success ? null
        : Payload is not null && StartedAt + RecordText.ElapsedOf(success.Description) is { } served && served < success.CreatedAt ? served : success.CreatedAt;

    /// <summary>When it ended; null while it goes on, and where its record was made afterwards and does not say it.</summary>
    public DateTimeOffset? EndedAt => (Statuses?.LastOrDefault(status => status.State is "success" or "failure" or "error") ?? Oldest("inactive")) is not { } end ? null
        : end.State == "success" && SucceededAt < end.CreatedAt ? SucceededAt
        : Deployment.CreatedAt - StartedAt > Prompt ? null : end.CreatedAt;

    /// <summary>When it was said to serve no more, after it did.</summary>
    public DateTimeOffset? RetiredAt => Statuses is null || SucceededAt is null ? null
        : Statuses.TakeWhile(status => status.State != "success").LastOrDefault(status => status.State == "inactive")?.CreatedAt;

    /// <summary>What the last state says, of those that say something.</summary>
    public GitHubDeploymentStatus? Telling => Statuses?.FirstOrDefault(status => status.State != "inactive") ?? Statuses?.FirstOrDefault();

    /// <summary>As much of the revision as its record says; anybody may have written that.</summary>
    public Revision ToRevision(RecordedPayload payload) => new(
        payload.Revision ?? 0, payload.App, payload.Environment, payload.Namespace ?? "", Deployment.Sha, "", payload.Strategy ?? "", new Author(payload.Actor ?? "", payload.RunUrl),
        StartedAt, [.. payload.Images.Select(image => new RevisionImage(Line(image.Workload), Line(image.Container), Line(image.Image)))], RevisionPlan.Empty, null)
    {
        Bundle = payload.Bundle,
        Restores = payload.Restores,
        State = new RevisionState(State.Outcome(), EndedAt - StartedAt),
    };

    private static string Line(string text) => Printable.Line(text, 300);

    private GitHubDeploymentStatus? Oldest(string state) => Statuses?.LastOrDefault(status => status.State == state);
}

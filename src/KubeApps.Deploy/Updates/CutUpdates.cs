using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.History;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.Updates;

/// <summary>
/// Finds the record of a run that was killed while it made an app's first cluster: GitHub alone knows of it. The same commit goes on with it; the record of
/// another one is ended.
/// </summary>
internal sealed class CutUpdates(GitHubClient github)
{
    /// <summary>The record to go on with; null where there is none.</summary>
    public async Task<RecordMark?> FindAsync(Revision draft, RecordMark mark, CancellationToken cancellationToken)
    {
        await foreach (var deployment in github.ListDeploymentsAsync(new GitHubDeploymentFilter(mark.Environment, Task: RecordRules.DeployTask), cancellationToken))
        {
            if (RecordedPayload.Read(deployment.Payload) is not { Strategy: RecordRules.UpdateStrategy, Rollout: { } rollout } payload
                || payload.App != draft.App || payload.Environment != draft.Environment || payload.ClusterName != mark.Cluster.Name)
                continue;
            var state = await LastStateAsync(deployment.Id, cancellationToken);
            // One that came to its end was the first cluster of a life before.
            if (state is RecordState.Success or RecordState.Inactive)
                return null;
            if (deployment.Sha == draft.Commit)
                return mark with { Rollout = rollout, Id = deployment.Id, State = state };
            if (state is not (RecordState.Failure or RecordState.Error))
                await github.CreateStatusAsync(deployment.Id, new NewGitHubDeploymentStatus(RecordState.Error) { Description = "Its run was killed: it ended without a word." }, cancellationToken);
            return null;
        }

        return null;
    }

    private async Task<string?> LastStateAsync(long deployment, CancellationToken cancellationToken)
    {
        await foreach (var status in github.ListStatusesAsync(deployment, cancellationToken))
            return status.State;
        return null;
    }
}

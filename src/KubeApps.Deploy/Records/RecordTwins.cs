using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.History;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.Records;

/// <summary>
/// The deployments that GitHub has of one rollout. There should be one; but an answer can be lost on its way, and two runs that hold no lock can deliver the
/// same at the same moment. The oldest one is the record, for whoever looks.
/// </summary>
internal sealed class RecordTwins(GitHubClient github)
{
    // Clocks differ, and a record may be made long after its rollout began; but never before.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    /// <summary>The oldest first.</summary>
    public async Task<IReadOnlyList<long>> FindAsync(Revision revision, CancellationToken cancellationToken)
    {
        var rollout = RecordText.RolloutOf(revision);
        var filter = new GitHubDeploymentFilter(revision.Record!.Environment, revision.Commit, Task: RecordRules.TaskOf(revision));
        var found = new List<long>();
        await foreach (var deployment in github.ListDeploymentsAsync(filter, cancellationToken))
        {
            if (deployment.CreatedAt < revision.StartedAt - ClockSkew)
                break;
            if (RecordedPayload.Read(deployment.Payload)?.Rollout == rollout)
                found.Add(deployment.Id);
        }

        found.Sort();
        return found;
    }

    /// <summary>Takes one away that is not the record. Where GitHub does not let it go it is inactive, and says why.</summary>
    public async Task RemoveAsync(long twin, long record, CancellationToken cancellationToken)
    {
        try
        {
            await github.CreateStatusAsync(twin, new NewGitHubDeploymentStatus(RecordState.Inactive) { Description = $"Recorded twice: the record is deployment {record}." }, cancellationToken);
            await github.DeleteDeploymentAsync(twin, cancellationToken);
        }
        catch (GitHubException)
        {
            // The other run may be at it, too.
        }
    }
}

using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Rollouts;
using KubeApps.Events;

namespace KubeApps.Deploy.Checks;

/// <summary>Runs a Job in the cluster to its end, and takes it away again.</summary>
internal sealed class JobCheck(KubeClient client, IEventSink sink)
{
    /// <summary>Ends when another run may be at work on the app: then nothing is taken away, since it may be that run's.</summary>
    public CancellationToken LockLost { get; init; }

    /// <returns>Null where it succeeded.</returns>
    public async Task<FailureReport?> RunAsync(ReleaseObject job, TimeSpan limit, CancellationToken cancellationToken)
    {
        var shortLived = new ShortLivedObjects(client);
        try
        {
            // One of an earlier run that was cut would be taken for this one.
            await shortLived.DeleteAsync(job.Id, cancellationToken);
            await shortLived.ApplyAsync(job, cancellationToken);
            var outcome = await new RolloutWatcher(client, sink).AwaitAsync([job.Id], awaitsCompletion: true, null, limit, cancellationToken);
            return outcome.IsSuccess ? null : outcome.Reports[0];
        }
        finally
        {
            if (!LockLost.IsCancellationRequested)
                await shortLived.DeleteAllAsync();
        }
    }
}

using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Records;

/// <summary>Sends GitHub what it does not have, one after the other, and writes down in the cluster that it has it.</summary>
/// <param name="github">The repository.</param>
/// <param name="keeper">Where the revisions stand.</param>
/// <param name="ledger">What there is to send.</param>
/// <param name="mask">Takes secrets out of a text.</param>
internal sealed class RecordDelivery(GitHubClient github, IRecordKeeper keeper, RecordLedger ledger, Func<string, string> mask)
{
    private readonly RecordTwins _twins = new(github);
    private RecordCluster? _cluster;
    private Diagnostic? _refusal;
    private Diagnostic? _outage;

    /// <summary>Why not all was delivered: what GitHub refuses for good, and why it took no more; of each the first.</summary>
    public IReadOnlyList<Diagnostic> Failures => [.. ((Diagnostic?[])[_refusal, _outage]).OfType<Diagnostic>()];

    /// <summary>Whether trying again is of use in this run.</summary>
    public bool CanTryAgain { get; private set; }

    /// <summary>Sends until GitHub has all, or takes no more.</summary>
    /// <param name="tokenOf">For the next request: where something more important comes up, it is cut, and what is owed is looked at anew.</param>
    /// <param name="ending">Ends it all.</param>
    public async Task RunAsync(Func<CancellationToken> tokenOf, CancellationToken ending)
    {
        var (isTaking, isUnspared) = (false, true);
        while (ledger.Next() is { } move)
        {
            var token = tokenOf();
            try
            {
                await SendAsync(move, token);
                isTaking = true;
            }
            catch (OperationCanceledException) when (token.IsCancellationRequested && !ending.IsCancellationRequested)
            {
                ledger.Lost(move.Revision);
            }
            catch (Exception failure)
            {
                var told = RecordFailure.Of(failure);
                ledger.Lost(move.Revision);
                if (told.IsOfThisRecord)
                {
                    ledger.Refused(move.Revision);
                    _refusal ??= DiagnosticDescriptors.RecordRefused.Because($"GitHub ({github.Repository}) does not take the record of {Name(move.Revision)}: {told.Reason}.");
                }
                // One answer that is lost among others is no outage. Nor is a first connection that is cut: what may be done the client does not send again.
                else if (told.MayPass && (isTaking || (isUnspared && failure is GitHubException { MayBeDone: true, InnerException: HttpRequestException or IOException })))
                {
                    (isTaking, isUnspared) = (false, false);
                }
                else
                {
                    (ledger.IsDown, CanTryAgain) = (true, told.MayPass);
                    _outage ??= DiagnosticDescriptors.RecordNotDelivered.Because($"The record of {Name(move.Revision)} does not reach GitHub ({github.Repository}): {told.Reason}.", nextStep: told.NextStep);
                }
            }
        }
    }

    /// <summary>Begins anew after a failure that may pass.</summary>
    public void TryAgain()
    {
        if (!ledger.IsDown || !CanTryAgain)
            return;
        _outage = null;
        ledger.IsDown = false;
    }

    private async Task SendAsync(RecordMove move, CancellationToken cancellationToken)
    {
        var revision = move.Revision;
        if (revision.Record!.Id is null)
        {
            revision = revision with { Record = revision.Record with { Cluster = await ClusterAsync(revision, move.All, cancellationToken) } };
            // Perhaps an answer was lost on its way, or a run killed while it waited for one.
            var found = move.MayExist ? await _twins.FindAsync(revision, cancellationToken) : [];
            var id = found is [var first, ..] ? first : await CreateAsync(revision, move.All, cancellationToken);
            // Perhaps another run that has no lock either created one at the same moment: both keep the older of the two.
            if (move.MayExist && found is [])
                found = await _twins.FindAsync(revision, cancellationToken);
            id = Math.Min(id, found.FirstOrDefault(id));
            revision = revision with { Record = ledger.Created(revision, revision.Record with { Id = id }).Record };
            await keeper.KeepAsync(revision, cancellationToken);
            foreach (var twin in found.Where(item => item != id))
                await _twins.RemoveAsync(twin, id, cancellationToken);
        }

        try
        {
            await github.CreateStatusAsync(revision.Record!.Id!.Value, RecordText.StatusOf(revision, move.State, move.All, move.Phase, move.By, mask), cancellationToken);
        }
        catch (GitHubException failure) when (failure.Kind == GitHubFailure.NotFound)
        {
            if (!await IsDeletedAsync(revision.Record!.Id!.Value, cancellationToken))
                throw;
            _refusal ??= DiagnosticDescriptors.RecordDeleted.Because($"GitHub ({github.Repository}) has no deployment {revision.Record.Id} any more, which was the record of {Name(revision)}.");
            await keeper.KeepAsync(ledger.Deleted(revision), cancellationToken);
            return;
        }

        var sent = ledger.Sent(move);
        if (move.IsKept)
            await keeper.KeepAsync(sent, cancellationToken);
    }

    // Not, where the token may not see the repository (any more), or may not write.
    private async Task<bool> IsDeletedAsync(long id, CancellationToken cancellationToken)
    {
        if (await github.GetDeploymentAsync(id, cancellationToken) is not null)
            return false;
        await using var others = github.ListDeploymentsAsync(new GitHubDeploymentFilter(), cancellationToken).GetAsyncEnumerator(cancellationToken);
        _ = await others.MoveNextAsync();
        return true;
    }

    private async Task<long> CreateAsync(Revision revision, IReadOnlyList<Revision> all, CancellationToken cancellationToken)
    {
        var created = await github.CreateDeploymentAsync(RecordText.DeploymentOf(revision, all), cancellationToken);
        return created.Id > 0 ? created.Id : throw new InvalidDataException("GitHub accepted the deployment without creating it");
    }

    // Asked once for an app: the revisions before remember it.
    private async Task<RecordCluster> ClusterAsync(Revision revision, IReadOnlyList<Revision> all, CancellationToken cancellationToken)
    {
        var named = revision.Record!.Cluster;
        if (named.Uid is not null)
            return named;
        _cluster ??= named with
        {
            Uid = all.Select(item => item.Record?.Cluster.Uid).LastOrDefault(uid => uid is not null) ?? await keeper.ReadClusterAsync(cancellationToken),
        };
        return _cluster with { Name = named.Name };
    }

    private static string Name(Revision revision) => $"revision {revision.Number} of {revision.App}";
}

using KubeApps.Deploy.Api;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Records;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Updates;

/// <summary>Looks at all clusters of an app, and executes the steps of a full update, one after the other, under the lock of the cluster whose word counts.</summary>
internal sealed class UpdateRun(UpdateWorld world, ClusterSpecification? specification, IEventSink sink, TimeProvider clock) : IAsyncDisposable
{
    // Another run has the app now, or will: what that one wants counts.
    private static readonly IReadOnlyList<string> OthersAtIt =
        [DiagnosticDescriptors.EndedElsewhere.Code, DiagnosticDescriptors.LockLost.Code, DiagnosticDescriptors.Locked.Code];

    // What GitHub has is written down beside all else: nobody waits for it.
    private static readonly TimeSpan KeepLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AddressLimit = TimeSpan.FromMinutes(1);

    // Longer than it takes to move all load, so that it reaches to where the old cluster had its part, and short enough to tell of the version that it has.
    private static readonly TimeSpan BeforeSoak = TimeSpan.FromHours(1);

    private readonly List<FailureReport> _failures = [];
    private readonly List<ClusterLeftover> _leftovers = [];
    private IReadOnlyList<AppCluster> _clusters = [];
    private (string Cluster, IUpdateLock Held)? _lock;
    private (string Where, FullUpdate Update)? _written;

    /// <summary>Follows it elsewhere; null: nobody does.</summary>
    public UpdateRecords? Records { get; init; }

    /// <summary>What is under way, as this run wrote or found it last.</summary>
    public FullUpdate? Current { get; private set; }

    public IReadOnlyDictionary<string, int>? Shares { get; private set; }

    public DeployResult? Deploy { get; private set; }

    public IReadOnlyList<FailureReport> Failures => _failures;

    public IReadOnlyList<ClusterLeftover> Leftovers => _leftovers;

    /// <summary>Whether a step failed that may be taken back: not one that another run ended.</summary>
    public bool HasFailedInStep { get; private set; }

    /// <summary>Whether another run has the app now.</summary>
    public bool IsElsewhere { get; private set; }

    /// <summary>Looks, and plans what is left.</summary>
    public async Task<UpdatePlan> PlanAsync(UpdateOrder order, CancellationToken cancellationToken)
    {
        // What cannot be done needs no lock.
        await PreviewAsync(order, cancellationToken);
        return Plan(await LookUnderLockAsync(cancellationToken), order);
    }

    /// <summary>The same without a lock, so that it may be another by the time it is done.</summary>
    public async Task<UpdatePlan> PreviewAsync(UpdateOrder order, CancellationToken cancellationToken) => Plan(await LookAsync(cancellationToken), order);

    /// <summary>Looks with the lock in hand, where there is a cluster that has one.</summary>
    public async Task<UpdateFacts> LookUnderLockAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var facts = await LookAsync(cancellationToken);
            if (UpdateSituation.Of(facts).Main is not { } main || (_lock is { } held && held.Cluster == main.Name && !held.Held.IsLost))
                return facts;
            await LockAsync(main.Cluster, cancellationToken);
            IsElsewhere = false;
        }
    }

    private async Task<UpdateFacts> LookAsync(CancellationToken cancellationToken)
    {
        // Before the owner's own are listed: one of these that comes meanwhile shall not look like another's.
        var names = await world.Provider.NamesAsync(cancellationToken);
        var listing = world.Provider.ListAsync(world.Owner, cancellationToken);
        var shares = await world.Provider.Load.ReadAsync(world.Owner, cancellationToken);
        _clusters = await listing;
        var clusters = await Task.WhenAll(_clusters.Select(cluster => LookAsync(cluster, cancellationToken)));
        var facts = new UpdateFacts(world.Owner, clusters, shares) { Names = names };
        (Shares, Current) = (shares, UpdateSituation.Of(facts).Update ?? Current);
        return facts;
    }

    public async Task ExecuteAsync(IReadOnlyList<UpdateStep> steps, CancellationToken cancellationToken)
    {
        foreach (var step in steps)
        {
            var started = clock.GetTimestamp();
            sink.Publish(new DeployEvent.StepStarted(step.Id, step.Title));
            string summary;
            using var limit = new LimitedToken(step.Timeout, clock, cancellationToken);
            try
            {
                summary = _lock is { } held && step is not (UpdateStep.Soak or UpdateStep.Succeed)
                    ? await held.Held.GuardAsync(token => ExecuteAsync(step, token), limit.Token)
                    : await ExecuteAsync(step, limit.Token);
            }
            catch (OperationCanceledException) when (limit.TimedOut && !cancellationToken.IsCancellationRequested)
            {
                HasFailedInStep = true;
                throw new StepTimedOutException(DiagnosticDescriptors.TimedOut.Because($"'{step.Title}' did not finish within {step.Timeout.TotalMinutes:0.#} min."));
            }
            catch (Exception failure) when (failure is DiagnosticException or ApiException or StepTimedOutException)
            {
                IsElsewhere = IsOthers(failure);
                HasFailedInStep = !IsElsewhere;
                throw;
            }

            sink.Publish(new DeployEvent.StepFinished(step.Id, step.Title, summary, clock.GetElapsedTime(started)));
        }
    }

    /// <summary>Begins to record what is planned, or goes on with it.</summary>
    /// <param name="plan">What will be done.</param>
    /// <param name="before">What was under way before.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    public Task BeginRecordAsync(UpdatePlan plan, FullUpdate? before, CancellationToken cancellationToken) =>
        Records?.BeginAsync(plan, world.Owner, before, _clusters.FirstOrDefault(cluster => cluster.Name == plan.Update.From), cancellationToken) ?? Task.CompletedTask;

    /// <summary>Says how this run ended, and writes down in the cluster that GitHub has it.</summary>
    public async Task EndRecordAsync(UpdateResult result)
    {
        if (Records is null)
            return;
        await Records.EndAsync(result, Current, IsElsewhere, await AddressAsync(KeepLimit));
        if (_lock is null || IsElsewhere || _written is not { } written)
            return;
        using var limit = new LimitedToken(KeepLimit, clock, CancellationToken.None);
        try
        {
            await world.Insides.WriteAsync(await FindAsync(written.Where, limit.Token), Records.Marked(written.Update), limit.Token);
        }
        catch (Exception failure) when (LeftRecords.IsExpected(failure))
        {
            // The next run finds it on GitHub.
        }
    }

    /// <summary>Ends the record of an update whose run is gone.</summary>
    /// <param name="runUrl">The workflow's run that asks, when the one that deployed in it is over; null: none.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    public async Task SettleRecordAsync(string? runUrl, CancellationToken cancellationToken)
    {
        // What nobody has to say anything about needs no lock, and disturbs no run.
        if (!IsGone(UpdateSituation.Of(await LookAsync(cancellationToken)), runUrl))
            return;
        var at = UpdateSituation.Of(await LookUnderLockAsync(cancellationToken));
        if (!IsGone(at, runUrl) || at.Update is not { } update || !await Records!.SettleCutAsync(update, world.Owner, at.From?.Cluster, await AddressAsync(), cancellationToken))
            return;
        if ((at.Main ?? at.To) is { } where)
            await world.Insides.WriteAsync(where.Cluster, Records.Marked(update), cancellationToken);
    }

    // A run holds the lock as long as it lives, but for the time in which it watches a version that serves; and the first cluster has none before it serves.
    private static bool IsGone(UpdateSituation at, string? runUrl) => at.Update is { Record: { } record, Phase: var phase }
        && ((runUrl is not null && record.By.RunUrl == runUrl) || (at.Main is not null && phase != UpdatePhase.Soaking));

    public async ValueTask DisposeAsync()
    {
        if (_lock is { } held)
            await held.Held.DisposeAsync();
        _lock = null;
    }

    private UpdatePlan Plan(UpdateFacts facts, UpdateOrder order) =>
        UpdatePlanner.Plan(facts, order, clock.GetUtcNow());

    private async Task<ClusterFacts> LookAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        if (cluster.State is ClusterState.Creating or ClusterState.Deleting)
            return new ClusterFacts(cluster, ClusterInside.Nothing);
        try
        {
            return new ClusterFacts(cluster, await world.Insides.ReadAsync(cluster, cancellationToken));
        }
        catch (DiagnosticException failure) when (failure.Diagnostics[0].Code != DiagnosticDescriptors.UpdateStateUnreadable.Code)
        {
            return new ClusterFacts(cluster, ClusterInside.Nothing, failure.Diagnostics[0]);
        }
    }

    private async Task LockAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        await DisposeAsync();
        _lock = (cluster.Name, await world.Insides.LockAsync(cluster, cancellationToken));
    }

    private async Task<string> ExecuteAsync(UpdateStep step, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case UpdateStep.Mark mark:
                await MarkAsync(mark.Where, mark.Update, cancellationToken);
                return FullUpdateObject.Word(mark.Update.Phase);
            case UpdateStep.Share share:
                var unwell = await world.Provider.Load.WriteAsync(world.Owner, share.Shares, share.Newcomer, cancellationToken);
                Shares = share.Shares;
                foreach (var finding in unwell)
                    sink.Publish(new DeployEvent.DiagnosticRaised(finding));
                return string.Join(", ", share.Shares.Select(item => $"{item.Key} {item.Value} %"));
            case UpdateStep.Create create:
                return await ChangeAsync(new ClusterChange.Ensure(create.Name, world.Owner, specification ?? new ClusterSpecification()), cancellationToken);
            case UpdateStep.Prepare prepare:
                await world.Insides.PrepareAsync(await FindAsync(prepare.Name, cancellationToken), cancellationToken);
                return "ready";
            case UpdateStep.Carry carry:
                await world.Insides.CarryAsync(await FindAsync(carry.Old, cancellationToken), await FindAsync(carry.Name, cancellationToken), cancellationToken);
                return "the same in both";
            case UpdateStep.Deploy deploy:
                return await DeployAsync(deploy, cancellationToken);
            case UpdateStep.Watch watch:
                await WatchAsync(watch, watch.Name, watch.Old, watch.Time, TimeSpan.Zero, null, cancellationToken);
                return "the new version holds";
            case UpdateStep.Soak soak:
                return await SoakAsync(soak, cancellationToken);
            case UpdateStep.Drain drain:
                return await new LoadDrain(world.Provider.Load, sink, clock).RunAsync(await FindAsync(drain.Name, cancellationToken), drain, cancellationToken);
            case UpdateStep.Succeed succeed:
                var stays = await SucceedAsync(succeed, cancellationToken);
                Records?.Serve(await AddressAsync(KeepLimit));
                return stays;
            case UpdateStep.Delete delete:
                if (Records is not null && Current is { Phase: UpdatePhase.Retiring } heir && heir.From == delete.Name)
                    await Records.HandOverAsync(await FindAsync(heir.To, cancellationToken), await AddressAsync(KeepLimit), cancellationToken);
                return await ChangeAsync(new ClusterChange.Remove(delete.Name, world.Owner), cancellationToken);
            case UpdateStep.Audit audit:
                return await AuditAsync(audit, cancellationToken);
            case UpdateStep.Forget forget:
                if (Records is not null)
                    await Records.CloseAsync(await FindAsync(forget.Name, cancellationToken), Current?.Phase == UpdatePhase.Aborting, await AddressAsync(KeepLimit), cancellationToken);
                _written = null;
                await world.Insides.ForgetAsync(await FindAsync(forget.Name, cancellationToken), cancellationToken);
                return "done";
            default:
                throw new InvalidOperationException($"Unknown step {step}.");
        }
    }

    private async Task MarkAsync(string where, FullUpdate update, CancellationToken cancellationToken)
    {
        var cluster = await FindAsync(where, cancellationToken);
        // The time at which it is written, not that of the plan: a soak counts from it.
        update = update.In(update.Phase, await world.Insides.NowAsync(cluster, cancellationToken));
        update = Records?.Marked(update) ?? update;
        await world.Insides.WriteAsync(cluster, update, cancellationToken);
        (Current, _written) = (update, (where, update));
        Records?.Kept();
    }

    /// <summary>Where users reach the app; null where nobody can say. What was done does not fail for that.</summary>
    public Task<Uri?> AddressAsync() => AddressAsync(AddressLimit);

    private async Task<Uri?> AddressAsync(TimeSpan time)
    {
        using var limit = new LimitedToken(time, clock, CancellationToken.None);
        try
        {
            return await world.Provider.Load.AddressAsync(world.Owner, limit.Token);
        }
        catch (Exception failure) when (LeftRecords.IsExpected(failure))
        {
            return null;
        }
    }

    private async Task<string> ChangeAsync(ClusterChange change, CancellationToken cancellationToken)
    {
        // What is known of it is over.
        _clusters = [];
        var plan = await world.Provider.PlanAsync(change, cancellationToken);
        // Whose cluster has the name may have had it before ours could be made.
        if (change is ClusterChange.Remove && plan.Findings.Any(finding => finding.Code == DiagnosticDescriptors.ClusterIsNotTheOwners.Code))
            return $"{change.Name} is not one of {world.Owner.App}: nothing is to be deleted";
        plan.RequireWay();
        foreach (var finding in plan.Findings)
            sink.Publish(new DeployEvent.DiagnosticRaised(finding));
        if (plan.IsNoOp)
            return change is ClusterChange.Remove ? "it is gone" : "it stands";
        await world.Provider.ExecuteAsync(plan, sink, cancellationToken);
        return change is ClusterChange.Remove ? "deleted" : "ready";
    }

    private async Task<string> DeployAsync(UpdateStep.Deploy step, CancellationToken cancellationToken)
    {
        var result = Deploy = await world.Insides.DeployAsync(await FindAsync(step.Name, cancellationToken), cancellationToken);
        if (result.ExitCode == ExitCodes.Done)
            return result.Outcome == DeployOutcome.Unchanged ? "it stands" : "deployed and checked";
        cancellationToken.ThrowIfCancellationRequested();
        _failures.AddRange(result.Failures);
        // Why, was told by the deploy itself.
        throw new DiagnosticException(DiagnosticDescriptors.UpdateFailed.Because($"{world.Owner.App} does not come up in {step.Name}{(result.Diagnostics is [var first, ..] ? $": {first.Cause}" : ".")}"));
    }

    private async Task<string> SoakAsync(UpdateStep.Soak soak, CancellationToken cancellationToken)
    {
        var standing = await FindAsync(soak.Old, cancellationToken);
        var written = (await world.Insides.ReadAsync(standing, cancellationToken)).Update;
        if (written is not { Phase: UpdatePhase.Soaking })
            throw Elsewhere();
        // Nothing is written while a version is watched: whoever wants to end that needs the lock.
        await DisposeAsync();
        try
        {
            // A clock that was set back makes no soak longer than said.
            var past = await world.Insides.NowAsync(standing, cancellationToken) - written.Since;
            await WatchAsync(soak, soak.Name, soak.Old, soak.Time, past > TimeSpan.Zero ? past : TimeSpan.Zero, async token =>
                (await world.Insides.ReadAsync(standing, token)).Update?.Phase == UpdatePhase.Soaking ? null : Elsewhere(), cancellationToken);
            await LockAsync(standing, cancellationToken);
            return (await world.Insides.ReadAsync(standing, cancellationToken)).Update?.Says(written) == true ? "the new version holds" : throw Elsewhere();
        }
        catch (Exception failure) when (failure is DiagnosticException or ApiException && !IsOthers(failure))
        {
            // Whoever promotes or aborts deletes one of the two clusters while they are watched.
            if (await IsElsewhereAsync(written, cancellationToken))
                throw Elsewhere();
            throw;
        }
    }

    private static bool IsOthers(Exception failure) => (failure as DiagnosticException)?.Diagnostics.Any(item => OthersAtIt.Contains(item.Code)) == true;

    private async Task<bool> IsElsewhereAsync(FullUpdate soaking, CancellationToken cancellationToken)
    {
        try
        {
            return UpdateSituation.Of(await LookAsync(cancellationToken)).Update?.Says(soaking) != true;
        }
        catch (Exception failure) when (failure is DiagnosticException or ApiException)
        {
            return false;
        }
    }

    private async Task WatchAsync(UpdateStep step, string name, string old, TimeSpan time, TimeSpan past, Func<CancellationToken, Task<DiagnosticException?>>? ended, CancellationToken cancellationToken)
    {
        var (to, from) = (await FindAsync(name, cancellationToken), await FindAsync(old, cancellationToken));
        var failures = await new ClusterWatch(world, step.Id, sink, clock) { Ended = ended, Past = past, Before = step is UpdateStep.Soak ? BeforeSoak : TimeSpan.Zero }.RunAsync(to, from, time, cancellationToken);
        if (failures.Count == 0)
            return;
        _failures.AddRange(failures);
        foreach (var report in failures)
            sink.Publish(new DeployEvent.WorkloadFailed(report));
        throw new DiagnosticException(DiagnosticDescriptors.UpdateFailed.Because($"With {Shares?.GetValueOrDefault(name)} % of the load {name} is not good: {failures[0].FirstLine}"));
    }

    // From here on the new cluster's word counts: its lock is taken before, and the old one's let go before that cluster is deleted.
    private async Task<string> SucceedAsync(UpdateStep.Succeed step, CancellationToken cancellationToken)
    {
        var heir = await FindAsync(step.Name, cancellationToken);
        var held = await world.Insides.LockAsync(heir, cancellationToken);
        try
        {
            await _lock!.Value.Held.GuardAsync(token => held.GuardAsync(
                async both =>
                {
                    await MarkAsync(step.Name, step.Update, both);
                    return true;
                },
                token), cancellationToken);
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }

        await DisposeAsync();
        _lock = (step.Name, held);
        return "it stays";
    }

    private async Task<string> AuditAsync(UpdateStep.Audit step, CancellationToken cancellationToken)
    {
        var found = await ClusterAudit.OfDeletedAsync(world.Provider, step.Name, world.Owner, clock, cancellationToken);
        if (found.Count > 0)
            found = [.. (await world.Provider.CollectAsync(found, sink, cancellationToken)).Where(item => item.Cluster == step.Name)];
        foreach (var left in found)
            sink.Publish(new DeployEvent.DiagnosticRaised(DiagnosticDescriptors.UpdateLeftSomething.Because($"{left.Kind} {left.Id} of {left.Cluster} is still there{(left.Reason is { } reason ? $": {reason}" : ".")}")));
        _leftovers.AddRange(found);
        return found.Count == 0 ? "nothing" : $"{found.Count} left";
    }

    // To list them costs a request for each cluster of the account, and steps are many: what a step changes is listed anew.
    private async Task<AppCluster> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (Known() is not { State: ClusterState.Ready or ClusterState.Updating })
            _clusters = await world.Provider.ListAsync(world.Owner, cancellationToken);
        return Known() ?? throw new DiagnosticException(DiagnosticDescriptors.ClusterGone.Because($"There is no cluster {name} of {world.Owner.App} any more."));

        AppCluster? Known() => _clusters.FirstOrDefault(cluster => cluster.Name == name);
    }

    private DiagnosticException Elsewhere() => new(DiagnosticDescriptors.EndedElsewhere.Because($"The full update of {world.Owner.App} was promoted, aborted or changed by another run."));
}

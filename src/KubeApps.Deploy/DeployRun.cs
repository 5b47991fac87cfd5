using KubeApps.Deploy.Api;
using KubeApps.Deploy.Checks;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Rollouts;
using KubeApps.Deploy.Secrets;
using KubeApps.Deploy.Switching;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy;

/// <summary>Executes the steps of a plan, one after the other, each within its time.</summary>
/// <param name="client">The cluster.</param>
/// <param name="catalog">The kinds that it serves.</param>
/// <param name="sink">Told what happens.</param>
/// <param name="appLock">Keeps other runs away.</param>
/// <param name="mayBeInUpdate">Whether the cluster may be one that a full update has.</param>
internal sealed class DeployRun(KubeClient client, ResourceCatalog catalog, IEventSink sink, AppLock appLock, bool mayBeInUpdate) : IAsyncDisposable
{
    private const int MostChecksAgain = 3;

    private readonly ReleaseWriter _objects = new(client, catalog, sink);
    private readonly List<FailureReport> _failures = [];
    private readonly List<CheckOutcome> _checks = [];
    private readonly Preview _preview = new(client);
    private bool _hasWritten;
    private HeldLock? _lock;
    private Task<(HeldLock Held, Inventory? Found)?>? _ahead;
    private RevisionRecorder? _recorder;
    private SlotRun? _slots;

    /// <summary>Why workloads did not come up.</summary>
    public IReadOnlyList<FailureReport> Failures => [.. _failures, .. _slots?.Failures ?? []];

    /// <summary>What was begun in another slot and can be taken back; null where there is nothing.</summary>
    public Inventory? Unfinished => _slots?.Unfinished;

    /// <summary>What the inventory says now, as far as this run knows.</summary>
    public Inventory? Current => _slots?.Current;

    /// <summary>Where a user reaches the app, once the release is recorded.</summary>
    public IReadOnlyList<string>? Urls { get; private set; }

    /// <summary>How the checks ended that were run.</summary>
    public IReadOnlyList<CheckOutcome> Checks => _checks;

    /// <summary>Whether a write was sent.</summary>
    public bool HasWritten => _hasWritten || _objects.HasWritten;

    /// <summary>Whether another run may write now.</summary>
    public bool HasLostLock => _lock?.Lost.IsCancellationRequested == true;

    /// <summary>
    /// Takes the lock while the plan is still made, where nobody else has it: what is planned under the lock cannot be out of date, and a round trip is not waited
    /// for. Where that fails, the plan's own step takes it, and tells.
    /// </summary>
    public void BeginLock(string app, string ns, CancellationToken cancellationToken)
    {
        if (_lock is null)
            _ahead ??= TakeAheadAsync();

        async Task<(HeldLock, Inventory?)?> TakeAheadAsync()
        {
            if (await appLock.TryTakeAsync(app, ns, cancellationToken) is not { } held)
                return null;
            try
            {
                return (held, await FindAsync(app, ns, cancellationToken));
            }
            catch (Exception failure) when (failure is ApiException or DiagnosticException or OperationCanceledException)
            {
                await held.DisposeAsync();
                return null;
            }
        }
    }

    /// <summary>False: the plan is out of date because of another deploy, and nothing of it was applied yet.</summary>
    public async Task<bool> ExecuteAsync(ReleasePlan plan, RevisionRecorder? recorder, CancellationToken cancellationToken)
    {
        _recorder = recorder;
        var versions = plan.Steps.OfType<ReleaseStep.Apply>().SelectMany(step => step.Objects)
            .Concat(plan.Steps.OfType<ReleaseStep.RunJobs>().SelectMany(step => step.Jobs))
            .Select(item => item.Object.Id.ApiVersion)
            .Concat(plan.Steps.OfType<ReleaseStep.Prune>().SelectMany(step => step.Objects).Select(item => item.Id.ApiVersion))
            // What leaves a slot stands in the inventory alone.
            .Concat((plan.Start?.Items ?? []).Select(item => item.Id.ApiVersion))
            .Distinct().ToList();
        await catalog.EnsureAsync(versions, cancellationToken);
        _slots ??= new SlotRun(client, catalog, sink, _objects.WithUids, () => _lock?.Lost ?? CancellationToken.None);
        _slots.Begin(plan.Start);
        try
        {
            return await ExecuteAsync(plan, versions, cancellationToken);
        }
        catch when (_preview.IsUnderWay && !HasLostLock)
        {
            await _preview.AbandonAsync();
            throw;
        }
    }

    /// <summary>Lets go of the lock.</summary>
    public async ValueTask DisposeAsync()
    {
        if (await AheadAsync() is { } ahead)
            await ahead.Held.DisposeAsync();
        if (_lock is not null)
            await _lock.DisposeAsync();
    }

    private async Task<bool> ExecuteAsync(ReleasePlan plan, List<string> versions, CancellationToken cancellationToken)
    {
        foreach (var step in plan.Steps)
        {
            if (step is SlotStep.Switch)
                await CheckAgainAsync(plan, versions, cancellationToken);
            if (!await RunAsync(step, plan, versions, cancellationToken))
                return false;
        }

        return true;
    }

    /// <summary>
    /// What was checked is what serves: pods that took the place of others are waited for and checked, too. So are those that it needs to be as large as what
    /// serves has become since it came up.
    /// </summary>
    private async Task CheckAgainAsync(ReleasePlan plan, List<string> versions, CancellationToken cancellationToken)
    {
        for (var times = 0; ; times++)
        {
            // Once: who grows all the time does not keep its next version from serving.
            if (times == 0 && await _slots!.FindGrowthAsync(cancellationToken) is { } growth)
            {
                await RunAsync(growth, plan, versions, cancellationToken);
                continue;
            }

            if (await _slots!.IsAsCheckedAsync(cancellationToken))
                return;
            if (times == MostChecksAgain)
                throw new DiagnosticException(DiagnosticDescriptors.CheckedPodsChanged.Because(
                    $"Pods of {plan.App} were replaced each time they had been checked, {MostChecksAgain + 1} times.", nextStep: "See with 'kubectl get events' what deletes or evicts them, then deploy again."));
            var waits = plan.Steps.Where(item => item is ReleaseStep.AwaitRollouts { Id: "rollout" }).ToList();
            foreach (var again in waits.Count > 0 ? waits : SlotSteps.AwaitAgain(_slots!.Current!.Rollout!))
                await RunAsync(again, plan, versions, cancellationToken);
            await RunAsync(SlotSteps.ExamineAgain, plan, versions, cancellationToken);
            foreach (var again in plan.Steps.Where(item => item is ReleaseStep.RunChecks { Id: "checks" }))
                await RunAsync(again, plan, versions, cancellationToken);
        }
    }

    private async Task<bool> RunAsync(ReleaseStep step, ReleasePlan plan, List<string> versions, CancellationToken cancellationToken)
    {
        var started = client.Clock.GetTimestamp();
        sink.Publish(new DeployEvent.StepStarted(step.Id, step.Title));
        // Some watch their own time: they have a report to write when it is up.
        using var limit = step is ReleaseStep.AwaitRollouts or ReleaseStep.RunJobs or ReleaseStep.Lock or ReleaseStep.StartPreview or ReleaseStep.RunChecks
            or SlotStep.Soak or SlotStep.Examine or SlotStep.Grow
            ? new LimitedToken(step.Timeout + TimeSpan.FromMinutes(1), client.Clock, cancellationToken)
            : new LimitedToken(step.Timeout, client.Clock, cancellationToken);
        string? summary;
        try
        {
            summary = _lock is null || step is SlotStep.Soak
                ? await ExecuteAsync(step, plan, versions, limit.Token)
                : await _lock.GuardAsync(token => ExecuteAsync(step, plan, versions, token), limit.Token);
        }
        catch (OperationCanceledException) when (limit.TimedOut && !cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(step, "");
        }

        if (summary is null)
            return false;
        sink.Publish(new DeployEvent.StepFinished(step.Id, step.Title, summary, client.Clock.GetElapsedTime(started)));
        return true;
    }

    private async Task<string?> ExecuteAsync(ReleaseStep step, ReleasePlan plan, IReadOnlyCollection<string> versions, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case ReleaseStep.Lock wanted:
                var ahead = await AheadAsync();
                _lock ??= ahead?.Held;
                await TakeLockAsync(plan, wanted.Patience, cancellationToken);
                var found = ahead is { } taken ? taken.Found : await FindAsync(plan.App, plan.Namespace, cancellationToken);
                return found?.ResourceVersion == wanted.Known?.ResourceVersion ? "taken" : null;
            case ReleaseStep.Apply apply:
                return await _objects.ApplyAsync(apply.Objects, plan.Policy, cancellationToken);
            case ReleaseStep.Establish establish:
                await _objects.EstablishAsync(establish.Definitions, cancellationToken);
                await catalog.AwaitAsync([.. plan.Steps.OfType<ReleaseStep.Apply>().SelectMany(item => item.Objects).Select(item => item.Object.Id)], versions, cancellationToken);
                return $"{establish.Definitions.Count} established";
            case ReleaseStep.Check check:
                // Nothing of the app can stand where there was no namespace and no kind: the inventory knows nothing of it.
                var observed = await new LiveStateReader(client, catalog).ObserveAsync(
                    check.Objects,
                    new ObjectObserver(client, plan.Policy, null, ApplySet.IdOf(plan.App, plan.Namespace))
                    {
                        Release = [.. plan.Steps.OfType<ReleaseStep.Apply>().SelectMany(item => item.Objects).Select(item => item.Object.Id)],
                    },
                    cancellationToken);
                return observed.SelectMany(item => item.Obstacles).ToList() is { Count: > 0 } obstacles ? throw new DiagnosticException(obstacles) : "all accepted";
            case ReleaseStep.Intend intend:
                _hasWritten = true;
                if (intend.CreatesHashKey && !await HashKey.New(intend.Inventory.Namespace).TryCreateAsync(client, cancellationToken))
                    return null;
                // Each of them may stand without the other: a revision that no inventory names was cut, and an inventory names what no record could be kept of.
                // Only the record of a rollback says where it leads: it comes first, so that one that is cut can be gone on with.
                var recording = _recorder?.BeginAsync(cancellationToken) ?? Task.FromResult(true);
                if (_recorder is { IsWayBack: true } && !await recording)
                    return null;
                await Task.WhenAll(recording, WriteAsync(intend.Inventory with { Revision = _recorder?.Number ?? intend.Inventory.Revision }, cancellationToken));
                return await recording ? $"{intend.Inventory.Items.Count} objects" : null;
            case ReleaseStep.RunJobs jobs:
                await RememberOneWayAsync(jobs.Jobs, cancellationToken);
                await _objects.ApplyAsync(jobs.Jobs, plan.Policy, cancellationToken);
                await AwaitAsync(step, plan, [.. jobs.Jobs.Select(job => job.Object.Id)], awaitsCompletion: true, null, cancellationToken);
                return "succeeded";
            case ReleaseStep.AwaitRollouts rollouts:
                await AwaitAsync(step, plan, rollouts.Workloads, awaitsCompletion: false, rollouts.Stability, cancellationToken);
                return $"{rollouts.Workloads.Count} ready";
            case ReleaseStep.StartPreview preview:
                _hasWritten = true;
                Require(step, await _preview.StartAsync(preview, Watcher(plan), cancellationToken));
                return "ready";
            case ReleaseStep.RunChecks checks:
                return await CheckAsync(checks, plan, cancellationToken);
            case ReleaseStep.RetirePreview:
                await _preview.RetireAsync(cancellationToken);
                return "deleted";
            case ReleaseStep.Prune prune:
                return await _objects.PruneAsync(prune.Objects, cancellationToken);
            case ReleaseStep.Record record:
                _hasWritten = true;
                var addresses = AppAddresses.ReadAsync(client, record.Inventory.Items.Select(item => item.Id), record.Inventory.EntryService, cancellationToken);
                await Task.WhenAll(addresses, WriteAsync(Recorded(record.Inventory), cancellationToken));
                Urls = await addresses;
                return "recorded";
            case SlotStep.Soak soak:
                return await SoakAsync(soak, plan, cancellationToken);
            case SlotStep slot:
                _hasWritten = true;
                return await _slots!.ExecuteAsync(slot, cancellationToken);
            default:
                throw new InvalidOperationException($"Unknown step {step}.");
        }
    }

    /// <summary>What stands, under the lock.</summary>
    private async Task<Inventory?> FindAsync(string app, string ns, CancellationToken cancellationToken)
    {
        var found = InventoryStore.ReadAsync(client, app, ns, cancellationToken);
        await Task.WhenAll(found, mayBeInUpdate ? Task.CompletedTask : UpdatesUnderWay.RequireNoneAsync(client, app, ns, cancellationToken));
        return await found;
    }

    private async Task<(HeldLock Held, Inventory? Found)?> AheadAsync()
    {
        var ahead = _ahead;
        _ahead = null;
        try
        {
            return ahead is null ? null : await ahead;
        }
        catch (OperationCanceledException)
        {
            // Whoever wants the lock now is cancelled, too.
            return null;
        }
    }

    private async Task TakeLockAsync(ReleasePlan plan, TimeSpan? patience, CancellationToken cancellationToken)
    {
        _lock ??= await appLock.TakeAsync(plan.App, plan.Namespace, patience, cancellationToken);
        // What can be aborted ends when it is: a person need not wait for it.
        if (plan.Steps.Any(step => step is SlotStep.Switch or SlotStep.Hold))
            _lock.Listen();
    }

    // Nothing is written while a version is watched: whoever wants to end that needs the lock.
    private async Task<string?> SoakAsync(SlotStep.Soak soak, ReleasePlan plan, CancellationToken cancellationToken)
    {
        if (_lock is not null)
            await _lock.DisposeAsync();
        _lock = null;
        var summary = await _slots!.ExecuteAsync(soak, cancellationToken);
        await TakeLockAsync(plan, soak.Timeout + TimeSpan.FromMinutes(1), cancellationToken);
        var found = await InventoryStore.ReadAsync(client, plan.App, plan.Namespace, cancellationToken);
        return found?.ResourceVersion == _slots.Current!.ResourceVersion
            ? summary
            : throw new DiagnosticException(DiagnosticDescriptors.EndedElsewhere.Because($"{plan.App} was changed by another run at the end of the soak."));
    }

    // Before they run: what they have begun cannot be undone.
    private async Task RememberOneWayAsync(IReadOnlyList<PlannedObject> jobs, CancellationToken cancellationToken)
    {
        var added = jobs.Where(job => job.Object.IsOneWayJob).Select(job => new OneWayJob(job.Object.Id.Name, _slots!.Current!.Revision ?? 0)).ToList();
        if (added.Count == 0)
            return;
        var intended = _slots!.Current!;
        await WriteAsync(intended with { OneWayJobs = [.. intended.OneWayJobs.Where(job => added.All(item => item.Name != job.Name)), .. added] }, cancellationToken);
    }

    private async Task WriteAsync(Inventory inventory, CancellationToken cancellationToken) =>
        _slots!.Wrote(inventory, await InventoryStore.WriteAsync(client, inventory, cancellationToken));

    private async Task AwaitAsync(
        ReleaseStep step, ReleasePlan plan, IReadOnlyList<ObjectId> workloads, bool awaitsCompletion, TimeSpan? stability, CancellationToken cancellationToken)
    {
        var outcome = await Watcher(plan).AwaitAsync(workloads, awaitsCompletion, stability, step.Timeout, cancellationToken);
        _objects.RequireUntouched(outcome);
        Require(step, outcome);
    }

    private RolloutWatcher Watcher(ReleasePlan plan) => new(client, sink, id => catalog.Find(id.ApiVersion, id.Kind), _slots?.Current?.Namespace)
    {
        DeletesStuckPods = true,
        ComingSecrets = plan.Steps.OfType<ReleaseStep.Apply>().SelectMany(step => step.Objects)
            .SelectMany(item => SecretOperators.SecretsOf(item.Object.Content).Select(secret => (item.Object.Id.Namespace, secret))).ToHashSet(),
    };

    private async Task<string> CheckAsync(ReleaseStep.RunChecks step, ReleasePlan plan, CancellationToken cancellationToken)
    {
        var runner = new CheckRunner(client, sink, Environment.CurrentDirectory) { LockLost = _lock?.Lost ?? CancellationToken.None };
        var outcomes = await runner.RunAsync(step.Id, await _slots!.PinAsync(step.Checks, cancellationToken), null, cancellationToken);
        _checks.AddRange(outcomes);
        List<FailureReport> reports = [.. outcomes.Select(outcome => outcome.Report).OfType<FailureReport>()];
        Require(step, new RolloutOutcome(reports.Count == 0, false, reports, []));
        return $"{outcomes.Count} passed";
    }

    private void Require(ReleaseStep step, RolloutOutcome outcome)
    {
        if (outcome.IsSuccess)
            return;
        _failures.AddRange(outcome.Reports);
        foreach (var report in outcome.Reports)
            sink.Publish(new DeployEvent.WorkloadFailed(report));
        throw outcome.TimedOut ? TimedOut(step, string.Join(", ", outcome.Pending)) : new DiagnosticException([.. outcome.Reports.Select(report => report.ToDiagnostic())]);
    }

    private Inventory Recorded(Inventory planned) => _objects.WithUids(planned) with
    {
        DeployedAt = planned.DeployedAt ?? client.Now,
        Revision = planned.Revision ?? _slots!.Current?.Revision,
        OneWayJobs = _slots!.Current?.OneWayJobs ?? planned.OneWayJobs,
    };

    private static StepTimedOutException TimedOut(ReleaseStep step, string pending) => new(DiagnosticDescriptors.TimedOut.Because(
        $"'{step.Title}' did not finish within {Duration(step.Timeout)}{(pending.Length == 0 ? "." : $": {pending}.")}"));

    private static string Duration(TimeSpan time) => time.TotalSeconds < 120 ? $"{time.TotalSeconds:0.###} s" : $"{time.TotalMinutes:0.#} min";
}

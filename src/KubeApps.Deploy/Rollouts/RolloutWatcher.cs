using System.Collections.Frozen;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Rollouts;

/// <summary>How waiting for rollouts ended.</summary>
internal sealed record RolloutOutcome(bool IsSuccess, bool TimedOut, IReadOnlyList<FailureReport> Reports, IReadOnlyList<string> Pending)
{
    /// <summary>The workloads as they were seen last.</summary>
    public IReadOnlyList<JsonObject> Workloads { get; init; } = [];
}

/// <summary>Waits until workloads run and other objects are as they should be, by watching; ends early when one of them cannot come up any more.</summary>
/// <param name="client">The cluster.</param>
/// <param name="sink">Told how far things are.</param>
/// <param name="typeOf">The kinds that are served, for objects that are no workloads.</param>
/// <param name="home">The app's namespace, where it is known.</param>
internal sealed class RolloutWatcher(KubeClient client, IEventSink sink, Func<ObjectId, ResourceType?>? typeOf = null, string? home = null)
{
    // How long a namespace may be silent before time itself is looked at again (deadlines, the stability window).
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private const int Many = 50;

    // A workload's failure may be told before what its pods say about it: each kind has a watch of its own.
    private static readonly TimeSpan Explaining = TimeSpan.FromSeconds(2);

    private readonly FailureReporter _reporter = new(client, home);

    /// <summary>Whether pods are deleted that keep a StatefulSet from its new version, see <see cref="StuckPods"/>: only by who has the app's lock, and is about to replace them.</summary>
    public bool DeletesStuckPods { get; init; }

    /// <summary>
    /// For how long a workload may have no ready pod, where all are up already and serve: then it has failed, as it has where pods crash again and again. Pods
    /// more, as an autoscaler wants them, that find no room are no failure. Null: it is still to come up, and has all the time for it.
    /// </summary>
    public TimeSpan? Bears { get; init; }

    /// <summary>The Secrets that operators are to make of what was applied.</summary>
    public IReadOnlySet<(string? Namespace, string Name)> ComingSecrets { get; init; } = FrozenSet<(string?, string)>.Empty;

    /// <param name="workloads">What to wait for.</param>
    /// <param name="awaitsCompletion">Of Jobs: whether they must end.</param>
    /// <param name="stability">How long containers must stay up.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="until">Go on watching until then, even when all are up.</param>
    public async Task<RolloutOutcome> AwaitAsync(
        IReadOnlyList<ObjectId> workloads, bool awaitsCompletion, TimeSpan? stability, TimeSpan timeout, CancellationToken cancellationToken, DateTimeOffset? until = null)
    {
        using var limit = new LimitedToken(timeout, client.Clock, cancellationToken);
        using var failed = new CancellationTokenSource();
        var order = new StartOrder();
        var outcomes = await Task.WhenAll(workloads
            .GroupBy(workload => workload.Namespace ?? "default")
            .Select(async group =>
            {
                var isGood = false;
                try
                {
                    var outcome = await AwaitAsync(
                        group.Key, [.. group], workload => RunsPods(workload) ? new RolloutAssessment(awaitsCompletion, stability).Assess : new ObjectAssessment().Assess,
                        order, limit, until, failed.Token, cancellationToken);
                    isGood = outcome.IsSuccess;
                    return outcome;
                }
                finally
                {
                    // A cause is told at once, whatever is waited for in other namespaces.
                    if (!isGood)
                        await failed.CancelAsync();
                }
            }));
        return new RolloutOutcome(
            outcomes.All(outcome => outcome.IsSuccess), outcomes.Any(outcome => outcome.TimedOut),
            [.. outcomes.SelectMany(outcome => outcome.Reports)], [.. outcomes.SelectMany(outcome => outcome.Pending)])
        {
            Workloads = [.. outcomes.SelectMany(outcome => outcome.Workloads)],
        };
    }

    private async Task<RolloutOutcome> AwaitAsync(
        string ns, List<ObjectId> workloads, Func<ObjectId, Func<RolloutView, RolloutState>> assess, StartOrder order, LimitedToken limit, DateTimeOffset? until,
        CancellationToken failedElsewhere, CancellationToken cancellationToken)
    {
        var (types, optional) = TypesFor(workloads);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, failedElsewhere);
        await using var watch = new NamespaceWatch(client, ns, types, ends.Token, optional: optional);
        var assessments = workloads.ToDictionary(workload => workload, assess);
        var states = workloads.ToDictionary(workload => workload, _ => new RolloutState(RolloutVerdict.Waiting, new WorkloadStatus(WorkloadState.Unknown, "Nothing is known of it yet."), null));
        var told = new Dictionary<ObjectId, DeployEvent>();
        var autoscaler = new NodeAutoscaler(client);
        var absent = new AbsentWorkloads(client);
        var stuck = new StuckPods(client, sink);
        var down = new Dictionary<ObjectId, long>();
        var most = new Dictionary<ObjectId, int>();
        IReadOnlyDictionary<ObjectId, RolloutState> judged = states;
        long? unexplained = null;
        RolloutOutcome Outcome(RolloutOutcome outcome)
        {
            var last = new NamespaceIndex(watch.Of);
            return outcome with { Workloads = [.. workloads.Select(workload => TypeOf(workload) is { } type ? last.Find(type, workload.Name) : null).OfType<JsonObject>()] };
        }

        RolloutState Look(NamespaceIndex index, ObjectId workload, Func<RolloutView, RolloutState> assessment, bool isOver = false) => Assess(watch, index, workload, view =>
        {
            if (DeletesStuckPods)
                stuck.Look(view);
            return assessment(view with { HasServed = IsWhole(workload, WorkloadStatus.Of(view.Workload), most), HasAutoscaler = autoscaler.Exists, MayNotDeletePods = stuck.IsForbidden, IsOver = isOver, ComingSecrets = ComingSecrets });
        });

        // By itself: what it looked into is not kept while the next change is waited for.
        void LookAtAll()
        {
            var index = new NamespaceIndex(watch.Of);
            foreach (var (workload, assessment) in assessments)
                states[workload] = Look(index, workload, assessment);
        }

        try
        {
            var looking = TimeSpan.Zero;
            while (true)
            {
                // Each change asks for a look at all workloads. Where they are many, changes share one: looking shall not take more than a fifth of the time, nor be put off for long.
                if (workloads.Count > Many)
                    await Task.Delay(looking < Tick / 4 ? 4 * looking : Tick, client.Clock, ends.Token);
                await watch.NextAsync(Tick, client.Clock, ends.Token);
                var began = client.Clock.GetTimestamp();
                LookAtAll();
                foreach (var (workload, state) in states.ToList())
                {
                    if (state.Status.State == WorkloadState.NotFound && TypeOf(workload) is { } type && await absent.IsDeletedAsync(type, workload, ends.Token))
                        states[workload] = AbsentWorkloads.Deleted(workload);
                    else if (state.Status.State != WorkloadState.NotFound)
                        absent.Saw(workload);
                    Tell(workload, states[workload], told);
                }

                looking = client.Clock.GetElapsedTime(began);
                await stuck.DeleteAsync(ends.Token);
                if (states.Values.Any(state => state.Finding is { } finding && (finding.Descriptor == DiagnosticDescriptors.Unschedulable || finding.Descriptor == DiagnosticDescriptors.NoMatchingNode)))
                    await autoscaler.LookAsync(ends.Token);

                judged = Relapsed(order.Judge(states, client.Now), down);
                if (judged.Values.Any(state => state is { Verdict: RolloutVerdict.Failed, Finding: null })
                    && client.Clock.GetElapsedTime(unexplained ??= client.Clock.GetTimestamp()) < Explaining)
                    continue;
                if (judged.Values.Any(state => state.Verdict == RolloutVerdict.Failed))
                    return Outcome(await FailedAsync(judged, IsDecided, false, cancellationToken));
                if ((until is null || client.Now >= until) && states.All(pair => Holds(pair.Value, IsWhole(pair.Key, pair.Value.Status, most))))
                {
                    Warn(states);
                    return Outcome(new RolloutOutcome(true, false, [], []));
                }
            }
        }
        catch (OperationCanceledException) when (limit.TimedOut && !cancellationToken.IsCancellationRequested)
        {
            // What was nothing yet is now all that there is to say.
            var last = new NamespaceIndex(watch.Of);
            foreach (var (workload, assessment) in assessments)
                states[workload] = states[workload] with { Finding = states[workload].Finding ?? Look(last, workload, assessment, isOver: true).Finding };
            return Outcome(await FailedAsync(states, state => state.Verdict != RolloutVerdict.Succeeded, true, cancellationToken));
        }
        catch (OperationCanceledException) when (failedElsewhere.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Outcome(await FailedAsync(judged, IsDecided, false, cancellationToken));
        }
    }

    /// <summary>Of what serves: whether as many pods are ready as there ever were, as far as so many are still wanted. What is missing then was never there.</summary>
    private bool IsWhole(ObjectId workload, WorkloadStatus status, Dictionary<ObjectId, int> most)
    {
        if (Bears is null)
            return false;
        most[workload] = Math.Min(status.Desired, Math.Max(most.GetValueOrDefault(workload), status.Ready));
        return status.Ready > 0 && status.Ready >= most[workload];
    }

    /// <summary>Whether it is up. Of what serves already the pods that it has count, and not those that it is to get.</summary>
    private static bool Holds(RolloutState state, bool isWhole) => state.Verdict == RolloutVerdict.Succeeded
        || (isWhole && state.Status.Ready < state.Status.Desired
            && (state.Finding is not { } finding || !(RolloutDiagnosis.HasRun(finding) || finding.Descriptor == DiagnosticDescriptors.ReadinessFails)));

    /// <summary>Of what was up and has no ready pod any more, for as long as is borne: it has failed, whether or not it may come back.</summary>
    private IReadOnlyDictionary<ObjectId, RolloutState> Relapsed(IReadOnlyDictionary<ObjectId, RolloutState> judged, Dictionary<ObjectId, long> down)
    {
        if (Bears is not { } longest)
            return judged;
        foreach (var (workload, state) in judged)
            if (state.Status is not { Ready: 0, Desired: > 0 })
                down.Remove(workload);
            else
                down.TryAdd(workload, client.Clock.GetTimestamp());
        return judged.ToDictionary(
            pair => pair.Key,
            pair => down.TryGetValue(pair.Key, out var since) && client.Clock.GetElapsedTime(since) > longest ? pair.Value with { Verdict = RolloutVerdict.Failed } : pair.Value);
    }

    /// <summary>One watch for each kind; a role must be allowed to read workloads and their pods, the rest only says more.</summary>
    private (HashSet<ResourceType> Types, HashSet<ResourceType> Optional) TypesFor(List<ObjectId> workloads)
    {
        var needed = workloads.Where(RunsPods).Select(TypeOf).OfType<ResourceType>().ToHashSet();
        if (needed.Contains(ResourceType.Deployment))
            needed.Add(ResourceType.ReplicaSet);
        var optional = workloads.Where(workload => !RunsPods(workload)).Select(TypeOf).OfType<ResourceType>().Append(ResourceType.Event).ToHashSet();
        if (needed.Count > 0)
        {
            needed.Add(ResourceType.Pod);
            optional.Add(ResourceType.PersistentVolumeClaim);
        }

        return ([.. needed, .. optional], optional);
    }

    private RolloutState Assess(NamespaceWatch watch, NamespaceIndex index, ObjectId workload, Func<RolloutView, RolloutState> assess)
    {
        var type = TypeOf(workload);
        if (type is null || watch.IsUnreadable(type))
            return new RolloutState(RolloutVerdict.Succeeded, new WorkloadStatus(WorkloadState.Unknown, "Its state may not be read."), null);
        return index.Find(type, workload.Name) is { } content
            ? assess(index.ViewOf(content, client.Now))
            : new RolloutState(RolloutVerdict.Waiting, WorkloadStatus.Of(null), null);
    }

    private void Warn(Dictionary<ObjectId, RolloutState> states)
    {
        foreach (var (workload, state) in states)
            if (state.Finding is { Descriptor.Severity: DiagnosticSeverity.Warning } finding)
                sink.Publish(new DeployEvent.DiagnosticRaised(finding.Descriptor.Because($"{workload}: {finding.Cause}")));
    }

    private void Tell(ObjectId workload, RolloutState state, Dictionary<ObjectId, DeployEvent> told)
    {
        var progress = new DeployEvent.RolloutProgress(
            workload.Kind, workload.Namespace ?? "default", workload.Name, state.Status.Ready, state.Status.Updated, state.Status.Desired,
            state.Finding?.Cause ?? state.Status.Message);
        if (told.TryGetValue(workload, out var last) && last == progress)
            return;
        told[workload] = progress;
        sink.Publish(progress);
    }

    private async Task<RolloutOutcome> FailedAsync(
        IReadOnlyDictionary<ObjectId, RolloutState> states, Func<RolloutState, bool> isReported, bool timedOut, CancellationToken cancellationToken)
    {
        var reported = states.Where(pair => isReported(pair.Value)).ToList();
        var reports = new FailureReport[reported.Count];
        // Each may have to wait for a node that does not give its log.
        await Parallel.ForAsync(0, reports.Length, new ParallelOptions { MaxDegreeOfParallelism = LiveStateReader.Concurrency, CancellationToken = cancellationToken }, async (index, token) =>
            reports[index] = await _reporter.ReportAsync(reported[index].Key, reported[index].Value, token));
        return new RolloutOutcome(
            false, timedOut, reports, [.. states.Where(pair => pair.Value.Verdict != RolloutVerdict.Succeeded).Select(pair => $"{pair.Key} ({pair.Value.Status.Message.TrimEnd('.')})")]);
    }

    private static bool IsDecided(RolloutState state) =>
        state.Verdict == RolloutVerdict.Failed || (state.Verdict == RolloutVerdict.Waiting && state.Finding?.IsDecisive == true);

    private static bool RunsPods(ObjectId id) => (id.Group, id.Kind) is ("apps", "Deployment" or "StatefulSet" or "DaemonSet") or ("batch", "Job");

    private ResourceType? TypeOf(ObjectId id) => (id.Group, id.Kind) switch
    {
        ("apps", "Deployment") => ResourceType.Deployment,
        ("apps", "StatefulSet") => ResourceType.StatefulSet,
        ("apps", "DaemonSet") => ResourceType.DaemonSet,
        ("batch", "Job") => ResourceType.Job,
        _ => typeOf?.Invoke(id),
    };
}

using System.Net;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Records;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Updates;

/// <summary>What a run of a full update works with.</summary>
/// <param name="Provider">Where clusters come from, and who moves load between them.</param>
/// <param name="Insides">What is done in them.</param>
/// <param name="Owner">Whose they are.</param>
internal sealed record UpdateWorld(IClusterProvider Provider, IClusterInsides Insides, ClusterOwner Owner);

/// <summary>
/// Gives an app a new cluster in place of its old one. What is done next is read from both clusters: a run can be killed at any moment, and the next one, on
/// whatever machine, goes on. Until the new cluster has proved itself the old one is left as it is, but for what is written down in it.
/// </summary>
/// <param name="world">What it works with.</param>
/// <param name="specification">What the new cluster shall be; null for runs that make none.</param>
/// <param name="sink">Told what happens.</param>
/// <param name="clock">The time.</param>
internal sealed class FullUpdater(UpdateWorld world, ClusterSpecification? specification, IEventSink sink, TimeProvider clock)
{
    private static readonly TimeSpan ReturnPatience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private static readonly IReadOnlyList<string> Passing =
    [
        DiagnosticDescriptors.ClusterUnreachable.Code, DiagnosticDescriptors.ServerFailed.Code, DiagnosticDescriptors.AwsThrottled.Code, DiagnosticDescriptors.AwsUnreachable.Code,
        // A cluster that does not answer takes no sign of life either. Whether another run has it now, the one who takes it anew is told.
        DiagnosticDescriptors.LockLost.Code,
    ];

    /// <summary>Whether load goes back to the old cluster when the new one fails.</summary>
    public bool ReturnsOnFailure { get; init; } = true;

    /// <summary>Whether the new cluster is deleted then.</summary>
    public bool CleansUpOnFailure { get; init; }

    /// <summary>What is to stand in the new cluster; null for runs that bring nothing.</summary>
    public BundleEnvironment? Environment { get; init; }

    /// <summary>Records it elsewhere; null: nobody does.</summary>
    public UpdateRecords? Records { get; init; }

    /// <summary>What would be done. Writes nothing.</summary>
    /// <exception cref="DiagnosticException">It is not possible.</exception>
    public async Task<UpdateResult> PlanAsync(UpdateOrder order, CancellationToken cancellationToken)
    {
        await using var run = new UpdateRun(world, specification, sink, clock);
        var plan = await run.PreviewAsync(order, cancellationToken);
        var cluster = plan.Steps.OfType<UpdateStep.Create>().FirstOrDefault() is { } create
            ? await world.Provider.PlanAsync(new ClusterChange.Ensure(create.Name, world.Owner, specification ?? new ClusterSpecification()), cancellationToken) : null;
        List<Diagnostic> findings = [.. cluster?.Findings ?? [], .. await LookAheadAsync(plan, cancellationToken)];
        foreach (var finding in findings)
            sink.Publish(new DeployEvent.DiagnosticRaised(finding));
        var errors = findings.Where(finding => finding.Severity == DiagnosticSeverity.Error).ToList();
        return new UpdateResult(DeployOutcome.Planned, errors.Count == 0 ? ExitCodes.Done : ExitCodes.Failed, world.Owner)
        {
            Update = plan.Update,
            Shares = run.Shares,
            Steps = [.. plan.Steps.Select(step => new PlannedStep(step.Id, step.Title, step.Timeout))],
            Diagnostics = errors,
            Cluster = cluster,
            Address = await run.AddressAsync(),
        };
    }

    /// <summary>Runs until there is nothing left to do, or until it is held. Expected failures are in the result and told to the sink.</summary>
    public async Task<UpdateResult> RunAsync(UpdateOrder order, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        await using var run = new UpdateRun(world, specification, sink, clock) { Records = Records };
        var result = new UpdateResult(DeployOutcome.Failed, ExitCodes.Failed, world.Owner);
        try
        {
            UpdatePlan plan;
            do
            {
                plan = await run.PlanAsync(order, cancellationToken);
                await RequireSharesAsync(plan, cancellationToken);
                await run.BeginRecordAsync(plan, run.Current, cancellationToken);
                var steps = plan.Steps.Select(step => new PlannedStep(step.Id, step.Title, step.Timeout)).ToList();
                sink.Publish(new DeployEvent.PlanReady(world.Owner.App, world.Owner.Environment, world.Provider.Description, steps));
                result = result with { Steps = steps, Update = plan.Update };
                await run.ExecuteAsync(plan.Steps, cancellationToken);
            }
            while (plan.IsOfFormer);
            result = result with { Outcome = plan.Outcome, ExitCode = run.Leftovers.Count == 0 ? ExitCodes.Done : ExitCodes.Failed };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            result = result with { Outcome = DeployOutcome.Cancelled, ExitCode = ExitCodes.Cancelled };
        }
        catch (StepTimedOutException failure)
        {
            result = Failed(result, [failure.Diagnostic]) with { Outcome = DeployOutcome.TimedOut, ExitCode = ExitCodes.TimedOut };
        }
        catch (ApiException refusal)
        {
            result = Failed(result, [ApiDiagnostics.For(refusal, world.Owner.App)]);
        }
        catch (DiagnosticException failure)
        {
            result = Failed(result, failure.Diagnostics);
        }

        if (result.ExitCode is ExitCodes.Failed or ExitCodes.TimedOut && ReturnsOnFailure && order is not UpdateOrder.Abort)
            result = await ReturnAsync(run, result, cancellationToken);
        result = result with
        {
            Update = run.Current ?? result.Update,
            Shares = run.Shares,
            Deploy = run.Deploy,
            Failures = run.Failures,
            Leftovers = run.Leftovers,
            Address = await run.AddressAsync(),
            Elapsed = clock.GetElapsedTime(started),
        };
        await run.EndRecordAsync(result);
        return result with { Record = Records?.Result };
    }

    /// <summary>Ends the record of an update whose run is gone; what has a run that lives is left to that.</summary>
    /// <param name="runUrl">The workflow's run that asks, as its last step; null: none.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    /// <returns>What GitHub has of it; null where there was nothing to say.</returns>
    public async Task<DeployRecord?> SettleRecordAsync(string? runUrl, CancellationToken cancellationToken)
    {
        await using var run = new UpdateRun(world, specification, sink, clock) { Records = Records };
        try
        {
            await run.SettleRecordAsync(runUrl, cancellationToken);
        }
        catch (DiagnosticException failure) when (failure.Diagnostics[0].Code == DiagnosticDescriptors.Locked.Code)
        {
            sink.Publish(new DeployEvent.Note($"{failure.Diagnostics[0].Cause} It gives GitHub what is owed of it."));
        }

        return Records!.Result;
    }

    // A cluster takes long, and costs money: what would end the update when it is to get load is found before it is made.
    private async Task RequireSharesAsync(UpdatePlan plan, CancellationToken cancellationToken)
    {
        var findings = (await LookAheadAsync(plan, cancellationToken)).ToLookup(finding => finding.Severity == DiagnosticSeverity.Error);
        if (findings[true].Any())
            throw new DiagnosticException([.. findings[true]]);
        foreach (var finding in findings[false])
            sink.Publish(new DeployEvent.DiagnosticRaised(finding));
    }

    private async Task<IReadOnlyList<Diagnostic>> LookAheadAsync(UpdatePlan plan, CancellationToken cancellationToken) =>
        Environment is { } environment && plan.Steps.Any(step => step is UpdateStep.Create) ? await world.Provider.Load.LookAheadAsync(world.Owner, environment, plan.Update.From, cancellationToken) : [];

    // Only what this run itself has brought about is taken back, and only as long as nobody else is at it.
    private async Task<UpdateResult> ReturnAsync(UpdateRun run, UpdateResult result, CancellationToken cancellationToken)
    {
        if (run.Current is not { Phase: UpdatePhase.Preparing or UpdatePhase.Shifting or UpdatePhase.Soaking, From: { } old } failed || !run.HasFailedInStep)
            return result;
        try
        {
            return await InsistAsync(isAgain => GiveBackAsync(run, result, failed, old, isAgain, cancellationToken), old, cancellationToken);
        }
        catch (Exception failure) when (failure is DiagnosticException or ApiException or StepTimedOutException)
        {
            sink.Publish(new DeployEvent.DiagnosticRaised(DiagnosticDescriptors.UpdateNotTakenBack.Because(
                $"Load could not be given back to {old}: {(failure as DiagnosticException)?.Diagnostics[0].Cause ?? failure.Message}")));
            return result;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return result with { Outcome = DeployOutcome.Cancelled, ExitCode = ExitCodes.Cancelled };
        }
    }

    private async Task<UpdateResult> GiveBackAsync(UpdateRun run, UpdateResult result, FullUpdate failed, string old, bool isAgain, CancellationToken cancellationToken)
    {
        var facts = await run.LookUnderLockAsync(cancellationToken);
        var at = UpdateSituation.Of(facts);
        // One that was cut has written down that it goes back.
        bool IsOnItsWay(FullUpdate standing) => isAgain && standing.To == failed.To && standing.Phase is UpdatePhase.Preparing or UpdatePhase.Aborting;
        if (at.Update is not { } standing || !(standing.Phase == failed.Phase || IsOnItsWay(standing)) || at.From is null || (failed.Phase == UpdatePhase.Preparing && !CleansUpOnFailure))
            return result;
        if (at.OneWayJobs is { Count: > 0 } jobs)
        {
            sink.Publish(new DeployEvent.DiagnosticRaised(DiagnosticDescriptors.UpdateNotTakenBack.Because(
                $"{string.Join(", ", jobs)} ran in {failed.To}, and the data do not fit the version in {old} any more: {failed.To} keeps {facts.ShareOf(failed.To)} % of the load.")));
            return result;
        }

        // Users need an answer, whatever may have run; a person says whether the new cluster is given up.
        var deletes = standing.Phase == UpdatePhase.Aborting || (CleansUpOnFailure && at.OneWayJobsInDoubt.Count == 0);
        if (deletes)
            await run.ExecuteAsync(UpdatePlanner.Plan(facts, new UpdateOrder.Abort(), clock.GetUtcNow()).Steps, cancellationToken);
        else
            await run.ExecuteAsync(UpdatePlanner.Return(facts, at, clock.GetUtcNow()), cancellationToken);
        sink.Publish(new DeployEvent.DiagnosticRaised(deletes
            ? DiagnosticDescriptors.UpdateTakenBack.Because($"{old} has all load, and {failed.To} is deleted.", nextStep: "Correct the cause, and deploy again.")
            : DiagnosticDescriptors.UpdateTakenBack.Because($"{old} has all load. {failed.To} still stands.")));
        return result with { Outcome = DeployOutcome.RolledBack, ExitCode = ExitCodes.RolledBack };
    }

    // Users have the version that fails until then: what gives no answer for a moment is asked again.
    private async Task<T> InsistAsync<T>(Func<bool, Task<T>> work, string old, CancellationToken cancellationToken)
    {
        var (started, told) = (clock.GetTimestamp(), "");
        while (true)
        {
            try
            {
                return await work(told.Length > 0);
            }
            catch (Exception failure) when (IsPassing(failure) && clock.GetElapsedTime(started) < ReturnPatience)
            {
                var cause = (failure as DiagnosticException)?.Diagnostics[0].Cause ?? failure.Message;
                if (told != cause)
                    sink.Publish(new DeployEvent.Note($"Load is not given back to {old} yet: {cause} It is tried again."));
                told = cause;
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    private static bool IsPassing(Exception failure) => failure is ApiException { Status: >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests }
        || (failure is DiagnosticException { Diagnostics: [var first, ..] } && Passing.Contains(first.Code));

    private UpdateResult Failed(UpdateResult result, IReadOnlyList<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
            sink.Publish(new DeployEvent.DiagnosticRaised(diagnostic));
        return result with { Outcome = DeployOutcome.Failed, ExitCode = ExitCodes.Of(diagnostics[0]), Diagnostics = diagnostics };
    }
}

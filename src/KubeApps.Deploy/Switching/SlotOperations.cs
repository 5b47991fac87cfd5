using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Switching;

/// <summary>How a held or soaking deploy is to be ended.</summary>
/// <param name="Soak">Stay until the old version may go.</param>
/// <param name="Timeout">How long the new version may take to be ready again.</param>
/// <param name="WaitForLock">How long to wait for another run.</param>
internal sealed record SlotOptions(bool Soak = true, TimeSpan? Timeout = null, TimeSpan? WaitForLock = null);

/// <summary>Ends a blue/green deploy that another run began: all that is needed for it stands in the cluster.</summary>
internal sealed class SlotOperations(ClusterConnection connection, Func<string, string?> readVariable, IEventSink sink)
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(10);

    // A run that is asked to end does so in a moment; one that is dead is known to be after half a minute.
    private static readonly TimeSpan AbortPatience = TimeSpan.FromMinutes(1);

    private readonly KubeClient _client = connection.Client;

    private Diagnostic? _unchecked;

    /// <summary>Told of what stands before it is changed; null: nobody.</summary>
    public Func<Inventory, CancellationToken, Task>? Following { get; init; }

    /// <summary>Switches to a version that is held; ends the soak of one that serves.</summary>
    public Task<DeployResult> PromoteAsync(Inventory inventory, SlotOptions options, CancellationToken cancellationToken) =>
        RunAsync("promote", inventory, DeployOutcome.Deployed, async found =>
        {
            if (found.Rollout is not { Phase: RolloutPhase.Held or RolloutPhase.Switching or RolloutPhase.Soaking or RolloutPhase.Retiring })
                throw new DiagnosticException(DiagnosticDescriptors.NothingToPromote.Because($"{found.App} {Words(found.Rollout)}."));
            var (checks, late) = await StandingAsync(found, found.Rollout, cancellationToken);
            return BlueGreenPlanner.Promote(found, checks, options.Soak, options.Timeout ?? DefaultTimeout, options.WaitForLock, _client.Now, late);
        }, cancellationToken);

    /// <summary>Lets the version before serve, and removes the new one. A run that is still at it is asked to end first.</summary>
    public Task<DeployResult> AbortAsync(Inventory inventory, SlotOptions options, CancellationToken cancellationToken) =>
        RunAsync("abort", inventory, DeployOutcome.Aborted, found =>
        {
            if (found.Rollout is not { IsUnderWay: true })
                throw new DiagnosticException(DiagnosticDescriptors.NothingToAbort.Because($"{found.App} {Words(found.Rollout)}."));
            if (found.Rollout.Phase == RolloutPhase.Retiring)
                throw new DiagnosticException(DiagnosticDescriptors.NothingToAbort.Because(
                    $"{found.App} is served by its new version, and the version before is being deleted.", nextStep: "Finish that with 'dotnet kubeapp promote', or deploy the version that you want."));
            if (found.Rollout.Live is null)
                throw new DiagnosticException(DiagnosticDescriptors.NothingToAbort.Because(
                    $"{found.App} has no version before this one.", nextStep: "Deploy a version that works, or take the app away with 'dotnet kubeapp destroy'."));
            RevisionRules.RequireReversibleSwitch(found);
            return Task.FromResult(BlueGreenPlanner.Abort(found, options.WaitForLock ?? AbortPatience, _client.Now));
        }, cancellationToken);

    private async Task<DeployResult> RunAsync(
        string command, Inventory inventory, DeployOutcome outcome, Func<Inventory, Task<ReleasePlan>> planOf, CancellationToken cancellationToken)
    {
        var started = _client.Clock.GetTimestamp();
        await using var run = new DeployRun(
            _client, new ResourceCatalog(_client), sink, new AppLock(_client, sink, LockHolder.Of(command, readVariable)) { AsksHolder = command == "abort" }, connection.MayBeInUpdate);
        var result = DeployResult.Nothing(DeployOutcome.Failed, ExitCodes.Failed, inventory.App, inventory.Environment) with
        {
            Target = connection.Description,
            Namespace = inventory.Namespace,
            Commit = inventory.Commit,
            Revision = inventory.Revision,
        };
        try
        {
            while (true)
            {
                var plan = await planOf(inventory);
                if (_unchecked is not null && result.Diagnostics.Count == 0)
                {
                    sink.Publish(new DeployEvent.DiagnosticRaised(_unchecked));
                    result = result with { Diagnostics = [_unchecked] };
                }

                var steps = plan.Steps.Select(step => new PlannedStep(step.Id, step.Title, step.Timeout)).ToList();
                sink.Publish(new DeployEvent.PlanReady(plan.App, plan.Environment, connection.Description, steps));
                result = result with { Steps = steps };
                if (Following is not null)
                    await Following(inventory, cancellationToken);
                if (await run.ExecuteAsync(plan, null, cancellationToken))
                    break;
                // Somebody wrote since we looked.
                inventory = await ReadAsync(inventory, cancellationToken);
            }

            result = result with { Outcome = outcome, ExitCode = ExitCodes.Done };
            if (outcome == DeployOutcome.Aborted)
                result = SlotRecovery.TellWhatStays(result, inventory, sink);
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
            result = Failed(result, [ApiDiagnostics.For(refusal, inventory.App)]);
        }
        catch (DiagnosticException failure)
        {
            result = Failed(result, failure.Diagnostics);
        }

        // Before the switch nobody noticed anything: the one who promotes looks, and tries again or aborts.
        if (run.Unfinished?.Rollout?.Phase is RolloutPhase.Switching or RolloutPhase.Soaking)
            result = await SlotRecovery.TakeBackAsync(result, run, null, sink, _client.Now, cancellationToken);
        if (run.HasWritten && !run.HasLostLock)
            await new RevisionVerdict(_client).SayAsync(inventory, result with { Checks = [.. run.Checks] }, Author.OfThisProcess(readVariable).Name, cancellationToken);
        return result with
        {
            Rollout = run.Current?.Rollout ?? inventory.Rollout,
            Failures = [.. run.Failures],
            Checks = [.. run.Checks],
            HasApplied = run.HasWritten,
            Urls = result.ExitCode == ExitCodes.Done
                ? run.Urls ?? await AppAddresses.ReadAsync(_client, inventory.Items.Select(item => item.Id), inventory.EntryService, cancellationToken)
                : [],
            Elapsed = _client.Clock.GetElapsedTime(started),
        };
    }

    // What the revision of the version knows of it: its checks, and what is still to be applied.
    private async Task<(IReadOnlyList<PlannedCheck> Checks, IReadOnlyList<PlannedObject>? Late)> StandingAsync(Inventory inventory, Rollout rollout, CancellationToken cancellationToken)
    {
        if (await StandingRelease.ReadAsync(_client, inventory, cancellationToken) is not { } release)
        {
            if (rollout.Phase is RolloutPhase.Held or RolloutPhase.Switching)
                _unchecked ??= DiagnosticDescriptors.PromotedUnchecked.Because($"{Revision(inventory)} of {inventory.App} is not kept with its objects: its checks are not known, and do not run.");
            return ([], null);
        }

        var services = release.Objects.Where(item => rollout.Services.Any(service => service.Id == item.Id)).ToList();
        var late = SlotObjects.Of(release.Objects, rollout.Next ?? Slot.Plain).InSlot.Where(item => Overlap.Waits(rollout, item.Id));
        return (SlotChecks.Of(release, services, rollout.Services), [.. late.Select(item => new PlannedObject(item, ResourceChange.Created, IsUnchecked: false, IsTerminating: false))]);
    }

    private static string Revision(Inventory inventory) => inventory.Revision is { } number ? $"Revision {number}" : "What stands";

    private async Task<Inventory> ReadAsync(Inventory known, CancellationToken cancellationToken) =>
        await InventoryStore.ReadAsync(_client, known.App, known.Namespace, cancellationToken)
        ?? throw new DiagnosticException(DiagnosticDescriptors.AppNotFound.Because($"{known.App} is gone from {connection.Description}."));

    private DeployResult Failed(DeployResult result, IReadOnlyList<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
            sink.Publish(new DeployEvent.DiagnosticRaised(diagnostic));
        return result with { Outcome = DeployOutcome.Failed, ExitCode = ExitCodes.Of(diagnostics[0]), Diagnostics = [.. diagnostics, .. result.Diagnostics] };
    }

    private static string Words(Rollout? rollout) => rollout switch
    {
        null => "is not deployed blue/green",
        { Phase: RolloutPhase.Preparing } => "is being prepared: its new version is not checked yet",
        { Phase: RolloutPhase.Aborting } => "is being aborted",
        { Live: { } live } => $"is served by {(live == Slot.Plain ? "its only version" : live.Word())}, and nothing else is under way",
        _ => "has nothing under way",
    };
}

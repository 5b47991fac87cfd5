using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Planning.Saved;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Secrets;
using KubeApps.Deploy.Switching;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy;

/// <summary>
/// Deploys a bundle: looks, plans, acts, waits. Nothing here knows what kind of cluster it talks to.
/// </summary>
/// <param name="connection">The cluster.</param>
/// <param name="readVariable">Reads an environment variable (secrets), null where it is not set.</param>
internal sealed class Deployer(ClusterConnection connection, Func<string, string?> readVariable)
{
    private readonly KubeClient _client = connection.Client;
    private readonly ResourceCatalog _catalog = connection.Catalog;
    private readonly KnownSecrets _secrets = new();

    /// <summary>Told of the revisions that are made; null: nobody is.</summary>
    public IRevisionFollower? Follower { get; init; }

    /// <summary>
    /// Runs a deploy. Expected failures are in the result and told to <paramref name="sink"/>. Cancelling stops before the next request:
    /// what was applied stays, and deploying again goes on from there.
    /// </summary>
    public async Task<DeployResult> RunAsync(DeployRequest request, IEventSink sink, CancellationToken cancellationToken)
    {
        sink = new SecretsLearnedSink(sink, _secrets);
        await using var run = new DeployRun(
            _client, _catalog, sink, new AppLock(_client, sink, LockHolder.Of(request.Restores is null ? "deploy" : "rollback", readVariable)) { Duration = request.LockDuration }, connection.MayBeInUpdate);
        var result = await DeployAsync(request, run, sink, cancellationToken);
        return AutomaticRollback.IsDue(request, result) && !run.HasLostLock
            ? await new AutomaticRollback(_client, (back, token) => DeployAsync(back, run, sink, token), sink).RunAsync(request, result, cancellationToken)
            : result;
    }

    private async Task<DeployResult> DeployAsync(DeployRequest request, DeployRun run, IEventSink sink, CancellationToken cancellationToken)
    {
        var started = _client.Clock.GetTimestamp();
        // A deploy that is taken back has run before in the same run.
        var (failures, checks) = (run.Failures.Count, run.Checks.Count);
        RevisionRecorder? recorder = null;
        var result = DeployResult.Nothing(DeployOutcome.Failed, ExitCodes.Failed, request.Bundle.App, request.Environment) with
        {
            Target = connection.Description,
            Namespace = request.Namespace ?? "",
            Commit = request.Bundle.Commit,
            Bundle = request.Bundle.Reference,
        };
        try
        {
            var environment = EnvironmentOf(request);
            result = result with { Namespace = request.Namespace ?? environment.Namespace };
            // Another deploy may create the namespace's hash key between our look and our write: then all names change, once.
            while (true)
            {
                (result, var next) = await PrepareAsync(request, environment, run, result, sink, cancellationToken);
                if (next is null)
                    break;
                if (request.Confirm is { } confirm && Losses.Of(next.Plan) is { Count: > 0 } losses)
                    await confirm(losses, cancellationToken);
                recorder = new RevisionRecorder(_client, sink, _secrets, next.Draft, next.Revisions, next.Inventory, environment.Strategy.KeepRevisions ?? RevisionRules.DefaultKept) { Follower = Follower };
                if (!await run.ExecuteAsync(next.Plan, recorder, cancellationToken))
                    continue;
                var urls = run.Urls ?? await AppAddresses.ReadAsync(_client, next.Objects, environment.EntryService, cancellationToken);
                result = result with { Outcome = next.Plan.Holds ? DeployOutcome.Held : DeployOutcome.Deployed, ExitCode = ExitCodes.Done, Urls = urls };
                break;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            result = result with { Outcome = DeployOutcome.Cancelled, ExitCode = ExitCodes.Cancelled };
        }
        catch (StepTimedOutException failure)
        {
            result = Failed(result, [failure.Diagnostic], request.Bundle, sink) with { Outcome = DeployOutcome.TimedOut, ExitCode = ExitCodes.TimedOut };
        }
        catch (ApiException refusal)
        {
            result = Failed(result, [ApiDiagnostics.For(refusal, request.Bundle.App)], request.Bundle, sink);
        }
        catch (DiagnosticException failure)
        {
            result = Failed(result, failure.Diagnostics, request.Bundle, sink);
        }

        if (request.RollbackOnFailure)
            result = await SlotRecovery.TakeBackAsync(result, run, recorder, sink, _client.Now, cancellationToken);
        if (result.ExitCode == ExitCodes.Done)
            result = result with { RolledBackTo = request.Restores?.Number };
        if (run.Current is { } inventory)
        {
            result = result with { Rollout = inventory.Rollout };
            if (result.Outcome == DeployOutcome.Held)
                result = result with { PreviewUrls = await AppAddresses.PreviewsAsync(_client, inventory, cancellationToken) };
        }

        result = result with { Failures = [.. run.Failures.Skip(failures)], Checks = [.. run.Checks.Skip(checks)], HasApplied = run.HasWritten, Elapsed = _client.Clock.GetElapsedTime(started) };
        if (recorder is not { HasBegun: true })
            return result;
        if (!run.HasLostLock)
            await recorder.EndAsync(result);
        return result with { Revision = recorder.Number };
    }

    /// <summary>
    /// Makes the plan, and says what came of it; null: there is nothing to execute. What the plan was made of, the server's answer about every object above all,
    /// is not held any more when it is executed.
    /// </summary>
    private async Task<(DeployResult Result, PreparedDeploy? Next)> PrepareAsync(
        DeployRequest request, BundleEnvironment environment, DeployRun run, DeployResult result, IEventSink sink, CancellationToken cancellationToken)
    {
        var planning = new ReleasePlanning(connection, _catalog, readVariable, sink)
        {
            // Nobody is kept waiting while a person thinks.
            WillChange = request is { DryRun: false, Confirm: null } ? ns => run.BeginLock(request.Bundle.App, ns, cancellationToken) : null,
        };
        var made = await planning.PlanAsync(request, environment, cancellationToken);
        var (release, live, plan, report, revisions, _, _) = made;
        // Looked at again whenever another run came in between: the plan is made anew then, under the lock.
        if (RunOrder.Superseded(request, live.Inventory, revisions) is { } superseded)
        {
            sink.Publish(new DeployEvent.DiagnosticRaised(superseded));
            return (result with { Outcome = DeployOutcome.Superseded, ExitCode = ExitCodes.Done, Diagnostics = [superseded], Rollout = live.Inventory?.Rollout, Urls = UrlsOf(live, environment) }, null);
        }

        // A dry run ends with its plan: nothing follows that would have to be announced.
        if (!request.DryRun)
            sink.Publish(new DeployEvent.PlanReady(plan.App, plan.Environment, connection.Description, report.Steps));
        result = result with { Changes = report.Changes, Steps = report.Steps, Plan = report, Rollout = live.Inventory?.Rollout };
        if (request.SavesPlan)
            result = result with { SavedPlan = SavedPlans.Of(await made.Basis(cancellationToken)) };
        if (request.DryRun || plan.IsNoOp)
        {
            var outcome = !plan.IsNoOp ? DeployOutcome.Planned : plan.Holds ? DeployOutcome.Held : DeployOutcome.Unchanged;
            result = (report.Obstacles.Count > 0 ? Failed(result, report.Obstacles, request.Bundle, sink) : result with { ExitCode = ExitCodes.Done }) with
            {
                Outcome = outcome,
                Urls = UrlsOf(live, environment),
                PreviewUrls = outcome == DeployOutcome.Held ? AppAddresses.PreviewsOf(WaysTo(live), environment.EntryService) : [],
            };
            if (!request.DryRun && result.ExitCode == ExitCodes.Done)
                await ConfirmAsync(request, revisions.FirstOrDefault(item => item.Number == live.Inventory?.Revision), sink, cancellationToken);
            return (result, null);
        }

        if (made.InTheWay is { Count: > 0 } errors)
            return (Failed(result, errors, request.Bundle, sink), null);
        foreach (var finding in made.Findings)
            sink.Publish(new DeployEvent.DiagnosticRaised(finding));
        var (began, number) = (RevisionRules.BeginningOf(revisions, _client.Now), RevisionRules.NextNumber(revisions, live.Inventory));
        var draft = RevisionDraft.Of(release, environment, plan, report.Changes, request.By, began, number);
        return (result, new PreparedDeploy(plan, draft, revisions, live.Inventory, [.. release.Objects.Select(item => item.Id)]));
    }

    private async Task ConfirmAsync(DeployRequest request, Revision? standing, IEventSink sink, CancellationToken cancellationToken)
    {
        if (request.UnlessNewer is not { } run || standing is null || !RunOrder.IsNews(run, request.Bundle.Commit, standing))
            return;
        try
        {
            await new RevisionStore(_client).ConfirmAsync(standing, run, cancellationToken);
        }
        catch (ApiException refusal)
        {
            sink.Publish(new DeployEvent.DiagnosticRaised(DiagnosticDescriptors.RunNotRemembered.Because(
                $"Revision {standing.Number} of {standing.App} does not say that this run wants it: {ApiDiagnostics.For(refusal, standing.App).Cause}")));
        }
    }

    private static DeployResult Failed(DeployResult result, IReadOnlyList<Diagnostic> diagnostics, Bundle bundle, IEventSink sink)
    {
        // Objects know their files by their place in the bundle; the user is not necessarily in its folder.
        if (bundle.Folder is { } folder)
            diagnostics = [.. diagnostics.Select(item => item.Place is { } place
                ? item with { Place = place with { File = Path.GetFullPath(place.File, folder) } }
                : item)];
        foreach (var diagnostic in diagnostics)
            sink.Publish(new DeployEvent.DiagnosticRaised(diagnostic));
        return result with { Outcome = DeployOutcome.Failed, ExitCode = ExitCodes.Of(diagnostics[0]), Diagnostics = diagnostics };
    }

    private static BundleEnvironment EnvironmentOf(DeployRequest request)
    {
        var bundle = request.Bundle;
        // A dry run may plan with images that are still to be built: the tag of their content says whether something changed.
        if (bundle.IsDraft && !(request.DryRun && bundle.Images.Values.All(image => image.Tag is not null)))
            throw new DiagnosticException(DiagnosticDescriptors.DraftBundle.Because($"The bundle of {bundle.App} is a draft: its images have no digests yet."));
        var environment = bundle.Environments.FirstOrDefault(item => string.Equals(item.Name, request.Environment, StringComparison.OrdinalIgnoreCase))
            ?? throw new DiagnosticException(DiagnosticDescriptors.UnknownEnvironment.Because(
                $"The bundle of {bundle.App} has no environment '{request.Environment}'. It has: {string.Join(", ", bundle.Environments.Select(item => item.Name))}."));
        if (environment.Objects.Count == 0)
            throw new DiagnosticException(DiagnosticDescriptors.EmptyBundle.Because($"The environment '{environment.Name}' of {bundle.App} holds no objects."));
        return environment.Strategy.Kind.ToUpperInvariant() is "ROLLING" or "BLUEGREEN"
            ? environment
            : throw new DiagnosticException(DiagnosticDescriptors.StrategyNotSupported.Because($"The strategy '{environment.Strategy.Kind}' is not known to this version."));
    }

    private static IReadOnlyList<string> UrlsOf(LiveState live, BundleEnvironment environment) => AppAddresses.Of(WaysTo(live), environment.EntryService);

    private static IEnumerable<JsonObject> WaysTo(LiveState live) =>
        live.Objects.Where(item => item.Object.Id.Kind is "Service" or "Ingress").Select(item => item.Live).OfType<JsonObject>();
}

/// <summary>A plan that is to be executed, and what is written down of it.</summary>
/// <param name="Plan">The steps.</param>
/// <param name="Draft">The revision that it makes.</param>
/// <param name="Revisions">Those that stand.</param>
/// <param name="Inventory">What stands.</param>
/// <param name="Objects">What the release has.</param>
internal sealed record PreparedDeploy(ReleasePlan Plan, Revision Draft, IReadOnlyList<Revision> Revisions, Inventory? Inventory, IReadOnlyList<ObjectId> Objects);

/// <summary>A step did not end in time.</summary>
internal sealed class StepTimedOutException(Diagnostic diagnostic) : Exception(diagnostic.ToString())
{
    public Diagnostic Diagnostic { get; } = diagnostic;
}

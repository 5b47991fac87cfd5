using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Planning.Reports;
using KubeApps.Deploy.Planning.Saved;
using KubeApps.Deploy.Preflight;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Secrets;
using KubeApps.Deploy.Switching;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy;

/// <summary>A plan, and all that it was made of.</summary>
/// <param name="Release">What is to be deployed.</param>
/// <param name="Live">What stands.</param>
/// <param name="Plan">The steps.</param>
/// <param name="Report">What they do to every object and field.</param>
/// <param name="Revisions">The revisions that can be returned to.</param>
/// <param name="Findings">What may get in the way.</param>
/// <param name="Basis">What a saved plan would bind.</param>
internal sealed record MadePlan(
    Release Release, LiveState Live, ReleasePlan Plan, PlanReport Report, IReadOnlyList<Revision> Revisions, IReadOnlyList<Diagnostic> Findings,
    Func<CancellationToken, Task<PlanBasis>> Basis)
{
    /// <summary>Why the plan must not be executed.</summary>
    public IReadOnlyList<Diagnostic> InTheWay =>
        Report.Obstacles.Concat(Findings.Where(finding => finding.Severity == DiagnosticSeverity.Error)).ToList() is { Count: > 0 } errors ? errors
        : !Report.IsEstimated ? []
        :
        [
            DiagnosticDescriptors.PermissionsMissing.Because(
                $"The role does not allow to patch, and so not to ask the server about: {string.Join(", ", Live.Objects.Where(item => item.IsEstimated).Select(item => item.Object.Id))}."),
        ];
}

/// <summary>Looks at the cluster and plans; writes nothing.</summary>
internal sealed class ReleasePlanning(ClusterConnection connection, ResourceCatalog catalog, Func<string, string?> readVariable, IEventSink sink)
{
    private readonly KubeClient _client = connection.Client;

    /// <summary>Told, with the app's namespace, as soon as it is known that the plan will most likely change something.</summary>
    public Action<string>? WillChange { get; init; }

    /// <summary>Plans, and holds the plan to the saved one where there is one.</summary>
    public async Task<MadePlan> PlanAsync(DeployRequest request, BundleEnvironment environment, CancellationToken cancellationToken)
    {
        // A rollback returns from what the saved plan led to.
        if (request is not { SavedPlan: { } saved, Restores: null })
            return await MakeAsync(request, environment, cancellationToken);
        PlanContract.RequireTarget(
            saved, request.Bundle.App, environment.Name, request.Namespace ?? environment.Namespace, await SavedTargets.ReadAsync(connection, cancellationToken));
        MadePlan made;
        try
        {
            made = await MakeAsync(request, environment, cancellationToken);
        }
        catch (DiagnosticException)
        {
            PlanContract.RequireSeen(saved, await SavedTargets.StandingAsync(saved, _client, cancellationToken));
            throw;
        }

        PlanContract.Require(saved, await made.Basis(cancellationToken));
        return made;
    }

    private async Task<IReadOnlyList<Revision>?> RevisionsAsync(DeployRequest request, string ns, CancellationToken cancellationToken)
    {
        try
        {
            return await new RevisionStore(_client).ListAsync(request.Bundle.App, ns, cancellationToken);
        }
        catch (ApiException refusal) when (refusal.Status == System.Net.HttpStatusCode.Forbidden && request.UnlessNewer is null)
        {
            // A role that may not list them can deploy all the same: what Kubernetes remembers itself keeps its configuration then.
            return null;
        }
    }

    /// <summary>An app has one lock, one inventory and one history in a namespace: two environments in one would take each other's objects away.</summary>
    private static void RequireSameEnvironment(DeployRequest request, BundleEnvironment environment, Inventory? inventory, string ns)
    {
        if (!request.Policy.Adopt && inventory is not null && !string.Equals(inventory.Environment, environment.Name, StringComparison.OrdinalIgnoreCase))
            throw new DiagnosticException(DiagnosticDescriptors.OtherEnvironment.Because(
                $"{inventory.App} is deployed in the namespace {ns} as the environment {inventory.Environment}; a deploy of {environment.Name} would take its place."));
    }

    private async Task<MadePlan> MakeAsync(DeployRequest request, BundleEnvironment environment, CancellationToken cancellationToken)
    {
        var ns = request.Namespace ?? environment.Namespace;
        var rendered = ReleaseObjects.Of(environment, request.Namespace);
        var asBundled = rendered;
        var needsKey = FilledSecrets.AreIn(rendered);
        var variables = FilledSecrets.ReadVariables(rendered, readVariable);
        // What nothing else must be known for, at once.
        var discovery = catalog.RefreshAsync([.. rendered.Select(item => item.Id.ApiVersion).Distinct()], cancellationToken);
        var reading = InventoryStore.ReadAsync(_client, request.Bundle.App, ns, cancellationToken);
        var listing = RevisionsAsync(request, ns, cancellationToken);
        var key = needsKey ? await HashKey.ReadAsync(_client, ns, cancellationToken) : null;
        if ((request.Restores?.Number ?? request.InPlaceOf) is { } former)
            RevisionRules.RequireReversible(await reading, former, environment);
        if (request.Restores is { } restored)
            rendered = await new RestoredObjects(_client).CompleteAsync(rendered, restored.Number, (await reading)?.Rollout?.Serving ?? Slot.Plain, cancellationToken);

        var resolved = needsKey ? FilledSecrets.Resolve(rendered, variables, key?.Bytes ?? HashKey.New(ns).Bytes) : rendered;
        if (FilledSecrets.ValuesIn(resolved) is { Count: > 0 } secrets)
            sink.Publish(new DeployEvent.SecretsLearned(secrets));
        var objects = resolved.Where(item => !item.IsOfCheck).ToList();
        var release = new Release(
            request.Bundle.App, environment.Name, ns, request.Bundle.Commit, ApplySet.Label(objects, ApplySet.IdOf(request.Bundle.App, ns)),
            request.Restores?.Hash ?? ReleaseObjects.Hash(objects), needsKey,
            request.Timeout ?? environment.Strategy.Timeout, environment.Strategy.StabilityWindow, environment.EntryService)
        {
            Bundle = request.Bundle.Reference,
            IsTransient = request.IsTransient,
            LockPatience = request.WaitForLock,
            Restores = request.Restores?.Number,
            Policy = request.Policy,
            Checks = ReleaseObjects.ChecksOf(environment, rendered, resolved),
            CheckJobs = [.. resolved.Where(item => item.IsOfCheck)],
        };
        var inventory = await reading;
        RequireSameEnvironment(request, environment, inventory, ns);
        var known = await listing;
        var revisions = RevisionRules.WithInventory(known ?? [], inventory);
        SlotOrder.RefuseUnlessUnderWay(request, release, inventory);
        await discovery;
        var reader = new LiveStateReader(_client, catalog)
        {
            Revisions = known is null ? null : revisions,
            Superseded = RevisionRules.Superseded(
                revisions, RevisionRules.NextNumber(revisions, inventory), environment.Strategy.KeepRevisions ?? RevisionRules.DefaultKept),
        };
        var order = SlotOrder.Of(request, environment, _client.Now);
        // A way back is not barred by what is only forecast.
        var preflight = request.Restores is null ? new DeployPreflight(_client, catalog) : null;
        // What stands already is most likely to need nothing.
        if (inventory is not { IsComplete: true } || inventory.Hash != release.Hash)
        {
            preflight?.Begin(objects, cancellationToken);
            WillChange?.Invoke(ns);
        }

        var (live, plan) = await new SlotPlanning(_client, catalog, reader).PlanAsync(release, order, inventory, key is not null, cancellationToken);
        var findings = plan.IsNoOp || preflight is null ? [] : await preflight.RunAsync(plan, live, cancellationToken);
        var isEstimated = live.Objects.Any(item => item.IsEstimated);
        if (isEstimated)
            findings = [.. findings, DiagnosticDescriptors.PlanEstimated.Because("The role may not have the server try what it would store: what the plan shows is worked out from what stands.")];
        if (live.Former.Where(item => item.IsAway).Select(item => item.Id.ToString()).ToList() is { Count: > 0 } away)
            findings = [.. findings, DiagnosticDescriptors.KindAway.Because($"Not needed any more, but not to be deleted now: {string.Join(", ", away)}.")];
        // Who may write nothing at all plans, and never deploys: that it lacks what a deploy needs is no news.
        var isOfReader = live.Objects.Count > 0 && live.Objects.All(item => item.IsEstimated);
        var report = PlanReports.Of(release, live, plan, connection.Description) with
        {
            Warnings = [.. findings.Where(finding => !isOfReader || finding.Code != DiagnosticDescriptors.PermissionsMissing.Code).Select(finding => finding with { Severity = DiagnosticSeverity.Warning })],
            IsEstimated = isEstimated,
        };
        return new MadePlan(release, live, plan, report, revisions, findings, async token => new PlanBasis(
            request.Bundle, SavedPlans.HashOf(environment, asBundled), release, live, report, await SavedTargets.ReadAsync(connection, token), key?.Bytes, _client.Now)
        {
            Order = new SavedOrder(environment.Strategy.Kind, request.Hold, request.Soak, request.Policy),
        });
    }
}

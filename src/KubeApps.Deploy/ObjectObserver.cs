using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Switching;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy;

/// <summary>
/// Looks at one object, and asks the server what it would make of it: one request where it is known to stand or where nothing does, two
/// where that was not known, a third one where others have a hand in it and the deploy may take it. Nothing is written.
/// </summary>
internal sealed class ObjectObserver(KubeClient client, ApplyPolicy policy, Inventory? inventory, string applySet)
{
    /// <summary>What was read of the app already.</summary>
    public MemberObjects Members { get; init; } = new();

    /// <summary>All that is applied with what is looked at.</summary>
    public IReadOnlyCollection<ObjectId> Release { get; init; } = [];

    // Names end with this while an object that is to be replaced is tried beside the one that stands.
    private const string Trial = "-kubeapp-trial";
    private const int LongestName = 63;

    /// <exception cref="ApiException">The server refuses the object.</exception>
    public async Task<ObservedObject> ObserveAsync(ReleaseObject item, ResourceType type, CancellationToken cancellationToken)
    {
        try
        {
            if (Members.Find(item.Id) is { } member)
                return await ObserveAsync(item, type, member, null, cancellationToken);
            var dryRun = await TryDryRunAsync(item, type, cancellationToken);
            // What is not stored has no version.
            return dryRun is not null && dryRun["metadata"]?["resourceVersion"] is null
                ? new ObservedObject(item, null, WithoutOwners(dryRun))
                : await ObserveAsync(item, type, await LiveAsync(item, type, cancellationToken), dryRun, cancellationToken);
        }
        catch (ApiException refusal) when (IsNamespaceMissing(refusal))
        {
            return new ObservedObject(item, null, null);
        }
        catch (ApiException refusal) when (refusal.IsMissingPermission)
        {
            // Who may only read gets a plan, too; a deploy is told what its role lacks before its first write.
            var live = Members.Find(item.Id) ?? await LiveAsync(item, type, cancellationToken);
            return new ObservedObject(item, live, LocalApply.Estimate(live, item.Content)) { IsEstimated = true, Obstacles = ForeignObstacle(item, live) };
        }
    }

    private async Task<ObservedObject> ObserveAsync(
        ReleaseObject item, ResourceType type, JsonObject? live, JsonObject? known, CancellationToken cancellationToken)
    {
        if (live is not null && live["metadata"]?["deletionTimestamp"] is not null)
            return new ObservedObject(item, live, null);
        var migrates = live is null ? [] : ClientSideFields.ManagersOf(live, policy);
        var observed = known is not null ? new ObservedObject(item, live, known) : await DryRunAsync(item, type, live, migrates, cancellationToken);

        // Somebody wrote between the two requests: compare with what stands now.
        if (live is not null && observed is { Replacement: null, DryRun: { } dryRun } && (string?)live["metadata"]!["resourceVersion"] != (string?)dryRun["metadata"]?["resourceVersion"])
            live = await LiveAsync(item, type, cancellationToken);
        return WithoutTwins(observed with
        {
            Live = live,
            DryRun = migrates.Count > 0 && observed is { Replacement: null, DryRun: { } beside } ? await MigratedAsync(item, type, live!, beside, cancellationToken) : observed.DryRun,
            MigratesFrom = migrates,
            IsAdopted = IsForeign(item, live),
            Obstacles = [.. ForeignObstacle(item, live), .. observed.Obstacles],
        });
    }

    // Of what does not stand yet, nobody else owns anything.
    private static JsonObject WithoutOwners(JsonObject dryRun)
    {
        dryRun["metadata"]!.AsObject().Remove("managedFields");
        return UnreadObject.Of(dryRun);
    }

    // Most objects of most deploys are unchanged: of those one is kept, and nothing is compared again.
    private static ObservedObject WithoutTwins(ObservedObject observed) =>
        observed is { Live: { } live, DryRun: { } dryRun, Replacement: null } && LiveComparison.IsEqual(live, dryRun) ? observed with { DryRun = live } : observed;

    private Task<JsonObject?> LiveAsync(ReleaseObject item, ResourceType type, CancellationToken cancellationToken) =>
        client.GetAsync(type, item.Id.Namespace, item.Id.Name, cancellationToken);

    /// <summary>Null where the server refuses: that is looked at more closely, with what stands.</summary>
    private async Task<JsonObject?> TryDryRunAsync(ReleaseObject item, ResourceType type, CancellationToken cancellationToken)
    {
        try
        {
            return await client.ApplyAsync(type, item.Content, dryRun: true, cancellationToken);
        }
        catch (ApiException refusal) when (!IsNamespaceMissing(refusal))
        {
            return null;
        }
    }

    private static bool IsNamespaceMissing(ApiException refusal) => refusal.IsNotFound && refusal.DetailsKind is ("namespaces" or "Namespace");

    private async Task<ObservedObject> DryRunAsync(
        ReleaseObject item, ResourceType type, JsonObject? live, IReadOnlyList<string> migrates, CancellationToken cancellationToken)
    {
        try
        {
            try
            {
                return new ObservedObject(item, live, await client.ApplyAsync(type, item.Content, dryRun: true, cancellationToken));
            }
            catch (ApiException refusal) when (refusal.IsFieldConflict)
            {
                // Fields that become ours before the apply, and the size that we gave a slot ourselves, are in nobody's way.
                var conflicts = FieldConflict.Of(refusal.Without([.. migrates, SlotSizes.Manager]), live, item.Content, policy.ForceConflicts);
                return new ObservedObject(item, live, await client.ApplyAsync(type, item.Content, dryRun: true, cancellationToken, force: true))
                {
                    Conflicts = conflicts,
                    Obstacles = FieldConflict.DiagnosticOf(item.Id, conflicts, item.Place) is { } obstacle ? [obstacle] : [],
                };
            }
        }
        catch (ApiException refusal) when (refusal.IsImmutable && live is not null && Replacement.Of(live, item.Content) is { } replacement)
        {
            if (policy.Replace)
                return new ObservedObject(item, live, await TryAsync(item, type, cancellationToken)) { Replacement = replacement };
            var obstacle = ApiDiagnostics.For(refusal, item.Id.ToString(), item.Place) with
            {
                NextStep = "Give the object another name, or have it deleted and made anew with --replace.",
            };
            return new ObservedObject(item, live, LocalApply.Estimate(live, item.Content)) { Obstacles = [obstacle] };
        }
        catch (ApiException refusal) when (
            refusal.IsNotFound && refusal.DetailsKind is "roles" or "clusterroles" && RoleBindings.IsOfAny(Release, item) && (live is null || RoleBindings.NameTheSame(live, item.Content)))
        {
            // Its role comes with it. What becomes of one that stands can be told without the server.
            return new ObservedObject(item, live, live is null ? null : LocalApply.Estimate(live, item.Content));
        }
    }

    /// <summary>Until the fields of others are ours, the server cannot be asked what goes with them.</summary>
    private async Task<JsonObject> MigratedAsync(ReleaseObject item, ResourceType type, JsonObject live, JsonObject beside, CancellationToken cancellationToken)
    {
        try
        {
            return LocalApply.Migrate(beside, item.Content, await TryAsync(item, type, cancellationToken), ClientSideFields.PathsOf(live, item.Content));
        }
        catch (ApiException refusal) when (!refusal.IsMissingPermission)
        {
            // A copy beside it cannot be: it would have the same port of a node, or the like. Then what the server fills in is not known.
            return beside;
        }
    }

    /// <summary>What the server would make of an object whose name is taken. What it refuses must be known before the one that stands is deleted.</summary>
    private async Task<JsonObject> TryAsync(ReleaseObject item, ResourceType type, CancellationToken cancellationToken)
    {
        var trial = item.Content;
        trial["metadata"]!["name"] = item.Id.Name[..Math.Min(item.Id.Name.Length, LongestName - Trial.Length)] + Trial;
        var dryRun = await client.ApplyAsync(type, trial, dryRun: true, cancellationToken);
        dryRun["metadata"]!["name"] = item.Id.Name;
        return dryRun;
    }

    private bool IsForeign(ReleaseObject item, JsonObject? live) => live is not null && !Ownership.IsOf(item.Id, live, inventory, applySet);

    private Diagnostic[] ForeignObstacle(ReleaseObject item, JsonObject? live) =>
        policy.Adopt || !IsForeign(item, live) ? [] : [DiagnosticDescriptors.NotAdopted.Because(Foreign(item.Id, live!), item.Place)];

    private static string Foreign(ObjectId id, JsonObject live)
    {
        var created = KubeTime.Read(live["metadata"]!["creationTimestamp"]) is { } time
            ? $", created {time.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC"
            : "";
        var whose = live["metadata"]!["labels"]?[ApplySet.PartOf] is not null && Ownership.IsApplied(live) ? "belongs to another app" : "was not made by this app";
        return $"{id} exists and {whose} (managed by {Ownership.ManagersOf(live)}{created}).";
    }
}

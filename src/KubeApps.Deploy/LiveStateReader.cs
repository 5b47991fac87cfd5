using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy;

/// <summary>
/// Reads what stands, and asks the server what it would make of each object: hardly more than one request for each, a few at a time.
/// Nothing is written.
/// </summary>
internal sealed class LiveStateReader(KubeClient client, ResourceCatalog catalog)
{
    /// <summary>The revisions that can be returned to, now; null where the role may not see them.</summary>
    public IReadOnlyList<Revision>? Revisions { get; init; } = [];

    /// <summary>Those of them that are forgotten once the release has come up.</summary>
    public IReadOnlyList<Revision> Superseded { get; init; } = [];

    /// <summary>How many requests are under way at once.</summary>
    public const int Concurrency = 48;

    public async Task<LiveState> ReadAsync(
        Release release, Inventory? inventory, bool hasHashKey, CancellationToken cancellationToken, IReadOnlyList<ObservedObject>? known = null)
    {
        // Also of what the release has no more: an object whose kind is not known would be neither deleted nor remembered.
        await catalog.EnsureAsync([.. release.Objects.Select(item => item.Id.ApiVersion).Concat((inventory?.Items ?? []).Select(item => item.Id.ApiVersion)).Distinct()], cancellationToken);
        RefuseUnknownKinds(release.Objects);
        var missing = MissingNamespacesAsync(release, cancellationToken);
        var asked = (known ?? []).ToDictionary(item => item.Object.Id);
        var others = release.Objects.Where(item => !asked.ContainsKey(item.Id)).ToList();
        var members = await MemberObjects.ReadAsync(client, catalog, inventory, release.ApplySetId, others.Select(item => item.Id), cancellationToken);
        IReadOnlyList<ObservedObject> answers;
        try
        {
            answers = await ObserveAsync(
                others,
                new ObjectObserver(client, release.Policy, inventory, release.ApplySetId) { Members = members, Release = [.. release.Objects.Select(item => item.Id)] },
                cancellationToken);
        }
        catch (DiagnosticException)
        {
            // A namespace that is being deleted refuses each object: that is told once.
            await missing;
            throw;
        }

        foreach (var answer in answers)
            asked.TryAdd(answer.Object.Id, answer);
        var observed = release.Objects.Select(item => asked[item.Id]).ToList();
        var former = await FormerAsync(release, inventory, cancellationToken);
        return new LiveState(observed, former, inventory, await missing, hasHashKey);
    }

    /// <summary>Observes objects, in their order. All refusals at once.</summary>
    public async Task<IReadOnlyList<ObservedObject>> ObserveAsync(
        IReadOnlyList<ReleaseObject> objects, ObjectObserver observer, CancellationToken cancellationToken)
    {
        var observed = new ObservedObject[objects.Count];
        var refusals = new ConcurrentBag<(int Index, Diagnostic Diagnostic)>();
        await Parallel.ForAsync(0, objects.Count, Options(cancellationToken), async (index, token) =>
        {
            try
            {
                // Of a kind that this very release defines: it is asked about once the definition stands.
                var item = objects[index];
                if (catalog.Find(item.Id.ApiVersion, item.Id.Kind) is not { } type)
                {
                    observed[index] = new ObservedObject(item, null, null);
                    return;
                }

                var answer = await observer.ObserveAsync(item, type, token);
                observed[index] = ReplicaCounts.Kept(answer) is { } kept ? await observer.ObserveAsync(kept, type, token) : answer;
            }
            catch (DiagnosticException refusal) when (refusal.InnerException is null)
            {
                foreach (var diagnostic in refusal.Diagnostics)
                    refusals.Add((index, diagnostic));
            }
            catch (ApiException refusal)
            {
                var item = objects[index];
                refusals.Add((index, ApiDiagnostics.For(refusal, item.Id.ToString(), item.Path.Length == 0 ? null : new SourceLocation(item.Path))));
            }
        });
        return refusals.IsEmpty ? observed : throw new DiagnosticException([.. refusals.OrderBy(item => item.Index).Select(item => item.Diagnostic)]);
    }

    private async Task<IReadOnlyList<FormerObject>> FormerAsync(Release release, Inventory? inventory, CancellationToken cancellationToken)
    {
        var former = (inventory?.Items ?? []).Where(item => !release.Objects.Any(wanted => wanted.Id.IsSameObject(item.Id))).ToList();
        if (former.Count == 0)
            return [];
        var workloads = new WorkloadRevisions(client, catalog);
        if (former.Any(item => item.Id.Kind is "ConfigMap" or "Secret"))
            await workloads.ReadAsync(former.Select(item => item.Id.Namespace).OfType<string>().Distinct(), [.. former.Select(item => item.Id)], cancellationToken);
        var kept = RevisionRules.Referenced((Revisions ?? []).Except(Superseded));
        kept.UnionWith(workloads.Used);
        var released = RevisionRules.Referenced(Superseded);
        (Revisions is null ? kept : released).UnionWith(workloads.Remembered);
        released.ExceptWith(kept);
        var found = new FormerObject[former.Count];
        await Parallel.ForAsync(0, former.Count, Options(cancellationToken), async (index, token) =>
        {
            var item = former[index];
            var (live, isAway) = await FindAsync(item, release.ApplySetId, token);
            var key = (item.Id.Kind, item.Id.Namespace, item.Id.Name);
            found[index] = new FormerObject(item.Id, isAway ? item.Uid : (string?)live?["metadata"]!["uid"], kept.Contains(key) || released.Contains(key))
            {
                IsAway = isAway,
                IsReleased = released.Contains(key),
                StoodBefore = item.IsAdopted && release.Restores is not null,
                Live = live,
            };
        });
        return found;
    }

    // Who serves it may have gone since the kinds were asked for.
    private async Task<(JsonObject? Live, bool IsAway)> FindAsync(InventoryItem item, string applySet, CancellationToken cancellationToken)
    {
        if (catalog.IsAway(item.Id))
            return (null, true);
        try
        {
            return (await OursAsync(item, applySet, cancellationToken), false);
        }
        catch (ApiException refusal) when (refusal.Status == System.Net.HttpStatusCode.ServiceUnavailable)
        {
            return (null, true);
        }
    }

    private async Task<JsonObject?> OursAsync(InventoryItem item, string applySet, CancellationToken cancellationToken)
    {
        if (catalog.FindFormer(item.Id) is not { } type
            || await client.GetAsync(type, item.Id.Namespace, item.Id.Name, cancellationToken) is not { } live)
            return null;
        // One that was intended by a deploy that was cut is ours only if we applied it, and not for another app that took the name meanwhile.
        return (item.Uid is null ? Ownership.IsAppliedFor(live, applySet) : item.Uid == (string?)live["metadata"]!["uid"]) ? live : null;
    }

    private async Task<IReadOnlyList<string>> MissingNamespacesAsync(Release release, CancellationToken cancellationToken)
    {
        var wanted = release.Objects.Select(item => item.Id)
            .Where(id => catalog.Find(id.ApiVersion, id.Kind) is not { Namespaced: false })
            .Select(id => id.Namespace).OfType<string>().Append(release.Namespace).Distinct()
            .Where(name => !release.Objects.Any(item => item.Id is { Kind: "Namespace" } id && id.Name == name))
            .ToList();
        var missing = new List<string>();
        foreach (var name in wanted)
        {
            var live = await NamespaceAsync(name, cancellationToken);
            if (live is null)
                missing.Add(name);
            else if (live["metadata"]?["deletionTimestamp"] is not null)
                throw new DiagnosticException(DiagnosticDescriptors.NamespaceTerminating.Because($"The namespace {name} is being deleted."));
        }

        return missing;
    }

    private async Task<JsonObject?> NamespaceAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAsync(ResourceType.Namespace, null, name, cancellationToken);
        }
        catch (ApiException refusal) when (refusal.Status == System.Net.HttpStatusCode.Forbidden)
        {
            // A role for one namespace alone may not read namespaces; such a namespace was made for us and is there.
            return [];
        }
    }

    private void RefuseUnknownKinds(IReadOnlyList<ReleaseObject> objects)
    {
        var defined = objects
            .Where(item => item.Id.Kind == "CustomResourceDefinition")
            .Select(item => ((string?)item.Content["spec"]?["group"], (string?)item.Content["spec"]?["names"]?["kind"]))
            .ToHashSet();
        var unknown = objects
            .Where(item => catalog.Find(item.Id.ApiVersion, item.Id.Kind) is null && !defined.Contains((item.Id.Group, item.Id.Kind)))
            .Select(item => DiagnosticDescriptors.KindNotServed.Because(
                $"{item.Id} is of the kind {item.Id.ApiVersion} {item.Id.Kind}, which the cluster does not serve.", new SourceLocation(item.Path)))
            .ToList();
        if (unknown.Count > 0)
            throw new DiagnosticException(unknown);
    }

    private static ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
}

using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.Apps;

/// <summary>How an object of an app is not what the app's last deploy left.</summary>
internal enum DriftKind
{
    /// <summary>Somebody deleted it.</summary>
    Missing,

    /// <summary>Somebody deleted it, and another object has its name.</summary>
    Replaced,

    /// <summary>Somebody changed fields that the app owns.</summary>
    Changed,
}

/// <summary>A field that is not as it was deployed.</summary>
/// <param name="Path">The field, as a plan writes it.</param>
/// <param name="Manager">Who changed it, as far as the object says; null where it does not.</param>
/// <param name="Deployed">What the deploy left; null where it left nothing.</param>
/// <param name="Live">What stands now; null where nothing does.</param>
internal sealed record DriftedField(string Path, string? Manager, JsonNode? Deployed, JsonNode? Live);

/// <summary>An object of the app that somebody touched.</summary>
internal sealed record ObjectDrift(ObjectId Id, DriftKind Kind, IReadOnlyList<DriftedField> Fields);

/// <summary>How the fields that stand were compared with those that were deployed.</summary>
internal enum FieldSight
{
    /// <summary>The server said what applying the revision that stands would change.</summary>
    Server,

    /// <summary>That was worked out, of some objects at least: a role that only reads cannot ask.</summary>
    Estimated,

    /// <summary>They were not: the revision is not kept, or no deploy of the app is complete.</summary>
    None,
}

/// <summary>What others did to an app.</summary>
internal sealed record DriftReport(IReadOnlyList<ObjectDrift> Objects, FieldSight Fields)
{
    /// <summary>Objects that could not be looked at: whoever serves their kind does not answer now.</summary>
    public IReadOnlyList<ObjectId> Away { get; init; } = [];
}

/// <summary>
/// Finds what others did to an app since it was deployed: objects by their UIDs, fields by asking the server (a dry run) what applying the
/// revision that stands would change, or by working that out as a plan does. Nothing is written.
/// </summary>
internal sealed class AppDrift(KubeClient client)
{
    /// <summary>None of an app whose deploy is under way or failed: it is not meant to be what stands.</summary>
    public async Task<DriftReport> ReadAsync(Inventory inventory, IReadOnlyList<Revision> revisions, CancellationToken cancellationToken)
    {
        if (!inventory.IsComplete)
            return new DriftReport([], FieldSight.None);
        var catalog = new ResourceCatalog(client);
        await catalog.RefreshAsync([.. inventory.Items.Select(item => item.Id.ApiVersion).Distinct()], cancellationToken);
        var revision = revisions.FirstOrDefault(item => item.Number == inventory.Revision)?.Content?.Environment;
        var (objects, services) = Deployed(inventory, revision);
        var deployed = objects.ToLookup(item => KeyOf(item.Id));
        var found = new ConcurrentBag<ObjectDrift>();
        var away = new ConcurrentBag<ObjectId>();
        var isEstimated = false;
        var options = new ParallelOptions { MaxDegreeOfParallelism = LiveStateReader.Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(inventory.Items, options, async (item, token) =>
        {
            // A Job that ended is cleaned away, and never changes.
            if (item.Uid is null || item.Id.Kind == "Job")
                return;
            try
            {
                if (catalog.FindFormer(item.Id) is not { } type)
                {
                    if (catalog.IsAway(item.Id))
                        away.Add(item.Id);
                    return;
                }

                var live = await client.GetAsync(type, item.Id.Namespace, item.Id.Name, token);
                if (live is null)
                    found.Add(new ObjectDrift(item.Id, DriftKind.Missing, []));
                else if ((string?)live["metadata"]!["uid"] != item.Uid)
                    found.Add(new ObjectDrift(item.Id, DriftKind.Replaced, []));
                // In another version of the kind its fields may have other names.
                else if (catalog.Find(item.Id.ApiVersion, item.Id.Kind) is not null && deployed[KeyOf(item.Id)].FirstOrDefault() is { Content: var wanted })
                {
                    var stored = await TryAsync(type, wanted, token);
                    if (stored is null)
                        Volatile.Write(ref isEstimated, true);
                    List<DriftedField> fields =
                    [
                        .. Fields(live, wanted, stored ?? LocalApply.Estimate(live, wanted)),
                        .. services.Where(service => service.Id.IsSameObject(item.Id)).SelectMany(service => Led(live, ServiceSwitches.Settled(service, inventory.Rollout!.Live!.Value))),
                    ];
                    if (fields.Count > 0)
                        found.Add(new ObjectDrift(item.Id, DriftKind.Changed, fields));
                }
            }
            catch (ApiException refusal) when (refusal.Status == HttpStatusCode.ServiceUnavailable)
            {
                away.Add(item.Id);
            }
        });
        return new DriftReport(
            [.. found.OrderBy(item => item.Id.ToString(), StringComparer.Ordinal)], revision is null ? FieldSight.None : isEstimated ? FieldSight.Estimated : FieldSight.Server)
        {
            Away = [.. away.OrderBy(id => id.ToString(), StringComparer.Ordinal)],
        };
    }

    private static (string Group, string Kind, string? Namespace, string Name) KeyOf(ObjectId id) => (id.Group, id.Kind, id.Namespace, id.Name);

    /// <summary>What the revision that stands applied. Values of secrets are not kept: Secrets are left out.</summary>
    /// <returns>With the Services whose selectors are written apart, of an app with slots.</returns>
    private static (IEnumerable<ReleaseObject> Objects, IReadOnlyList<SlottedService> Services) Deployed(Inventory inventory, BundleEnvironment? revision)
    {
        List<ReleaseObject> objects = [.. (revision?.Objects ?? []).Select(ReleaseObject.Of).Where(item => item.Id.Kind != "Secret")];
        if (inventory.Rollout is { IsUnderWay: false, Live: { } live } && SlotObjects.Of(objects, live) is var slotted)
            return (slotted.All, slotted.Services);
        return (inventory.Rollout is null ? objects : objects.Where(item => !IsSwitched(item.Id.Kind)), []);
    }

    // What a blue/green rollout itself changes while it is under way: sizes and selectors are not those of the revision all the time.
    private static bool IsSwitched(string? kind) => kind is "Deployment" or "Service" or "Ingress" or "HorizontalPodAutoscaler" or "PodDisruptionBudget";

    /// <summary>What the server would store; null where it does not say.</summary>
    private async Task<JsonObject?> TryAsync(ResourceType type, JsonObject content, CancellationToken cancellationToken)
    {
        try
        {
            // By force, because what others took over is what is asked about.
            return await client.ApplyAsync(type, content, dryRun: true, cancellationToken, force: true);
        }
        catch (ApiException refusal) when (refusal.Status != HttpStatusCode.ServiceUnavailable)
        {
            // A role that may not write cannot ask; a cluster whose rules changed since, or one whose webhook is away, would not take it again. None of it says that somebody touched it.
            return null;
        }
    }

    private static IEnumerable<DriftedField> Led(JsonObject service, Selector wanted)
    {
        if (!wanted.Equals(Selector.Of(service["spec"]?["selector"])))
            yield return new DriftedField("spec.selector", FieldOwners.WriterOf(service, "spec.selector")?.Manager, wanted.ToJson(), service["spec"]?["selector"]?.DeepClone());
    }

    private static IReadOnlyList<DriftedField> Fields(JsonObject live, JsonObject content, JsonObject stored) =>
    [
        .. from field in FieldDiff.Of(live, stored)
           let writer = FieldOwners.WriterOf(live, field.Path)?.Manager
           // What another manager of this tool owns (the selector that load is switched by) is no drift; a number of pods that the
           // specification leaves open is for somebody else to say.
           where writer?.StartsWith(KubeClient.FieldManager + "-", StringComparison.Ordinal) != true
               && (field.Path != "spec.replicas" || content["spec"]?["replicas"] is not null)
           select new DriftedField(field.Path, writer == KubeClient.FieldManager ? null : writer, field.New, field.Old),
    ];
}

using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Planning;

/// <summary>What the cluster says about one object that is to be applied.</summary>
/// <param name="Object">What is to be applied.</param>
/// <param name="Live">The object as it stands; null where it does not.</param>
/// <param name="DryRun">What the server would store; null where it could not be asked yet (its namespace or its kind is not there).</param>
internal sealed record ObservedObject(ReleaseObject Object, JsonObject? Live, JsonObject? DryRun)
{
    /// <summary>The managers whose fields become ours first (<see cref="ClientSideFields"/>).</summary>
    public IReadOnlyList<string> MigratesFrom { get; init; } = [];

    /// <summary>Whether it is taken over with this deploy.</summary>
    public bool IsAdopted { get; init; }

    /// <summary>How the object is replaced, where it cannot be changed and may be replaced.</summary>
    public Replacement? Replacement { get; init; }

    /// <summary>The fields that other managers own and have otherwise.</summary>
    public IReadOnlyList<FieldConflict> Conflicts { get; init; } = [];

    /// <summary>Why a deploy must not or cannot apply it as things are; <see cref="DryRun"/> is what it would become all the same.</summary>
    public IReadOnlyList<Diagnostic> Obstacles { get; init; } = [];

    /// <summary>Whether <see cref="DryRun"/> was worked out here, because the role may not have the server try it.</summary>
    public bool IsEstimated { get; init; }

    public bool IsTerminating => Live?["metadata"]?["deletionTimestamp"] is not null;

    public ResourceChange Change =>
        Live is null || IsTerminating ? ResourceChange.Created
        : Replacement is not null ? ResourceChange.Replaced
        : MigratesFrom.Count == 0 && DryRun is not null && LiveComparison.IsEqual(Live, DryRun) ? ResourceChange.Unchanged
        : ResourceChange.Changed;
}

/// <summary>An object of the inventory that the new release does not have any more.</summary>
/// <param name="Id">What names it.</param>
/// <param name="Uid">Its UID now; null where it is gone or never was ours.</param>
/// <param name="IsReferenced">Whether a revision, ours or a workload's own, still names it (configuration and secrets).</param>
internal sealed record FormerObject(ObjectId Id, string? Uid, bool IsReferenced)
{
    /// <summary>
    /// Whether nothing names it but revisions that are forgotten once this deploy has ended well, or that only Kubernetes remembers: it goes then, but is no
    /// reason to deploy.
    /// </summary>
    public bool IsReleased { get; init; }

    /// <summary>Whether it stood before the app took it over, and the deploy returns to a time before that: then it is not the app's to delete.</summary>
    public bool StoodBefore { get; init; }

    /// <summary>Whether nobody can say what became of it, since its kind is announced but not served now: it is remembered as it was.</summary>
    public bool IsAway { get; init; }

    /// <summary>Whether there is nothing left of it that is ours.</summary>
    public bool IsGone => Uid is null && !IsAway;

    /// <summary>The object as it stands, where it was read.</summary>
    public JsonObject? Live { get; init; }
}

/// <summary>All that a plan depends on, besides the release itself.</summary>
internal sealed record LiveState(
    IReadOnlyList<ObservedObject> Objects,
    IReadOnlyList<FormerObject> Former,
    Inventory? Inventory,
    IReadOnlyList<string> MissingNamespaces,
    bool HasHashKey)
{
    /// <summary>Without former objects that the deploy makes anew: what exists for its checks alone.</summary>
    public LiveState Without(IEnumerable<ObjectId> shortLived) => this with { Former = [.. Former.Where(item => !shortLived.Any(item.Id.IsSameObject))] };
}

/// <summary>Whether applying would change anything.</summary>
internal static class LiveComparison
{
    /// <summary>Compares what stands with what the server would store: all that we or the server's defaults decide, not what controllers report.</summary>
    public static bool IsEqual(JsonObject live, JsonObject dryRun) => ReferenceEquals(live, dryRun) || JsonNode.DeepEquals(Decided(live), Decided(dryRun));

    /// <summary>An object without what controllers report and what the server counts; what we own of it stands in <c>metadata.ours</c>.</summary>
    public static JsonObject Decided(JsonObject content)
    {
        var decided = (JsonObject)content.DeepClone();
        decided.Remove("status");
        if (decided["metadata"] is not JsonObject metadata)
            return decided;
        metadata.Remove("resourceVersion");
        metadata.Remove("generation");

        // Only what we own counts: a controller that reports a status between the two requests is not a change. Ownership itself counts,
        // because an equal object that somebody else made is not ours until we applied it.
        var ours = Ownership.Entries(decided)
            .FirstOrDefault(entry => (string?)entry["manager"] == KubeClient.FieldManager && (string?)entry["operation"] == "Apply");
        metadata.Remove("managedFields");
        metadata["ours"] = ours?["fieldsV1"]?.DeepClone();

        // The Deployment controller's own bookkeeping.
        if (metadata["annotations"] is JsonObject annotations)
        {
            annotations.Remove("deployment.kubernetes.io/revision");
            if (annotations.Count == 0)
                metadata.Remove("annotations");
        }

        return decided;
    }
}

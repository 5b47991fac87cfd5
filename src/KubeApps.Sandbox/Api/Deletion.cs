using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api;

/// <summary>When an object goes: at once, after its grace period, or when the last finalizer is gone.</summary>
internal static class Deletion
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";

    private const int DefaultGraceSeconds = 30;

    /// <summary>The object marked for deletion; null when nothing holds it.</summary>
    public static JsonObject? Mark(ObjectKey key, JsonObject before, DeleteOptions options, DateTimeOffset now)
    {
        var grace = key.Type == ResourceTypes.Pod ? PodGrace(before, options.GracePeriodSeconds) : 0;
        var after = (JsonObject)before.DeepClone();
        var metadata = after["metadata"]!.AsObject();
        SetPropagation(metadata, options.Propagation);
        // A definition goes after its objects; once it is marked, the finalizer is its keeper's to remove.
        if (key.Type == ResourceTypes.CustomResourceDefinition && metadata["deletionTimestamp"] is null)
            AddFinalizer(metadata, CustomResourceLifecycle.Finalizer);
        var holdsNamespace = key.Type == ResourceTypes.Namespace && after["spec"]?["finalizers"] is JsonArray { Count: > 0 };
        if (grace == 0 && !HasFinalizers(metadata) && !holdsNamespace)
            return null;

        // A second deletion can only make the wait shorter.
        var isMarked = metadata["deletionTimestamp"] is not null;
        if (isMarked && !(Json.Integer(metadata["deletionGracePeriodSeconds"]) > grace))
            return JsonNode.DeepEquals(before, after) ? before : after;

        if (!isMarked && Json.Integer(metadata["generation"]) is { } generation && generation > 0)
            metadata["generation"] = generation + 1;
        metadata["deletionTimestamp"] = ObjectOperations.Timestamp(now.AddSeconds(grace));
        if (key.Type == ResourceTypes.Namespace)
            after["status"] = new JsonObject { ["phase"] = "Terminating" };
        else
            metadata["deletionGracePeriodSeconds"] = grace;
        return after;
    }

    /// <summary>Whether an object that is being deleted has nothing left to wait for.</summary>
    public static bool IsFinished(ObjectKey key, JsonObject value)
    {
        var metadata = value["metadata"]!.AsObject();
        if (metadata["deletionTimestamp"] is null || HasFinalizers(metadata))
            return false;
        return key.Type == ResourceTypes.Namespace
            ? value["spec"]?["finalizers"] is not JsonArray { Count: > 0 }
            : (Json.Integer(metadata["deletionGracePeriodSeconds"]) ?? 0) == 0;
    }

    private static bool HasFinalizers(JsonObject metadata) => metadata["finalizers"] is JsonArray { Count: > 0 };

    private static void AddFinalizer(JsonObject metadata, string name)
    {
        if (metadata["finalizers"] is not JsonArray finalizers)
            metadata["finalizers"] = finalizers = [];
        if (finalizers.All(finalizer => (string?)finalizer != name))
            finalizers.Add(name);
    }

    private static int PodGrace(JsonObject pod, int? asked)
    {
        // A pod that no kubelet has taken, or whose containers have all ended, has no processes to wait for.
        if (string.IsNullOrEmpty((string?)pod["spec"]?["nodeName"]) || (string?)pod["status"]?["phase"] is "Succeeded" or "Failed")
            return 0;
        return Math.Max(0, asked ?? Json.SmallInteger(pod["spec"]?["terminationGracePeriodSeconds"]) ?? DefaultGraceSeconds);
    }

    private static void SetPropagation(JsonObject metadata, DeletionPropagation? propagation)
    {
        if (propagation is null)
            return;
        var finalizers = metadata["finalizers"] as JsonArray ?? [];
        var kept = finalizers.Select(finalizer => (string)finalizer!)
            .Where(finalizer => finalizer is not (ForegroundFinalizer or OrphanFinalizer)).ToList();
        if (propagation == DeletionPropagation.Foreground)
            kept.Add(ForegroundFinalizer);
        if (propagation == DeletionPropagation.Orphan)
            kept.Add(OrphanFinalizer);
        if (kept.Count == 0)
            metadata.Remove("finalizers");
        else
            metadata["finalizers"] = new JsonArray([.. kept.Select(finalizer => (JsonNode)finalizer)]);
    }
}

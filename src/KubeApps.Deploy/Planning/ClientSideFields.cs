using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning.Fields;

namespace KubeApps.Deploy.Planning;

/// <summary>
/// The change from client-side writes to server-side apply. Tools that write as a client does (kubectl without --server-side, Helm 3) own
/// their fields by updates; applying beside them would leave for ever what the new manifest does not have. So their fields become ours,
/// as if we had applied them before, and the next apply removes what it does not name. Works like client-go's csaupgrade.
/// </summary>
internal static class ClientSideFields
{
    // Not kubectl-rollout: it owns the time of the last restart alone, and to remove that from the pods would restart them once more.
    private static readonly HashSet<string> Known =
    [
        "kubectl-client-side-apply", "kubectl-create", "kubectl-edit", "kubectl-replace", "kubectl-expose", "kubectl-run", "kubectl-autoscale", "kubectl-set",
        "kubectl-patch", "kubectl-label", "kubectl-annotate", "kubectl", "helm", "before-first-apply",
    ];

    /// <summary>
    /// The managers whose fields a deploy takes along. Where we have applied an object already, whoever writes to it after that is a manager
    /// of its own: only force takes its fields.
    /// </summary>
    public static IReadOnlyList<string> ManagersOf(JsonObject live, ApplyPolicy policy) =>
        Ownership.IsApplied(live) && !policy.ForceConflicts ? [] : [.. Ownership.Entries(live).Where(IsClientSide).Select(entry => (string)entry["manager"]!).Distinct()];

    /// <summary>The fields that become ours, and would be nobody's if they were not.</summary>
    public static IReadOnlySet<string> PathsOf(JsonObject live, JsonObject desired)
    {
        var paths = FieldOwners.Of(live, IsClientSide);
        paths.ExceptWith(FieldOwners.Of(live, entry => !IsClientSide(entry)));
        if (desired["spec"]?["replicas"] is null)
            paths.Remove("spec.replicas");
        return paths;
    }

    /// <summary>The JSON patch that moves the fields, for exactly the version that was read; null where there is nothing to move.</summary>
    /// <param name="live">The object as it was read.</param>
    /// <param name="desired">What will be applied next.</param>
    public static JsonArray? Patch(JsonObject live, JsonObject desired)
    {
        var entries = Ownership.Entries(live).ToList();
        var moved = entries.Where(IsClientSide).ToList();
        if (moved.Count == 0)
            return null;
        var own = entries.FirstOrDefault(entry => (string?)entry["manager"] == KubeClient.FieldManager && (string?)entry["operation"] == "Apply" && entry["subresource"] is null);
        var target = (JsonObject)(own ?? moved.FirstOrDefault(entry => (string?)entry["apiVersion"] == (string?)desired["apiVersion"]) ?? moved[0]).DeepClone();
        target["manager"] = KubeClient.FieldManager;
        target["operation"] = "Apply";
        var result = new JsonArray(target);
        foreach (var entry in entries.Where(entry => entry != own))
        {
            if (!moved.Contains(entry))
            {
                result.Add(entry.DeepClone());
                continue;
            }

            // Fields of another version of the kind may have other names.
            if ((string?)entry["apiVersion"] == (string?)target["apiVersion"])
                Unite(target["fieldsV1"]!.AsObject(), entry["fieldsV1"]!.AsObject());
            if (LeavesReplicas(entry, desired))
                result.Add((JsonNode)OnlyReplicas(entry));
        }

        if (LeavesReplicas(target, desired))
            target["fieldsV1"]!["f:spec"]!.AsObject().Remove("f:replicas");
        return
        [
            (JsonNode)new JsonObject { ["op"] = "replace", ["path"] = "/metadata/managedFields", ["value"] = result },
            // Not a "test": another version is to be answered as the race that it is (409), not as a bad request.
            (JsonNode)new JsonObject { ["op"] = "replace", ["path"] = "/metadata/resourceVersion", ["value"] = (string?)live["metadata"]!["resourceVersion"] },
        ];
    }

    // Helm 4 applies on the server. It leaves with its release all the same: what it owned then would stay for ever.
    private static bool IsClientSide(JsonObject entry) =>
        entry["subresource"] is null && entry["fieldsV1"] is JsonObject && (string?)entry["manager"] is { } manager
        && ((string?)entry["operation"] == "Update" ? Known.Contains(manager) : manager == "helm");

    // A manifest without replicas leaves their number to an autoscaler. Taken over and then not named, it would fall back to one.
    private static bool LeavesReplicas(JsonObject entry, JsonObject desired) =>
        entry["fieldsV1"]?["f:spec"]?["f:replicas"] is not null && desired["spec"]?["replicas"] is null;

    private static JsonObject OnlyReplicas(JsonObject entry)
    {
        var rest = (JsonObject)entry.DeepClone();
        rest["fieldsV1"] = new JsonObject { ["f:spec"] = new JsonObject { ["f:replicas"] = new JsonObject() } };
        return rest;
    }

    // fieldsV1 is a tree of names: the union of two is that of their branches.
    private static void Unite(JsonObject target, JsonObject source)
    {
        foreach (var (name, branch) in source)
            if (target[name] is not JsonObject same)
                target[name] = branch?.DeepClone();
            else if (branch is JsonObject more)
                Unite(same, more);
    }
}

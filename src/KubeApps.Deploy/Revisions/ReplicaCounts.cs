using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Switching;

namespace KubeApps.Deploy.Revisions;

/// <summary>
/// Leaves the number of pods to whoever decides it now: an old revision is about the version, and the load is that of today. Pure.
/// </summary>
internal static class ReplicaCounts
{
    /// <summary>A workload of an old revision as it is applied to what stands.</summary>
    /// <param name="wanted">As the revision has it. Not changed.</param>
    /// <param name="live">As it stands; null where it does not.</param>
    /// <param name="isAutoscaled">Whether an autoscaler aims at it.</param>
    public static JsonObject Settle(JsonObject wanted, JsonObject? live, bool isAutoscaled)
    {
        if (live?["spec"]?["replicas"] is not { } standing)
            return wanted;
        var owners = OwnersOf(live).ToList();
        var isOurs = owners.Contains(KubeClient.FieldManager);
        var isOthers = owners.Any(owner => owner != KubeClient.FieldManager);
        var settled = (JsonObject)wanted.DeepClone();
        var spec = (JsonObject)settled["spec"]!;
        if (isOthers)
            spec.Remove("replicas");
        // Nobody but us holds the field: to leave it out would make it 1 until the autoscaler has had a look.
        else if (isOurs && (isAutoscaled || spec["replicas"] is null))
            spec["replicas"] = standing.DeepClone();
        else if (isAutoscaled)
            spec.Remove("replicas");
        return settled;
    }

    /// <summary>
    /// A workload whose number of pods was ours to say and is left to an autoscaler from now on, with the number that it has: what nobody says
    /// is 1 for the server, until the autoscaler has had a look. Null for all others.
    /// </summary>
    public static ReleaseObject? Kept(ObservedObject observed) =>
        observed is { Object: { Id: { Group: "apps", Kind: "Deployment" or "StatefulSet" } } wanted, Live: { } live, DryRun: { } dryRun, IsTerminating: false, Replacement: null }
        && wanted.Content["spec"]?["replicas"] is null && (int?)live["spec"]?["replicas"] > 1 && (int?)dryRun["spec"]?["replicas"] != (int?)live["spec"]?["replicas"]
            ? wanted.With(Settle(wanted.Content, live, isAutoscaled: true))
            : null;

    /// <summary>
    /// What a new version in a slot of its own would undo: somebody gave the one that serves another number of pods, and the server sees no
    /// conflict, since the new one's field is nobody's yet. An autoscaler's number is one for the load, not a decision; null there, and where there is no such conflict.
    /// </summary>
    /// <param name="wanted">The workload as it is to stand.</param>
    /// <param name="serving">The one that serves.</param>
    /// <param name="policy">What the deploy may take away from others.</param>
    public static FieldConflict? Undone(JsonObject wanted, JsonObject serving, ApplyPolicy policy)
    {
        var (theirs, ours) = (serving["spec"]?["replicas"], wanted["spec"]?["replicas"]);
        if (theirs is null || ours is null || JsonNode.DeepEquals(theirs, ours))
            return null;
        var migrated = ClientSideFields.ManagersOf(serving, policy with { ForceConflicts = false });
        var owner = OwnersOf(serving).Select(item => item.Split('/')[0])
            .FirstOrDefault(item => item is not (KubeClient.FieldManager or SlotSizes.Manager or "kube-controller-manager") && !migrated.Contains(item));
        return owner is null ? null
            : new FieldConflict("spec.replicas", owner, theirs.DeepClone(), ours.DeepClone(), IsHidden: false, policy.ForceConflicts);
    }

    /// <summary>Whether the number of pods is what a specification says, which we applied.</summary>
    public static bool AreOurs(JsonObject live) => OwnersOf(live).Contains(KubeClient.FieldManager);

    private static IEnumerable<string> OwnersOf(JsonObject live) =>
        from entry in Ownership.Entries(live)
        where entry["fieldsV1"]?["f:spec"]?["f:replicas"] is not null
        let manager = (string?)entry["manager"] ?? ""
        // Only what we applied is ours: the same name with another operation is another manager.
        select (string?)entry["operation"] == "Apply" && (string?)entry["subresource"] is null or "" ? manager : manager + "/" + (string?)entry["operation"];
}

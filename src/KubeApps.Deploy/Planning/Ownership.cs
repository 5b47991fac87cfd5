using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Planning;

/// <summary>Whose an object is: read from the inventory, from who applied it, and from the set that it is part of.</summary>
internal static class Ownership
{
    /// <summary>Whether we applied an object.</summary>
    public static bool IsApplied(JsonObject? live) => Entries(live).Any(entry =>
        (string?)entry["manager"] == KubeClient.FieldManager && (string?)entry["operation"] == "Apply" && entry["subresource"] is null);

    /// <summary>Whether an object is what a deploy of the app intended before it was cut: we applied it, and for no other app.</summary>
    /// <param name="live">How it stands.</param>
    /// <param name="applySet">The set that the app's objects are part of.</param>
    public static bool IsAppliedFor(JsonObject? live, string applySet) =>
        IsApplied(live) && ((string?)live!["metadata"]!["labels"]?[ApplySet.PartOf] is not { } set || set == applySet);

    /// <summary>
    /// Whether a deploy of the app may change an object: it made it, or nobody in particular owns it. An inventory that was lost does not
    /// make an app's own objects foreign.
    /// </summary>
    /// <param name="id">What names the object.</param>
    /// <param name="live">How it stands.</param>
    /// <param name="inventory">What the app knows of its objects.</param>
    /// <param name="applySet">The set that the app's objects are part of.</param>
    public static bool IsOf(ObjectId id, JsonObject live, Inventory? inventory, string applySet)
    {
        // Namespaces are there for everybody; what an app sets on one, it shares.
        if (id.Kind == "Namespace" || (inventory?.UidOf(id) is { } uid && uid == (string?)live["metadata"]!["uid"]))
            return true;
        return IsAppliedFor(live, applySet);
    }

    /// <summary>Who writes to an object, for people: <c>kubectl-client-side-apply, helm</c>.</summary>
    public static string ManagersOf(JsonObject live)
    {
        var managers = Entries(live).Where(entry => entry["subresource"] is null).Select(entry => (string?)entry["manager"]).OfType<string>().Distinct().ToList();
        return managers.Count == 0 ? "nobody that it names" : string.Join(", ", managers);
    }

    /// <summary>Who owns which of its fields: <c>metadata.managedFields</c>.</summary>
    internal static IEnumerable<JsonObject> Entries(JsonObject? live) => (live?["metadata"]?["managedFields"] as JsonArray ?? []).OfType<JsonObject>();
}

using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Api.Selectors;

namespace KubeApps.Sandbox.Controllers;

/// <summary>Who belongs to whom: by controller reference, kept in step with the selector.</summary>
internal static class Adoption
{
    /// <summary>
    /// The objects of <paramref name="type"/> that <paramref name="owner"/> controls. Takes in those that match its selector and that nobody
    /// controls; releases its own that do not match any more.
    /// </summary>
    public static List<JsonObject> Claim(
        Cluster cluster, JsonObject owner, ResourceType ownerType, ResourceType type, Func<JsonObject, bool>? mayAdopt = null)
    {
        var selector = LabelSelector.FromObject(owner.Spec.Part("selector"));
        var claimed = new List<JsonObject>();
        foreach (var candidate in cluster.List(type, owner.Namespace))
        {
            var matches = selector.Matches(candidate);
            if (candidate.ControllerReference is { } reference)
            {
                if (reference.Text("uid") != owner.Uid)
                    continue;
                if (matches)
                    claimed.Add(candidate);
                else if (!owner.IsTerminating)
                    Release(cluster, owner, candidate, type);
            }
            else if (matches && !owner.IsTerminating && !candidate.IsTerminating && mayAdopt?.Invoke(candidate) != false
                && Adopt(cluster, owner, ownerType, candidate, type) is { } adopted)
            {
                claimed.Add(adopted);
            }
        }

        return claimed;
    }

    private static JsonObject? Adopt(Cluster cluster, JsonObject owner, ResourceType ownerType, JsonObject candidate, ResourceType type) =>
        cluster.Update(candidate.Key(type), BuiltInControllers.Manager, changed =>
        {
            if (changed.ControllerReference is not null)
                return false;
            var metadata = changed.Editable("metadata");
            if (metadata["ownerReferences"] is not JsonArray references)
                metadata["ownerReferences"] = references = [];
            references.Add((JsonNode)ObjectFields.ReferenceTo(owner, ownerType));
            return true;
        }) is { } adopted && adopted.IsControlledBy(owner) ? adopted : null;

    private static void Release(Cluster cluster, JsonObject owner, JsonObject candidate, ResourceType type) =>
        cluster.Update(candidate.Key(type), BuiltInControllers.Manager, changed =>
        {
            if (changed.Metadata["ownerReferences"] is not JsonArray references)
                return false;
            var removed = references.RemoveAll(reference => reference is JsonObject item && item.Text("uid") == owner.Uid) > 0;
            if (references.Count == 0)
                changed.Metadata.Remove("ownerReferences");
            return removed;
        });
}

using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Controllers;

/// <summary>Pods from the template of a workload.</summary>
internal static class PodTemplate
{
    // What Kubernetes appends to a generated name: five characters without vowels.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    public static JsonObject NewPod(JsonObject owner, ResourceType ownerType)
    {
        var template = owner.Spec.Part("template");
        // Of 63 characters the five random ones and what the API adds must remain.
        var prefix = $"{owner.Name[..Math.Min(owner.Name.Length, 57)]}-";
        var metadata = new JsonObject
        {
            ["name"] = prefix + string.Concat(Enumerable.Range(0, 5).Select(_ => Alphabet[Random.Shared.Next(Alphabet.Length)])),
            ["generateName"] = prefix,
            ["namespace"] = owner.Namespace,
        };
        foreach (var name in (ReadOnlySpan<string>)["labels", "annotations"])
            if (template.Metadata.Part(name) is { Count: > 0 } there)
                metadata[name] = there.DeepClone();
        metadata["ownerReferences"] = new JsonArray(ObjectFields.ReferenceTo(owner, ownerType));
        return new JsonObject { ["metadata"] = metadata, ["spec"] = template.Part("spec").DeepClone() };
    }
}

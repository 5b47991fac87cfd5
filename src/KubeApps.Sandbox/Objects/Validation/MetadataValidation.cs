using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Objects.Validation;

internal static class MetadataValidation
{
    public static void Check(ResourceType type, JsonObject value, Problems problems, bool creating)
    {
        var metadata = value["metadata"] as JsonObject ?? [];
        if (creating)
        {
            var rule = RuleOf(type);
            // A generated name gets a suffix, so it may end in a dash.
            if (Json.Text(metadata["generateName"]) is { Length: > 0 } prefix)
                problems.Invalid("metadata.generateName", prefix, rule(prefix.EndsWith('-') ? prefix[..^1] + "a" : prefix));
            if (Json.Text(metadata["name"]) is not { Length: > 0 } name)
                problems.Required("metadata.name", "name or generateName is required");
            else
                problems.Invalid("metadata.name", name, rule(name));
            var ns = Json.Text(metadata["namespace"]) ?? "";
            if (type.Namespaced && ns.Length > 0)
                problems.Invalid("metadata.namespace", ns, Names.Label(ns));
            else if (!type.Namespaced && ns.Length > 0)
                problems.Forbidden("metadata.namespace", "not allowed on this type");
        }

        problems.Labels("metadata.labels", metadata["labels"]);
        problems.Annotations("metadata.annotations", metadata["annotations"]);
        Owners(metadata, problems);
        foreach (var finalizer in metadata["finalizers"] as JsonArray ?? [])
            problems.Invalid("metadata.finalizers", Json.Text(finalizer) ?? "", Names.Qualified(Json.Text(finalizer) ?? ""));
        foreach (var finalizer in metadata["finalizers"] as JsonArray ?? [])
            if (Json.Text(finalizer) is { } name && type.Group.Length == 0 && !name.Contains('/') && name is not ("orphan" or "foregroundDeletion" or "kubernetes"))
                problems.Invalid("metadata.finalizers", name, "name is neither a standard finalizer name nor is it fully qualified");
    }

    public static void CheckUpdate(JsonObject before, JsonObject after, Problems problems)
    {
        var old = before["metadata"]!.AsObject();
        var metadata = after["metadata"]!.AsObject();
        if (old["deletionTimestamp"] is null)
            return;
        var known = (old["finalizers"] as JsonArray ?? []).Select(Json.Text).ToHashSet();
        var added = (metadata["finalizers"] as JsonArray ?? []).Select(Json.Text).Where(name => !known.Contains(name)).Order(StringComparer.Ordinal).ToList();
        if (added.Count > 0)
        {
            problems.Forbidden("metadata.finalizers",
                $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(name => $"\"{name}\""))}}}");
        }
    }

    private static void Owners(JsonObject metadata, Problems problems)
    {
        const string Field = "metadata.ownerReferences";
        string? controller = null;
        foreach (var reference in (metadata["ownerReferences"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (Json.Text(reference["apiVersion"]) is null or "")
                problems.Invalid($"{Field}.apiVersion", "", "version must not be empty");
            foreach (var name in (ReadOnlySpan<string>)["kind", "name", "uid"])
                if (Json.Text(reference[name]) is null or "")
                    problems.Invalid($"{Field}.{name}", "", "must not be empty");
            if (Json.Boolean(reference["controller"]) != true)
                continue;
            var shown = $"{Json.Text(reference["kind"])}/{Json.Text(reference["name"])}";
            if (controller is not null)
            {
                problems.Invalid(Field, metadata["ownerReferences"],
                    $"Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {shown}");
            }

            controller ??= shown;
        }
    }

    private static Func<string, IEnumerable<string>> RuleOf(ResourceType type) => (type.Group, type.Kind) switch
    {
        ("", "Namespace") => Names.Label,
        ("", "Service") => Names.Label1035,
        ("apps", "StatefulSet") => Names.Label,
        ("batch", "CronJob") => name => name.Length > 52 ? Names.Subdomain(name).Append("must be no more than 52 characters") : Names.Subdomain(name),
        ("rbac.authorization.k8s.io", _) => Names.PathSegment,
        ("authorization.k8s.io" or "authentication.k8s.io", _) => static _ => [],
        _ => Names.Subdomain,
    };
}

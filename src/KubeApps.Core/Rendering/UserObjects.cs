using System.Text.Json.Nodes;
using KubeApps.Diagnostics;
using KubeApps.Yaml;

namespace KubeApps.Rendering;

/// <summary>What the user wrote as Kubernetes objects: in C#, in YAML, or as a template of YAML.</summary>
internal static class UserObjects
{
    /// <summary>
    /// Built-in kinds that live in a namespace. Of others (custom resources) only the cluster knows; the deploy puts those that do into the
    /// app's namespace.
    /// </summary>
    private static readonly HashSet<string> NamespacedKinds =
    [
        "ConfigMap", "Secret", "Service", "ServiceAccount", "PersistentVolumeClaim", "Pod", "PodTemplate", "ReplicationController", "Endpoints", "Event",
        "LimitRange", "ResourceQuota", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "HorizontalPodAutoscaler", "PodDisruptionBudget",
        "Ingress", "NetworkPolicy", "Role", "RoleBinding", "Lease", "EndpointSlice",
    ];

    public static void Add(RenderContext context)
    {
        foreach (var item in context.App.Objects)
            AddDocument(context, item.Content.DeepClone(), item.File is { } file ? new SourceLocation(file, item.Line) : null);

        JsonNode? model = null;
        foreach (var manifest in context.App.Manifests)
        {
            try
            {
                if (manifest.IsTemplate)
                    AddRendered(context, manifest, Templates.Render(manifest, context.App, model ??= Templates.ModelOf(context.App)));
                else
                    // Lines before the text keep the places of errors right for YAML that stands in the specification.
                    foreach (var (content, line) in YamlReader.ReadAll(new string('\n', manifest.LineOffset) + manifest.Text, manifest.Path))
                        AddDocument(context, content, new SourceLocation(manifest.Path, line));
            }
            catch (DiagnosticException exception)
            {
                foreach (var diagnostic in exception.Diagnostics)
                    context.Report(diagnostic);
            }
        }
    }

    /// <summary>What a template renders to has lines that its author has never seen: the line itself is shown instead of its number in the template.</summary>
    private static void AddRendered(RenderContext context, ManifestFile template, string text)
    {
        var place = new SourceLocation(template.Path);
        try
        {
            foreach (var (content, _) in YamlReader.ReadAll(text, template.Path))
                AddDocument(context, content, place);
        }
        catch (DiagnosticException exception)
        {
            var lines = text.Split('\n');
            throw new DiagnosticException([.. exception.Diagnostics.Select(diagnostic => diagnostic.Place is { Line: > 0 } at && at.Line <= lines.Length
                ? diagnostic with { Place = place, Cause = $"{diagnostic.Cause} It is line {at.Line} of what the template renders to: {lines[at.Line - 1].Trim()}" }
                : diagnostic with { Place = place })], exception);
        }
    }

    private static void AddDocument(RenderContext context, JsonNode? content, SourceLocation? place)
    {
        if (content is not JsonObject item)
            context.Report(DiagnosticDescriptors.NotAnObject.Because("The document is not a map.", place));
        else if (Text(item["kind"]) == "List" && item["items"] is JsonArray items)
            foreach (var inner in items)
                AddDocument(context, inner?.DeepClone(), place);
        else
            AddObject(context, item, place);
    }

    private static void AddObject(RenderContext context, JsonObject item, SourceLocation? place)
    {
        var metadata = item["metadata"] as JsonObject;
        if (WhyNoObject(item, metadata) is { } why)
        {
            context.Report(DiagnosticDescriptors.NotAnObject.Because(why, place));
            return;
        }

        var (kind, name) = (Text(item["kind"])!, Text(metadata!["name"])!);
        if (kind == "Secret" && (HasValues(item["data"]) || HasValues(item["stringData"])))
            context.Report(DiagnosticDescriptors.SecretInManifest.Because($"The Secret '{name}' holds values.", place));
        if (NamespacedKinds.Contains(kind) && metadata["namespace"] is null)
            metadata["namespace"] = context.App.Namespace;
        if (context.Objects.Exists(other => other.Kind == kind && other.Name == name
            && Group(other.Content) == Group(item) && Text(other.Content["metadata"]!["namespace"]) == Text(metadata["namespace"])))
            context.Report(DiagnosticDescriptors.ObjectTwice.Because($"The {kind} '{name}' is rendered twice.", place));
        context.Add(item);
    }

    private static string? WhyNoObject(JsonObject item, JsonObject? metadata)
    {
        foreach (var (field, value) in new[] { ("apiVersion", item["apiVersion"]), ("kind", item["kind"]), ("metadata.name", metadata?["name"]) })
            if (Text(value) is null)
                return value is null ? $"An object has no {field}." : $"The {field} of an object is {value.ToJsonString()}, which is no text.";
        if (metadata!["namespace"] is { } space && Text(space) is null)
            return $"The metadata.namespace of an object is {space.ToJsonString()}, which is no text.";
        foreach (var (field, value) in new[] { ("metadata.labels", metadata["labels"]), ("metadata.annotations", metadata["annotations"]) })
            if (value is not (null or JsonObject))
                return $"The {field} of an object are {value.ToJsonString()}, which is no map.";
        return null;
    }

    private static bool HasValues(JsonNode? data) => data is not (null or JsonObject { Count: 0 });

    private static string Group(JsonObject item) => Text(item["apiVersion"]) is { } version && version.Split('/') is [var group, _] ? group : "";

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;
}

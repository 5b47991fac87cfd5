using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Secrets;

/// <summary>A place in an object that names a Secret or a ConfigMap.</summary>
internal readonly record struct ConfigReference(string Kind, JsonObject Holder, string Property)
{
    public string? Name => Holder[Property] is JsonValue value && value.TryGetValue<string>(out var name) ? name : null;

    /// <summary>Whether a pod starts without it.</summary>
    public bool IsOptional => Holder["optional"]?.GetValueKind() == JsonValueKind.True;
}

/// <summary>Where Kubernetes objects name Secrets and ConfigMaps: the closed list of the API (core/v1 PodSpec, networking/v1 Ingress).</summary>
internal static class SecretReferences
{
    public static IEnumerable<ConfigReference> In(JsonObject content) => All(content).Where(reference => reference.Kind == "Secret");

    public static IEnumerable<ConfigReference> All(JsonObject content)
    {
        if ((string?)content["kind"] == "Ingress")
            return Objects(At(content, "spec")?["tls"]).Where(tls => tls["secretName"] is not null).Select(tls => new ConfigReference("Secret", tls, "secretName"));
        return PodSpecOf(content) is { } pod ? OfPod(pod) : [];
    }

    public static JsonObject? PodSpecOf(JsonObject content) => (string?)content["kind"] switch
    {
        "Pod" => At(content, "spec"),
        "CronJob" => At(content, "spec", "jobTemplate", "spec", "template", "spec"),
        // A StatefulSet's or DaemonSet's revision keeps its template as a patch.
        "ControllerRevision" => At(content, "data", "spec", "template", "spec"),
        _ => At(content, "spec", "template", "spec"),
    };

    /// <summary>A map in a map; null where something else stands, which is for the server to refuse.</summary>
    private static JsonObject? At(JsonObject? content, params ReadOnlySpan<string> path)
    {
        foreach (var part in path)
            content = content?[part] as JsonObject;
        return content;
    }

    private static IEnumerable<ConfigReference> OfPod(JsonObject pod)
    {
        foreach (var secret in Objects(pod["imagePullSecrets"]))
            yield return new ConfigReference("Secret", secret, "name");
        foreach (var container in Objects(pod["initContainers"]).Concat(Objects(pod["containers"])))
        {
            foreach (var source in Objects(container["envFrom"]))
            {
                if (source["secretRef"] is JsonObject secret)
                    yield return new ConfigReference("Secret", secret, "name");
                if (source["configMapRef"] is JsonObject config)
                    yield return new ConfigReference("ConfigMap", config, "name");
            }

            foreach (var variable in Objects(container["env"]))
            {
                if (At(variable, "valueFrom", "secretKeyRef") is { } secret)
                    yield return new ConfigReference("Secret", secret, "name");
                if (At(variable, "valueFrom", "configMapKeyRef") is { } config)
                    yield return new ConfigReference("ConfigMap", config, "name");
            }
        }

        foreach (var volume in Objects(pod["volumes"]))
        {
            if (volume["secret"] is JsonObject secret)
                yield return new ConfigReference("Secret", secret, "secretName");
            if (volume["configMap"] is JsonObject config)
                yield return new ConfigReference("ConfigMap", config, "name");
            foreach (var source in Objects(At(volume, "projected")?["sources"]))
            {
                if (source["secret"] is JsonObject projectedSecret)
                    yield return new ConfigReference("Secret", projectedSecret, "name");
                if (source["configMap"] is JsonObject projectedConfig)
                    yield return new ConfigReference("ConfigMap", projectedConfig, "name");
            }
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();
}

using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Objects.Defaults;

/// <summary>What the API server fills in when it reads an object, by kind. Admission and allocation come later (see PrepareCreate).</summary>
internal static class KindDefaults
{
    private const string RbacGroup = "rbac.authorization.k8s.io";

    /// <summary>Works on the object itself.</summary>
    public static void Apply(ResourceType type, JsonObject value)
    {
        switch (type.Group, type.Kind)
        {
            case ("", "Pod"):
                PodDefaults.Spec(value.Ensure("spec"));
                PodDefaults.Pod(value.Ensure("spec"));
                break;
            case ("", "PodTemplate"):
                PodDefaults.Template(value["template"] as JsonObject);
                break;
            case ("apps", "Deployment"):
                WorkloadDefaults.Deployment(value.Ensure("spec"));
                break;
            case ("apps", "ReplicaSet"):
                WorkloadDefaults.ReplicaSet(value.Ensure("spec"));
                break;
            case ("apps", "StatefulSet"):
                WorkloadDefaults.StatefulSet(value.Ensure("spec"));
                break;
            case ("apps", "DaemonSet"):
                WorkloadDefaults.DaemonSet(value.Ensure("spec"));
                break;
            case ("batch", "Job"):
                WorkloadDefaults.Job(value);
                break;
            case ("batch", "CronJob"):
                WorkloadDefaults.CronJob(value.Ensure("spec"));
                break;
            case ("autoscaling", "HorizontalPodAutoscaler") when type.Version == "v2":
                WorkloadDefaults.Autoscaler(value.Ensure("spec"));
                break;
            case ("", "Service"):
                Service(value.Ensure("spec"));
                break;
            case ("", "Secret"):
                Secret(value);
                break;
            case ("", "Namespace"):
                Namespace(value);
                break;
            case ("", "PersistentVolumeClaim"):
                StorageDefaults.Claim(value);
                break;
            case ("", "PersistentVolume"):
                StorageDefaults.Volume(value);
                break;
            case ("storage.k8s.io", "StorageClass"):
                StorageDefaults.Class(value);
                break;
            case ("", "Endpoints"):
                foreach (var subset in value.Items("subsets"))
                    foreach (var port in subset.Items("ports"))
                        port.Default("protocol", "TCP");
                break;
            case ("discovery.k8s.io", "EndpointSlice"):
                foreach (var port in value.Items("ports"))
                {
                    port.Default("name", "");
                    port.Default("protocol", "TCP");
                }

                break;
            case ("networking.k8s.io", "NetworkPolicy"):
                NetworkPolicy(value.Ensure("spec"));
                break;
            case (RbacGroup, "RoleBinding" or "ClusterRoleBinding"):
                Binding(value);
                break;
            case ("apiextensions.k8s.io", "CustomResourceDefinition"):
                Definition(value.Ensure("spec"));
                break;
        }
    }

    /// <summary>The defaults of a custom resource's schema.</summary>
    public static void ApplyStructural(JsonNode? value, SchemaType type)
    {
        switch (value)
        {
            case JsonObject map when type.Kind == SchemaKind.Struct:
                foreach (var (name, field) in type.Fields)
                {
                    if (field.Type.Rules is null)
                        continue;
                    if (field.Default is not null && (!map.TryGetPropertyValue(name, out var present) || (present is null && !field.Nullable)))
                        map[name] = field.Default.DeepClone();
                    ApplyStructural(map[name], field.Type);
                }

                break;
            case JsonObject map when type.Kind == SchemaKind.Map:
                foreach (var (_, child) in map)
                    ApplyStructural(child, type.Items);
                break;
            case JsonArray list when type.Kind == SchemaKind.List:
                foreach (var item in list)
                    ApplyStructural(item, type.Items);
                break;
        }
    }

    private static void Service(JsonObject spec)
    {
        spec.Default("sessionAffinity", "None");
        if (Json.Text(spec["sessionAffinity"]) == "ClientIP")
            spec.Ensure("sessionAffinityConfig").Ensure("clientIP").Default("timeoutSeconds", 10800);
        spec.Default("type", "ClusterIP");
        foreach (var port in spec.Items("ports"))
        {
            port.Default("protocol", "TCP");
            if (port["targetPort"] is not { } target || Json.Text(target) is "" || Json.Integer(target) == 0)
                port["targetPort"] = port["port"]?.DeepClone();
        }

        var kind = Json.Text(spec["type"]);
        if (kind is "NodePort" or "LoadBalancer")
            spec.Default("externalTrafficPolicy", "Cluster");
        if (kind is "ClusterIP" or "NodePort" or "LoadBalancer")
            spec.Default("internalTrafficPolicy", "Cluster");
        if (kind == "LoadBalancer")
            spec.Default("allocateLoadBalancerNodePorts", true);
    }

    private static void Secret(JsonObject secret)
    {
        secret.Default("type", "Opaque");
        if (secret["stringData"] is not JsonObject plain)
            return;
        var data = plain.Count > 0 ? secret.Ensure("data") : [];
        foreach (var (key, text) in plain)
            data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(Json.Text(text) ?? ""));
        secret.Remove("stringData");
    }

    private static void Namespace(JsonObject value)
    {
        value.Ensure("status").Default("phase", "Active");
        var metadata = value.Ensure("metadata");
        if (Json.Text(metadata["name"]) is { Length: > 0 } name)
            metadata.Ensure("labels")["kubernetes.io/metadata.name"] = name;
    }

    private static void NetworkPolicy(JsonObject spec)
    {
        foreach (var rule in spec.Items("ingress").Concat(spec.Items("egress")))
            foreach (var port in rule.Items("ports"))
                port.Default("protocol", "TCP");
        if (spec["policyTypes"] is JsonArray { Count: > 0 })
            return;
        spec["policyTypes"] = spec["egress"] is JsonArray { Count: > 0 } ? new JsonArray("Ingress", "Egress") : new JsonArray("Ingress");
    }

    private static void Binding(JsonObject binding)
    {
        if (binding["roleRef"] is JsonObject role && Json.Text(role["apiGroup"]) is null or "")
            binding["roleRef"]!["apiGroup"] = RbacGroup;
        foreach (var subject in binding.Items("subjects"))
            if (Json.Text(subject["kind"]) is "User" or "Group")
                subject.Default("apiGroup", RbacGroup);
    }

    private static void Definition(JsonObject spec)
    {
        spec.Ensure("conversion").Default("strategy", "None");
        var names = spec.Ensure("names");
        if (Json.Text(names["kind"]) is not { Length: > 0 } kind)
            return;
        if (Json.Text(names["singular"]) is null or "")
            names["singular"] = kind.ToLowerInvariant();
        if (Json.Text(names["listKind"]) is null or "")
            names["listKind"] = kind + "List";
    }
}

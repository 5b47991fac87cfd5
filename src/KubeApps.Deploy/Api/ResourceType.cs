using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Api;

/// <summary>A kind that the cluster serves, and where.</summary>
internal sealed record ResourceType(string Group, string Version, string Kind, string Plural, bool Namespaced)
{
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The path of all objects of the kind, in a namespace or (null) everywhere.</summary>
    public string CollectionPath(string? ns)
    {
        var root = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        return Namespaced && ns is not null ? $"{root}/namespaces/{Uri.EscapeDataString(ns)}/{Plural}" : $"{root}/{Plural}";
    }

    /// <summary>The part of a query that lists or watches one object alone.</summary>
    public static string SelectorOf(string name) => "fieldSelector=" + Uri.EscapeDataString("metadata.name=" + name);

    public string ObjectPath(string? ns, string name) => $"{CollectionPath(ns)}/{Uri.EscapeDataString(name)}";

    // The kinds that the engine itself reads and writes, whatever the bundle holds.
    public static readonly ResourceType ConfigMap = new("", "v1", "ConfigMap", "configmaps", true);
    public static readonly ResourceType Secret = new("", "v1", "Secret", "secrets", true);
    public static readonly ResourceType Namespace = new("", "v1", "Namespace", "namespaces", false);
    public static readonly ResourceType Node = new("", "v1", "Node", "nodes", false);
    public static readonly ResourceType Pod = new("", "v1", "Pod", "pods", true);
    public static readonly ResourceType Event = new("", "v1", "Event", "events", true);
    public static readonly ResourceType Service = new("", "v1", "Service", "services", true);
    public static readonly ResourceType PersistentVolumeClaim = new("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true);
    public static readonly ResourceType ReplicaSet = new("apps", "v1", "ReplicaSet", "replicasets", true);
    public static readonly ResourceType Deployment = new("apps", "v1", "Deployment", "deployments", true);
    public static readonly ResourceType StatefulSet = new("apps", "v1", "StatefulSet", "statefulsets", true);
    public static readonly ResourceType DaemonSet = new("apps", "v1", "DaemonSet", "daemonsets", true);
    public static readonly ResourceType Job = new("batch", "v1", "Job", "jobs", true);
    public static readonly ResourceType Ingress = new("networking.k8s.io", "v1", "Ingress", "ingresses", true);
    public static readonly ResourceType HorizontalPodAutoscaler = new("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true);
    public static readonly ResourceType Lease = new("coordination.k8s.io", "v1", "Lease", "leases", true);

    public static readonly ResourceType CustomResourceDefinition =
        new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false);
}

/// <summary>What names an object for a person and for the cluster.</summary>
internal sealed record ObjectId(string ApiVersion, string Kind, string? Namespace, string Name)
{
    /// <summary>What a rendered object is called. The renderer never leaves these out.</summary>
    public static ObjectId Of(JsonObject content) => new(
        (string)content["apiVersion"]!, (string)content["kind"]!, (string?)content["metadata"]!["namespace"], (string)content["metadata"]!["name"]!);

    /// <summary>The group without the version: two versions of one kind name the same object.</summary>
    public string Group => ApiVersion.Contains('/', StringComparison.Ordinal) ? ApiVersion[..ApiVersion.IndexOf('/', StringComparison.Ordinal)] : "";

    /// <summary>The object with nothing but its name and a specification, or not even that: what a manager applies that says no more.</summary>
    public JsonObject ToObject(JsonObject? spec)
    {
        var content = new JsonObject
        {
            ["apiVersion"] = ApiVersion,
            ["kind"] = Kind,
            ["metadata"] = new JsonObject { ["name"] = Name, ["namespace"] = Namespace },
        };
        if (spec is not null)
            content["spec"] = spec;
        return content;
    }

    public bool IsSameObject(ObjectId other) =>
        Group == other.Group && Kind == other.Kind && Namespace == other.Namespace && Name == other.Name;

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {(Namespace is null ? "" : Namespace + "/")}{Name}";
}

using System.Collections.Frozen;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api;

/// <summary>The built-in kinds that the sandbox stores.</summary>
internal static class ResourceTypes
{
    public static readonly ResourceType ConfigMap = Core("ConfigMap", "configmaps");
    public static readonly ResourceType Endpoints = Core("Endpoints", "endpoints");
    public static readonly ResourceType Event = Core("Event", "events");
    public static readonly ResourceType LimitRange = Core("LimitRange", "limitranges");
    public static readonly ResourceType Namespace = Core("Namespace", "namespaces", namespaced: false);
    public static readonly ResourceType Node = Core("Node", "nodes", namespaced: false);
    public static readonly ResourceType PersistentVolumeClaim = Core("PersistentVolumeClaim", "persistentvolumeclaims");
    public static readonly ResourceType PersistentVolume = Core("PersistentVolume", "persistentvolumes", namespaced: false);
    public static readonly ResourceType Pod = Core("Pod", "pods");
    public static readonly ResourceType PodTemplate = Core("PodTemplate", "podtemplates");
    public static readonly ResourceType ReplicationController = Core("ReplicationController", "replicationcontrollers");
    public static readonly ResourceType ResourceQuota = Core("ResourceQuota", "resourcequotas");
    public static readonly ResourceType Secret = Core("Secret", "secrets");
    public static readonly ResourceType ServiceAccount = Core("ServiceAccount", "serviceaccounts");
    public static readonly ResourceType Service = Core("Service", "services");

    public static readonly ResourceType CustomResourceDefinition =
        new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", Namespaced: false);

    public static readonly ResourceType ControllerRevision = new("apps", "v1", "ControllerRevision", "controllerrevisions", Namespaced: true);
    public static readonly ResourceType DaemonSet = new("apps", "v1", "DaemonSet", "daemonsets", Namespaced: true);
    public static readonly ResourceType Deployment = new("apps", "v1", "Deployment", "deployments", Namespaced: true);
    public static readonly ResourceType ReplicaSet = new("apps", "v1", "ReplicaSet", "replicasets", Namespaced: true);
    public static readonly ResourceType StatefulSet = new("apps", "v1", "StatefulSet", "statefulsets", Namespaced: true);

    public static readonly ResourceType HorizontalPodAutoscaler =
        new("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", Namespaced: true);

    public static readonly ResourceType CronJob = new("batch", "v1", "CronJob", "cronjobs", Namespaced: true);
    public static readonly ResourceType Job = new("batch", "v1", "Job", "jobs", Namespaced: true);

    public static readonly ResourceType Lease = new("coordination.k8s.io", "v1", "Lease", "leases", Namespaced: true);
    public static readonly ResourceType EndpointSlice = new("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", Namespaced: true);

    public static readonly ResourceType IngressClass = new("networking.k8s.io", "v1", "IngressClass", "ingressclasses", Namespaced: false);
    public static readonly ResourceType Ingress = new("networking.k8s.io", "v1", "Ingress", "ingresses", Namespaced: true);
    public static readonly ResourceType IPAddress = new("networking.k8s.io", "v1", "IPAddress", "ipaddresses", Namespaced: false);
    public static readonly ResourceType NetworkPolicy = new("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", Namespaced: true);
    public static readonly ResourceType ServiceCIDR = new("networking.k8s.io", "v1", "ServiceCIDR", "servicecidrs", Namespaced: false);

    public static readonly ResourceType PodDisruptionBudget = new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", Namespaced: true);

    public static readonly ResourceType ClusterRoleBinding = Rbac("ClusterRoleBinding", "clusterrolebindings", namespaced: false);
    public static readonly ResourceType ClusterRole = Rbac("ClusterRole", "clusterroles", namespaced: false);
    public static readonly ResourceType RoleBinding = Rbac("RoleBinding", "rolebindings");
    public static readonly ResourceType Role = Rbac("Role", "roles");

    public static readonly ResourceType CSIDriver = Storage("CSIDriver", "csidrivers");
    public static readonly ResourceType CSINode = Storage("CSINode", "csinodes");
    public static readonly ResourceType CSIStorageCapacity = Storage("CSIStorageCapacity", "csistoragecapacities", namespaced: true);
    public static readonly ResourceType StorageClass = Storage("StorageClass", "storageclasses");
    public static readonly ResourceType VolumeAttachment = Storage("VolumeAttachment", "volumeattachments");
    public static readonly ResourceType VolumeAttributesClass = Storage("VolumeAttributesClass", "volumeattributesclasses");

    /// <summary>Grouped as discovery lists them; within a group by name.</summary>
    public static readonly IReadOnlyList<ResourceType> All =
    [
        ConfigMap, Endpoints, Event, LimitRange, Namespace, Node, PersistentVolumeClaim, PersistentVolume, Pod, PodTemplate,
        ReplicationController, ResourceQuota, Secret, ServiceAccount, Service,
        ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet,
        HorizontalPodAutoscaler,
        CronJob, Job,
        IngressClass, Ingress, IPAddress, NetworkPolicy, ServiceCIDR,
        PodDisruptionBudget,
        ClusterRoleBinding, ClusterRole, RoleBinding, Role,
        CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment, VolumeAttributesClass,
        CustomResourceDefinition,
        Lease,
        EndpointSlice,
    ];

    /// <summary>The workloads that the sandbox stores, but does not run; none of the kind.</summary>
    public static readonly IReadOnlyList<ResourceType> NotRun = [StatefulSet, DaemonSet, CronJob];

    private static readonly FrozenDictionary<(string ApiVersion, string Kind), ResourceType> ByKind =
        All.ToFrozenDictionary(type => (type.ApiVersion, type.Kind));

    /// <summary>The built-in type of a kind; null if there is none.</summary>
    public static ResourceType? Find(string apiVersion, string kind) => ByKind.GetValueOrDefault((apiVersion, kind));

    /// <summary>What the sandbox says about a workload that it stores, but does not run; null of one that it runs.</summary>
    public static string? WhyNotRun(ResourceType type, JsonObject value)
    {
        var what = NotRun.Contains(type) ? $"{type.Kind}s" : type == Job && Json.Text(value["spec"]?["completionMode"]) == "Indexed" ? "Indexed Jobs" : null;
        return what is null ? null : $"The sandbox does not run {what}: it has stored this one, and nothing else will happen.";
    }

    private static ResourceType Core(string kind, string plural, bool namespaced = true) => new("", "v1", kind, plural, namespaced);

    private static ResourceType Rbac(string kind, string plural, bool namespaced = true) =>
        new("rbac.authorization.k8s.io", "v1", kind, plural, namespaced);

    private static ResourceType Storage(string kind, string plural, bool namespaced = false) =>
        new("storage.k8s.io", "v1", kind, plural, namespaced);
}

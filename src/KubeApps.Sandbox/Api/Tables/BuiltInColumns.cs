using System.Text.Json.Nodes;
using static KubeApps.Sandbox.Api.Tables.Cells;

namespace KubeApps.Sandbox.Api.Tables;

/// <summary>The columns of the built-in kinds, as the real server prints them.</summary>
internal static class BuiltInColumns
{
    private static readonly TableColumn Name = new("Name", (o, _) => (string?)o["metadata"]!["name"]) { Format = "name", Field = "metadata.name" };

    private static readonly TableColumn Age =
        new("Age", (o, now) => HumanDuration.Since(o["metadata"]!["creationTimestamp"], now)) { Field = "metadata.creationTimestamp" };

    public static IReadOnlyList<TableColumn> Of(ResourceType type) => (type.Group, type.Plural) switch
    {
        ("", "pods") => PodColumns.All(Name, Age),
        ("", "configmaps") => [Name, new("Data", (o, _) => Count(o["data"]) + Count(o["binaryData"])) { Field = "data" }, Age],
        ("", "secrets") =>
        [
            Name,
            new("Type", (o, _) => (string?)o["type"] ?? "Opaque") { Field = "type" },
            new("Data", (o, _) => Count(o["data"])) { Field = "data" },
            Age,
        ],
        ("", "namespaces") => [Name, new("Status", (o, _) => Field(o, "status.phase")) { Description = "The status of the namespace" }, Age],
        ("", "serviceaccounts") => [Name, new("Secrets", (o, _) => Count(o["secrets"])) { Field = "secrets" }, Age],
        ("", "services") => ServiceColumns(),
        ("", "endpoints") => [Name, new("Endpoints", (o, _) => NetworkCells.Endpoints(o)) { Field = "subsets" }, Age],
        ("", "nodes") => NodeColumns(),
        ("", "events") => EventColumns(),
        ("", "persistentvolumeclaims") => ClaimColumns(),
        ("", "persistentvolumes") => VolumeColumns(),
        ("", "resourcequotas") =>
        [
            Name,
            new("Request", (o, _) => QuotaUse(o, limits: false)) { Description = "Request represents a minimum amount of cpu/memory that a container may consume." },
            new("Limit", (o, _) => QuotaUse(o, limits: true)) { Description = "Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node." },
            Age,
        ],
        ("", "replicationcontrollers") or ("apps", "replicasets") =>
        [
            Name,
            Number("Desired", "spec.replicas"),
            Number("Current", "status.replicas"),
            Number("Ready", "status.readyReplicas"),
            Age,
            .. Template(),
            Wide("Selector", o => SelectorText(o["spec"]?["selector"]), "spec.selector"),
        ],
        ("apps", "deployments") =>
        [
            Name,
            new("Ready", (o, _) => $"{Int(o, "status.readyReplicas")}/{Int(o, "spec.replicas", 1)}") { Description = "Number of the pod with ready state" },
            Number("Up-to-date", "status.updatedReplicas"),
            Number("Available", "status.availableReplicas"),
            Age,
            .. Template(),
            Wide("Selector", o => SelectorText(o["spec"]?["selector"]), null) with
            {
                Description = "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment.",
            },
        ],
        ("apps", "statefulsets") =>
        [
            Name,
            new("Ready", (o, _) => $"{Int(o, "status.readyReplicas")}/{Int(o, "spec.replicas", 1)}") { Description = "Number of the pod with ready state" },
            Age,
            .. Template(),
        ],
        ("apps", "daemonsets") =>
        [
            Name,
            Number("Desired", "status.desiredNumberScheduled"),
            Number("Current", "status.currentNumberScheduled"),
            Number("Ready", "status.numberReady"),
            Number("Up-to-date", "status.updatedNumberScheduled"),
            Number("Available", "status.numberAvailable"),
            new("Node Selector", (o, _) => LabelText(o["spec"]?["template"]?["spec"]?["nodeSelector"])) { Field = "spec.template.spec.nodeSelector" },
            Age,
            .. Template(),
            Wide("Selector", o => SelectorText(o["spec"]?["selector"]), "spec.selector"),
        ],
        ("apps", "controllerrevisions") =>
        [
            Name,
            new("Controller", (o, _) => Controller(o)) { Description = "Controller of the object" },
            new("Revision", (o, _) => Int(o, "revision")) { Field = "revision" },
            Age,
        ],
        ("batch", "jobs") => JobColumns(),
        ("batch", "cronjobs") => CronJobColumns(),
        ("autoscaling", "horizontalpodautoscalers") =>
        [
            Name,
            new("Reference", (o, _) => $"{Field(o, "spec.scaleTargetRef.kind")}/{Field(o, "spec.scaleTargetRef.name")}") { Field = "spec.scaleTargetRef" },
            new("Targets", (o, _) => AutoscalerCells.Targets(o)) { Field = "spec.metrics" },
            new("MinPods", (o, _) => o["spec"]?["minReplicas"] is { } minimum ? Text(minimum) : "<unset>") { Field = "spec.minReplicas" },
            Number("MaxPods", "spec.maxReplicas"),
            Number("Replicas", "status.currentReplicas"),
            Age,
        ],
        ("policy", "poddisruptionbudgets") =>
        [
            Name,
            new("Min Available", (o, _) => o["spec"]?["minAvailable"] is { } minimum ? Text(minimum) : "N/A") { Description = "The minimum number of pods that must be available." },
            new("Max Unavailable", (o, _) => o["spec"]?["maxUnavailable"] is { } maximum ? Text(maximum) : "N/A") { Description = "The maximum number of pods that may be unavailable." },
            Number("Allowed Disruptions", "status.disruptionsAllowed") with { Field = null, Description = "Calculated number of pods that may be disrupted at this time." },
            Age,
        ],
        ("networking.k8s.io", "ingresses") =>
        [
            Name,
            new("Class", (o, _) => Field(o, "spec.ingressClassName") is { Length: > 0 } named ? named : "<none>") { Description = "The name of the IngressClass resource that should be used for additional configuration" },
            new("Hosts", (o, _) => NetworkCells.Hosts(o)) { Description = "Hosts that incoming requests are matched against before the ingress rule" },
            new("Address", (o, _) => NetworkCells.LoadBalancer(o["status"]?["loadBalancer"])) { Description = "Address is a list containing ingress points for the load-balancer" },
            new("Ports", (o, _) => Count(o["spec"]?["tls"]) > 0 ? "80, 443" : "80") { Description = "Ports of TLS configurations that open" },
            Age,
        ],
        ("networking.k8s.io", "ingressclasses") =>
        [
            Name,
            new("Controller", (o, _) => Field(o, "spec.controller")) { Description = "Controller that is responsible for handling this class" },
            new("Parameters", (o, _) => o["spec"]?["parameters"] is { } parameters ? $"{Text(parameters["kind"])}.{Text(parameters["apiGroup"])}/{Text(parameters["name"])}" : "<none>") { Description = "A reference to a resource with additional parameters" },
            Age,
        ],
        ("networking.k8s.io", "networkpolicies") => [Name, new("Pod-Selector", (o, _) => SelectorText(o["spec"]?["podSelector"])) { Field = "spec.podSelector" }, Age],
        ("rbac.authorization.k8s.io", "rolebindings" or "clusterrolebindings") =>
        [
            Name,
            new("Role", (o, _) => $"{Field(o, "roleRef.kind")}/{Field(o, "roleRef.name")}") { Field = "roleRef" },
            Age,
            Wide("Users", o => Subjects(o, "User"), null) with { Description = "Users in the binding" },
            Wide("Groups", o => Subjects(o, "Group"), null) with { Description = "Groups in the binding" },
            Wide("ServiceAccounts", o => Subjects(o, "ServiceAccount"), null) with { Description = "ServiceAccounts in the binding" },
        ],
        ("storage.k8s.io", "storageclasses") =>
        [
            new("Name", (o, _) => StorageClassName(o)) { Format = "name", Field = "metadata.name" },
            new("Provisioner", (o, _) => Field(o, "provisioner")) { Field = "provisioner" },
            new("ReclaimPolicy", (o, _) => Field(o, "reclaimPolicy") is { Length: > 0 } policy ? policy : "Delete") { Field = "reclaimPolicy" },
            new("VolumeBindingMode", (o, _) => Field(o, "volumeBindingMode") is { Length: > 0 } mode ? mode : "Immediate") { Field = "volumeBindingMode" },
            new("AllowVolumeExpansion", (o, _) => (bool?)o["allowVolumeExpansion"] ?? false) { Field = "allowVolumeExpansion" },
            Age,
        ],
        ("coordination.k8s.io", "leases") => [Name, new("Holder", (o, _) => Field(o, "spec.holderIdentity")) { Field = "spec.holderIdentity" }, Age],
        ("discovery.k8s.io", "endpointslices") =>
        [
            Name,
            new("AddressType", (o, _) => Field(o, "addressType")) { Field = "addressType" },
            new("Ports", (o, _) => NetworkCells.SlicePorts(o)) { Field = "ports" },
            new("Endpoints", (o, _) => NetworkCells.SliceEndpoints(o)) { Field = "endpoints" },
            Age,
        ],
        _ =>
        [
            Name,
            new("Created At", (o, _) => (string?)o["metadata"]!["creationTimestamp"]) { Type = "date", Field = "metadata.creationTimestamp" },
        ],
    };

    private static IReadOnlyList<TableColumn> ServiceColumns() =>
    [
        Name,
        new("Type", (o, _) => Field(o, "spec.type")) { Field = "spec.type" },
        new("Cluster-IP", (o, _) => Field(o, "spec.clusterIP") is { Length: > 0 } address ? address : "<none>") { Field = "spec.clusterIP" },
        new("External-IP", (o, _) => NetworkCells.ExternalAddress(o)) { Field = "spec.externalIPs" },
        new("Port(s)", (o, _) => NetworkCells.ServicePorts(o)) { Field = "spec.ports" },
        Age,
        Wide("Selector", o => LabelText(o["spec"]?["selector"]), "spec.selector"),
    ];

    private static IReadOnlyList<TableColumn> NodeColumns() =>
    [
        Name,
        new("Status", (o, _) => NodeStatus(o)) { Description = "The status of the node" },
        new("Roles", (o, _) => NodeRoles(o)) { Description = "The roles of the node" },
        Age,
        new("Version", (o, _) => Field(o, "status.nodeInfo.kubeletVersion")) { Field = "status.nodeInfo.kubeletVersion" },
        Wide("Internal-IP", o => NodeAddress(o, "InternalIP"), "status.addresses"),
        Wide("External-IP", o => NodeAddress(o, "ExternalIP"), "status.addresses"),
        Wide("OS-Image", o => OrUnknown(Field(o, "status.nodeInfo.osImage")), "status.nodeInfo.osImage"),
        Wide("Kernel-Version", o => OrUnknown(Field(o, "status.nodeInfo.kernelVersion")), "status.nodeInfo.kernelVersion"),
        Wide("Container-Runtime", o => OrUnknown(Field(o, "status.nodeInfo.containerRuntimeVersion")), "status.nodeInfo.containerRuntimeVersion"),
    ];

    private static IReadOnlyList<TableColumn> EventColumns() =>
    [
        new("Last Seen", (o, now) => EventAge(o, now)) { Field = "lastTimestamp" },
        new("Type", (o, _) => Field(o, "type")) { Field = "type" },
        new("Reason", (o, _) => Field(o, "reason")) { Field = "reason" },
        new("Object", (o, _) => $"{Field(o, "involvedObject.kind").ToLowerInvariant()}/{Field(o, "involvedObject.name")}") { Field = "involvedObject" },
        Wide("Subobject", o => Field(o, "involvedObject.fieldPath"), "involvedObject.fieldPath"),
        Wide("Source", EventSource, "source"),
        new("Message", (o, _) => Field(o, "message").Trim()) { Field = "message" },
        new("First Seen", (o, now) => HumanDuration.Since(o["firstTimestamp"] ?? o["eventTime"], now)) { Field = "firstTimestamp", Priority = 1 },
        new("Count", (o, _) => Math.Max(1, Int(o, "count"))) { Field = "count", Priority = 1 },
        Name with { Priority = 1 },
    ];

    private static IReadOnlyList<TableColumn> ClaimColumns() =>
    [
        Name,
        new("Status", (o, _) => o["metadata"]!["deletionTimestamp"] is null ? Field(o, "status.phase") : "Terminating") { Field = "status.phase" },
        new("Volume", (o, _) => Field(o, "spec.volumeName")) { Field = "spec.volumeName" },
        new("Capacity", (o, _) => Field(o, "status.capacity.storage")) { Field = "status.capacity" },
        new("Access Modes", (o, _) => AccessModes(o["status"]?["accessModes"])) { Field = "status.accessModes" },
        new("StorageClass", (o, _) => Field(o, "spec.storageClassName")) { Description = "StorageClass of the pvc" },
        new("VolumeAttributesClass", (o, _) => Field(o, "spec.volumeAttributesClassName") is { Length: > 0 } named ? named : "<unset>") { Description = "VolumeAttributesClass of the pvc" },
        Age,
        Wide("VolumeMode", o => Field(o, "spec.volumeMode") is { Length: > 0 } mode ? mode : "Filesystem", "spec.volumeMode"),
    ];

    private static IReadOnlyList<TableColumn> VolumeColumns() =>
    [
        Name,
        new("Capacity", (o, _) => Field(o, "spec.capacity.storage")) { Field = "spec.capacity" },
        new("Access Modes", (o, _) => AccessModes(o["spec"]?["accessModes"])) { Field = "spec.accessModes" },
        new("Reclaim Policy", (o, _) => Field(o, "spec.persistentVolumeReclaimPolicy")) { Field = "spec.persistentVolumeReclaimPolicy" },
        new("Status", (o, _) => o["metadata"]!["deletionTimestamp"] is null ? Field(o, "status.phase") : "Terminating") { Description = "PersistentVolumeStatus is the current status of a persistent volume." },
        new("Claim", (o, _) => o["spec"]?["claimRef"] is { } claim ? $"{Text(claim["namespace"])}/{Text(claim["name"])}" : "") { Field = "spec.claimRef" },
        new("StorageClass", (o, _) => Field(o, "spec.storageClassName")) { Description = "StorageClass of the pv" },
        new("VolumeAttributesClass", (o, _) => Field(o, "spec.volumeAttributesClassName") is { Length: > 0 } named ? named : "<unset>") { Description = "VolumeAttributesClass of the pv" },
        new("Reason", (o, _) => Field(o, "status.reason")) { Field = "status.reason" },
        Age,
        Wide("VolumeMode", o => Field(o, "spec.volumeMode") is { Length: > 0 } mode ? mode : "Filesystem", "spec.volumeMode"),
    ];

    private static IReadOnlyList<TableColumn> JobColumns() =>
    [
        Name,
        new("Status", (o, _) => JobCells.Status(o)) { Description = "Status of the job." },
        new("Completions", (o, _) => JobCells.Completions(o)) { Field = "status.succeeded" },
        new("Duration", (o, now) => JobCells.Duration(o, now)) { Description = "Time required to complete the job." },
        Age,
        .. Template(),
        Wide("Selector", o => SelectorText(o["spec"]?["selector"]), "spec.selector"),
    ];

    private static IReadOnlyList<TableColumn> CronJobColumns() =>
    [
        Name,
        new("Schedule", (o, _) => Field(o, "spec.schedule")) { Field = "spec.schedule" },
        new("Timezone", (o, _) => Field(o, "spec.timeZone") is { Length: > 0 } zone ? zone : "<none>") { Field = "spec.timeZone" },
        new("Suspend", (o, _) => (bool?)o["spec"]?["suspend"] == true ? "True" : "False") { Field = "spec.suspend" },
        new("Active", (o, _) => Count(o["status"]?["active"])) { Field = "status.active" },
        new("Last Schedule", (o, now) => o["status"]?["lastScheduleTime"] is { } last ? HumanDuration.Since(last, now) : "<none>") { Field = "status.lastScheduleTime" },
        Age,
        .. Template("spec.jobTemplate.spec.template"),
        Wide("Selector", o => SelectorText(o["spec"]?["jobTemplate"]?["spec"]?["selector"]), "spec.jobTemplate.spec.selector"),
    ];

    private static TableColumn Number(string name, string field) => new(name, (o, _) => Int(o, field)) { Field = field };

    private static TableColumn Wide(string name, Func<JsonObject, string> cell, string? field) => new(name, (o, _) => cell(o)) { Priority = 1, Field = field };

    private static TableColumn[] Template(string at = "spec.template") =>
    [
        Wide("Containers", o => Containers(o, at, "name"), null) with { Description = "Names of each container in the template." },
        Wide("Images", o => Containers(o, at, "image"), null) with { Description = "Images referenced by each container in the template." },
    ];
}

using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Api.Selectors;

namespace KubeApps.Sandbox.Controllers;

/// <summary>
/// The endpoints of a Service: one EndpointSlice for each pod, because here each pod has ports of its own and the ports of a slice hold for all of
/// its endpoints.
/// </summary>
internal sealed class EndpointSliceController(Cluster cluster) : IReconciler
{
    public const string ServiceLabel = "kubernetes.io/service-name";
    private const string ManagedByLabel = "endpointslice.kubernetes.io/managed-by";
    private const string ManagedBy = "endpointslice-controller.k8s.io";

    public IReadOnlyList<Trigger> Triggers { get; } =
    [
        Trigger.Itself(ResourceTypes.Service),
        new Trigger(ResourceTypes.Pod, change => ServicesOf(cluster, change)),
        new Trigger(ResourceTypes.EndpointSlice, change => IsOurs(change.Object) ? [new ObjectKey(ResourceTypes.Service, change.Object.Namespace, change.Object.Labels.Text(ServiceLabel)!)] : []),
    ];

    public Next Reconcile(ObjectKey key)
    {
        var service = cluster.Get(key);
        var present = cluster.List(ResourceTypes.EndpointSlice, key.Namespace).Where(slice => IsOurs(slice) && slice.Labels.Text(ServiceLabel) == key.Name).ToList();
        var selector = LabelSelector.FromLabels(service?.Spec.Part("selector"));
        var wanted = service is null || service.IsTerminating || selector.IsEverything
            ? []
            : cluster.List(ResourceTypes.Pod, key.Namespace)
                .Where(pod => !pod.IsFinished && pod.Status.Text("podIP") is not null && selector.Matches(pod))
                .Select(pod => Slice(service, pod)).ToDictionary(slice => slice.Name);

        foreach (var (name, slice) in wanted)
        {
            if (!present.Any(there => there.Name == name))
                cluster.Create(ResourceTypes.EndpointSlice, slice, BuiltInControllers.Manager);
            else
                cluster.Update(slice.Key(ResourceTypes.EndpointSlice), BuiltInControllers.Manager, there =>
                {
                    foreach (var part in (ReadOnlySpan<string>)["endpoints", "ports"])
                        there[part] = slice[part]?.DeepClone();
                    there.Editable("metadata")["labels"] = slice.Labels.DeepClone();
                    return true;
                });
        }

        // Last, as the real controller does it: a Service that is led to other pods is never seen without any.
        foreach (var slice in present.Where(slice => !wanted.ContainsKey(slice.Name)))
            cluster.Delete(slice.Key(ResourceTypes.EndpointSlice));

        return Next.OnChange;
    }

    private static bool IsOurs(JsonObject slice) => slice.Labels.Text(ManagedByLabel) == ManagedBy && slice.Labels.Text(ServiceLabel) is not null;

    private static IEnumerable<ObjectKey> ServicesOf(Cluster cluster, WatchEvent change) => cluster.List(ResourceTypes.Service, change.Object.Namespace)
        .Where(service => LabelSelector.FromLabels(service.Spec.Part("selector")) is { IsEverything: false } selector
            && (selector.Matches(change.Object) || (change.Previous is { } before && selector.Matches(before))))
        .Select(service => service.Key(ResourceTypes.Service));

    private static JsonObject Slice(JsonObject service, JsonObject pod)
    {
        var labels = (JsonObject)service.Labels.DeepClone();
        labels[ManagedByLabel] = ManagedBy;
        labels[ServiceLabel] = service.Name;
        var ready = pod.IsReady;
        var endpoint = new JsonObject
        {
            ["addresses"] = new JsonArray(pod.Status.Text("podIP")),
            ["conditions"] = new JsonObject
            {
                ["ready"] = service.Spec.Flag("publishNotReadyAddresses") || (ready && !pod.IsTerminating),
                ["serving"] = ready,
                ["terminating"] = pod.IsTerminating,
            },
            ["targetRef"] = new JsonObject { ["kind"] = "Pod", ["namespace"] = pod.Namespace, ["name"] = pod.Name, ["uid"] = pod.Uid },
        };
        if (pod.Spec.Text("nodeName") is { } node)
            endpoint["nodeName"] = node;
        return new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{service.Name}-{TemplateHash.Of(pod.Uid)}",
                ["namespace"] = service.Namespace,
                ["labels"] = labels,
                ["ownerReferences"] = new JsonArray(ObjectFields.ReferenceTo(service, ResourceTypes.Service)),
            },
            ["addressType"] = "IPv4",
            ["endpoints"] = new JsonArray(endpoint),
            ["ports"] = new JsonArray([.. Ports(service, pod)]),
        };
    }

    private static IEnumerable<JsonNode> Ports(JsonObject service, JsonObject pod)
    {
        foreach (var port in service.Spec.Items("ports"))
        {
            if (HostPort(port, pod) is not { } hostPort)
                continue;
            var entry = new JsonObject { ["name"] = port.Text("name") ?? "", ["port"] = hostPort, ["protocol"] = port.Text("protocol") ?? "TCP" };
            if (port.Text("appProtocol") is { } protocol)
                entry["appProtocol"] = protocol;
            yield return entry;
        }
    }

    /// <summary>Where the pod's process listens for a port of the service: the kubelet notes it on the pod.</summary>
    private static int? HostPort(JsonObject servicePort, JsonObject pod)
    {
        var target = servicePort.Text("targetPort") is { } name
            ? pod.Spec.Items("containers").Concat(pod.Spec.Items("initContainers")).SelectMany(container => container.Items("ports"))
                .FirstOrDefault(port => port.Text("name") == name)?.Number("containerPort")
            : servicePort.Number("targetPort") ?? servicePort.Number("port");
        return target is { } containerPort ? PortAnnotation.Read(pod).TryGetValue(containerPort, out var hostPort) ? hostPort : null : null;
    }
}

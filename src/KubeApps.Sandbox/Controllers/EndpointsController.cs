using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Controllers;

/// <summary>The older form of a service's endpoints, made from its EndpointSlices: kubectl before 1.31 describes services by it.</summary>
internal sealed class EndpointsController(Cluster cluster) : IReconciler
{
    private const string Name = "endpoint-controller";
    private const string ManagedByLabel = "endpoints.kubernetes.io/managed-by";

    public IReadOnlyList<Trigger> Triggers { get; } =
    [
        Trigger.Itself(ResourceTypes.Service),
        new Trigger(ResourceTypes.EndpointSlice, change => change.Object.Labels.Text(EndpointSliceController.ServiceLabel) is { } service
            ? [new ObjectKey(ResourceTypes.Service, change.Object.Namespace, service)]
            : []),
    ];

    public Next Reconcile(ObjectKey key)
    {
        var service = cluster.Get(key);
        var own = new ObjectKey(ResourceTypes.Endpoints, key.Namespace, key.Name);
        var there = cluster.Get(own);
        if (service is null || service.IsTerminating || service.Spec.Part("selector").Count == 0)
        {
            if (there?.Labels.Text(ManagedByLabel) == Name)
                cluster.Delete(own);
            return Next.OnChange;
        }

        var subsets = new JsonArray([.. cluster.List(ResourceTypes.EndpointSlice, key.Namespace)
            .Where(slice => slice.Labels.Text(EndpointSliceController.ServiceLabel) == key.Name)
            .SelectMany(slice => slice.Items("endpoints").Where(endpoint => !endpoint.Part("conditions").Flag("terminating")).Select(endpoint => Subset(slice, endpoint)))]);
        if (there is null)
        {
            cluster.Create(ResourceTypes.Endpoints, new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace, ["labels"] = new JsonObject { [ManagedByLabel] = Name } },
                ["subsets"] = subsets,
            }, BuiltInControllers.Manager);
        }
        else
        {
            cluster.Update(own, BuiltInControllers.Manager, changed =>
            {
                changed["subsets"] = subsets.DeepClone();
                return true;
            });
        }

        return Next.OnChange;
    }

    private static JsonNode Subset(JsonObject slice, JsonObject endpoint)
    {
        var address = new JsonObject { ["ip"] = endpoint["addresses"]?[0]?.DeepClone() };
        foreach (var part in (ReadOnlySpan<string>)["nodeName", "targetRef"])
            if (endpoint[part] is { } value)
                address[part] = value.DeepClone();
        var ports = slice.Items("ports").Select(port =>
        {
            var copy = (JsonObject)port.DeepClone();
            if (copy.Text("name") == "")
                copy.Remove("name");
            return (JsonNode)copy;
        });
        return new JsonObject
        {
            [endpoint.Part("conditions").Flag("ready") ? "addresses" : "notReadyAddresses"] = new JsonArray(address),
            ["ports"] = new JsonArray([.. ports]),
        };
    }
}

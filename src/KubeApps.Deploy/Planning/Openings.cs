using System.Text.Json.Nodes;
using KubeApps.Events;

namespace KubeApps.Deploy.Planning;

/// <summary>
/// The ways by which traffic gets to an app from outside: those that do not lead in yet wait until the new version is checked. Pure. What
/// pods of the app need among each other must stand before: a Service with an address outside begins as one that has none.
/// </summary>
/// <param name="Before">What is applied before the checks.</param>
/// <param name="After">What is applied after them.</param>
internal sealed record Openings(IReadOnlyList<PlannedObject> Before, IReadOnlyList<PlannedObject> After)
{
    // Everything by which a Service is reached from outside of the cluster; without it, it is one of the type ClusterIP.
    private static readonly string[] OutsideFields =
    [
        "type", "externalIPs", "externalTrafficPolicy", "healthCheckNodePort", "loadBalancerIP", "loadBalancerClass", "loadBalancerSourceRanges",
        "allocateLoadBalancerNodePorts",
    ];

    /// <param name="planned">All objects.</param>
    /// <param name="live">What stands.</param>
    /// <param name="waits">Whether any check runs only when everything stands.</param>
    public static Openings Of(IReadOnlyList<PlannedObject> planned, LiveState live, bool waits)
    {
        if (!waits)
            return new Openings(planned, []);
        var standing = live.Objects.ToDictionary(item => item.Object.Id, item => item.IsTerminating ? null : item.Live);
        var (before, after) = (new List<PlannedObject>(), new List<PlannedObject>());
        foreach (var item in planned)
            if (IsPreview(item) || item.Change == ResourceChange.Unchanged)
                before.Add(item);
            else if (IsRoute(item.Object.Id.Kind))
                (standing.GetValueOrDefault(item.Object.Id) is null ? after : before).Add(item);
            else if (IsOutside(item.Object.Content) && !IsOutside(standing.GetValueOrDefault(item.Object.Id)) && item.Replacement is null)
            {
                before.Add(item with { Object = Inside(item.Object) });
                after.Add(item with { Change = ResourceChange.Changed, IsTerminating = false, MigratesFrom = [] });
            }
            else
                before.Add(item);
        return new Openings(before, after);
    }

    private static bool IsPreview(PlannedObject item) => item.Object.Content["metadata"]?["labels"]?[PreviewCopy.Label] is not null;

    // Kubernetes' own, the Gateway API's, and what the controllers that came before it have.
    private static bool IsRoute(string kind) => kind is "Ingress" or "VirtualService" || kind.EndsWith("Route", StringComparison.Ordinal);

    private static bool IsOutside(JsonObject? content) => (string?)content?["kind"] == "Service"
        && ((string?)content["spec"]?["type"] is "LoadBalancer" or "NodePort" || content["spec"]?["externalIPs"] is JsonArray { Count: > 0 });

    private static ReleaseObject Inside(ReleaseObject service)
    {
        var content = service.Content;
        Close((JsonObject)content["spec"]!);
        return service.With(content);
    }

    /// <summary>Leaves of a Service's specification what it is reached by from inside the cluster.</summary>
    public static void Close(JsonObject spec)
    {
        foreach (var field in OutsideFields)
            spec.Remove(field);
        foreach (var port in (spec["ports"] as JsonArray ?? []).OfType<JsonObject>())
            port.Remove("nodePort");
    }
}

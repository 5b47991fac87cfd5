using System.Globalization;
using System.Text.Json.Nodes;
using static KubeApps.Sandbox.Api.Tables.Cells;

namespace KubeApps.Sandbox.Api.Tables;

/// <summary>Cells of Services, Ingresses, Endpoints and EndpointSlices.</summary>
internal static class NetworkCells
{
    private const int ShownItems = 3;
    private const int LoadBalancerWidth = 16;

    public static string ServicePorts(JsonObject service)
    {
        var ports = (service["spec"]?["ports"] as JsonArray ?? []).Select(port =>
        {
            var nodePort = (int?)port!["nodePort"] ?? 0;
            var number = Text(port["port"]);
            return nodePort > 0
                ? string.Create(CultureInfo.InvariantCulture, $"{number}:{nodePort}/{Text(port["protocol"])}")
                : $"{number}/{Text(port["protocol"])}";
        }).ToList();
        return ports.Count == 0 ? "<none>" : Join(ports);
    }

    public static string ExternalAddress(JsonObject service)
    {
        var external = (service["spec"]?["externalIPs"] as JsonArray ?? []).Select(Text).ToList();
        switch (Field(service, "spec.type"))
        {
            case "LoadBalancer":
                var balancer = LoadBalancer(service["status"]?["loadBalancer"]);
                if (external.Count > 0)
                    return balancer.Length > 0 ? Join([.. balancer.Split(','), .. external]) : Join(external);
                return balancer.Length > 0 ? balancer : "<pending>";
            case "ExternalName":
                return Field(service, "spec.externalName");
            default:
                return external.Count > 0 ? Join(external) : "<none>";
        }
    }

    public static string LoadBalancer(JsonNode? status)
    {
        var addresses = (status?["ingress"] as JsonArray ?? [])
            .Select(each => Text(each!["ip"]) is { Length: > 0 } address ? address : Text(each["hostname"])).Where(text => text.Length > 0);
        var text = Join(addresses);
        return text.Length > LoadBalancerWidth * 4 ? text[..(LoadBalancerWidth * 4 - 3)] + "..." : text;
    }

    public static string Hosts(JsonObject ingress) => Limited(
        (ingress["spec"]?["rules"] as JsonArray ?? []).Select(rule => Text(rule!["host"])).Where(host => host.Length > 0).Distinct().ToList(), "*");

    public static string Endpoints(JsonObject endpoints)
    {
        var all = new List<string>();
        foreach (var subset in endpoints["subsets"] as JsonArray ?? [])
        {
            var ports = subset!["ports"] as JsonArray ?? [];
            foreach (var address in subset["addresses"] as JsonArray ?? [])
            {
                if (ports.Count == 0)
                    all.Add(Text(address!["ip"]));
                foreach (var port in ports)
                    all.Add($"{Text(address!["ip"])}:{Text(port!["port"])}");
            }
        }

        return Limited(all, "<none>");
    }

    public static string SlicePorts(JsonObject slice)
    {
        if (slice["ports"] is not JsonArray { Count: > 0 } ports)
            return "<unset>";
        return Limited(ports.Select(port => port!["port"] is { } number ? Text(number) : Text(port["name"]) is { Length: > 0 } name ? name : "*").ToList(), "<unset>");
    }

    public static string SliceEndpoints(JsonObject slice) => Limited(
        (slice["endpoints"] as JsonArray ?? []).SelectMany(endpoint => endpoint!["addresses"] as JsonArray ?? []).Select(Text).ToList(), "<unset>");

    private static string Limited(List<string> items, string empty) => items.Count switch
    {
        0 => empty,
        <= ShownItems => Join(items),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Join(items.Take(ShownItems))} + {items.Count - ShownItems} more..."),
    };
}

using System.Text.Json.Nodes;
using KubeApps.Deploy.Clusters.Eks;

namespace KubeApps.Deploy.Tests.Clusters.Eks;

public class EksEntryTests
{
    [Fact]
    public void Names_OfServicesAndIngresses_LeadToTheirBalancers()
    {
        var entries = EksEntry.Of(
            [
                Item("Ingress", "admin", """{"alb.ingress.kubernetes.io/certificate-arn":"arn"}""", """{"rules":[{"host":"admin.example.org"},{"host":"*.example.org"}]}""", "alb"),
                Item("Ingress", "plain", "{}", """{"rules":[{"host":"plain.example.org"}],"tls":[{"hosts":["plain.example.org"]}]}""", "alb"),
                Item("Service", "metrics", """{"external-dns.alpha.kubernetes.io/hostname":"metrics.example.org"}""", """{"type":"ClusterIP"}""", null),
                Item("Service", "web", """{"external-dns.alpha.kubernetes.io/hostname":"shop.example.org., www.example.org"}""", """{"type":"LoadBalancer","ports":[{"port":8443}]}""", "nlb"),
                Item("Service", "api", """{"external-dns.alpha.kubernetes.io/hostname":"api.example.org"}""", """{"type":"LoadBalancer","ports":[{"port":443}]}""", null),
            ],
            "web");

        Assert.Equal(
            [
                "http://shop.example.org:8443/ nlb", "http://www.example.org:8443/ nlb", "https://admin.example.org/ alb", "https://api.example.org/ ", "https://plain.example.org/ alb",
            ],
            entries.Select(entry => $"{entry.Address} {entry.Balancer}"));
    }

    private static JsonObject Item(string kind, string name, string annotations, string spec, string? balancer) => new()
    {
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["annotations"] = JsonNode.Parse(annotations) },
        ["spec"] = JsonNode.Parse(spec),
        ["status"] = balancer is null ? null : new JsonObject { ["loadBalancer"] = new JsonObject { ["ingress"] = new JsonArray(new JsonObject { ["hostname"] = balancer }) } },
    };
}

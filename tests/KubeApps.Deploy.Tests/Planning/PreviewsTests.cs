using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy.Tests.Planning;

/// <summary>The way to the version that does not serve.</summary>
public class PreviewsTests
{
    [Fact]
    public void OfIngress_HostsThatLeadToWhatHasAPreview_GetHostsOfTheirOwn()
    {
        var ingress = Ingress("""
            {"ingressClassName":"nginx","defaultBackend":{"service":{"name":"web"}},
             "tls":[{"hosts":["shop.example","*.shop.example"],"secretName":"shop-tls"}],
             "rules":[
              {"host":"shop.example","http":{"paths":[{"path":"/","backend":{"service":{"name":"web","port":{"name":"http"}}}},{"path":"/db","backend":{"service":{"name":"db"}}}]}},
              {"host":"*.shop.example","http":{"paths":[{"path":"/","backend":{"service":{"name":"web"}}}]}},
              {"host":"db.example","http":{"paths":[{"path":"/","backend":{"service":{"name":"db"}}}]}},
              {"http":{"paths":[{"path":"/","backend":{"service":{"name":"web"}}}]}}]}
            """);

        var preview = Previews.OfIngress(ingress, new HashSet<ObjectId> { new("v1", "Service", "shop", "web-preview") })!;

        Assert.Equal("web-preview", preview.Id.Name);
        Assert.Equal("web", (string?)preview.Content["metadata"]!["labels"]![PreviewCopy.Label]);
        Assert.Equal("""{"nginx.ingress.kubernetes.io/proxy-body-size":"8m"}""", preview.Content["metadata"]!["annotations"]!.ToJsonString());
        Assert.Equal(
            """
            {"ingressClassName":"nginx","tls":[{"hosts":["preview.shop.example"],"secretName":"shop-tls-preview"}],"rules":[{"host":"preview.shop.example","http":{"paths":[{"path":"/","backend":{"service":{"name":"web-preview","port":{"name":"http"}}}},{"path":"/db","backend":{"service":{"name":"db"}}}]}}]}
            """,
            preview.Content["spec"]!.ToJsonString());
    }

    [Fact]
    public void OfIngress_NoHostLeadsToAPreview_IsNone()
    {
        var ingress = Ingress("""{"rules":[{"host":"shop.example","http":{"paths":[{"path":"/","backend":{"service":{"name":"web"}}}]}}]}""");

        Assert.Null(Previews.OfIngress(ingress, new HashSet<ObjectId>()));
        Assert.Null(Previews.OfIngress(ingress, new HashSet<ObjectId> { new("v1", "Service", "elsewhere", "web-preview") }));
    }

    [Fact]
    public void Of_SlotsOfAnApp_PreviewWhatHasSlotsAndAnAddressOfItsOwn()
    {
        ReleaseObject[] objects =
        [
            Objects.Parse("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},"spec":{"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}}}}}"""),
            Service("web", """{"type":"LoadBalancer","loadBalancerClass":"x","selector":{"app":"web"},"ports":[{"port":80,"nodePort":30000}]}"""),
            Service("peers", """{"clusterIP":"None","selector":{"app":"web"}}"""),
            Service("other", """{"selector":{"app":"other"}}"""),
            Service("outside", """{"type":"ExternalName","externalName":"example.com"}"""),
        ];

        var slots = SlotObjects.Of(objects, Slot.Green);

        Assert.Equal(["web", "web-preview", "peers", "other"], slots.Services.Select(service => service.Id.Name));
        Assert.Equal("""{"ports":[{"port":80}]}""", slots.App.Single(item => item.Id.Name == "web-preview").Content["spec"]!.ToJsonString());
        // Who says what is selected is another manager.
        Assert.All(slots.App, item => Assert.Null(item.Content["spec"]!["selector"]));
        Assert.DoesNotContain(SlotObjects.Of(objects, Slot.Plain).Services, service => service.IsPreview);
    }

    [Fact]
    public void Of_PodsThatKeepApart_DoSoFromTheirOwnVersion()
    {
        var deployment = Objects.Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},"spec":{"selector":{"matchLabels":{"app":"web"}},
             "template":{"metadata":{"labels":{"app":"web"}},"spec":{
              "topologySpreadConstraints":[{"labelSelector":{"matchLabels":{"app":"web"}}},{"labelSelector":{"matchLabels":{"app":"db"}}}],
              "affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"labelSelector":{"matchLabels":{"app":"web"}}}]}}}}}}
            """);

        var spec = Assert.Single(SlotObjects.Of([deployment], Slot.Blue).InSlot).Content["spec"]!["template"]!["spec"]!;

        static string? SlotOf(JsonNode? rule) => (string?)rule!["labelSelector"]!["matchLabels"]![Slots.Label];
        Assert.Equal(["blue", null], ((JsonArray)spec["topologySpreadConstraints"]!).Select(SlotOf));
        Assert.Equal("blue", SlotOf(spec["affinity"]!["podAntiAffinity"]!["requiredDuringSchedulingIgnoredDuringExecution"]![0]));
    }

    [Theory]
    [InlineData("""{"name":"web"}""", true)]
    [InlineData("""{"name":"web","kind":"Deployment"}""", true)]
    [InlineData("""{"name":"web","kind":"StatefulSet"}""", false)]
    [InlineData("""{"name":"db"}""", false)]
    public void Of_AScalerOfKeda_BelongsToTheSlotOfWhatItScales(string target, bool isInSlot)
    {
        var deployment = Objects.Parse("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},"spec":{"selector":{"matchLabels":{"app":"web"} } } }""");
        var scaler = Objects.Parse($$"""{"apiVersion":"keda.sh/v1alpha1","kind":"ScaledObject","metadata":{"name":"web","namespace":"shop"},"spec":{"scaleTargetRef":{{target}} } }""");

        var slots = SlotObjects.Of([deployment, scaler], Slot.Blue);

        var placed = Assert.Single(slots.All, item => item.Id.Kind == "ScaledObject");
        Assert.Equal(isInSlot ? "web-blue" : "web", placed.Id.Name);
        Assert.Equal(isInSlot ? "web-blue" : (string?)JsonNode.Parse(target)!["name"], (string?)placed.Content["spec"]!["scaleTargetRef"]!["name"]);
    }

    private static ReleaseObject Ingress(string spec) => Objects.Parse($$"""
        {"apiVersion":"networking.k8s.io/v1","kind":"Ingress",
         "metadata":{"name":"web","namespace":"shop","annotations":{"nginx.ingress.kubernetes.io/proxy-body-size":"8m","kubeapps.dev/url":"https://shop.example"} },"spec":{{spec}} }
        """);

    private static ReleaseObject Service(string name, string spec) =>
        Objects.Parse($$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"{{name}}","namespace":"shop"},"spec":{{spec}} }""");
}

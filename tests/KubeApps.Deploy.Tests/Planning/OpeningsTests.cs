using System.Text.Json.Nodes;
using KubeApps.Deploy.Planning;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Planning;

public class OpeningsTests
{
    private static readonly ReleaseObject Balancer = Objects.Parse("""
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop"},
         "spec":{"type":"LoadBalancer","externalTrafficPolicy":"Local","selector":{"app":"web"},"ports":[{"port":80,"nodePort":30080}]}}
        """);

    [Theory]
    [InlineData("networking.k8s.io/v1", "Ingress")]
    [InlineData("gateway.networking.k8s.io/v1", "HTTPRoute")]
    [InlineData("gateway.networking.k8s.io/v1", "GRPCRoute")]
    [InlineData("networking.istio.io/v1", "VirtualService")]
    [InlineData("traefik.io/v1alpha1", "IngressRoute")]
    [InlineData("route.openshift.io/v1", "Route")]
    public void Of_RouteThatIsNew_WaitsForTheChecks(string apiVersion, string kind)
    {
        var route = Objects.Of(apiVersion, kind, "web");

        Assert.Same(route, Assert.Single(Of([(route, null)]).After).Object);
        Assert.Empty(Of([(route, route.Content)]).After);
        Assert.Empty(Of([(route, null)], waits: false).After);
    }

    [Fact]
    public void Of_NewServiceWithAnAddressOutside_BeginsInsideAndIsOpenedAfterTheChecks()
    {
        var (before, after) = Of([(Balancer, null)]);

        Assert.Equal("""{"selector":{"app":"web"},"ports":[{"port":80}]}""", Assert.Single(before).Object.Content["spec"]!.ToJsonString());
        Assert.Equal(ResourceChange.Created, before[0].Change);
        Assert.Same(Balancer, Assert.Single(after).Object);
        Assert.Equal(ResourceChange.Changed, after[0].Change);
    }

    [Fact]
    public void Of_ServiceThatADeployBeganInsideAndWasCut_IsOpenedAfterTheChecks()
    {
        var inside = Of([(Balancer, null)]).Before[0].Object.Content;

        var (before, after) = Of([(Balancer, inside)]);

        Assert.True(JsonNode.DeepEquals(inside, Assert.Single(before).Object.Content));
        Assert.Same(Balancer, Assert.Single(after).Object);
    }

    [Fact]
    public void Of_ServiceThatIsOpenAlready_IsChangedAtOnce()
    {
        var live = (JsonObject)Balancer.Content.DeepClone();
        live["spec"]!["ports"]![0]!["port"] = 81;

        var (before, after) = Of([(Balancer, live)]);

        Assert.Same(Balancer, Assert.Single(before).Object);
        Assert.Empty(after);
    }

    [Fact]
    public void Plan_OfAFirstVersion_LetsNobodyInBeforeItsChecks()
    {
        var model = new SlotModel();
        var version = new SlotVersion(1) { IsPublic = true, IsChecked = true };

        foreach (var isBlueGreen in (bool[])[false, true])
        {
            var steps = model.Plan(version.Release, new SlotOrder(isBlueGreen, false, true, TimeSpan.Zero, SlotModel.Now)).Steps.Select(step => step.Id).ToList();

            Assert.Equal(["checks", "open", "addresses"], steps.SkipWhile(id => id != "checks").Take(3));
            Assert.True(steps.IndexOf("services") < steps.IndexOf(isBlueGreen ? "slot" : "workloads"));
        }
    }

    private static Openings Of(IEnumerable<(ReleaseObject Object, JsonObject? Live)> objects, bool waits = true)
    {
        var live = new LiveState([.. objects.Select(item => new ObservedObject(item.Object, item.Live, Changed(item.Object)))], [], null, [], false);
        return Openings.Of(ReleasePlanner.PlannedOf(live), live, waits);
    }

    private static JsonObject Changed(ReleaseObject item)
    {
        var content = (JsonObject)item.Content.DeepClone();
        content["spec"]!["changed"] = true;
        return content;
    }
}

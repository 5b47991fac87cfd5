using System.Text.Json.Nodes;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using static KubeApps.Deploy.Tests.Revisions.Sample;

namespace KubeApps.Deploy.Tests.Revisions;

public sealed class ReplicaCountsTests
{
    private const string Ours = """{"manager":"kubeapp","operation":"Apply","fieldsV1":{"f:spec":{"f:replicas":{} } } }""";
    private const string Autoscaler = """{"manager":"kube-controller-manager","operation":"Update","subresource":"scale","fieldsV1":{"f:spec":{"f:replicas":{} } } }""";
    private const string Elsewhere = """{"manager":"kubectl","operation":"Update","fieldsV1":{"f:metadata":{"f:labels":{} } } }""";

    // What the revision says, what stands, who owns it, whether an autoscaler aims at it; and what is sent.
    [Theory]
    [InlineData(2, 5, Ours, false, 2)]
    [InlineData(2, 5, Ours, true, 5)]
    [InlineData(null, 5, Ours, true, 5)]
    [InlineData(null, 5, Ours, false, 5)]
    [InlineData(2, 5, Autoscaler, true, null)]
    [InlineData(2, 5, Autoscaler, false, null)]
    [InlineData(2, 2, Ours + "," + Autoscaler, true, null)]
    [InlineData(null, 5, Autoscaler, true, null)]
    [InlineData(2, 5, Elsewhere, true, null)]
    [InlineData(2, 5, Elsewhere, false, 2)]
    public void Settle_OfAWorkload_LeavesItsSizeToWhomItBelongs(int? wanted, int standing, string owners, bool isAutoscaled, int? sent)
    {
        var kept = Deployment(wanted);
        var live = Deployment(standing);
        live["metadata"]!["managedFields"] = JsonNode.Parse($"[{owners}]");

        var settled = ReplicaCounts.Settle(kept, live, isAutoscaled);

        Assert.Equal(sent, (int?)settled["spec"]!["replicas"]);
        Assert.Equal(wanted, (int?)kept["spec"]!["replicas"]);
    }

    [Fact]
    public void Settle_OfAWorkloadThatIsGone_IsWhatTheRevisionSays() => Assert.Equal(2, (int?)ReplicaCounts.Settle(Deployment(2), null, false)["spec"]!["replicas"]);

    // What the release says, what stands, what the server would store; and what is applied instead.
    [Theory]
    [InlineData(null, 3, 1, 3)]
    [InlineData(null, 3, 3, null)]
    [InlineData(null, 1, 1, null)]
    [InlineData(null, 0, 1, null)]
    [InlineData(2, 3, 2, null)]
    public void Kept_OfWhatIsLeftToAnAutoscaler_IsTheNumberThatStands(int? wanted, int standing, int stored, int? expected)
    {
        var live = Deployment(standing);
        live["metadata"]!["managedFields"] = JsonNode.Parse($"[{Ours}]");
        var release = Objects.Parse(Deployment(wanted).ToJsonString());

        var kept = ReplicaCounts.Kept(new ObservedObject(release, live, Deployment(stored)));

        Assert.Equal(expected, (int?)kept?.Content["spec"]!["replicas"]);
        Assert.Null(ReplicaCounts.Kept(new ObservedObject(release, null, Deployment(stored))));
    }

    private static JsonObject Deployment(int? replicas)
    {
        var content = Object("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{}}""");
        if (replicas is { } count)
            content["spec"]!["replicas"] = count;
        return content;
    }
}

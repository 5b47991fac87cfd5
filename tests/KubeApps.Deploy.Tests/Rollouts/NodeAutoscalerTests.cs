using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Rollouts;
using static KubeApps.Deploy.Tests.ScriptedServer;

namespace KubeApps.Deploy.Tests.Rollouts;

public class NodeAutoscalerTests
{
    private static readonly JsonObject Status = new() { ["metadata"] = new JsonObject { ["name"] = "cluster-autoscaler-status" } };

    [Theory]
    [InlineData(200, true)]
    [InlineData(404, false)]
    [InlineData(403, null)]
    public async Task Look_ClusterAutoscaler_IsKnownByItsConfigMap(int status, bool? exists)
    {
        var server = new ScriptedServer(Json(status, status == 200 ? Status : Refusal(status)));
        var autoscaler = new NodeAutoscaler(server.Client(), _ => null);

        await autoscaler.LookAsync(TestContext.Current.CancellationToken);
        await autoscaler.LookAsync(TestContext.Current.CancellationToken);

        Assert.Equal(exists, autoscaler.Exists);
        Assert.Equal(["GET /api/v1/namespaces/kube-system/configmaps/cluster-autoscaler-status"], server.Requests);
    }

    [Fact]
    public async Task Look_Karpenter_IsKnownByItsKinds()
    {
        var autoscaler = new NodeAutoscaler(
            new ScriptedServer().Client(), id => id.Kind == "NodePool" ? new ResourceType("karpenter.sh", "v1", "NodePool", "nodepools", false) : null);

        await autoscaler.LookAsync(TestContext.Current.CancellationToken);

        Assert.True(autoscaler.Exists);
    }

    private static JsonObject Refusal(int status) => new()
    {
        ["kind"] = "Status",
        ["status"] = "Failure",
        ["reason"] = status == 404 ? "NotFound" : "Forbidden",
        ["message"] = "configmaps \"cluster-autoscaler-status\" is forbidden",
        ["code"] = status,
    };
}

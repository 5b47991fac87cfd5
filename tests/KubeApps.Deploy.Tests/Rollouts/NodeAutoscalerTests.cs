using System.Text.Json.Nodes;
using KubeApps.Deploy.Rollouts;
using static KubeApps.Deploy.Tests.ScriptedServer;

namespace KubeApps.Deploy.Tests.Rollouts;

public class NodeAutoscalerTests
{
    /// <summary>What the ConfigMap of Cluster Autoscaler and the kinds of Karpenter are answered with.</summary>
    [Theory]
    [InlineData(200, 404, true)]
    [InlineData(404, 200, true)]
    [InlineData(403, 200, true)]
    [InlineData(404, 404, false)]
    [InlineData(403, 404, null)]
    [InlineData(404, 403, null)]
    public async Task Look_ForAnAutoscaler_KnowsThoseOfBothKinds(int clusterAutoscaler, int karpenter, bool? exists)
    {
        Func<HttpRequestMessage, HttpResponseMessage> answer = request =>
            Json(request.RequestUri!.AbsolutePath == "/apis/karpenter.sh" ? karpenter : clusterAutoscaler, new JsonObject { ["kind"] = "Status", ["message"] = "as it is" })(request);
        var server = new ScriptedServer(answer, answer);
        var autoscaler = new NodeAutoscaler(server.Client());

        await autoscaler.LookAsync(TestContext.Current.CancellationToken);
        await autoscaler.LookAsync(TestContext.Current.CancellationToken);

        Assert.Equal(exists, autoscaler.Exists);
        Assert.Equal(["GET /api/v1/namespaces/kube-system/configmaps/cluster-autoscaler-status", "GET /apis/karpenter.sh"], server.Requests.Order());
    }
}

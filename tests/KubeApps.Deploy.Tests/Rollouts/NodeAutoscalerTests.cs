using System.Text.Json.Nodes;
using KubeApps.Deploy.Rollouts;
using static KubeApps.Deploy.Tests.ScriptedServer;

namespace KubeApps.Deploy.Tests.Rollouts;

public class NodeAutoscalerTests
{
    private const string Status = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"cluster-autoscaler-status","namespace":"autoscaler"}}""";

    /// <summary>What is answered to a search for the ConfigMap of Cluster Autoscaler, to a look at where it is most often, and to one at the kinds of Karpenter.</summary>
    [Theory]
    [InlineData(Status, null, 404, true)]
    [InlineData("", null, 200, true)]
    [InlineData("", null, 404, false)]
    [InlineData("", null, 403, null)]
    [InlineData(null, 200, 404, true)]
    [InlineData(null, 404, 404, null)]
    [InlineData(null, 403, 404, null)]
    [InlineData(null, 403, 200, true)]
    public async Task Look_ForAnAutoscaler_KnowsThoseOfBothKinds(string? everywhere, int? inSystem, int karpenter, bool? exists)
    {
        Func<HttpRequestMessage, HttpResponseMessage> answer = request => request.RequestUri!.AbsolutePath switch
        {
            "/apis/karpenter.sh" => Told(karpenter)(request),
            "/api/v1/configmaps" => (everywhere is null ? Told(403) : Json(200, JsonNode.Parse($$"""{"kind":"ConfigMapList","metadata":{},"items":[{{everywhere}}]}""")!.AsObject()))(request),
            "/api/v1/namespaces/kube-system/configmaps/cluster-autoscaler-status" => Told(inSystem!.Value)(request),
            var other => throw new InvalidOperationException(other),
        };
        var server = new ScriptedServer(answer, answer, answer);
        var autoscaler = new NodeAutoscaler(server.Client());

        await autoscaler.LookAsync(TestContext.Current.CancellationToken);
        var requests = server.Requests.Count;
        await autoscaler.LookAsync(TestContext.Current.CancellationToken);

        Assert.Equal(exists, autoscaler.Exists);
        Assert.Equal((everywhere is null ? 3 : 2, requests), (requests, server.Requests.Count));
        Assert.Contains(server.Requests, request => request.Contains("metadata.name", StringComparison.Ordinal) && request.Contains("cluster-autoscaler-status", StringComparison.Ordinal));
    }

    private static Func<HttpRequestMessage, HttpResponseMessage> Told(int status) => Json(status, new JsonObject { ["kind"] = "Status", ["message"] = "as it is" });
}

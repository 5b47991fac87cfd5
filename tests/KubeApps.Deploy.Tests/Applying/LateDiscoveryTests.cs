using System.Text;
using System.Text.Json.Nodes;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Applying;

/// <summary>A kind is established before discovery says so, as it is where several API servers share the work.</summary>
public sealed class LateDiscoveryTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    [Fact]
    public async Task Deploy_KindIsEstablishedButNotToldYet_WaitsUntilItIs()
    {
        var definition = ("main", Parse("""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"gadgets.late.example.com"},
             "spec":{"group":"late.example.com","scope":"Namespaced","names":{"kind":"Gadget","plural":"gadgets","singular":"gadget","listKind":"GadgetList"},
              "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true} } }]} }
            """));
        var gadget = ("main", Parse("""{"apiVersion":"late.example.com/v1","kind":"Gadget","metadata":{"name":"small"},"spec":{"size":1}}"""));
        var late = new LateKind("late.example.com", 3);
        using var connection = cluster.Connect(TimeProvider.System, late);

        var result = await new Deployer(connection, _ => null).RunAsync(
            new DeployRequest(Bundle("gadgets", TimeSpan.FromMinutes(1), definition, gadget), "local"), new EventLog(), TestContext.Current.CancellationToken);

        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join("\n", result.Diagnostics));
        Assert.Equal(0, late.Left);
    }

    /// <summary>Leaves a group out of so many answers that have it.</summary>
    private sealed class LateKind(string group, int times) : DelegatingHandler
    {
        public int Left { get; private set; } = times;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (Left == 0 || request.RequestUri!.AbsolutePath != "/apis" || JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken)) is not JsonObject groups)
                return answer;
            var items = groups["items"]!.AsArray();
            Left -= items.RemoveAll(item => (string?)item!["metadata"]!["name"] == group);
            answer.Content = new StringContent(groups.ToJsonString(), Encoding.UTF8, "application/json");
            return answer;
        }
    }
}

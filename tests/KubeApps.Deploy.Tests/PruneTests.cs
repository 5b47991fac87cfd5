using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Tests;

/// <summary>What a release has no more is deleted: whatever its kind, and as far as the server lets us.</summary>
public sealed class PruneTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly ResourceType Budgets = new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Servers that do not tell all kinds at once are asked for those of one group after the other.
    [Fact]
    public async Task Deploy_ReleaseHasNothingOfTheGroupAnyMoreAndKindsAreToldByGroup_DeletesIt()
    {
        using var connection = cluster.Connect(TimeProvider.System, new ByGroup());
        Assert.Equal(ExitCodes.Done, (await DeployAsync(connection, "grouped", Config("a"), Budget)).ExitCode);
        Assert.NotNull(await cluster.Client.GetAsync(Budgets, "grouped", "web", Token));

        using var again = cluster.Connect(TimeProvider.System, new ByGroup());
        Assert.Equal(ExitCodes.Done, (await DeployAsync(again, "grouped", Config("a"))).ExitCode);

        Assert.Null(await cluster.Client.GetAsync(Budgets, "grouped", "web", Token));
    }

    [Fact]
    public async Task Deploy_TwoOfThreeDeletionsAreRefused_DeletesTheThirdAndNamesBoth()
    {
        Assert.Equal(ExitCodes.Done, (await DeployAsync(cluster.Connection, "kept", Config("a"), Account("b"), Account("c"), Account("d"))).ExitCode);
        using var refusing = cluster.Connect(TimeProvider.System, new Refusing("/serviceaccounts/b", "/serviceaccounts/d"));

        var result = await DeployAsync(refusing, "kept", Config("a"));

        Assert.Equal(ExitCodes.Failed, result.ExitCode);
        Assert.Equal(["ServiceAccount kept/b", "ServiceAccount kept/d"], result.Diagnostics.Select(item => item.Cause[..21]).Order(StringComparer.Ordinal));
        var left = (await cluster.Client.ListAsync(ResourceTypeOf("ServiceAccount", "serviceaccounts"), "kept", null, Token)).Items.Select(item => (string)item["metadata"]!["name"]!).Where(name => name.Length == 1);
        Assert.Equal(["b", "d"], left.Order(StringComparer.Ordinal));
    }

    private static Task<DeployResult> DeployAsync(KubeApps.Deploy.Targets.ClusterConnection connection, string app, params (string, JsonObject)[] objects) =>
        new Deployer(connection, _ => null).RunAsync(
            new DeployRequest(SandboxCluster.Bundle(app, TimeSpan.FromMinutes(1), objects), "local") { RollbackOnFailure = false }, new EventLog(), Token);

    private static ResourceType ResourceTypeOf(string kind, string plural) => new("", "v1", kind, plural, true);

    private static (string, JsonObject) Config(string name) => ("main", Parse($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}"},"data":{"a":"b"} }"""));

    private static (string, JsonObject) Account(string name) => ("main", Parse($$"""{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"{{name}}"} }"""));

    private static (string, JsonObject) Budget => ("main", Parse("""{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"web"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"web"}}}}"""));

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private sealed class ByGroup : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath is "/api" or "/apis")
            {
                request.Headers.Accept.Clear();
                request.Headers.Accept.ParseAdd("application/json");
            }

            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Refusing(params string[] paths) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.Method == HttpMethod.Delete && paths.Any(path => request.RequestUri!.AbsolutePath.EndsWith(path, StringComparison.Ordinal))
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.Forbidden)
                {
                    RequestMessage = request,
                    Content = new StringContent("""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"not you","reason":"Forbidden","code":403}""", Encoding.UTF8, "application/json"),
                })
                : base.SendAsync(request, cancellationToken);
    }
}

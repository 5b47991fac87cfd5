using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>The host beside the one of an Ingress, where a version is looked at that does not serve.</summary>
public sealed class PreviewHostTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private const string Host = "shop.example";
    private const string Preview = $"preview.{Host}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_WithAnIngress_AnswersAtThePreviewHostUntilThatVersionServesOrIsTakenAway()
    {
        var app = new SlottedApp(cluster, "hosted");
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(Version(app, "one"))).Outcome);

        await RequireHeldAsync(await app.DeployAsync(Version(app, "two"), hold: true), "blue", "green");
        Assert.Equal(DeployOutcome.Deployed, (await app.PromoteAsync()).Outcome);
        await RequireAloneAsync("green");

        // The host stands already now, and leads to nothing.
        await RequireHeldAsync(await app.DeployAsync(Version(app, "three"), hold: true), "green", "blue");
        await RequireHeldAsync(await app.DeployAsync(Version(app, "three"), hold: true), "green", "blue");
        Assert.Equal(DeployOutcome.Aborted, (await app.AbortAsync()).Outcome);
        await RequireAloneAsync("green");

        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(Version(app, "four").Deployed("rolling"))).Outcome);
        Assert.Null(await BackendAsync(Preview));
    }

    private async Task RequireHeldAsync(DeployResult held, string serving, string next)
    {
        Assert.Equal(DeployOutcome.Held, held.Outcome);
        Assert.Contains($"http://{Preview}", held.PreviewUrls);
        Assert.StartsWith($"hello from web-{serving}-", await AskAsync(Host), StringComparison.Ordinal);
        Assert.StartsWith($"hello from web-{next}-", await AskAsync(Preview), StringComparison.Ordinal);
    }

    private async Task RequireAloneAsync(string serving)
    {
        Assert.StartsWith($"hello from web-{serving}-", await AskAsync(Host), StringComparison.Ordinal);
        Assert.Null(await AskAsync(Preview));
    }

    /// <summary>Does what a controller of Ingresses does, which the sandbox does not have; null where nothing stands behind the host.</summary>
    private async Task<string?> AskAsync(string host)
    {
        var backend = await BackendAsync(host);
        var service = await cluster.Client.GetAsync(ResourceType.Service, "hosted", (string)backend!["name"]!, Token);
        Assert.Contains((JsonArray)service!["spec"]!["ports"]!, port => (string?)port!["name"] == (string?)backend["port"]!["name"]);
        using var http = new HttpClient();
        using var answer = await http.GetAsync(cluster.Reach(new[] { (string?)service["metadata"]!["annotations"]?[BundleConventions.Url] }.OfType<string>()), Token);
        return answer.StatusCode == HttpStatusCode.ServiceUnavailable ? null : await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Token);
    }

    /// <summary>The Service to which a host leads.</summary>
    private async Task<JsonNode?> BackendAsync(string host) => (
        from ingress in (await cluster.Client.ListAsync(ResourceType.Ingress, "hosted", null, Token)).Items
        from rule in (JsonArray)ingress["spec"]!["rules"]!
        where (string?)rule!["host"] == host
        select rule["http"]!["paths"]![0]!["backend"]!["service"]).SingleOrDefault();

    private Bundle Version(SlottedApp app, string version) => app.Version([WebService, cluster.Web(1, null, null, "serve", version), ("main", Parse($$"""
        {"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"shop"},"spec":{"rules":[
         {"host":"{{Host}}","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"web","port":{"name":"http"} } } }]} }]} }
        """))]);
}

using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>Volume claims belong to the app, or to a slot, as the specification declares.</summary>
public sealed class SlotClaimTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_WithAClaimForEachSlotAndOneForAll_BringsTheOneAndKeepsTheOther()
    {
        var app = new SlottedApp(cluster, "claiming");
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Version(Objects("one")))).Outcome);
        var shared = await UidAsync("orders");
        Assert.Equal(["orders", "pages-blue"], await ClaimsAsync());

        var held = await app.DeployAsync(app.Version(Objects("two")), hold: true);
        Assert.True(held.Outcome == DeployOutcome.Held, string.Join(' ', held.Diagnostics));
        Assert.Equal(["orders", "pages-blue", "pages-green"], await ClaimsAsync());
        Assert.Equal(DeployOutcome.Aborted, (await app.AbortAsync()).Outcome);
        Assert.Equal(["orders", "pages-blue"], await ClaimsAsync());

        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Version(Objects("two")))).Outcome);
        Assert.Equal(["orders", "pages-green"], await ClaimsAsync());
        Assert.Equal(shared, await UidAsync("orders"));
        var web = await cluster.Client.GetAsync(ResourceType.Deployment, "claiming", "web-green", Token);
        Assert.Equal(["pages-green", "orders"], ((System.Text.Json.Nodes.JsonArray)web!["spec"]!["template"]!["spec"]!["volumes"]!).Select(volume => (string?)volume!["persistentVolumeClaim"]!["claimName"]));
        Assert.Equal(DeployOutcome.Unchanged, (await app.DeployAsync(app.Version(Objects("two")))).Outcome);

        // Under its own name it is an app's claim as any other, which no deploy deletes.
        var rolling = app.Version(Objects("three"));
        rolling = rolling with { Environments = [.. rolling.Environments.Select(item => item with { Strategy = item.Strategy with { Kind = "rolling" } })] };
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(rolling)).Outcome);
        Assert.Equal(["orders", "pages"], await ClaimsAsync());
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Version(Objects("four")))).Outcome);
        Assert.Equal(["orders", "pages", "pages-blue"], await ClaimsAsync());
        Assert.Equal(shared, await UidAsync("orders"));
    }

    private async Task<IEnumerable<string>> ClaimsAsync() =>
        (await cluster.Client.ListAsync(ResourceType.PersistentVolumeClaim, "claiming", null, Token)).Items.Where(item => item["metadata"]!["deletionTimestamp"] is null)
            .Select(item => (string)item["metadata"]!["name"]!).Order(StringComparer.Ordinal);

    private async Task<string?> UidAsync(string claim) =>
        (string?)(await cluster.Client.GetAsync(ResourceType.PersistentVolumeClaim, "claiming", claim, Token))!["metadata"]!["uid"];

    private (string Phase, System.Text.Json.Nodes.JsonObject Content)[] Objects(string version)
    {
        var web = cluster.Web(1, null, null, "serve", version);
        web.Content["spec"]!["template"]!["spec"]!["volumes"] = Parse(
            """{"items":[{"name":"pages","persistentVolumeClaim":{"claimName":"pages"} },{"name":"orders","persistentVolumeClaim":{"claimName":"orders"} }]}""")["items"]!.DeepClone();
        return [WebService, web, Claim("orders", "{}"), Claim("pages", $$"""{"{{BundleConventions.PerSlot}}":"true"}""")];
    }

    private static (string Phase, System.Text.Json.Nodes.JsonObject Content) Claim(string name, string annotations) => ("main", Parse($$"""
        {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"{{name}}","annotations":{{annotations}} },
         "spec":{"accessModes":["ReadWriteMany"],"resources":{"requests":{"storage":"1Mi"} } } }
        """));
}

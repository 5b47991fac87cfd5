using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests;

/// <summary>Two versions beside each other, on the real sandbox.</summary>
public sealed class BlueGreenTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_VersionAfterVersion_SwitchesAndLeavesNothingOfTheOldOne()
    {
        var first = await DeployAsync(Version("turns", "one"));
        Assert.Equal(DeployOutcome.Deployed, first.Outcome);
        Assert.Equal(["web-blue"], await DeploymentsAsync("turns"));

        var second = await DeployAsync(Version("turns", "two"));

        Assert.Equal((DeployOutcome.Deployed, 0), (second.Outcome, second.ExitCode));
        Assert.Equal(["web-green"], await DeploymentsAsync("turns"));
        Assert.Equal(["app=web,kubeapps.dev/slot=green", "app=web,kubeapps.dev/slot=blue"], await SelectorsAsync("turns", "web", "web-preview"));
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(Version("turns", "two"))).Outcome);
        using var http = new HttpClient();
        Assert.StartsWith("hello from web-green-", await http.GetStringAsync(Assert.Single(second.Urls), Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_FromRollingToBlueGreenAndBack_HandsTheSelectorOverAndBack()
    {
        await DeployAsync(Rolling(Version("moves", "one")));

        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(Version("moves", "two"))).Outcome);
        Assert.Equal(["web-blue"], await DeploymentsAsync("moves"));
        Assert.Equal(["kubeapp-traffic"], await OwnersAsync("moves"));

        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(Rolling(Version("moves", "three")))).Outcome);
        Assert.Equal(["web"], await DeploymentsAsync("moves"));
        Assert.Equal(["app=web"], await SelectorsAsync("moves", "web"));
        Assert.Equal(["kubeapp"], await OwnersAsync("moves"));
        Assert.Null(await cluster.Client.GetAsync(ResourceType.Service, "moves", "web-preview", Token));
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(Rolling(Version("moves", "three")))).Outcome);
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(Rolling(Version("moves", "four")))).Outcome);
    }

    private static Bundle Rolling(Bundle bundle) => bundle.WithStrategy("rolling");

    private Bundle Version(string app, string version, TimeSpan? keepOld = null)
    {
        var bundle = Bundle(app, TimeSpan.FromMinutes(1), cluster.Web(1, null, null, "serve", version), WebService);
        return bundle with
        {
            Environments = [.. bundle.Environments.Select(item => item with { Strategy = item.Strategy with { Kind = "blueGreen", KeepOld = keepOld ?? TimeSpan.Zero } })],
        };
    }

    private Task<DeployResult> DeployAsync(Bundle bundle, bool? hold = null, bool soak = true) => new Deployer(cluster.Connection, _ => null)
        .RunAsync(new DeployRequest(bundle, "local") { Hold = hold, Soak = soak }, new EventLog(), Token);

    private async Task<IReadOnlyList<string>> DeploymentsAsync(string app) =>
        [.. (await cluster.Client.ListAsync(ResourceType.Deployment, app, null, Token)).Items.Select(item => (string)item["metadata"]!["name"]!).Order(StringComparer.Ordinal)];

    private async Task<IReadOnlyList<string>> SelectorsAsync(string app, params string[] services)
    {
        var found = new List<string>();
        foreach (var service in services)
            found.Add($"{Selector.Of((await cluster.Client.GetAsync(ResourceType.Service, app, service, Token))?["spec"]?["selector"])}");
        return found;
    }

    private async Task<IReadOnlyList<string>> OwnersAsync(string app)
    {
        var service = await cluster.Client.GetAsync(ResourceType.Service, app, "web", Token);
        return [.. ((JsonArray)service!["metadata"]!["managedFields"]!).OfType<JsonObject>()
            .Where(entry => entry["fieldsV1"]?["f:spec"]?["f:selector"] is not null).Select(entry => (string)entry["manager"]!)];
    }
}

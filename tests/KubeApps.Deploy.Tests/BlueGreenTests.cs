using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Switching;
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
        Assert.StartsWith("hello from web-green-", await http.GetStringAsync(cluster.Reach(second.Urls), Token), StringComparison.Ordinal);
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

    [Fact]
    public async Task Deploy_Held_LeavesTheOldVersionServingUntilPromoted()
    {
        await DeployAsync(Version("held", "one"));

        var held = await DeployAsync(Version("held", "two"), hold: true);

        Assert.Equal((DeployOutcome.Held, 0, RolloutPhase.Held), (held.Outcome, held.ExitCode, held.Rollout!.Phase));
        Assert.Equal(["web-blue", "web-green"], await DeploymentsAsync("held"));
        using var http = new HttpClient();
        Assert.StartsWith("hello from web-green-", await http.GetStringAsync(cluster.Reach(held.PreviewUrls), Token), StringComparison.Ordinal);
        Assert.StartsWith("hello from web-blue-", await http.GetStringAsync(cluster.Reach(held.Urls), Token), StringComparison.Ordinal);
        Assert.Equal(DeployOutcome.Held, (await DeployAsync(Version("held", "two"), hold: true)).Outcome);

        var promoted = await Operations().PromoteAsync(await InventoryAsync("held"), new SlotOptions(), Token);

        Assert.Equal((DeployOutcome.Deployed, 0), (promoted.Outcome, promoted.ExitCode));
        Assert.Equal(["web-green"], await DeploymentsAsync("held"));
        Assert.Equal(RevisionOutcome.Deployed, (await new RevisionStore(cluster.Client).ListAsync("held", "held", Token)).MaxBy(item => item.Number)!.State.Outcome);
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(Version("held", "two"))).Outcome);
    }

    [Theory]
    [InlineData("blueGreen", "web-blue")]
    [InlineData("rolling", "web")]
    public async Task Abort_OfAHeldVersion_LeavesWhatServedBefore(string strategy, string expected)
    {
        var app = "aborted-" + strategy.ToLowerInvariant();
        await DeployAsync(Version(app, "one").WithStrategy(strategy));
        var before = await ObjectsAsync(app);
        await DeployAsync(Version(app, "two"), hold: true);

        var aborted = await Operations().AbortAsync(await InventoryAsync(app), new SlotOptions(), Token);

        Assert.Equal((DeployOutcome.Aborted, 0), (aborted.Outcome, aborted.ExitCode));
        Assert.Equal([expected], await DeploymentsAsync(app));
        Assert.Equal(before, await ObjectsAsync(app));
        Assert.True((await InventoryAsync(app)).IsComplete);
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(Version(app, "three").WithStrategy(strategy))).Outcome);
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(Version(app, "three").WithStrategy(strategy))).Outcome);
    }

    [Fact]
    public async Task Abort_WhileTheOldVersionStands_ReturnsToIt()
    {
        await DeployAsync(Version("returns", "one"));
        var soaking = await DeployAsync(Version("returns", "two", TimeSpan.FromHours(1)), soak: false);
        Assert.Equal((DeployOutcome.Deployed, RolloutPhase.Soaking), (soaking.Outcome, soaking.Rollout!.Phase));
        Assert.Equal(["app=web,kubeapps.dev/slot=green"], await SelectorsAsync("returns", "web"));

        await Operations().AbortAsync(await InventoryAsync("returns"), new SlotOptions(), Token);

        Assert.Equal(["app=web,kubeapps.dev/slot=blue", "app=web,kubeapps.dev/slot=green"], await SelectorsAsync("returns", "web", "web-preview"));
        Assert.Equal(["web-blue"], await DeploymentsAsync("returns"));
    }

    [Fact]
    public async Task Deploy_VersionThatDoesNotComeUp_NeverServesAndIsRemoved()
    {
        await DeployAsync(Version("failing", "one"));
        var pods = await PodsAsync("failing");

        var failed = await DeployAsync(Version("failing", "exit"));

        Assert.Equal((DeployOutcome.RolledBack, 3), (failed.Outcome, failed.ExitCode));
        Assert.Equal(["KUBEAPP6013", "KUBEAPP7029"], failed.Diagnostics.Select(item => item.Code));
        Assert.Equal(["web-blue"], await DeploymentsAsync("failing"));
        Assert.Equal(pods, await PodsAsync("failing"));
    }

    [Theory]
    [InlineData("blueGreen")]
    [InlineData("rolling")]
    public async Task Deploy_VersionThatACheckRefuses_NeverServes(string before)
    {
        var app = "checked-" + before.ToLowerInvariant();
        await DeployAsync(Version(app, "one").WithStrategy(before));
        var stands = await ObjectsAsync(app);

        var refused = await DeployAsync(Checked(Version(app, "two"), 418));

        Assert.Equal((DeployOutcome.RolledBack, 3), (refused.Outcome, refused.ExitCode));
        Assert.Equal("KUBEAPP7029", refused.Diagnostics[^1].Code);
        Assert.DoesNotContain(refused.Changes, change => change is { Name: "web", Kind: "Service", Change: KubeApps.Events.ResourceChange.Deleted });
        Assert.Equal(stands, await ObjectsAsync(app));

        var passed = await DeployAsync(Checked(Version(app, "three"), 200));

        Assert.Equal(DeployOutcome.Deployed, passed.Outcome);
        Assert.Equal(["checks", "switch", "checks-after", "retire", "record"], passed.Steps.Select(step => step.Id).SkipWhile(id => id != "checks").Where(id => id != "settle"));
    }

    private static Bundle Checked(Bundle bundle, int status) => bundle with
    {
        Environments =
        [
            .. bundle.Environments.Select(item => item with
            {
                Checks = [new BundleCheck("http", "answers", TimeSpan.FromSeconds(3)) { Service = "web", Path = "/", Status = status }],
            }),
        ],
    };

    private SlotOperations Operations() => new(cluster.Connection, _ => null, new EventLog());

    private async Task<Inventory> InventoryAsync(string app) =>
        Inventory.FromObject(await cluster.Client.GetAsync(ResourceType.ConfigMap, app, Inventory.NameOf(app), Token))!;

    private async Task<IReadOnlyList<string>> PodsAsync(string app) =>
        [.. (await cluster.Client.ListAsync(ResourceType.Pod, app, null, Token)).Items.Select(item => (string)item["metadata"]!["uid"]!).Order(StringComparer.Ordinal)];

    // What belongs to a version, and what leads to it.
    private async Task<IReadOnlyList<string>> ObjectsAsync(string app)
    {
        var found = new List<string>();
        foreach (var type in (ResourceType[])[ResourceType.Deployment, ResourceType.ReplicaSet, ResourceType.Service, ResourceType.Pod])
            found.AddRange((await cluster.Client.ListAsync(type, app, null, Token)).Items.Select(item =>
                $"{type.Kind} {item["metadata"]!["name"]} {(type == ResourceType.Service ? Selector.Of(item["spec"]?["selector"]) : item["metadata"]!["uid"])}"));
        return [.. found.Order(StringComparer.Ordinal)];
    }

    private static Bundle Rolling(Bundle bundle) => bundle.WithStrategy("rolling");

    private Bundle Version(string app, string version, TimeSpan? keepOld = null)
    {
        var bundle = Bundle(app, TimeSpan.FromMinutes(1), version == "exit" ? cluster.Web(1, null, null, "exit", "3", "no database here") : cluster.Web(1, null, null, "serve", version), WebService);
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

using KubeApps.Deploy.Api;
using KubeApps.Deploy.Targets;
using KubeApps.Deploy.Tests.Faults;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>
/// While an app gets slots or gives them up, the Deployment without a slot selects the pods of both versions: then Kubernetes' autoscalers do
/// nothing where two see the same pods, and no pod with two budgets can be evicted. The sandbox does not tell: what counts is what stands.
/// </summary>
public sealed class OverlapTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("rolling", "blueGreen", "web", "web-blue")]
    [InlineData("blueGreen", "rolling", "web-blue", "web")]
    public async Task Deploy_BetweenRollingAndSlots_HasOneAutoscalerAtATimeWhichFollowsTheTraffic(string from, string to, string old, string next)
    {
        // Without a slot a budget holds for both versions: there it comes with the switch.
        string[] budgets = next == "web" ? ["web", old] : [old];
        var app = new SlottedApp(cluster, $"over-{next}");
        await app.DeployAsync(Version(app, "one", from));
        Assert.Equal([$"{old} scales {old}", old], await ScalersAsync(app));

        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(Version(app, "two", to), hold: true)).Outcome);
        Assert.Equal([$"{old} scales {old}", old], await ScalersAsync(app));
        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(Version(app, "two", to), hold: true)).Outcome);

        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(Version(app, "two", to), hold: false, soak: false)).Outcome);
        Assert.Equal([$"{old} scales {next}", .. budgets], await ScalersAsync(app));

        Assert.Equal(DeployOutcome.Aborted, (await app.AbortAsync()).Outcome);
        Assert.Equal([$"{old} scales {old}", old], await ScalersAsync(app));

        await app.DeployAsync(Version(app, "two", to), soak: false);
        Assert.Equal(DeployOutcome.Deployed, (await app.PromoteAsync()).Outcome);
        Assert.Equal([$"{next} scales {next}", next], await ScalersAsync(app));
        Assert.Equal(0, (await app.DeployAsync(Version(app, "two", to))).ExitCode);
        Assert.Equal(DeployOutcome.Unchanged, (await app.DeployAsync(Version(app, "two", to))).Outcome);
        Assert.Equal([$"{next} scales {next}", next], await ScalersAsync(app));
    }

    // The version that serves has what stands in for its own until then.
    [Fact]
    public async Task Deploy_OfAThirdVersionBeforeTheFirstSlotWasAlone_LeavesWhatServesItsAutoscalerAndItsBudget()
    {
        var app = new SlottedApp(cluster, "third");
        await app.DeployAsync(Version(app, "one", "rolling"));
        await app.DeployAsync(Version(app, "two", "blueGreen"), soak: false);

        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(Version(app, "three", "blueGreen"), hold: true)).Outcome);
        Assert.Equal(["web scales web-blue", "web-green scales web-green", "web", "web-green"], await ScalersAsync(app));
        Assert.Equal(DeployOutcome.Aborted, (await app.AbortAsync()).Outcome);
        Assert.Equal(["web scales web-blue", "web"], await ScalersAsync(app));

        Assert.Equal(0, (await app.DeployAsync(Version(app, "two", "blueGreen"))).ExitCode);
        Assert.Equal(["web-blue scales web-blue", "web-blue"], await ScalersAsync(app));
    }

    // Its slot is not the one whose autoscaler still scales what serves.
    [Theory]
    [InlineData("third-slot", true)]
    [InlineData("third-gone", false)]
    public async Task Deploy_OfAThirdVersionBeforeTheLastSlotWasGone_LeavesWhatServesItsAutoscaler(string name, bool isAborted)
    {
        var app = new SlottedApp(cluster, name);
        await app.DeployAsync(Version(app, "one", "blueGreen"));
        await app.DeployAsync(Version(app, "two", "rolling"), soak: false);

        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(Version(app, "three", "blueGreen"), hold: true)).Outcome);
        Assert.Equal(["web-blue scales web", "web", "web-blue"], await ScalersAsync(app));
        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(Version(app, "three", "blueGreen"), hold: true)).Outcome);

        if (isAborted)
        {
            Assert.Equal(DeployOutcome.Aborted, (await app.AbortAsync()).Outcome);
            Assert.Equal(["web-blue scales web", "web", "web-blue"], await ScalersAsync(app));
            Assert.Equal(0, (await app.DeployAsync(Version(app, "two", "rolling"))).ExitCode);
            Assert.Equal(["web scales web", "web"], await ScalersAsync(app));
            return;
        }

        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(Version(app, "three", "blueGreen"), hold: false, soak: false)).Outcome);
        Assert.Equal(["web-blue scales web-green", "web", "web-blue"], await ScalersAsync(app));
        Assert.Equal(DeployOutcome.Deployed, (await app.PromoteAsync()).Outcome);
        Assert.Equal(["web-green scales web-green", "web-green"], await ScalersAsync(app));
    }

    // What another version before it was to have counts for nothing.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deploy_OfAVersionThatSaysItsSizeItself_IsNotScaledByTheAutoscalerBefore(bool afterAHeldOne)
    {
        var app = new SlottedApp(cluster, afterAHeldOne ? "sized-then" : "sized");
        await app.DeployAsync(Version(app, "one", "rolling"));
        if (afterAHeldOne)
            Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(Version(app, "held", "blueGreen"), hold: true)).Outcome);

        await app.DeployAsync(app.Version([WebService, cluster.Web(1, null, null, "serve", "two")]).KeepingOld(TimeSpan.FromHours(1)), soak: false);

        Assert.Equal(["web scales web", "web"], await ScalersAsync(app));
        Assert.Equal(DeployOutcome.Deployed, (await app.PromoteAsync()).Outcome);
        Assert.Empty(await ScalersAsync(app));
    }

    // Load comes and goes; and what has been led on by then was led by that very deploy.
    [Fact]
    public async Task Deploy_OfASavedPlanThatWasCutInTheSwitch_GoesOnWithIt()
    {
        var app = new SlottedApp(cluster, "planned");
        await app.DeployAsync(Version(app, "one", "rolling"));
        await cluster.Client.ApplyAsync(ResourceType.Deployment, Parse(
            """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"planned"},"spec":{"replicas":1} }"""), dryRun: false, Token, force: true, "kubeapp-size");
        var next = Version(app, "two", "blueGreen");
        var saved = (await DeployAsync(cluster.Connection, new DeployRequest(next, "local", DryRun: true) { SavesPlan = true })).SavedPlan!;
        await cluster.Client.ApplyAsync(ResourceType.Deployment, Parse(
            """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"planned"},"spec":{"replicas":2} }"""), dryRun: false, Token, force: true, "kube-controller-manager");
        var line = new CutLine(0, request => request.RequestUri!.AbsolutePath.EndsWith("/horizontalpodautoscalers/web", StringComparison.Ordinal) && FaultyLine.IsWrite(request));
        using (var connection = cluster.Connect(TimeProvider.System, line))
            await CutLine.RunAsync(() => DeployAsync(connection, new DeployRequest(next, "local") { SavedPlan = saved, Soak = false }));
        Assert.NotNull(line.CutAt);
        Assert.Equal(["web scales web-blue", "web"], await ScalersAsync(app));

        var result = await DeployAsync(cluster.Connection, new DeployRequest(next, "local") { SavedPlan = saved, Soak = false });

        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join(' ', result.Diagnostics));

        static Task<DeployResult> DeployAsync(ClusterConnection connection, DeployRequest request) => new Deployer(connection, _ => null).RunAsync(request, new EventLog(), Token);
    }

    [Fact]
    public async Task Promote_AfterASwitchThatWasCut_AppliesTheBudgetThatWaitedForIt()
    {
        var app = new SlottedApp(cluster, "cut-over");
        await app.DeployAsync(Version(app, "one", "blueGreen"));
        var line = new CutLine(0, request => FaultyLine.IsWrite(request) && request.Content?.ReadAsStringAsync(Token).Result.Contains("soaking", StringComparison.Ordinal) == true);
        using (var connection = cluster.Connect(TimeProvider.System, line))
            await CutLine.RunAsync(() => new SlottedApp(cluster, "cut-over") { Connection = connection }.DeployAsync(Version(app, "two", "rolling"), soak: false));
        Assert.NotNull(line.CutAt);
        Assert.Equal(["web-blue scales web", "web-blue"], await ScalersAsync(app));

        Assert.Equal(DeployOutcome.Deployed, (await app.PromoteAsync()).Outcome);

        Assert.Equal(["web scales web", "web"], await ScalersAsync(app));
    }

    [Theory]
    [InlineData("unkept", false)]
    [InlineData("unkept-held", true)]
    public async Task Promote_OfARevisionThatIsNotKept_LeavesWhatStandsInForItsAutoscaler(string name, bool isHeld)
    {
        var app = new SlottedApp(cluster, name);
        await app.DeployAsync(Version(app, "one", "rolling"));
        await app.DeployAsync(Version(app, "two", "blueGreen").KeepingOld(isHeld ? TimeSpan.Zero : TimeSpan.FromHours(1)), hold: isHeld, soak: false);
        await cluster.KubectlAsync($"delete configmap kubeapp-revision-{name}-2 -n {name}");

        Assert.Equal(DeployOutcome.Deployed, (await app.PromoteAsync()).Outcome);
        Assert.Equal(["web scales web-blue", "web"], await ScalersAsync(app));

        Assert.Equal(0, (await app.DeployAsync(Version(app, "two", "blueGreen"))).ExitCode);
        Assert.Equal(["web-blue scales web-blue", "web-blue"], await ScalersAsync(app));
    }

    private static Bundles.Bundle Version(SlottedApp app, string version, string strategy) => app.Version(app.Scaled(version)).Deployed(strategy).KeepingOld(TimeSpan.FromHours(1));

    // What scales what, and then the budgets.
    private async Task<IEnumerable<string>> ScalersAsync(SlottedApp app)
    {
        var ns = (await app.InventoryAsync()).Namespace;
        return [
            .. (await cluster.Client.ListAsync(SlottedApp.Autoscaler, ns, null, Token)).Items.Select(item => $"{item["metadata"]!["name"]} scales {item["spec"]!["scaleTargetRef"]!["name"]}"),
            .. (await cluster.Client.ListAsync(SlottedApp.Budget, ns, null, Token)).Items.Select(item => $"{item["metadata"]!["name"]}"),
        ];
    }
}

using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Tests.Faults;
using KubeApps.Events;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>What serves and what is to serve are of one size, whatever scales them.</summary>
public sealed class SlotSizeTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_WithAnAutoscaler_IsNotShrunkBeforeItServes()
    {
        var app = new SlottedApp(cluster, "scaled");
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Version(app.Scaled("one")))).Outcome);
        await ScaleAsync("scaled", 2);

        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(app.Version(app.Scaled("two")), hold: true)).Outcome);

        Assert.Equal(2, (int)(await ReadAsync(ResourceType.Deployment, "web-green"))!["spec"]!["replicas"]!);
        Assert.Equal("Disabled", ScaleDown(await ReadAsync(SlottedApp.Autoscaler, "web-green"))?["selectPolicy"]?.GetValue<string>());
        Assert.NotEqual("Disabled", ScaleDown(await ReadAsync(SlottedApp.Autoscaler, "web-blue"))?["selectPolicy"]?.GetValue<string>());
        Assert.NotNull(await ReadAsync(SlottedApp.Budget, "web-blue"));
        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(app.Version(app.Scaled("two")), hold: true)).Outcome);

        Assert.Equal(DeployOutcome.Deployed, (await app.PromoteAsync()).Outcome);

        var serving = (await ReadAsync(SlottedApp.Autoscaler, "web-green"))!;
        Assert.NotEqual("Disabled", ScaleDown(serving)?["selectPolicy"]?.GetValue<string>());
        Assert.DoesNotContain((JsonArray)serving["metadata"]!["managedFields"]!, entry => (string?)entry!["manager"] == "kubeapp-size");
        Assert.Equal(2, (int)(await ReadAsync(ResourceType.Deployment, "web-green"))!["spec"]!["replicas"]!);
        Assert.NotNull(await ReadAsync(SlottedApp.Budget, "web-green"));
        Assert.Null(await ReadAsync(SlottedApp.Budget, "web-blue"));
        Assert.Null(await ReadAsync(SlottedApp.Autoscaler, "web-blue"));
        Assert.Equal(DeployOutcome.Unchanged, (await app.DeployAsync(app.Version(app.Scaled("two")))).Outcome);
    }

    [Fact]
    public async Task Deploy_OverASizeThatSomebodyGaveByHand_StopsUnlessItMayTakeIt()
    {
        var app = new SlottedApp(cluster, "by-hand");
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting("one"))).Outcome);
        await cluster.KubectlAsync("scale deployment web-blue -n by-hand --replicas=3");
        var before = await app.ObjectsAsync();

        var refused = await app.DeployAsync(app.Resting("two"));

        Assert.Equal((DeployOutcome.Failed, false), (refused.Outcome, refused.HasApplied));
        var diagnostic = Assert.Single(refused.Diagnostics);
        Assert.Equal("KUBEAPP5002", diagnostic.Code);
        Assert.Equal("Deployment by-hand/web-blue: spec.replicas belongs to kubectl, is 3 and would become 0.", diagnostic.Cause);
        Assert.Equal(before, await app.ObjectsAsync());
        var forced = await app.DeployAsync(app.Resting("two"), policy: new ApplyPolicy(ForceConflicts: true));
        Assert.Equal(DeployOutcome.Deployed, forced.Outcome);
        Assert.Equal(3, (int?)Assert.Single(forced.Plan!.Objects.SelectMany(item => item.Conflicts)).Theirs);
        await app.RequireAloneAsync(app.Resting("two"), "forced");
    }

    [Fact]
    public async Task Deploy_WithTheSizeThatSomebodyGaveByHand_TakesItForItsOwn()
    {
        var app = new SlottedApp(cluster, "agreed");
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting("one"))).Outcome);
        await cluster.KubectlAsync("scale deployment web-blue -n agreed --replicas=2");
        await cluster.KubectlAsync("scale deployment web-blue -n agreed --replicas=0");

        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting("two"))).Outcome);

        await app.RequireAloneAsync(app.Resting("two"), "agreed");
    }

    [Fact]
    public async Task Deploy_OfASizeInsteadOfAnAutoscaler_TakesTheOneThatTheSlotWasGiven()
    {
        var app = new SlottedApp(cluster, "sized");
        await app.DeployAsync(app.Version(app.Scaled("one")));
        await cluster.KubectlAsync("scale deployment web-blue -n sized --replicas=2");
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Version(app.Scaled("two")))).Outcome);
        Assert.Equal(2, (int)(await ReadAsync(ResourceType.Deployment, "web-green", "sized"))!["spec"]!["replicas"]!);

        var result = await app.DeployAsync(app.Version([WebService, cluster.Web(1, null, null, "serve", "two")]));

        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join(' ', result.Diagnostics));
        Assert.Empty(result.Plan!.Objects.SelectMany(item => item.Conflicts));
        Assert.Equal(1, (int)(await ReadAsync(ResourceType.Deployment, "web-green", "sized"))!["spec"]!["replicas"]!);
    }

    // The one who is killed has not let the autoscaler go, and the next one is about another version, which is taken back.
    [Fact]
    public async Task Deploy_AfterASwitchThatWasCut_LetsWhatServesShrinkAgain()
    {
        var app = new SlottedApp(cluster, "cut");
        await app.DeployAsync(app.Version(app.Scaled("one")));
        var line = new CutLine(0, request => request.Content?.ReadAsStringAsync(Token).Result.Contains("switching", StringComparison.Ordinal) == true);
        using (var connection = cluster.Connect(TimeProvider.System, line))
            await CutLine.RunAsync(() => new SlottedApp(cluster, "cut") { Connection = connection }.DeployAsync(app.Version(app.Scaled("two"))));
        Assert.NotNull(line.CutAt);
        Assert.Equal("Disabled", (string?)ScaleDown(await ReadAsync(SlottedApp.Autoscaler, "web-green", "cut"))?["selectPolicy"]);
        var broken = app.Scaled("three");
        broken[1].Content["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "registry.example/web:none";

        Assert.Equal(DeployOutcome.RolledBack, (await app.DeployAsync(app.Version(broken))).Outcome);

        Assert.Equal(Slot.Green, (await app.InventoryAsync()).Rollout!.Live);
        Assert.NotEqual("Disabled", (string?)ScaleDown(await ReadAsync(SlottedApp.Autoscaler, "web-green", "cut"))?["selectPolicy"]);
    }

    [Theory]
    [InlineData("held-small", true)]
    [InlineData("made-small", false)]
    public async Task Switch_ToAVersionThatIsSmallerThanWhatServesByNow_MakesItAsLargeAndChecksItBefore(string name, bool holds)
    {
        var app = new SlottedApp(cluster, name);
        await app.DeployAsync(app.Version(app.Scaled("one")));
        Task? grown = null;
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (!holds && item is DeployEvent.StepFinished { StepId: "examine" })
                    (grown ??= ScaleAsync(name, 3)).Wait(Token);
            },
        };
        if (holds)
        {
            Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(app.Version(app.Scaled("two")), hold: true)).Outcome);
            await ScaleAsync(name, 3);
        }

        var result = holds ? await app.PromoteAsync(log) : await app.DeployAsync(app.Version(app.Scaled("two")), log);

        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join(' ', result.Diagnostics));
        Assert.Equal(3, (int)(await ReadAsync(ResourceType.Deployment, "web-green", name))!["spec"]!["replicas"]!);
        var steps = log.Events.OfType<DeployEvent.StepFinished>().Select(item => (item.StepId, item.Summary)).ToList();
        var size = steps.FindLastIndex(item => item.StepId == "size");
        Assert.Equal(["size", "rollout", "examine", "switch"], steps.Skip(size).Take(4).Select(item => item.StepId));
        Assert.Equal(("web-green: 3", "3 pods"), (steps[size].Summary, steps[size + 2].Summary));
    }

    // It was up and checked: what an autoscaler would do later is no condition.
    [Theory]
    [InlineData("no-room", 4, 1)]
    [InlineData("at-most", 2, 2)]
    public async Task Promote_NewVersionCannotBeAsLarge_SwitchesToItAsItIs(string name, int most, int expected)
    {
        var app = new SlottedApp(cluster, name);
        await app.DeployAsync(app.Version(app.Scaled("one")));
        var next = app.Scaled("two");
        next[2].Content["spec"]!["maxReplicas"] = most;
        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(app.Version(next), hold: true)).Outcome);
        await ScaleAsync(name, 3);
        await cluster.KubectlAsync($"rollout status deployment/web-blue -n {name} --timeout=60s");
        if (most > expected)
            await cluster.Client.SendAsync(
                HttpMethod.Post, $"/api/v1/namespaces/{name}/resourcequotas",
                Parse("""{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"full"},"spec":{"hard":{"pods":"4"} } }"""), Token);
        var log = new EventLog();

        var result = await app.PromoteAsync(log);

        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join(' ', result.Diagnostics));
        Assert.Equal(expected, (int)(await ReadAsync(ResourceType.Deployment, "web-green", name))!["spec"]!["replicas"]!);
        var told = log.Events.OfType<DeployEvent.DiagnosticRaised>().Select(item => item.Diagnostic).ToList();
        if (most > expected)
            Assert.Contains("web-green has 1 pod where 3 serve: ", Assert.Single(told, item => item.Code == "KUBEAPP7045").Cause, StringComparison.Ordinal);
        else
            Assert.Empty(told);
    }

    // Without load it would shrink, and then have to serve again at once.
    [Theory]
    [InlineData("kept", null)]
    [InlineData("spoken", "Min")]
    public async Task Abort_DuringTheSoak_LeadsToAnOldVersionThatCouldNotShrink(string name, string? said)
    {
        var app = new SlottedApp(cluster, name);
        (string, JsonObject)[] Objects(string version)
        {
            var objects = app.Scaled(version);
            if (said is not null)
                objects[2].Content["spec"]!["behavior"] = new JsonObject { ["scaleDown"] = new JsonObject { ["selectPolicy"] = said } };
            return objects;
        }

        await app.DeployAsync(app.Version(Objects("one")));
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Version(Objects("two")).KeepingOld(TimeSpan.FromHours(1)), soak: false)).Outcome);

        Assert.Equal(said ?? "Disabled", (string?)ScaleDown(await ReadAsync(SlottedApp.Autoscaler, "web-blue", name))?["selectPolicy"]);
        Assert.NotEqual("Disabled", (string?)ScaleDown(await ReadAsync(SlottedApp.Autoscaler, "web-green", name))?["selectPolicy"]);
        Assert.Equal(DeployOutcome.Aborted, (await app.AbortAsync()).Outcome);

        var serving = (await ReadAsync(SlottedApp.Autoscaler, "web-blue", name))!;
        var policy = (string?)ScaleDown(serving)?["selectPolicy"];
        Assert.True(policy != "Disabled" && (said is null || policy == said), policy);
        Assert.DoesNotContain((JsonArray)serving["metadata"]!["managedFields"]!, entry => (string?)entry!["manager"] == "kubeapp-size");
        Assert.Equal(DeployOutcome.Unchanged, (await app.DeployAsync(app.Version(Objects("one")))).Outcome);
    }

    // As an autoscaler does it.
    private Task ScaleAsync(string ns, int replicas) => cluster.Client.ApplyAsync(ResourceType.Deployment, Parse(
        $$"""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web-blue","namespace":"{{ns}}"},"spec":{"replicas":{{replicas}}} }"""), dryRun: false, Token, force: true, "autoscaler");

    private Task<JsonObject?> ReadAsync(ResourceType type, string name, string ns = "scaled") => cluster.Client.GetAsync(type, ns, name, Token);

    private static JsonNode? ScaleDown(JsonObject? autoscaler) => autoscaler?["spec"]?["behavior"]?["scaleDown"];
}

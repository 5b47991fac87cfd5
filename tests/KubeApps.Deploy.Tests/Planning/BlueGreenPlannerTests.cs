using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;
using KubeApps.Testing;

namespace KubeApps.Deploy.Tests.Planning;

/// <summary>The steps of each transition, reviewed; and what single ones must be.</summary>
public class BlueGreenPlannerTests
{
    private static readonly SlotOrder BlueGreen = new(true, Holds: false, Soaks: true, TimeSpan.FromMinutes(10), SlotModel.Now);
    private static readonly SlotOrder Rolling = BlueGreen with { IsBlueGreen = false };

    private static readonly SlotVersion One = new(1) { Replicas = null, HasAdmin = true, HasData = true, HasBudget = true, IsPublic = true, IsChecked = true };
    private static readonly SlotVersion Two = new(2) { Replicas = null, HasWorker = true, HasData = true, HasBudget = true, HasMigration = true, IsPublic = true, IsChecked = true };

    [Fact]
    public void Plan_OfEachTransition_IsAsReviewed()
    {
        var reviewed = new List<string>();
        void Review(string title, ReleasePlan plan) => reviewed.Add($"## {title}\n\n{PlanTexts.Of(plan)}\n");

        var model = new SlotModel();
        Review("the first version", Run(model, model.Plan(One.Release, BlueGreen)));
        Scale(model, "web-blue", 4);
        Review("a new version beside it: a Deployment and a migration appear, a Service disappears", Run(model, model.Plan(Two.Release, BlueGreen), until: "hold"));
        var cut = After(m => m.Plan(One.Release, BlueGreen), m => m.Plan(Two.Release, BlueGreen), until: "slot-rest");
        Review("the same, after it was cut while its slot came up", cut.Plan(Two.Release, BlueGreen));
        Review("an abort, after it was cut while its slot came up", BlueGreenPlanner.Abort(cut.Inventory!, null, SlotModel.Now));
        Review("another version in its place, after it was cut while its slot came up", cut.Plan(new SlotVersion(3).Release, BlueGreen));
        Review("the version that serves, after the new one was cut while its slot came up", cut.Plan(One.Release, BlueGreen));
        Review("a change in place", model.Plan((Two with { HasBudget = false }).Release, BlueGreen));
        Review("back to rolling updates", Run(model, model.Plan(Two.Release, Rolling)));
        Review("from rolling updates to slots", Run(model, model.Plan(new SlotVersion(3).Release, BlueGreen)));

        var held = After(m => m.Plan(new SlotVersion(1) { IsChecked = true }.Release, BlueGreen), m => m.Plan(new SlotVersion(2) { IsChecked = true }.Release, BlueGreen with { Holds = true }));
        Review("a promotion of what is held", BlueGreenPlanner.Promote(held.Inventory!, [], soaks: true, TimeSpan.FromMinutes(5), null, SlotModel.Now));
        Review("an abort of what is held", BlueGreenPlanner.Abort(held.Inventory!, null, SlotModel.Now));
        var soaking = After(m => m.Plan(new SlotVersion(1).Release, BlueGreen), m => m.Plan(new SlotVersion(2).Release, BlueGreen with { Soaks = false }));
        Review("a promotion during the soak", BlueGreenPlanner.Promote(soaking.Inventory!, [], soaks: true, TimeSpan.FromMinutes(5), null, SlotModel.Now));
        Review("an abort during the soak", BlueGreenPlanner.Abort(soaking.Inventory!, null, SlotModel.Now));
        Review("another version during the soak", soaking.Plan(new SlotVersion(3).Release, BlueGreen));
        Review("the version before during the soak", soaking.Plan(new SlotVersion(1).Release, BlueGreen));

        var caching = After(m => m.Plan((new SlotVersion(1) with { HasCache = true }).Release, BlueGreen), m => m.Plan((new SlotVersion(2) with { HasCache = true }).Release, BlueGreen with { Soaks = false }));
        Review("a promotion of a version that has a claim of its own", BlueGreenPlanner.Promote(caching.Inventory!, [], soaks: true, TimeSpan.FromMinutes(5), null, SlotModel.Now));
        Review("an abort of a version that has a claim of its own", BlueGreenPlanner.Abort(caching.Inventory!, null, SlotModel.Now));
        Snapshot.Matches(string.Join('\n', reviewed), "BlueGreen.plans.txt");
    }

    [Fact]
    public void Plan_PodsOfASlotNeedASecretThatAnOperatorMakes_WaitsForItBeforeTheyAreStarted()
    {
        var asked = Objects.Parse("""{"apiVersion":"external-secrets.io/v1","kind":"ExternalSecret","metadata":{"name":"db","namespace":"shop"},"spec":{"target":{"name":"db"} } }""");
        var web = Objects.Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},
             "spec":{"selector":{"matchLabels":{"app":"web"} },
              "template":{"metadata":{"labels":{"app":"web"} },"spec":{"containers":[{"name":"web","image":"web@sha256:1","envFrom":[{"secretRef":{"name":"db"} }]}]} } } }
            """);

        var plan = new SlotModel().Plan(SlotModel.ReleaseOf([web, asked]), BlueGreen);

        Assert.Equal("lock intend configuration secrets slot rollout examine switch record", string.Join(' ', plan.Steps.Select(step => step.Id)));
        Assert.Equal([asked.Id], plan.Steps.OfType<ReleaseStep.AwaitRollouts>().Single(step => step.Id == "secrets").Workloads);
    }

    [Theory]
    [InlineData("switch", "switching", "lock switch soak retire record")]
    [InlineData("switch!", "soaking", "lock soak retire record")]
    [InlineData("retire", "retiring", "lock retire record")]
    public void Plan_OfTheVersionThatIsBeingSwitchedTo_GoesOnWhereItWas(string until, string phase, string steps)
    {
        var model = After(m => m.Plan(new SlotVersion(1).Release, BlueGreen), m => m.Plan(new SlotVersion(2).Release, BlueGreen), until);
        Assert.Equal(phase, RolloutJson.Word(model.Inventory!.Rollout!.Phase));

        var plan = model.Plan(new SlotVersion(2).Release, BlueGreen);

        Assert.Equal(steps, string.Join(' ', plan.Steps.Select(step => step.Id)));
        Assert.Equal(phase != "retiring", model.Inventory.Rollout.CanBeTakenBack);
    }

    [Fact]
    public void Plan_OfWhatIsHeld_WaitsUntilItIsPromotedOrAskedToGoOn()
    {
        var holding = BlueGreen with { Holds = true };
        var model = After(m => m.Plan(new SlotVersion(1).Release, BlueGreen), m => m.Plan(new SlotVersion(2).Release, holding));

        Assert.True(model.Plan(new SlotVersion(2).Release, holding) is { IsNoOp: true, Holds: true });
        Assert.Contains(model.Plan(new SlotVersion(2).Release, BlueGreen).Steps, step => step is SlotStep.Switch);
    }

    [Fact]
    public void Plan_DuringTheSoakWithoutStaying_HasNothingToDoUntilItsTimeIsOver()
    {
        var leaving = BlueGreen with { Soaks = false };
        var model = After(m => m.Plan(new SlotVersion(1).Release, BlueGreen), m => m.Plan(new SlotVersion(2).Release, leaving));

        Assert.True(model.Plan(new SlotVersion(2).Release, leaving).IsNoOp);
        Assert.Contains(model.Plan(new SlotVersion(2).Release, leaving with { Now = SlotModel.Now.AddMinutes(11) }).Steps, step => step is SlotStep.Retire);
    }

    [Fact]
    public void Plan_AskedForRolling_MovesTheSameVersionOutOfItsSlot()
    {
        var model = After(m => m.Plan(new SlotVersion(1).Release, BlueGreen));

        model.RunAll(model.Plan(new SlotVersion(1).Release, Rolling));

        Assert.Equal("web", (string?)Assert.Single(model.Deployments)["metadata"]!["name"]);
        Assert.Null(model.Inventory!.Rollout);
    }

    [Fact]
    public void Plan_AskedForRollingWhileAnotherSlotIsHeld_GoesOutOfBoth()
    {
        var model = After(m => m.Plan(new SlotVersion(1).Release, BlueGreen), m => m.Plan(new SlotVersion(2).Release, BlueGreen with { Holds = true }));

        model.RunAll(model.Plan(new SlotVersion(2).Release, Rolling));

        Assert.Equal("web", (string?)Assert.Single(model.Deployments)["metadata"]!["name"]);
    }

    [Fact]
    public void Plan_AskedForSlots_LeavesTheSameVersionWhereItIs()
    {
        var model = After(m => m.Plan(new SlotVersion(1).Release, Rolling));

        Assert.True(model.Plan(new SlotVersion(1).Release, BlueGreen).IsNoOp);
    }

    [Fact]
    public void Plan_DuringASoakFromRollingUpdates_EndsTheOldestOfThreeVersionsFirst()
    {
        var model = After(m => m.Plan(new SlotVersion(1).Release, Rolling), m => m.Plan(new SlotVersion(2).Release, BlueGreen with { Soaks = false }));
        Assert.Equal(2, model.Deployments.Count());

        var plan = model.Plan(new SlotVersion(3).Release, BlueGreen);

        Assert.Equal(["lock", "retire", "intend"], plan.Steps.Take(3).Select(step => step.Id));
        foreach (var _ in model.Run(plan))
            Assert.InRange(model.Deployments.Count(), 1, 2);
    }

    [Fact]
    public void Plan_ServiceOfSeveralDeployments_CannotComeFromRollingUpdatesNorGoBack()
    {
        var both = SlotModel.ReleaseOf([.. new SlotVersion(1) { HasWorker = true }.Release.Objects.Select(WithTier), Service("all", """{"tier":"front"}""")]);
        var next = SlotModel.ReleaseOf([.. new SlotVersion(2) { HasWorker = true }.Release.Objects.Select(WithTier), Service("all", """{"tier":"front"}""")]);

        AssertRefused("KUBEAPP7020", () => After(m => m.Plan(both, Rolling)).Plan(next, BlueGreen));
        var slotted = After(m => m.Plan(both, BlueGreen));
        AssertRefused("KUBEAPP7020", () => slotted.Plan(next, Rolling));
        slotted.RunAll(slotted.Plan(next, BlueGreen));
        Assert.Equal(["web-green", "worker-green"], slotted.Behind("all").Select(item => item.Split(' ')[0]));
    }

    [Fact]
    public void Plan_DeploymentInTheMiddleOfAnUpdate_IsNotLeftBehindByItsServices()
    {
        var model = After(m => m.Plan(new SlotVersion(1).Release, Rolling));
        model.IsSettled = false;

        AssertRefused("KUBEAPP7021", () => model.Plan(new SlotVersion(2).Release, BlueGreen));
    }

    [Theory]
    [InlineData("StatefulSet")]
    [InlineData("DaemonSet")]
    public void Plan_ServiceOfADeploymentAndOfWhatHasNoSlots_IsRefused(string kind)
    {
        var other = Objects.Parse($$$"""{"apiVersion":"apps/v1","kind":"{{{kind}}}","metadata":{"name":"old","namespace":"shop"},"spec":{"template":{"metadata":{"labels":{"app":"web"} } } } }""");
        var web = new SlotVersion(1).Release;

        AssertRefused("KUBEAPP7022", () => new SlotModel().Plan(SlotModel.ReleaseOf([.. web.Objects, other]), BlueGreen));
        // Also where the one takes the place of the other.
        var before = After(m => m.Plan(SlotModel.ReleaseOf([.. web.Objects.Where(item => item.Id.Kind != "Deployment"), other]), BlueGreen));
        AssertRefused("KUBEAPP7022", () => before.Plan(web, BlueGreen));
    }

    [Fact]
    public void Plan_ServiceThatLosesItsDeploymentOrGetsOne_LeadsToWhatTheVersionHas()
    {
        var with = new SlotVersion(1) { HasWorker = true }.Release;
        ReleaseObject[] lonely = [.. with.Objects.Where(item => item.Id is not { Kind: "Deployment", Name: "worker" })];
        var model = After(m => m.Plan(with, BlueGreen), m => m.Plan(SlotModel.ReleaseOf(lonely), BlueGreen));
        Assert.Empty(model.Behind("worker"));

        var isSwitched = false;
        foreach (var step in model.Run(model.Plan(with, BlueGreen)))
            Assert.True((isSwitched |= step == "switch") || model.Behind("worker").Count == 0);
        Assert.Equal("worker-green", Assert.Single(model.Behind("worker")).Split(' ')[0]);
    }

    [Fact]
    public void Plan_OfAnOldRevision_RunsNoJobOfItAgain()
    {
        var old = new SlotVersion(1) { HasMigration = true }.Release;
        var model = After(m => m.Plan(old, BlueGreen), m => m.Plan(new SlotVersion(2).Release, BlueGreen));

        var plan = model.Plan(old with { Restores = 1 }, BlueGreen);

        Assert.DoesNotContain(plan.Steps, step => step is ReleaseStep.RunJobs);
        model.RunAll(plan);
        Assert.True(model.Plan(old with { Restores = 1 }, BlueGreen).IsNoOp);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, null)]
    [InlineData(7, 7)]
    public void Plan_OfWhatAnAutoscalerSizes_BeginsAtTheSizeOfWhatServes(int standing, int? expected)
    {
        var model = After(m => m.Plan((One with { IsPublic = false }).Release, BlueGreen));
        Scale(model, "web-blue", standing);

        var sizes = model.Plan(Two.Release, BlueGreen).Steps.OfType<SlotStep.Size>().SelectMany(step => step.Sizes).ToList();

        Assert.Equal(expected is null ? [] : [("web-green", expected.Value)], sizes.Select(item => (item.Deployment.Name, item.Replicas)));
    }

    [Fact]
    public void Plan_OfAFixedSize_LeavesItToTheSpecification()
    {
        var model = After(m => m.Plan(new SlotVersion(1) { Replicas = 2 }.Release, BlueGreen));
        Scale(model, "web-blue", 7);

        var plan = model.Plan(new SlotVersion(2) { Replicas = 0 }.Release, BlueGreen);

        Assert.DoesNotContain(plan.Steps, step => step is SlotStep.Size);
        model.RunAll(plan);
        Assert.Equal(0, (int?)Assert.Single(model.Deployments)["spec"]!["replicas"]);
    }

    private static SlotModel After(params ReadOnlySpan<Func<SlotModel, ReleasePlan>> plans) => After(plans, null);

    private static SlotModel After(Func<SlotModel, ReleasePlan> first, Func<SlotModel, ReleasePlan> second, string until) => After([first, second], until);

    /// <param name="plans">Run one after the other.</param>
    /// <param name="until">The step of the last one in the middle of which it was cut; with an exclamation mark, at its end.</param>
    private static SlotModel After(ReadOnlySpan<Func<SlotModel, ReleasePlan>> plans, string? until)
    {
        var model = new SlotModel();
        foreach (var plan in plans[..^1])
            Run(model, plan(model));
        Run(model, plans[^1](model), until);
        return model;
    }

    private static ReleasePlan Run(SlotModel model, ReleasePlan plan, string? until = null)
    {
        foreach (var step in model.Run(plan))
            if (step == until || (until?.TrimEnd('!') == step && model.Inventory?.Rollout?.Phase == RolloutPhase.Soaking))
                break;
        return plan;
    }

    private static void Scale(SlotModel model, string name, int replicas) =>
        model.Find(new ObjectId("apps/v1", "Deployment", "shop", name))!["spec"]!["replicas"] = replicas;

    private static ReleaseObject WithTier(ReleaseObject item)
    {
        if (item.Id.Kind != "Deployment")
            return item;
        var content = item.Content;
        content["spec"]!["template"]!["metadata"]!["labels"]!["tier"] = "front";
        return item.With(content);
    }

    private static ReleaseObject Service(string name, string selector) =>
        Objects.Parse($$$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"{{{name}}}","namespace":"shop"},"spec":{"selector":{{{selector}}} } }""");

    private static void AssertRefused(string code, Func<object> plan) => Assert.Equal(code, Assert.Throws<DiagnosticException>(plan).Diagnostics[0].Code);
}

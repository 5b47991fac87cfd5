using CsCheck;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Planning;

/// <summary>What holds for every app with slots, from whatever state to whatever version.</summary>
public class BlueGreenPlannerProperties
{
    private static readonly Gen<SlotVersion> AnyVersion = Gen.Select(Gen.Int[1, 3], Gen.Int[0, 3], Gen.Int[0, 255], (number, replicas, has) => new SlotVersion(number)
    {
        Replicas = replicas == 3 ? null : replicas,
        HasWorker = (has & 1) != 0,
        HasAdmin = (has & 2) != 0,
        HasData = (has & 4) != 0,
        IsPublic = (has & 8) != 0,
        HasMigration = (has & 16) != 0,
        HasBudget = (has & 32) != 0,
        IsChecked = (has & 64) != 0,
        HasCache = (has & 128) != 0,
    });

    private static readonly Gen<SlotOrder> AnyOrder = Gen.Select(Gen.Int[0, 3], Gen.Bool, Gen.Bool, (kind, holds, keepsOld) =>
        new SlotOrder(kind > 0, holds, Soaks: kind != 2, keepsOld ? TimeSpan.FromMinutes(10) : TimeSpan.Zero, SlotModel.Now));

    /// <summary>Deploys that are cut, one after the other, and how each ends: after so many writes, and then perhaps by a promotion or an abort.</summary>
    private static readonly Gen<(SlotVersion Version, SlotOrder Order, int Writes, int Then)[]> AnyPast =
        Gen.Select(AnyVersion, AnyOrder, Gen.Int[0, 60], Gen.Int[0, 5]).Array[0, 4];

    [Fact]
    public void Plan_FromAnyState_EndsAsIfItHadBeenTheFirst() => Gen.Select(AnyPast, AnyVersion, Gen.Bool).Sample(
        (past, version, isBlueGreen) =>
        {
            var model = new SlotModel();
            foreach (var (former, order, writes, then) in past)
                Live(model, former, order, writes, then);
            var last = new SlotOrder(isBlueGreen, Holds: false, Soaks: true, TimeSpan.FromMinutes(10), SlotModel.Now);

            var plan = model.Plan(version.Release, last);
            model.RunAll(plan);

            // An app that gets no new version by it stays without slots.
            var hasSlots = model.Inventory!.Rollout is not null;
            Assert.True(isBlueGreen || !hasSlots);
            var fresh = new SlotModel();
            fresh.RunAll(fresh.Plan(version.Release, last with { IsBlueGreen = hasSlots }));
            Assert.Equal(fresh.Text(), model.Text());
            Assert.True(model.Plan(version.Release, last).IsNoOp, PlanTexts.Of(model.Plan(version.Release, last)));
        });

    [Fact]
    public void Run_CutAnywhere_NeverLeadsToTwoVersionsNorToNone() => Gen.Select(AnyPast, AnyVersion, AnyOrder).Sample(
        (past, version, order) =>
        {
            var model = new SlotModel();
            foreach (var (former, ordered, writes, then) in past)
                Live(model, former, ordered, writes, then);
            var plan = model.Plan(version.Release, order);
            // Where it is updated in place, it is a rolling update: both versions serve for a time.
            if (plan.Steps.OfType<ReleaseStep.Intend>().FirstOrDefault()?.Inventory.Rollout is not { Phase: RolloutPhase.Preparing, Live: { } live })
                return;

            // What an attempt has brought never served, and what is about to be retired serves no longer.
            var retired = model.Inventory?.Rollout is { Phase: RolloutPhase.Switching or RolloutPhase.Soaking or RolloutPhase.Retiring } before ? before.Retired.Select(id => id.Name).ToHashSet() : [];
            var served = model.Services.Where(service => model.Behind(service).Any(pods => SlotOf(pods) == live && !retired.Contains(pods.Split(' ')[0]))).ToHashSet();
            foreach (var step in model.Run(plan))
                foreach (var service in model.Services.Where(name => !name.EndsWith("-preview", StringComparison.Ordinal)))
                {
                    var behind = model.Behind(service);
                    Assert.True(behind.Count < 2, $"After a write of {step}, {service} leads to {string.Join(" and ", behind)}.");
                    Assert.True(behind.Count == 1 || !served.Contains(service) || !IsBehind(version, service), $"After a write of {step}, {service} leads to nothing.");
                }
        });

    [Fact]
    public void Plan_OfANewVersion_TouchesNothingOfTheLiveSlotBeforeItsOneSwitch() => Gen.Select(AnyVersion, AnyVersion, AnyOrder, Gen.Bool).Sample(
        (first, second, order, wasBlueGreen) =>
        {
            var model = new SlotModel();
            model.RunAll(model.Plan(first.Release, order with { IsBlueGreen = wasBlueGreen, Holds = false, Soaks = true }));
            var plan = model.Plan(second.Release, order);
            if (plan.Steps.OfType<ReleaseStep.Intend>().FirstOrDefault()?.Inventory.Rollout is not { Phase: RolloutPhase.Preparing, Live: { } live } rollout)
                return;

            var deployments = model.Deployments.Select(item => item.ToJsonString()).ToList();
            var behind = model.Services.Where(name => !name.EndsWith("-preview", StringComparison.Ordinal)).ToDictionary(name => name, model.Behind);
            foreach (var step in model.Run(plan).TakeWhile(step => step != "switch"))
            {
                Assert.All(deployments, deployment => Assert.Contains(deployment, model.Deployments.Select(item => item.ToJsonString())));
                Assert.All(behind, service => Assert.Equal(service.Value, model.Behind(service.Key)));
            }

            Assert.Equal(order.Holds ? 0 : 1, plan.Steps.Count(step => step is SlotStep.Switch));
            Assert.All(second.Release.Objects.Where(item => item.Id.Kind == "Service"), service => Assert.Single(rollout.Services, item => item.Id == service.Id));
            if (plan.Steps.OfType<ReleaseStep.Record>().SingleOrDefault() is { } record)
                Assert.DoesNotContain(record.Inventory.Items, item => item.Id.Kind == "Deployment" && !rollout.Workloads.Contains(item.Id));
        });

    [Fact]
    public void Abort_WhereverADeployWasCut_LeavesTheVersionBefore() => Gen.Select(AnyVersion, AnyVersion, AnyOrder, Gen.Int[0, 60], Gen.Bool).Sample(
        (first, second, order, writes, wasBlueGreen) =>
        {
            var model = new SlotModel();
            model.RunAll(model.Plan(first.Release, order with { IsBlueGreen = wasBlueGreen, Holds = false, Soaks = true }));
            var deployments = model.Deployments.Select(item => item.ToJsonString()).Order(StringComparer.Ordinal).ToList();
            var behind = model.Services.Where(name => !name.EndsWith("-preview", StringComparison.Ordinal)).ToDictionary(name => name, model.Behind);
            _ = model.Run(model.Plan(second.Release, order)).Take(writes).Count();
            if (model.Inventory is not { Rollout: { CanBeTakenBack: true } } cut)
                return;

            model.RunAll(BlueGreenPlanner.Abort(cut, null, SlotModel.Now));

            Assert.Equal(deployments, model.Deployments.Select(item => item.ToJsonString()).Order(StringComparer.Ordinal));
            Assert.All(behind, service => Assert.Equal(service.Value, model.Behind(service.Key)));
            Assert.False(model.Inventory!.Rollout!.IsUnderWay);
        });

    private static void Live(SlotModel model, SlotVersion version, SlotOrder order, int writes, int then)
    {
        ReleasePlan plan;
        try
        {
            plan = model.Plan(version.Release, order);
        }
        catch (DiagnosticException refusal) when (refusal.Diagnostics.All(item => item.Code == DiagnosticDescriptors.MixedService.Code))
        {
            return;
        }

        _ = model.Run(plan).Take(writes).Count();
        if (then == 0 && model.Inventory?.Rollout is { CanBeTakenBack: true })
            _ = model.Run(BlueGreenPlanner.Abort(model.Inventory, null, SlotModel.Now)).Take(writes).Count();
        else if (then == 1 && model.Inventory?.Rollout is { Phase: RolloutPhase.Held or RolloutPhase.Switching or RolloutPhase.Soaking or RolloutPhase.Retiring })
            _ = model.Run(BlueGreenPlanner.Promote(model.Inventory, [], order.Soaks, TimeSpan.FromMinutes(5), null, SlotModel.Now)).Take(writes).Count();
    }

    private static Slot SlotOf(string pods) => Slots.Parse(pods.Split(' ')[0].Split('-')[^1]) ?? Slot.Plain;

    private static bool IsBehind(SlotVersion version, string service) => service switch
    {
        "web" => true,
        "admin" => version.HasAdmin,
        "worker" => version.HasWorker,
        _ => false,
    };
}

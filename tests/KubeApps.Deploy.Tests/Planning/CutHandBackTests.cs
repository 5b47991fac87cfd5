using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy.Tests.Planning;

/// <summary>A Service that the next version does not have, found with the selector that its way back to rolling updates was cut at.</summary>
public sealed class CutHandBackTests
{
    // Found by BlueGreenPlannerProperties: what served was taken for what had served before, and the next deploy stopped at a conflict with ourselves.
    [Fact]
    public void Plan_AfterAVersionWithoutAServiceThatWasBeingHandedBack_LeadsItToWhatServed()
    {
        var model = new SlotModel();
        var (first, back) = (new SlotVersion(1) { HasAdmin = true }, new SlotVersion(3) { HasAdmin = true, HasWorker = true });
        var (without, last) = (new SlotVersion(2) { HasWorker = true }, new SlotVersion(1) { HasAdmin = true, HasWorker = true });
        model.RunAll(model.Plan(first.Release, Order(isBlueGreen: true)));
        Cut(back, Order(isBlueGreen: false), beforeTheLast: "hand-back");
        Cut(without, Order(isBlueGreen: true) with { Holds = true }, beforeTheLast: "services");

        model.RunAll(model.Plan(last.Release, Order(isBlueGreen: false)));

        var fresh = new SlotModel();
        fresh.RunAll(fresh.Plan(last.Release, Order(isBlueGreen: false)));
        Assert.Equal(fresh.Text(), model.Text());
        Assert.True(model.Plan(last.Release, Order(isBlueGreen: false)).IsNoOp);

        void Cut(SlotVersion version, SlotOrder order, string beforeTheLast)
        {
            var plan = model.Plan(version.Release, order);
            var step = plan.Steps.TakeWhile(item => item.Id != beforeTheLast).Select(item => item.Id).ToHashSet();
            // The first two writes of that step are done.
            var done = 0;
            foreach (var written in model.Run(plan))
                if (!step.Contains(written) && ++done == 2)
                    break;
        }
    }

    private static SlotOrder Order(bool isBlueGreen) => new(isBlueGreen, Holds: false, Soaks: true, TimeSpan.FromMinutes(10), SlotModel.Now);
}

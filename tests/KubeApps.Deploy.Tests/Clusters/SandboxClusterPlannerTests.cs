using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Sandbox;

namespace KubeApps.Deploy.Tests.Clusters;

public class SandboxClusterPlannerTests
{
    private static readonly ClusterOwner Owner = new("shop", "prod");
    private static readonly ClusterChange Ensure = new ClusterChange.Ensure("shop-prod-1", Owner, new ClusterSpecification());
    private static readonly ClusterChange Remove = new ClusterChange.Remove("shop-prod-1", Owner);
    private static readonly SandboxClusterSight Nothing = new(null, false, false, [], new Dictionary<string, int>());

    [Fact]
    public void Plan_OfANewCluster_MakesItAndThenStartsIt() =>
        Assert.Equal([("folder", ClusterAction.Create), ("control-plane", ClusterAction.Create)], Steps(Ensure, Nothing));

    [Fact]
    public void Plan_OfOneWhoseCreationWasCut_GoesOnThere() =>
        Assert.Equal([("control-plane", ClusterAction.Create)], Steps(Ensure, Standing(ClusterState.Creating)));

    [Fact]
    public void Plan_OfOneThatStands_DoesNothing() => Assert.True(SandboxClusterPlanner.Plan(Ensure, Standing(ClusterState.Ready)).IsNoOp);

    [Fact]
    public void Plan_OfOneWhoseProcessIsGone_StartsIt() =>
        Assert.Equal([("control-plane", ClusterAction.Create)], Steps(Ensure, Standing(ClusterState.Ready) with { IsRunning = false }));

    [Fact]
    public void Plan_OfOneThatIsBeingDeleted_IsRefused() =>
        Assert.Equal("KUBEAPP0082", Assert.Single(SandboxClusterPlanner.Plan(Ensure, Standing(ClusterState.Deleting)).Findings).Code);

    [Fact]
    public void Plan_OfANameThatAnotherOwnerHas_IsRefusedEitherWay()
    {
        var sight = Standing(ClusterState.Ready) with { Found = new AppCluster("shop-prod-1", new("shop-prod", "1"), ClusterState.Ready) };

        Assert.All([Ensure, Remove], change => Assert.Equal("KUBEAPP0082", Assert.Single(SandboxClusterPlanner.Plan(change, sight).Findings).Code));
    }

    [Fact]
    public void Plan_OfADeletion_TakesTheLoadAwayBeforeItStopsAndDeletesLast() => Assert.Equal(
        [("load", ClusterAction.Delete), ("control-plane", ClusterAction.Delete), ("folder", ClusterAction.Delete)],
        Steps(Remove, Standing(ClusterState.Ready) with { Shares = new Dictionary<string, int> { ["shop-prod-1"] = 0, ["shop-prod-2"] = 100 }, Others = ["shop-prod-2"] }));

    [Fact]
    public void Plan_OfDeletingWhatServesBesideAnother_IsRefused()
    {
        var sight = Standing(ClusterState.Ready) with { Shares = new Dictionary<string, int> { ["shop-prod-1"] = 5, ["shop-prod-2"] = 95 }, Others = ["shop-prod-2"] };

        var plan = SandboxClusterPlanner.Plan(Remove, sight);

        Assert.Equal("KUBEAPP8140", Assert.Single(plan.Findings).Code);
        Assert.Empty(plan.Steps);
    }

    [Fact]
    public void Plan_OfDeletingTheLastOne_IsDoneThoughItServes() => Assert.Equal(
        3, SandboxClusterPlanner.Plan(Remove, Standing(ClusterState.Ready) with { Shares = new Dictionary<string, int> { ["shop-prod-1"] = 100 } }).Steps.Count);

    [Fact]
    public void Plan_OfADeletionThatWasCut_GoesOnThere() =>
        Assert.Equal([("folder", ClusterAction.Delete)], Steps(Remove, Standing(ClusterState.Deleting) with { IsRunning = false }));

    [Fact]
    public void Plan_OfDeletingWhatIsGone_DoesNothing() => Assert.True(SandboxClusterPlanner.Plan(Remove, Nothing).IsNoOp);

    [Fact]
    public void Plan_OfANameThatLeadsOutOfTheFolder_IsRefused() => Assert.Equal(
        "KUBEAPP0082", Assert.Single(SandboxClusterPlanner.Plan(new ClusterChange.Remove("../sandbox", Owner), Nothing).Findings).Code);

    private static SandboxClusterSight Standing(ClusterState state) =>
        Nothing with { Found = new AppCluster("shop-prod-1", Owner, state), HasFolder = true, IsRunning = true };

    private static IEnumerable<(string, ClusterAction)> Steps(ClusterChange change, SandboxClusterSight sight) =>
        SandboxClusterPlanner.Plan(change, sight).Steps.Select(step => (step.Id, step.Action));
}

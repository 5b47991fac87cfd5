using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Deploy.Clusters;
using KubeApps.Testing;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>A cluster's life: what it is made as, what it becomes, and the steps between, as the planner has them.</summary>
internal static class EksLife
{
    public const string Region = "us-east-1";

    public static readonly ClusterSpecification Young = new()
    {
        Version = "1.32",
        Pools =
        [
            new NodePoolSpecification("web", ["m5.large"]) { Min = 1, Max = 3, Desired = 2, Labels = new Dictionary<string, string> { ["tier"] = "web" } },
            new NodePoolSpecification("batch", ["m6i.large"]) { Max = 2 },
        ],
        CloudRoles = [new("shop", "web", "arn:aws:iam::123456789012:role/storefront")],
    };

    /// <summary>Newer by two minors, with other machines, more of others, pods without machines, and others who may enter.</summary>
    public static readonly ClusterSpecification Old = Young with
    {
        Version = "1.34",
        Pools = [Young.Pools[0] with { InstanceTypes = ["m5.xlarge"] }, Young.Pools[1] with { Max = 4, Labels = new Dictionary<string, string> { ["tier"] = "batch" } }],
        Fargate = [new("jobs", [new FargateSelector("shop", new Dictionary<string, string> { ["app"] = "jobs" })])],
        CloudRoles = [new("shop", "web", "arn:aws:iam::123456789012:role/web"), new("shop", "jobs", "arn:aws:iam::123456789012:role/jobs")],
        Administrators = ["arn:aws:iam::123456789012:role/platform"],
        AllowedRanges = ["203.0.113.0/24"],
    };

    public static IReadOnlyList<string> Creation { get; } = Steps(EksCase.Ensure(Young, EksCase.Empty), EksCase.Empty.Caller);

    public static IReadOnlyList<string> Change { get; } = Steps(EksCase.Ensure(Old, Standing(Young, "1.32")), EksCase.Empty.Caller);

    public static IReadOnlyList<string> Removal { get; } = Steps(EksCase.Remove(Standing(Old, "1.34")), EksCase.Empty.Caller);

    public static IReadOnlyList<string> Steps(ClusterPlan plan, string caller) => [.. plan.Steps.Select(step => step.Id.Replace(caller, "CALLER", StringComparison.Ordinal))];

    /// <summary>A step of a plan, whoever makes it.</summary>
    public static string StepOf(StandInAccount account, string step) => step.Replace("CALLER", account.User.Arn, StringComparison.Ordinal);

    public static async Task<StandInAccount> NewAccountAsync(AwsStandIn aws, AwsClock clock)
    {
        var account = await aws.NewAccountAsync(clock);
        account.Region = Region;
        return account;
    }

    /// <summary>Nothing is left to do, and all that there ever was there was as often as without a kill.</summary>
    public static async Task AssertDoneOnceAsync(StandInAccount account, EksStandIn eks, ClusterSpecification wanted, string ever)
    {
        var plan = await eks.PlanAsync(wanted);
        Assert.True(plan.IsNoOp, EksCase.Text(plan));
        Snapshot.Matches(account.Ledger.Tally, ever);
    }

    private static KubeApps.Deploy.Clusters.Eks.EksObserved Standing(ClusterSpecification specification, string version)
    {
        var standing = EksCase.Standing(specification, version);
        return standing with
        {
            Cluster = standing.Cluster! with { ResourcesVpcConfig = new VpcConfigResponse { EndpointPublicAccess = true, EndpointPrivateAccess = true, PublicAccessCidrs = ["0.0.0.0/0"] } },
            Addons = [.. standing.Addons.Select(addon => addon.AddonName == "kube-proxy" ? addon with { AddonVersion = $"v{version}.0" } : addon)],
        };
    }
}

using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Clusters;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>A quota suffices in the plan, and another is faster: AWS refuses in the midst of the work. Once there is more, the next run goes on.</summary>
public sealed class EksQuotaRefusalTests(AwsStandIn aws)
{
    private readonly AwsClock _clock = new();

    [Theory]
    [InlineData("ec2:CreateVpc", "VpcLimitExceeded", "The maximum number of VPCs has been reached.")]
    [InlineData("ec2:AllocateAddress", "AddressLimitExceeded", "The maximum number of addresses has been reached.")]
    [InlineData("ec2:CreateNatGateway", "NatGatewayLimitExceeded", "The maximum number of NAT Gateways has been reached.")]
    [InlineData("iam:CreateRole", "LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000")]
    [InlineData("eks:CreateCluster", "ResourceLimitExceededException", "Cluster limit exceeded for the account.")]
    [InlineData("eks:CreateNodegroup", "ResourceLimitExceededException", "Node group limit exceeded for the cluster.")]
    public async Task Create_QuotaUsedUpMeanwhile_SaysOfWhatWhyAndWhatToDoAndGoesOnOnceThereIsMore(string action, string code, string reason)
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        var plan = await eks.PlanAsync(EksStandIn.Small);
        account.Next(1000, Fault.Refused(code, reason), request => request.Action == action);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => eks.ExecuteAsync(plan));
        account.ForgetFaults();
        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));

        var told = Assert.Single(failure.Diagnostics.DistinctBy(diagnostic => diagnostic.Code));
        Assert.Equal("KUBEAPP8107", told.Code);
        Assert.Contains(plan.Steps, step => told.Cause == $"The account has no more for '{step.Title}': {reason.TrimEnd('.')} ({code}).");
        Assert.StartsWith("Ask for more under Service Quotas", told.NextStep, StringComparison.Ordinal);
        await AssertMadeOnceAsync(account, eks);
    }

    // Machines are started by an autoscaling group: EKS tells of it afterwards.
    [Fact]
    public async Task Create_MachinesOverTheQuotaOfVcpus_SaysSoAndGoesOnOnceThereIsMore()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        var plan = await eks.PlanAsync(EksStandIn.Small);
        account.LacksVcpus = true;

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => eks.ExecuteAsync(plan));
        account.LacksVcpus = false;
        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));

        var told = Assert.Single(failure.Diagnostics);
        Assert.Contains("web", told.Cause, StringComparison.Ordinal);
        Assert.Contains("VcpuLimitExceeded", told.Cause, StringComparison.Ordinal);
        Assert.Equal("Ask for more vCPUs under Service Quotas, then run it again.", told.NextStep);
        await AssertMadeOnceAsync(account, eks);
    }

    // Each family of machines has a quota of its own; of most a new account may have none.
    [Fact]
    public async Task Plan_MachinesOfAFamilyOfWhichTheAccountMayHaveNone_SaysSo()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);

        var plan = await eks.PlanAsync(EksStandIn.Small with { Pools = [.. EksStandIn.Small.Pools, new NodePoolSpecification("gpu", ["g5.xlarge"]) { Min = 1, Max = 2, Desired = 1 }] });

        var told = Assert.Single(plan.Findings, finding => finding.Code == "KUBEAPP8111");
        Assert.StartsWith("4 vCPUs of G and VT machines on demand are needed and 0 are in use;", told.Cause, StringComparison.Ordinal);
        Assert.EndsWith("may have 0 (L-DB2E81BA).", told.Cause, StringComparison.Ordinal);
    }

    private static async Task AssertMadeOnceAsync(StandInAccount account, EksStandIn eks)
    {
        Assert.True((await eks.PlanAsync(EksStandIn.Small)).IsNoOp);
        Assert.Single(account.Ledger.EverOf("eks:cluster"));
        Assert.Single(account.Ledger.EverOf("ec2:natgateway"));
        Assert.Single(account.Ledger.ThereOf("eks:nodegroup"));
    }
}

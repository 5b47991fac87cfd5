using KubeApps.Deploy.Aws.Eks;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Testing;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>What is done to get from what AWS has to what is wanted.</summary>
public class EksPlannerTests
{
    private static readonly ClusterSpecification Whole = new()
    {
        Pools =
        [
            new NodePoolSpecification("default", ["m7i.large"]) { Min = 2, Max = 4, Desired = 2 },
            new NodePoolSpecification("arm", ["m7g.large", "m6g.large"]) { Architecture = "arm64", IsSpot = true, Max = 6, Taints = [new("dedicated", "batch", "NoSchedule")] },
        ],
        Fargate = [new("jobs", [new FargateSelector("shop", new Dictionary<string, string> { ["app"] = "jobs" })])],
        CloudRoles = [new("shop", "web", "arn:aws:iam::123456789012:role/storefront")],
        Administrators = ["arn:aws:iam::123456789012:role/ci"],
    };

    [Fact]
    public void Plan_NothingThere_MakesAll() => Snapshot.Matches(EksCase.Text(EksCase.Ensure(Whole, EksCase.Empty)), "create.txt");

    [Fact]
    public void Plan_Removal_EndsWithWhatOthersNeeded() => Snapshot.Matches(EksCase.Text(EksCase.Remove(EksCase.Standing(Whole))), "delete.txt");

    [Fact]
    public void Plan_AllThere_DoesNothing() => Assert.True(EksCase.Ensure(Whole, EksCase.Standing(Whole)).IsNoOp);

    [Fact]
    public void Plan_ControllersWanted_GivesThemRolesOfTheirOwn()
    {
        var wanted = EksCase.Small with { HasLoadBalancers = true, HasAutoscaler = true };

        Snapshot.Matches(EksCase.Text(EksCase.Ensure(wanted, EksCase.Standing(EksCase.Small))), "controllers.txt");
        Assert.True(EksCase.Ensure(wanted, EksCase.Standing(wanted)).IsNoOp);
        Assert.Contains(EksCase.Remove(EksCase.Standing(wanted)).Steps, step => step.Id == "role/load-balancers/removal");
    }

    [Fact]
    public void Plan_FargateProfileThatPicksOtherPods_MakesAnotherBeforeTheOldOneGoes()
    {
        var wanted = Whole with { Fargate = [new("jobs", [new FargateSelector("shop", new Dictionary<string, string> { ["app"] = "worker" })])] };

        var steps = EksCase.Ensure(wanted, EksCase.Standing(Whole)).Steps;

        var name = EksFargate.NameOf(wanted.Fargate[0], EksCase.Standing(Whole).Fargate);
        Assert.StartsWith("jobs-", name, StringComparison.Ordinal);
        Assert.Equal([$"fargate/{name}", "fargate/jobs/removal"], steps.Select(step => step.Id));
        Assert.Contains($"fargate/{name}", steps[1].After);
        // When it stands, it is the one that is wanted; and the name is free again when it is not any more.
        var changed = EksCase.Standing(wanted);
        changed = changed with { Fargate = [changed.Fargate[0] with { FargateProfileName = name }] };
        Assert.True(EksCase.Ensure(wanted, changed).IsNoOp);
        Assert.Equal(["fargate/jobs", $"fargate/{name}/removal"], EksCase.Ensure(Whole, changed).Steps.Select(step => step.Id));
        Assert.True(EksCase.Ensure(EksStanding.Of(changed), changed).IsNoOp);
    }

    [Fact]
    public void Plan_FargateProfileWhoseSelectorsStandInAnotherOrder_DoesNothing()
    {
        FargateSelector[] selectors = [new("shop", new Dictionary<string, string> { ["app"] = "jobs", ["tier"] = "back" }), new("tools", new Dictionary<string, string>())];

        var standing = EksCase.Standing(Whole with { Fargate = [new("jobs", selectors)] });

        Assert.True(EksCase.Ensure(Whole with { Fargate = [new("jobs", [selectors[1], new("shop", new Dictionary<string, string> { ["tier"] = "back", ["app"] = "jobs" })])] }, standing).IsNoOp);
    }

    // What it has made, it must still take down.
    [Fact]
    public void Plan_ControllerNotWantedAnyMore_KeepsItsRole() =>
        Assert.True(EksCase.Ensure(EksCase.Small, EksCase.Standing(EksCase.Small with { HasLoadBalancers = true })).IsNoOp);

    [Fact]
    public void Plan_BalancersOnFargateAlone_SaysThatNobodyMakesThem()
    {
        var plan = EksCase.Ensure(Whole with { Pools = [], HasLoadBalancers = true, HasAutoscaler = true }, EksCase.Empty);

        Assert.Contains(plan.Findings, finding => finding.Code == "KUBEAPP8136");
        Assert.DoesNotContain(plan.Steps, step => step.Id is "role/load-balancers" or "role/autoscaler");
    }

    [Fact]
    public void Plan_NothingLeft_RemovesNothing() => Assert.True(EksCase.Remove(EksCase.Empty).IsNoOp);

    [Fact]
    public void Plan_NewerVersion_GoesUpMinorByMinorThenNodesOneGroupAfterTheOther() =>
        Snapshot.Matches(EksCase.Text(EksCase.Ensure(Whole with { Version = "1.34" }, EksCase.Standing(Whole, "1.32"))), "upgrade.txt");

    [Fact]
    public void Plan_UpgradeOfWhatStands_IsThatOfItsSpecificationWithANewerVersion()
    {
        var standing = Made(Whole, "1.32");

        var upgrade = Upgrade("1.34", standing);

        Assert.Equal(EksCase.Text(EksCase.Ensure(Whole with { Version = "1.34" }, standing) with { Cost = null, Findings = [] }), EksCase.Text(upgrade));
        Assert.IsType<ClusterChange.Ensure>(upgrade.Change);
    }

    [Theory]
    [InlineData("1.33")]
    [InlineData("1.32")]
    public void Plan_UpgradeOfOneThatHasTheVersionOrANewerOne_DoesNothing(string version)
    {
        var upgrade = Upgrade(version, Made(Whole, "1.33"));

        Assert.True(upgrade.IsNoOp, EksCase.Text(upgrade));
        Assert.Empty(upgrade.Findings);
    }

    [Fact]
    public void Plan_UpgradeOfOneThatLacksSomething_MakesNothing()
    {
        var standing = Made(Whole, "1.33");
        standing = standing with { Roles = [], Addons = standing.Addons.Take(1).ToList(), AccessEntries = [], PodIdentities = [], LaunchTemplates = [] };

        Assert.True(Upgrade("1.33", standing).IsNoOp);
        Assert.All(Upgrade("1.34", standing).Steps, step => Assert.Equal(ClusterAction.Change, step.Action));
    }

    [Fact]
    public void Plan_UpgradeOfMachinesThatAnOlderToolMade_LeavesThemTheGroupThatTheyAre()
    {
        var standing = Made(EksCase.Small, "1.33");
        standing = standing with { Nodegroups = [standing.Nodegroups[0] with { NodegroupName = "default-00000000" }] };

        var upgrade = Upgrade("1.34", standing);

        Assert.Equal(["node-pool/default-00000000/1.34"], upgrade.Steps.Select(step => step.Id).Where(id => id.StartsWith("node-pool/", StringComparison.Ordinal)));
    }

    // A run before took it for superfluous, and was cut.
    [Fact]
    public void Plan_NodeGroupThatIsWantedIsOnItsWayOut_MakesItAnew()
    {
        var standing = Made(EksCase.Small, "1.34");
        standing = standing with { Nodegroups = [standing.Nodegroups[0] with { Status = NodegroupStatus.Deleting }] };

        var step = Assert.Single(EksCase.Ensure(EksCase.Small with { Version = "1.34" }, standing).Steps, step => step.Id.StartsWith("node-pool/", StringComparison.Ordinal));

        Assert.Equal((ClusterAction.Replace, "Make the node group default-5595b4fc anew, once it is deleted"), (step.Action, step.Title));
    }

    [Fact]
    public void Plan_UpgradeOfAClusterWithOthersMachines_LeavesThoseToThem()
    {
        var standing = Made(EksCase.Small, "1.33");
        standing = standing with { Nodegroups = [.. standing.Nodegroups, standing.Nodegroups[0] with { NodegroupName = "others", Tags = null }] };

        Assert.DoesNotContain(Upgrade("1.34", standing).Steps, step => step.Id.Contains("others", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("1.99", "KUBEAPP8113")]
    [InlineData("1.34", "KUBEAPP8119")]
    public void Plan_UpgradeThatCannotBe_SaysWhy(string version, string code)
    {
        var standing = Made(EksCase.Small, "1.33");
        if (code == "KUBEAPP8119")
            standing = standing with { Cluster = standing.Cluster! with { Status = ClusterStatus.Deleting } };

        Assert.Contains(Upgrade(version, standing).Findings, finding => finding.Code == code);
    }

    // The control plane arrives before the first node group begins.
    [Theory]
    [InlineData("1.32", "1.31", "1.34", null)]
    [InlineData("1.32", "1.30", "1.33", null)]
    [InlineData("1.32", "1.30", "1.34", "Upgrade to 1.33 first, which brings the node groups there, too")]
    [InlineData("1.33", "1.30", "1.34", "Upgrade to 1.33 first, which brings the node groups there, too")]
    [InlineData("1.34", "1.30", "1.34", null)]
    public void Plan_UpgradeThatLeavesNodesTooFarBehind_IsRefusedWithTheWayThere(string current, string nodes, string version, string? next)
    {
        var standing = WithNodes(Made(EksCase.Small, current), nodes);

        foreach (var plan in (ClusterPlan[])[Upgrade(version, standing), EksCase.Ensure(EksCase.Small with { Version = version }, standing)])
        {
            var finding = plan.Findings.FirstOrDefault(item => item.Code == "KUBEAPP8115");
            Assert.Equal(next is null, finding is null);
            Assert.StartsWith(next ?? "", finding?.NextStep ?? "", StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Plan_UpgradeThatLeavesOthersNodesTooFarBehind_SendsToThem()
    {
        var standing = Made(EksCase.Small, "1.33");
        standing = standing with { Nodegroups = [.. standing.Nodegroups, standing.Nodegroups[0] with { NodegroupName = "others", Tags = null, Version = "1.30" }] };

        var finding = Assert.Single(Upgrade("1.34", standing).Findings);

        Assert.Contains("The node group others has Kubernetes 1.30", finding.Cause, StringComparison.Ordinal);
        Assert.StartsWith("Who keeps that node group must bring it to 1.31 at least", finding.NextStep, StringComparison.Ordinal);
    }

    // The way that is named must be one.
    [Fact]
    public void Plan_UpgradeToTheVersionThatItHas_BringsItsNodesThere()
    {
        var upgrade = Upgrade("1.33", WithNodes(Made(EksCase.Small, "1.33"), "1.30"));

        Assert.Empty(upgrade.Findings);
        Assert.EndsWith("/1.33", Assert.Single(upgrade.Steps).Id, StringComparison.Ordinal);
    }

    private static EksObserved WithNodes(EksObserved standing, string version) => standing with { Nodegroups = [.. standing.Nodegroups.Select(group => group with { Version = version })] };

    [Fact]
    public void Plan_NoVersionNamed_LeavesTheClusterItsOwn() => Assert.True(EksCase.Ensure(EksCase.Small, EksCase.Standing(EksCase.Small, "1.33")).IsNoOp);

    // Somebody has made it newer than EKS does by itself, for a mend that it has; older ones, and those that do not run with the wanted Kubernetes, are brought there.
    [Theory]
    [InlineData("v1.20.10-eksbuild.1", true, true)]
    [InlineData("v1.20.4-eksbuild.10", true, true)]
    [InlineData("v1.20.10-eksbuild.1", false, false)]
    [InlineData("v1.20.3-eksbuild.9", true, false)]
    [InlineData("v1.9.9-eksbuild.2", true, false)]
    public void Plan_AddonOfAnotherVersionThanTheUsualOne_IsLeftWhereItIsNewerAndFits(string standing, bool fits, bool isLeft)
    {
        const string Usual = "v1.20.4-eksbuild.2";
        var observed = EksCase.Standing(EksCase.Small);
        observed = observed with
        {
            Offer = observed.Offer with { Addons = new Dictionary<string, EksAddonOffer>(observed.Offer.Addons) { ["vpc-cni"] = new(Usual, fits ? [Usual, standing] : [Usual]) } },
            Addons = [.. observed.Addons.Select(addon => addon.AddonName == "vpc-cni" ? addon with { AddonVersion = standing } : addon)],
        };

        Assert.Equal(isLeft ? [] : [$"{standing} → {Usual}"], EksCase.Ensure(EksCase.Small, observed).Steps.SelectMany(step => step.Details));
        Assert.Equal(isLeft, Upgrade("1.34", observed).IsNoOp);
    }

    // What does not work with it is brought back to what EKS takes by itself; one that is just being made newer is waited for.
    [Theory]
    [InlineData("DEGRADED", "v1.20.10-eksbuild.1 → v1.20.4-eksbuild.2")]
    [InlineData("UPDATE_FAILED", "v1.20.10-eksbuild.1 → v1.20.4-eksbuild.2")]
    [InlineData("UPDATING", "v1.20.10-eksbuild.1")]
    public void Plan_NewerAddonThatIsNotWell_BecomesTheUsualOne(string status, string told)
    {
        const string Usual = "v1.20.4-eksbuild.2", Newer = "v1.20.10-eksbuild.1";
        var observed = EksCase.Standing(EksCase.Small);
        observed = observed with
        {
            Offer = observed.Offer with { Addons = new Dictionary<string, EksAddonOffer>(observed.Offer.Addons) { ["vpc-cni"] = new(Usual, [Usual, Newer]) } },
            Addons = [.. observed.Addons.Select(addon => addon.AddonName == "vpc-cni" ? addon with { AddonVersion = Newer, Status = status } : addon)],
        };

        Assert.Equal([told], EksCase.Ensure(EksCase.Small, observed).Steps.SelectMany(step => step.Details));
    }

    [Fact]
    public void Plan_OlderVersion_IsRefused() =>
        Assert.Contains(EksCase.Ensure(EksCase.Small with { Version = "1.33" }, EksCase.Standing(EksCase.Small)).Findings, finding => finding.Code == "KUBEAPP8113");

    [Fact]
    public void Plan_OtherInstanceType_MakesTheNewGroupAndMovesPodsToItBeforeTheOldOneGoes()
    {
        var other = EksCase.Small with { Pools = [EksCase.Small.Pools[0] with { InstanceTypes = ["m7i.xlarge"] }] };
        var (old, wanted) = (EksPoolPlan.Wanted(EksCase.Small)[0].Name, EksPoolPlan.Wanted(other)[0].Name);

        var plan = EksCase.Ensure(other, EksCase.Standing(EksCase.Small));

        var removal = Assert.Single(plan.Steps, step => step.Id == $"node-pool/{old}/removal");
        Assert.Equal(ClusterAction.Replace, removal.Action);
        Assert.Equal([$"node-pool/{old}/drain"], removal.After);
        Assert.Equal([$"node-pool/{wanted}"], Assert.Single(plan.Steps, step => step.Id == $"node-pool/{old}/drain").After);
    }

    [Theory]
    [InlineData(50, true)]
    [InlineData(49, false)]
    public void Plan_NoMoreLoadBalancersAreAllowed_IsTold(int used, bool isTold)
    {
        var offer = EksCase.Empty.Offer with { Quotas = [new(EksQuotaKind.NetworkBalancers, "L-69A177A2", 50, used)] };

        var told = EksCase.Ensure(EksCase.Small, EksCase.Empty with { Offer = offer }).Findings.Where(finding => finding.Code == "KUBEAPP8112").ToList();

        Assert.Equal(isTold ? ["Not one more network load balancer can be made for the app"] : [], told.Select(finding => finding.Cause.Split(':')[0]));
        Assert.DoesNotContain(EksCase.Ensure(EksCase.Small, EksCase.Standing(EksCase.Small) with { Offer = offer }).Findings, finding => finding.Code == "KUBEAPP8112");
    }

    [Theory]
    [InlineData(false, "203.0.113.0/24", "from 203.0.113.0/24")]
    [InlineData(true, null, "from its network alone")]
    public void Plan_OtherPlacesThatReachTheApi_AreChangedBeforeAnythingElse(bool isPrivate, string? range, string words)
    {
        var wanted = EksCase.Small with { IsPrivate = isPrivate, AllowedRanges = range is null ? [] : [range] };

        var step = Assert.Single(EksCase.Ensure(wanted, Reached(EksCase.Standing(EksCase.Small), true, "0.0.0.0/0")).Steps);

        Assert.Equal((ClusterAction.Change, $"Let the API of shop-prod-1 be reached {words}"), (step.Action, step.Title));
        Assert.True(EksCase.Ensure(wanted, Reached(EksCase.Standing(EksCase.Small), !isPrivate, range ?? "0.0.0.0/0")).IsNoOp);
    }

    [Fact]
    public void Plan_NothingSaidOfWhoReachesTheApi_OpensNothing() =>
        Assert.True(EksCase.Ensure(EksCase.Small, Reached(EksCase.Standing(EksCase.Small), false, "0.0.0.0/0")).IsNoOp);

    [Fact]
    public void Plan_KeyForAClusterWithoutOne_IsGivenToItBeforeItIsUpgraded()
    {
        var plan = EksCase.Ensure(EksCase.Small with { EncryptionKey = "arn:aws:kms:us-east-1:123456789012:key/1", Version = "1.34" }, EksCase.Standing(EksCase.Small, "1.33"));

        Assert.Equal("control-plane/encryption", plan.Steps[0].Id);
        Assert.Contains("this cannot be taken back, and a cluster whose key is deleted is lost", plan.Steps[0].Details);
        Assert.Contains("control-plane/encryption", plan.Steps.Single(step => step.Id == "control-plane/1.34").After);
        Assert.Empty(plan.Findings);
    }

    [Fact]
    public void Plan_OtherKeyThanDeclared_ChangesNothingAndSaysSo()
    {
        var there = EksCase.Standing(EksCase.Small);
        var encrypted = there with { Cluster = there.Cluster! with { EncryptionConfig = [new(["secrets"], new("arn:aws:kms:us-east-1:123456789012:key/2"))] } };

        var plan = EksCase.Ensure(EksCase.Small with { EncryptionKey = "arn:aws:kms:us-east-1:123456789012:key/1" }, encrypted);

        Assert.True(plan.IsNoOp);
        Assert.Contains(plan.Findings, finding => finding.Code == "KUBEAPP8135");
    }

    private static EksObserved Reached(EksObserved standing, bool isPublic, string range) => standing with
    {
        Cluster = standing.Cluster! with { ResourcesVpcConfig = new VpcConfigResponse { EndpointPrivateAccess = true, EndpointPublicAccess = isPublic, PublicAccessCidrs = [range] } },
    };

    [Fact]
    public void Plan_OtherBounds_AreChangedInPlace()
    {
        var other = EksCase.Small with { Pools = [EksCase.Small.Pools[0] with { Max = 9 }] };

        var step = Assert.Single(EksCase.Ensure(other, EksCase.Standing(EksCase.Small)).Steps);

        Assert.Equal(["2 to 4 → 2 to 9 machines"], step.Details);
    }

    [Fact]
    public void Plan_TheAutoscalerHasAdded_LeavesItItsMachines()
    {
        var standing = EksCase.Standing(EksCase.Small);

        Assert.True(EksCase.Ensure(EksCase.Small, standing with { Nodegroups = [standing.Nodegroups[0] with { ScalingConfig = new(2, 4, 4) }] }).IsNoOp);
    }

    [Fact]
    public void Plan_GroupsOfOthers_AreLeftAlone()
    {
        var standing = EksCase.Standing(EksCase.Small);
        var foreign = new Nodegroup("gpu", "arn", NodegroupStatus.Active) { Version = "1.34" };

        Assert.True(EksCase.Ensure(EksCase.Small, standing with { Nodegroups = [.. standing.Nodegroups, foreign] }).IsNoOp);
    }

    [Fact]
    public void Plan_SharedNetwork_MakesNone()
    {
        var network = new EksNetwork { VpcId = "vpc-9", IsShared = true, Subnets = [new("subnet-1", "us-east-1a", false), new("subnet-2", "us-east-1b", false)] };

        var plan = EksCase.Ensure(EksCase.Small, EksCase.Empty with { Network = network });

        Assert.DoesNotContain(plan.Steps, step => step.Id.StartsWith("network/", StringComparison.Ordinal));
        Assert.DoesNotContain(plan.Cost!.Items, item => item.What.StartsWith("NAT", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Plan_AppHasLoadBalancers_SaysThatTheyAreNotInTheCost(bool has)
    {
        var plan = EksCase.Ensure(EksCase.Small with { HasLoadBalancers = has }, EksCase.Empty);

        Assert.Equal(has, plan.Findings.Any(finding => finding.Code == "KUBEAPP8120" && finding.Cause.Contains("balancers", StringComparison.Ordinal) && finding.Cause.EndsWith("not in the sum.", StringComparison.Ordinal)));
    }

    // It stands, wherever it was put; only what is put somewhere now needs a place.
    [Fact]
    public void Plan_NoSubnetIsForNodes_RefusesNewMachinesAndNothingElse()
    {
        var network = new EksNetwork { VpcId = "vpc-9", IsShared = true, Subnets = [new("subnet-1", "us-east-1a", true), new("subnet-2", "us-east-1b", false) { HasWayOut = false }] };
        var standing = EksCase.Standing(EksCase.Small, "1.33") with { Network = network };
        var other = EksCase.Small with { Pools = [EksCase.Small.Pools[0] with { InstanceTypes = ["m7i.xlarge"] }] };

        Assert.DoesNotContain(EksCase.Ensure(EksCase.Small with { Version = "1.34" }, standing).Findings, finding => finding.Code == "KUBEAPP8116");
        Assert.Contains(EksCase.Ensure(other, standing).Findings, finding => finding.Code == "KUBEAPP8116");
    }

    [Fact]
    public void Plan_SharedNetworkInOneZone_IsRefused()
    {
        var network = new EksNetwork { VpcId = "vpc-9", IsShared = true, Subnets = [new("subnet-1", "us-east-1a", false)] };

        Assert.Contains(EksCase.Ensure(EksCase.Small, EksCase.Empty with { Network = network }).Findings, finding => finding.Code == "KUBEAPP8116");
    }

    [Theory]
    [InlineData("vpc-1", false)]
    [InlineData(null, false)]
    [InlineData("vpc-9", true)]
    public void Plan_SiblingStands_LeavesTheOwnersNetworkUnlessThatStandsElsewhere(string? vpc, bool takesIt)
    {
        var plan = EksCase.Remove(EksCase.Standing(EksCase.Small) with { Neighbors = [new("shop-prod-2", EksCase.Owner, vpc)] });

        Assert.Equal(takesIt, plan.Steps.Any(step => step.Id.StartsWith("network/", StringComparison.Ordinal)));
    }

    [Fact]
    public void Plan_ClusterOfAnother_IsRefused()
    {
        var standing = EksCase.Standing(EksCase.Small);
        var foreign = standing with { Cluster = standing.Cluster! with { Tags = EksTags.Of(new ClusterOwner("till", "prod"), EksCase.Name) } };

        Assert.Contains(EksCase.Ensure(EksCase.Small, foreign).Findings, finding => finding.Code == "KUBEAPP8118");
        Assert.Contains(EksCase.Remove(foreign).Findings, finding => finding.Code == "KUBEAPP8118");
    }

    [Fact]
    public void Plan_CutWhileMaking_GoesOnWhereItWas()
    {
        var standing = EksCase.Standing(EksCase.Small);
        var cut = standing with { Cluster = standing.Cluster! with { Status = ClusterStatus.Creating }, Nodegroups = [], Addons = [], AccessEntries = [] };

        var plan = EksCase.Ensure(EksCase.Small, cut);

        Assert.Equal(ClusterAction.Await, plan.Steps[0].Action);
        Assert.Equal("control-plane", plan.Steps[0].Id);
        Assert.DoesNotContain(plan.Steps, step => step.Id.StartsWith("role/", StringComparison.Ordinal) || step.Id.StartsWith("network/", StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_EveryPoolIsTainted_SaysThatDnsHasNoPlace()
    {
        var closed = EksCase.Small with { Pools = [EksCase.Small.Pools[0] with { Taints = [new("dedicated", "x", "NoSchedule")] }] };

        Assert.Contains(EksCase.Ensure(closed, EksCase.Empty).Findings, finding => finding.Code == "KUBEAPP8117");
    }

    [Fact]
    public void Plan_QuotaTooSmall_SaysWhichAndByHowMuch()
    {
        var offer = EksCase.Empty.Offer with { Quotas = [new(EksQuotaKind.Processors, "L-1216C47A", 5, 2), new(EksQuotaKind.Vpcs, "L-F678F1CE", 5, 5)] };

        var findings = EksCase.Ensure(EksCase.Small, EksCase.Empty with { Offer = offer }).Findings;

        Assert.Equal(2, findings.Count(finding => finding.Code == "KUBEAPP8111"));
        Assert.Contains(findings, finding => finding.Cause.StartsWith("4 vCPUs of standard machines on demand are needed and 2 are in use", StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_QuotaTooSmallForAllMachines_Warns()
    {
        var offer = EksCase.Empty.Offer with { Quotas = [new(EksQuotaKind.Processors, "L-1216C47A", 7, 0)] };

        Assert.Contains(EksCase.Ensure(EksCase.Small, EksCase.Empty with { Offer = offer }).Findings, finding => finding.Code == "KUBEAPP8112");
    }

    [Theory]
    [InlineData("g5.xlarge", false, "L-DB2E81BA", "8 vCPUs of G and VT machines on demand are needed and 2 are in use")]
    [InlineData("vt1.3xlarge", false, "L-DB2E81BA", "8 vCPUs of G and VT machines on demand are needed and 2 are in use")]
    [InlineData("gr6.4xlarge", true, "L-3819A6DF", "8 vCPUs of G and VT spot machines are needed and 2 are in use")]
    [InlineData("p5.48xlarge", false, "L-417A185B", "8 vCPUs of P machines")]
    [InlineData("f1.2xlarge", false, "L-74FC7D96", "8 vCPUs of F machines")]
    [InlineData("inf2.xlarge", true, "L-B5D1601B", "8 vCPUs of Inf spot machines")]
    [InlineData("trn1.2xlarge", false, "L-2C3B7624", "8 vCPUs of Trn machines")]
    [InlineData("x2idn.16xlarge", false, "L-7295265B", "8 vCPUs of X machines")]
    [InlineData("dl1.24xlarge", false, "L-6E869C2A", "8 vCPUs of DL machines")]
    [InlineData("u-6tb1.56xlarge", false, "L-43DA4232", "8 vCPUs of High Memory machines")]
    [InlineData("u7i-12tb.224xlarge", false, "L-43DA4232", "8 vCPUs of High Memory machines")]
    [InlineData("im4gn.large", false, "L-1216C47A", "8 vCPUs of standard machines on demand")]
    public void Plan_QuotaOfAFamilyOfMachinesTooSmall_SaysWhich(string type, bool isSpot, string code, string why)
    {
        var specification = EksCase.Small with { Pools = [EksCase.Small.Pools[0] with { InstanceTypes = [type], IsSpot = isSpot }] };
        var offer = EksCase.Empty.Offer with
        {
            Processors = new Dictionary<string, int> { [type] = 4 },
            Quotas = [new(isSpot ? EksQuotaKind.SpotProcessors : EksQuotaKind.Processors, code, 9, 2)],
        };

        var found = Assert.Single(EksCase.Ensure(specification, EksCase.Empty with { Offer = offer }).Findings, finding => finding.Code == "KUBEAPP8111");

        Assert.StartsWith(why, found.Cause, StringComparison.Ordinal);
        Assert.Equal(code, EksFamily.Of(type)!.CodeOf(isSpot));
    }

    [Fact]
    public void Plan_QuotaOfOtherMachinesTooSmall_HoldsUpNobody()
    {
        var offer = EksCase.Empty.Offer with { Quotas = [new(EksQuotaKind.Processors, "L-DB2E81BA", 0, 0), new(EksQuotaKind.SpotProcessors, "L-34B43A08", 0, 0)] };

        Assert.DoesNotContain(EksCase.Ensure(EksCase.Small, EksCase.Empty with { Offer = offer }).Findings, finding => finding.Code is "KUBEAPP8111" or "KUBEAPP8112" or "KUBEAPP8121");
    }

    [Theory]
    [InlineData("mac2.metal", false)]
    [InlineData("u-6tb1.56xlarge", true)]
    public void Plan_MachinesOfAFamilyThatNobodyKnows_SaysThatTheirQuotaWasNotLookedAt(string type, bool isSpot)
    {
        var specification = EksCase.Small with { Pools = [EksCase.Small.Pools[0] with { InstanceTypes = [type], IsSpot = isSpot }] };

        var found = Assert.Single(EksCase.Ensure(specification, EksCase.Empty).Findings, finding => finding.Code == "KUBEAPP8121");

        Assert.Contains(type, found.Cause, StringComparison.Ordinal);
    }

    private static ClusterPlan Upgrade(string version, EksObserved observed) =>
        EksPlanner.Plan(new ClusterChange.Upgrade(EksCase.Name, EksCase.Owner, version), observed, EksPrices.Table);

    /// <summary>What stands of a specification, with all that EKS tells of it.</summary>
    private static EksObserved Made(ClusterSpecification specification, string version)
    {
        var standing = EksCase.Standing(specification, version);
        return standing with
        {
            Nodegroups = [.. standing.Nodegroups.Zip(EksPoolPlan.Wanted(specification), (there, group) => there with { InstanceTypes = group.Pool.InstanceTypes, AmiType = group.AmiType, CapacityType = group.CapacityType })],
        };
    }
}

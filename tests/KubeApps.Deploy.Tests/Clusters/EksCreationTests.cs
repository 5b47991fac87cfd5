using System.Text.Json.Nodes;
using Amazon.Runtime;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Tests.Clusters.Eks;
using KubeApps.Diagnostics;
using KubeApps.Testing;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>A cluster is made on AWS as its stand-in has it, whatever comes between.</summary>
public sealed class EksCreationTests(AwsStandIn aws)
{
    private readonly AwsClock _clock = new();

    // What others made is given to no cluster of ours, whatever it may do.
    [Fact]
    public async Task Plan_RoleOfSomebodyElseHasTheName_RefusesAndTakesNoneOfIt()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        var name = EksTags.Role(EksStandIn.Name, account.Region, EksRole.Nodes.Part);
        account.PlantRole(name, "ec2.amazonaws.com");
        account.PlantRole(EksTags.Role(EksStandIn.Name, account.Region, EksRole.Fargate.Part), "eks-fargate-pods.amazonaws.com");

        var plan = await eks.PlanAsync(EksStandIn.Small);

        var finding = Assert.Single(plan.Findings, item => item.Severity == DiagnosticSeverity.Error);
        Assert.Equal("KUBEAPP8118", finding.Code);
        Assert.Contains(name, finding.Cause, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DiagnosticException>(() => eks.ExecuteAsync(plan));
        Assert.Equal(2, account.Ledger.There.Count());
    }

    [Fact]
    public async Task Create_NothingThere_MakesAllOfItOnceAndThenNothingMore()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);

        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));

        Assert.True((await eks.PlanAsync(EksStandIn.Small)).IsNoOp, EksCase.Text(await eks.PlanAsync(EksStandIn.Small)));
        Assert.Equal(("shop", "prod", EksStandIn.Name, "1", "kubeapps"), account.Ledger.ThereOf("eks:nodegroup").Single().Tags is var tags
            ? (tags["kubeapps.dev/app"], tags["kubeapps.dev/environment"], tags["kubeapps.dev/cluster"], tags["kubeapps.dev/revision"], tags["kubeapps.dev/managed-by"]) : default);
        var cluster = Assert.Single(await eks.Provider.ListAsync(EksStandIn.Owner, TestContext.Current.CancellationToken));
        Assert.Equal((EksStandIn.Name, ClusterState.Ready), (cluster.Name, cluster.State));
        AssertNothingDoubled(account);
        Snapshot.Matches(string.Join('\n', account.Ledger.There.GroupBy(item => item.Kind).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Count()} {group.Key}")), "created.txt");
    }

    [Fact]
    public async Task Create_Made_LetsNobodyInUnseenAndNoPodAtTheMachinesRole()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);

        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));

        var access = account.Ledger.ThereOf("eks:cluster").Single().Content["accessConfig"]!;
        Assert.Equal(("API", false), ((string)access["authenticationMode"]!, (bool)access["bootstrapClusterCreatorAdminPermissions"]!));
        Assert.Contains(account.Ledger.ThereOf("eks:accessentry"), entry => entry.Key.EndsWith(account.User.Arn, StringComparison.Ordinal));
        var metadata = account.Requests.Single(request => request.Action == "ec2:CreateLaunchTemplate").Input["LaunchTemplateData"]!["MetadataOptions"]!;
        Assert.Equal(("required", 1), ((string)metadata["HttpTokens"]!, (int)metadata["HttpPutResponseHopLimit"]!));
    }

    // Disks outlive their cluster: what is left then says whose it is.
    [Fact]
    public async Task Create_DriverOfDisks_IsToldTheTagsOfTheClustersOwner()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);

        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));

        var configured = account.Requests.Where(request => request.Action == "eks:CreateAddon" && request.Input["configurationValues"] is not null).ToList();
        Assert.Equal("aws-ebs-csi-driver", (string)Assert.Single(configured).Input["addonName"]!);
        var tags = JsonNode.Parse((string)configured[0].Input["configurationValues"]!)!["controller"]!["extraVolumeTags"]!.AsObject();
        Assert.Equal(
            ["kubeapps.dev/app=shop", "kubeapps.dev/cluster=shop-prod-1", "kubeapps.dev/environment=prod", "kubeapps.dev/managed-by=kubeapps", "kubeapps.dev/revision=1"],
            tags.Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal));
    }

    // What somebody has configured is theirs.
    [Theory]
    [InlineData(null, true)]
    [InlineData("""{"controller":{"replicaCount":3}}""", false)]
    public async Task Update_DriverOfDisksIsBroughtUp_IsToldTheTagsUnlessSomebodyHasConfiguredIt(string? configured, bool isTold)
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));
        var addon = account.Ledger.ThereOf("eks:addon").Single(item => item.Key.EndsWith("aws-ebs-csi-driver", StringComparison.Ordinal));
        addon.Content["addonVersion"] = "v1.40.0-eksbuild.1";
        addon.Content.Remove("configurationValues");
        if (configured is not null)
            addon.Content["configurationValues"] = configured;

        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));

        Assert.Equal(isTold, account.Requests.Single(request => request.Action == "eks:UpdateAddon").Input["configurationValues"] is not null);
    }

    [Fact]
    public async Task Create_PoolOfSpotMachinesOfAnotherArchitectureWithATaint_AsksForJustThose()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        var pool = new NodePoolSpecification("batch", ["m7g.large", "m6g.large"])
        {
            Architecture = "arm64",
            IsSpot = true,
            Min = 0,
            Max = 4,
            Desired = 1,
            Taints = [new NodeTaint("dedicated", "batch", "NoExecute")],
        };

        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small with { Pools = [.. EksStandIn.Small.Pools, pool] }));

        var asked = account.Requests.Single(request => request.Action == "eks:CreateNodegroup" && (string?)request.Input["capacityType"] == "SPOT").Input;
        Assert.Contains("ARM_64", (string)asked["amiType"]!, StringComparison.Ordinal);
        Assert.Equal(["m7g.large", "m6g.large"], asked["instanceTypes"]!.AsArray().Select(type => (string)type!));
        Assert.Equal((0, 4, 1, 1), ((int)asked["scalingConfig"]!["minSize"]!, (int)asked["scalingConfig"]!["maxSize"]!, (int)asked["scalingConfig"]!["desiredSize"]!, (int)asked["updateConfig"]!["maxUnavailable"]!));
        Assert.Equal(("dedicated", "batch", "NO_EXECUTE"), ((string)asked["taints"]![0]!["key"]!, (string)asked["taints"]![0]!["value"]!, (string)asked["taints"]![0]!["effect"]!));
    }

    [Fact]
    public async Task Create_WithSettingsOfItsOwn_MakesThemAndChangesWhatCanBeChanged()
    {
        const string Key = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000001";
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        var administrator = $"arn:aws:iam::{account.Id}:role/platform";
        var narrow = EksStandIn.Small with { EncryptionKey = Key, AllowedRanges = ["203.0.113.0/24"], Administrators = [administrator] };

        await eks.ExecuteAsync(await eks.PlanAsync(narrow));
        var made = account.Ledger.ThereOf("eks:cluster").Single().Content.DeepClone();
        await eks.ExecuteAsync(await eks.PlanAsync(narrow with { IsPrivate = true, AllowedRanges = [] }));

        Assert.Equal(("203.0.113.0/24", true), ((string)made["resourcesVpcConfig"]!["publicAccessCidrs"]![0]!, (bool)made["resourcesVpcConfig"]!["endpointPrivateAccess"]!));
        Assert.Equal(Key, (string)made["encryptionConfig"]![0]!["provider"]!["keyArn"]!);
        Assert.Contains(account.Ledger.ThereOf("eks:accessentry"), entry => entry.Key.EndsWith(administrator, StringComparison.Ordinal));
        Assert.False((bool)account.Ledger.ThereOf("eks:cluster").Single().Content["resourcesVpcConfig"]!["endpointPublicAccess"]!);
        Assert.True((await eks.PlanAsync(narrow with { IsPrivate = true, AllowedRanges = [] })).IsNoOp);
    }

    // Who made it is named nowhere, and who runs the command would shut themselves out; what others gave is not the tool's to take.
    [Fact]
    public async Task Update_AdministratorNamedNoMore_TakesThatEntryAndLeavesTheMakersTheCallersAndOthers()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var maker = new EksStandIn(account, _clock);
        var caller = account.NewUser("second");
        using var eks = new EksStandIn(account, _clock, new BasicAWSCredentials(caller.AccessKey, caller.SecretKey));
        await maker.ExecuteAsync(await maker.PlanAsync(EksStandIn.Small with { Administrators = [Role("former"), Role("platform"), caller.Arn] }));
        using (var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken))
        {
            await access.Eks.CreateAccessEntryAsync(new(EksStandIn.Name, Role("others")) { Tags = new Dictionary<string, string> { ["team"] = "sre" } }, TestContext.Current.CancellationToken);
            await access.Eks.AssociateAccessPolicyAsync(
                new(EksStandIn.Name, Role("others"), EksObserver.AdministratorPolicy("aws"), new(AccessScopeType.Cluster)), TestContext.Current.CancellationToken);
        }

        var wanted = EksStandIn.Small with { Administrators = [Role("platform"), Role("next")] };
        // Where a cluster is gone on with, nobody is shut out.
        var going = await eks.Provider.PlanAsync(new ClusterChange.Ensure(EksStandIn.Name, EksStandIn.Owner, wanted), TestContext.Current.CancellationToken);
        Assert.Equal([$"access/{Role("next")}"], going.Steps.Select(step => step.Id));
        var plan = await eks.PlanAsync(wanted);
        await eks.ExecuteAsync(plan);

        Assert.Equal([($"access/{Role("next")}", ClusterAction.Create), ($"access/{Role("former")}/removal", ClusterAction.Delete)], plan.Steps.Select(step => (step.Id, step.Action)));
        Assert.Equal([$"access/{Role("next")}"], plan.Steps[1].After);
        Assert.Equal(
            ((string[])[account.User.Arn, caller.Arn, Role("next"), Role("others"), Role("platform")]).Order(StringComparer.Ordinal),
            account.Ledger.ThereOf("eks:accessentry").Where(entry => (string?)entry.Content["type"] == "STANDARD").Select(entry => (string)entry.Content["principalArn"]!).Order(StringComparer.Ordinal));
        Assert.True((await eks.PlanAsync(wanted)).IsNoOp);

        string Role(string name) => $"arn:aws:iam::{account.Id}:role/{name}";
    }

    [Fact]
    public async Task Update_AddonThatSomebodyHasMadeNewer_IsLeftAsItIsAlsoWhereThatWasAfterThePlan()
    {
        const string Newer = "v1.20.4-eksbuild.1";
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));
        var addon = account.Ledger.ThereOf("eks:addon").Single(item => item.Key.EndsWith("vpc-cni", StringComparison.Ordinal));
        Assert.NotEqual(Newer, (string)addon.Content["addonVersion"]!);
        addon.Content["addonVersion"] = "v1.19.0-eksbuild.1";
        var plan = await eks.PlanAsync(EksStandIn.Small);
        Assert.Equal(["addon/vpc-cni"], plan.Steps.Select(step => step.Id));
        addon.Content["addonVersion"] = Newer;

        await eks.ExecuteAsync(plan);

        Assert.Equal(Newer, (string)addon.Content["addonVersion"]!);
        Assert.DoesNotContain(account.Requests, request => request.Action == "eks:UpdateAddon");
        Assert.True((await eks.PlanAsync(EksStandIn.Small)).IsNoOp);
        Assert.True((await eks.Provider.PlanAsync(new ClusterChange.Upgrade(EksStandIn.Name, EksStandIn.Owner, "1.34"), TestContext.Current.CancellationToken)).IsNoOp);
    }

    // The second cut is where the change goes on at AWS and nobody waits for it any more.
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(int.MaxValue)]
    public async Task Update_KeyForAStandingCluster_IsAssociatedOnce(int cut)
    {
        const string Key = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000001";
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));
        var wanted = EksStandIn.Small with { EncryptionKey = Key };
        try
        {
            await eks.ExecuteAsync(await eks.PlanAsync(wanted), new EksStandIn.Listener(cut));
        }
        catch (OperationCanceledException)
        {
            // Killed.
        }

        await eks.ExecuteAsync(await eks.PlanAsync(wanted));

        Assert.Equal(Key, (string)account.Ledger.ThereOf("eks:cluster").Single().Content["encryptionConfig"]![0]!["provider"]!["keyArn"]!);
        Assert.Single(account.Ledger.ThereOf("eks:update"), update => (string)update.Content["type"]! == "AssociateEncryptionConfig");
        Assert.True((await eks.PlanAsync(wanted)).IsNoOp);
    }

    [Fact]
    public async Task Create_CutAnywhere_GoesOnAndDoublesNothing()
    {
        var whole = new EksStandIn.Listener();
        using (var account = await aws.NewAccountAsync(_clock))
        using (var eks = new EksStandIn(account, _clock))
            await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small), whole);

        for (var cut = 2; cut < whole.Events.Count; cut += whole.Events.Count / 6)
        {
            using var account = await aws.NewAccountAsync(_clock);
            using var eks = new EksStandIn(account, _clock);
            var plan = await eks.PlanAsync(EksStandIn.Small);
            try
            {
                await eks.ExecuteAsync(plan, new EksStandIn.Listener(cut));
            }
            catch (OperationCanceledException)
            {
                // Killed.
            }

            await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));

            Assert.True((await eks.PlanAsync(EksStandIn.Small)).IsNoOp, $"Cut after {cut} events.");
            AssertNothingDoubled(account);
        }
    }

    [Fact]
    public async Task Create_NoMachinesOfTheType_SaysWhichGroupAndWhatToDo()
    {
        using var account = await aws.NewAccountAsync(_clock);
        account.ExhaustedInstanceTypes.Add("m5.large");
        using var eks = new EksStandIn(account, _clock);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(async () => await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small)));

        Assert.Equal("KUBEAPP8119", failure.Diagnostics[0].Code);
        Assert.Contains("node group web-", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.Contains("more instance types", failure.Diagnostics[0].NextStep, StringComparison.Ordinal);
    }

    // AWS leaves what it could not make, and tries no second time.
    [Theory]
    [InlineData("coredns", "The add-on coredns", "addon/coredns: Install coredns again, which could not be installed")]
    [InlineData("jobs", "The Fargate profile jobs", "fargate/jobs: Make the Fargate profile jobs anew, which could not be made")]
    public async Task Create_AwsCouldNotMakeAPart_MakesItAnewTheNextTime(string part, string cause, string step)
    {
        using var account = await aws.NewAccountAsync(_clock);
        account.Unmakeable.Add(part);
        using var eks = new EksStandIn(account, _clock);
        var wanted = EksStandIn.Small with { Fargate = EksLife.Old.Fargate };

        var failure = await Assert.ThrowsAsync<DiagnosticException>(async () => await eks.ExecuteAsync(await eks.PlanAsync(wanted)));
        Assert.Equal("KUBEAPP8119", failure.Diagnostics[0].Code);
        Assert.StartsWith(cause, failure.Diagnostics[0].Cause, StringComparison.Ordinal);
        account.Unmakeable.Clear();
        var again = await eks.PlanAsync(wanted);
        Assert.Contains(step, again.Steps.Select(item => $"{item.Id}: {item.Title}"));
        await eks.ExecuteAsync(again);

        Assert.True((await eks.PlanAsync(wanted)).IsNoOp, EksCase.Text(await eks.PlanAsync(wanted)));
        AssertNothingDoubled(account);
    }

    [Fact]
    public async Task Create_MayNot_SaysWhatIsForbidden()
    {
        using var account = await aws.NewAccountAsync(_clock);
        account.User.AllowedActions = ["sts:*", "ec2:*", "iam:*", "eks:Describe*", "eks:List*", "servicequotas:*"];
        using var eks = new EksStandIn(account, _clock);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(async () => await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small)));

        Assert.Equal("KUBEAPP8103", failure.Diagnostics[0].Code);
        Assert.Contains("eks:CreateCluster", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Update_OtherMachinesAndNewerVersion_AreThereAfterwardsAndPodsMovedBeforeTheOldOnesWent()
    {
        var groups = 0;
        var cluster = new SmallCluster("old-1") { HeldFor = 3 };
        cluster.Pods.Add("web");
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock, EksStandIn.Small with { Version = "1.33" }, api: cluster);
        var (account, _, eks) = made;
        cluster.Evicted = () => groups = account.Ledger.ThereOf("eks:nodegroup").Count();
        var wanted = EksStandIn.Small with { Version = "1.34", Pools = [EksStandIn.Small.Pools[0] with { InstanceTypes = ["m5.xlarge"], Max = 5 }] };

        await eks.ExecuteAsync(await eks.PlanAsync(wanted));

        Assert.True((await eks.PlanAsync(wanted)).IsNoOp, EksCase.Text(await eks.PlanAsync(wanted)));
        Assert.Equal("1.34", (string)account.Ledger.ThereOf("eks:cluster").Single().Content["version"]!);
        Assert.Equal("m5.xlarge", (string)account.Ledger.ThereOf("eks:nodegroup").Single().Content["instanceTypes"]![0]!);
        Assert.Equal(["cordon old-1", "evict web"], cluster.Writes);
        Assert.Equal(2, groups);
    }

    private static void AssertNothingDoubled(StandInAccount account)
    {
        Assert.Single(account.Ledger.EverOf("eks:cluster"));
        Assert.Single(account.Ledger.EverOf("eks:nodegroup"));
        Assert.Single(account.Ledger.EverOf("ec2:vpc"), item => item.Tags.ContainsKey("kubeapps.dev/part"));
        Assert.Single(account.Ledger.EverOf("ec2:natgateway"));
        Assert.Single(account.Ledger.EverOf("ec2:launch-template"), item => item.Tags.ContainsKey("kubeapps.dev/cluster"));
    }
}

using System.Text.Json.Nodes;
using Amazon.EC2;
using Amazon.EC2.Model;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Tests.Clusters.Eks;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>An audit names what clusters have left, and nothing of anybody else: what it names is deleted.</summary>
public sealed class EksAuditTests(AwsStandIn aws)
{
    private static readonly Dictionary<string, string> HalfOurs = new() { [EksTags.Cluster] = EksStandIn.Name };

    private readonly AwsClock _clock = new();

    [Fact]
    public async Task Audit_ThingsOfOthers_NamesNone()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        var network = account.PlantNetwork(new Dictionary<string, string> { [EksTags.App] = "shop", [EksTags.Environment] = "prod", [EksTags.Part] = EksNetworkPlan.Vpc });
        account.PlantLoadBalancer("nobodys", network, new Dictionary<string, string>());
        account.PlantLoadBalancer("others", network, new Dictionary<string, string> { ["elbv2.k8s.aws/cluster"] = "payments" });
        account.PlantVolume(HalfOurs);
        account.PlantVolume(new Dictionary<string, string> { [$"kubernetes.io/cluster/{EksStandIn.Name}"] = "shared" });
        account.PlantRole($"{EksStandIn.Name}-nodes-{account.Region}", "ec2.amazonaws.com");
        await NewTemplateAsync(account, "untagged", null);
        await NewTemplateAsync(account, "of-other-environment", new ClusterOwner("shop", "staging"), "shop-staging-1");

        Assert.Empty(await AuditAsync(eks, EksStandIn.Owner));
        Assert.Equal("of-other-environment", Assert.Single(await AuditAsync(eks, null)).Id);
    }

    // "shop-prod-eu-1" can be a cluster of either.
    [Fact]
    public async Task Audit_AppsWhoseNamesRunTogether_TellsThemApart()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        var (its, other) = (new ClusterOwner("shop-prod", "eu"), new ClusterOwner("shop", "prod-eu"));
        await NewTemplateAsync(account, "shop-prod-eu-1-web", its, "shop-prod-eu-1");
        account.PlantLoadBalancer("k8s-shop", account.PlantNetwork(), new Dictionary<string, string> { ["elbv2.k8s.aws/cluster"] = "shop-prod-eu-1" });

        Assert.Empty(await AuditAsync(eks, other));
        Assert.Equal(["LaunchTemplate", "LoadBalancer", "SecurityGroup", "TargetGroup"], (await AuditAsync(eks, its)).Select(item => item.Kind).Distinct());

        // Who deletes a cluster that is not theirs deletes none of it.
        Assert.True((await eks.Provider.PlanAsync(new ClusterChange.Remove("shop-prod-eu-1", other), TestContext.Current.CancellationToken)).IsNoOp);
    }

    // DNS is one for all regions: whether a cluster of another one is there, nobody knows here.
    [Fact]
    public async Task Audit_RecordsOfTwoRegions_NamesThoseOfItsOwn()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        var zone = account.PlantZone("example.org.");
        account.PlantRecord(zone, Record("shop.example.org.", "shop-prod-1", "k8s-shop-1.eu-central-1.elb.amazonaws.com."));
        account.PlantRecord(zone, Record("shop.example.org.", "shop-prod-2", "k8s-shop-2.elb.eu-central-1.amazonaws.com."));
        account.PlantRecord(zone, Record("blog.example.org.", "blog-prod-1", "dualstack.k8s-blog-1.eu-west-1.elb.amazonaws.com."));

        foreach (var owner in (ClusterOwner?[])[null, EksStandIn.Owner])
            Assert.Equal(["shop-prod-1", "shop-prod-2"], (await AuditAsync(eks, owner)).Select(item => item.Cluster));
        Assert.Empty(await AuditAsync(eks, new ClusterOwner("blog", "prod")));
    }

    [Fact]
    public async Task Audit_OwnNetworkIsEmptyForTheOtherClusterStandsElsewhere_NamesTheNetworkAlone()
    {
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock);
        var own = made.Account.Ledger.ThereOf("ec2:vpc").Single(item => item.Tags.ContainsKey(EksTags.Part)).Key;
        await made.Account.NewClusterAsync("shop-prod-2", EksStandIn.Owner);
        _clock.Pass(TimeSpan.FromHours(1));
        Assert.Empty(await AuditAsync(made.Eks, EksStandIn.Owner));
        var removal = await made.Eks.PlanRemovalAsync();
        Assert.Contains(removal.Steps, step => step.Id == "network/vpc/removal");

        // Cut before its end.
        await made.Eks.ExecuteAsync(removal with { Steps = [.. removal.Steps.Where(step => !step.Id.StartsWith("network/", StringComparison.Ordinal))] });

        var left = Assert.Single(await AuditAsync(made.Eks, EksStandIn.Owner));
        Assert.Equal((EksAudit.Network, own), (left.Kind, left.Id));
        Assert.Empty(await made.Eks.Provider.CollectAsync([left], new EksStandIn.Listener(), TestContext.Current.CancellationToken));
        Assert.DoesNotContain(made.Account.Ledger.ThereOf("ec2:vpc"), vpc => vpc.Key == own);
        Assert.Single(made.Account.Ledger.ThereOf("eks:cluster"));
        Assert.Single(made.Account.Ledger.ThereOf("ec2:vpc"));
    }

    // IAM has no regions: a cluster of the same name in another one has its provider beside ours.
    [Fact]
    public async Task Find_IdentityProviderOfAClusterThatIsGone_IsOfItsRegionAndOwner()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken);
        var finder = new EksFinder(access, EksStandIn.Name, EksStandIn.Owner);
        var other = account.Region == "eu-west-3" ? "eu-north-1" : "eu-west-3";
        await MakeAsync(other, "ELSEWHERE", EksStandIn.Owner);
        await MakeAsync(account.Region, "NEIGHBOUR", EksStandIn.Owner with { App = "neighbour" });
        Assert.Null(await finder.IdentityProviderAsync(null, TestContext.Current.CancellationToken));

        await MakeAsync(account.Region, "OURS", EksStandIn.Owner);

        Assert.EndsWith("/OURS", await finder.IdentityProviderAsync(null, TestContext.Current.CancellationToken), StringComparison.Ordinal);

        Task MakeAsync(string region, string id, ClusterOwner owner) => access.Iam.CreateOpenIDConnectProviderAsync(
            new($"https://oidc.eks.{region}.amazonaws.com/id/{id}")
            {
                ClientIDList = ["sts.amazonaws.com"],
                Tags = [.. EksTags.Of(owner, EksStandIn.Name).Select(tag => new Deploy.Aws.Iam.Tag(tag.Key, tag.Value))],
            }, TestContext.Current.CancellationToken);
    }

    // EKS tags no instance profile: whose it is, its role says. Identity providers are others' work, with our tags where we made them.
    [Fact]
    public async Task Collect_RoleWithItsProfileAndIdentityProviderAreLeft_DeletesThemAndNoneOfOthers()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        var role = EksTags.Role(EksStandIn.Name, account.Region, EksRole.Nodes.Part);
        account.PlantRole("others", "ec2.amazonaws.com");
        account.PlantInstanceProfile("others", "others");
        using (var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken))
        {
            List<Deploy.Aws.Iam.Tag> tags = [.. EksTags.Of(EksStandIn.Owner, EksStandIn.Name).Select(tag => new Deploy.Aws.Iam.Tag(tag.Key, tag.Value))];
            await access.Iam.CreateRoleAsync(new(role, """{"Version":"2012-10-17","Statement":[]}""") { Tags = tags }, TestContext.Current.CancellationToken);
            await access.Iam.CreateOpenIDConnectProviderAsync(
                new($"https://oidc.eks.{account.Region}.amazonaws.com/id/GONE") { ClientIDList = ["sts.amazonaws.com"], Tags = tags }, TestContext.Current.CancellationToken);
            await access.Iam.CreateOpenIDConnectProviderAsync(
                new($"https://oidc.eks.{account.Region}.amazonaws.com/id/OTHERS") { ClientIDList = ["sts.amazonaws.com"] }, TestContext.Current.CancellationToken);
        }

        account.PlantInstanceProfile("eks-0c1d", role);

        var left = await AuditAsync(eks, EksStandIn.Owner);
        Assert.Equal([(EksAudit.IdentityProvider, true), (EksAudit.InstanceProfile, false), (EksAudit.Role, false)], left.Select(item => (item.Kind, item.Id.EndsWith("/GONE", StringComparison.Ordinal))));
        Assert.Empty(await eks.Provider.CollectAsync(left, new EksStandIn.Listener(), TestContext.Current.CancellationToken));

        Assert.Empty(await AuditAsync(eks, EksStandIn.Owner));
        Assert.Equal(
            ["iam:instance-profile others", "iam:oidc-provider OTHERS", "iam:role others"],
            account.Ledger.There.Select(item => $"{item.Kind} {item.Key.Split('/')[^1]}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Collect_RecordOfAClusterThatIsGone_DeletesIt()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        var zone = account.PlantZone("example.org.");
        account.PlantRecord(zone, Record("shop.example.org.", "shop-prod-1", "k8s-shop-1.eu-central-1.elb.amazonaws.com."));
        account.PlantRecord(zone, Record("blog.example.org.", "blog-prod-1", "k8s-blog-1.eu-central-1.elb.amazonaws.com."));

        Assert.Empty(await eks.Provider.CollectAsync(await AuditAsync(eks, EksStandIn.Owner), new EksStandIn.Listener(), TestContext.Current.CancellationToken));

        Assert.Equal(["blog-prod-1"], (await AuditAsync(eks, null)).Select(item => item.Cluster));
    }

    // What a creation makes before its cluster is there looks like what a deletion that was cut has left.
    [Fact]
    public async Task Audit_WhileTheFirstClusterIsBeingMade_SaysHowNewItIsAndItIsSpared()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        var creation = await eks.PlanAsync(EksStandIn.Small);
        await eks.ExecuteAsync(creation with { Steps = [.. creation.Steps.Where(step => step.Id.StartsWith("network/", StringComparison.Ordinal) || step.Id.StartsWith("role/", StringComparison.Ordinal))] });
        Assert.Empty(account.Ledger.ThereOf("eks:cluster"));

        var found = await AuditAsync(eks, EksStandIn.Owner);

        Assert.Equal([EksAudit.Role, EksAudit.Network], found.Select(item => item.Kind).Distinct());
        Assert.All(found, item => Assert.InRange(_clock.GetUtcNow() - item.MadeAt!.Value, TimeSpan.Zero, TimeSpan.FromMinutes(30)));
        Assert.All(ClusterLeftover.SpareNew(found, _clock.GetUtcNow(), TimeSpan.FromHours(1)), item => Assert.Contains("may be in the making", item.Reason, StringComparison.Ordinal));

        _clock.Pass(TimeSpan.FromHours(1));
        var old = ClusterLeftover.SpareNew(found, _clock.GetUtcNow(), TimeSpan.FromHours(1));
        Assert.Equal(found, old);
        Assert.Empty(await eks.Provider.CollectAsync(old, new EksStandIn.Listener(), TestContext.Current.CancellationToken));
        Assert.Empty(account.Ledger.ThereOf("ec2:vpc"));
    }

    private static Task<IReadOnlyList<ClusterLeftover>> AuditAsync(EksStandIn eks, ClusterOwner? owner) => eks.Provider.AuditAsync(owner, TestContext.Current.CancellationToken);

    private static async Task NewTemplateAsync(StandInAccount account, string name, ClusterOwner? owner, string cluster = EksStandIn.Name)
    {
        using var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken);
        var tags = owner is null ? HalfOurs : EksTags.Of(owner, cluster);
        await access.Ec2.CreateLaunchTemplateAsync(
            new CreateLaunchTemplateRequest
            {
                LaunchTemplateName = name,
                LaunchTemplateData = new RequestLaunchTemplateData { InstanceType = "m5.large" },
                TagSpecifications = [new() { ResourceType = ResourceType.LaunchTemplate, Tags = [.. tags.Select(tag => new Tag(tag.Key, tag.Value))] }],
            }, TestContext.Current.CancellationToken);
    }

    private static JsonObject Record(string name, string cluster, string balancer) => new()
    {
        ["Name"] = name,
        ["Type"] = "A",
        ["SetIdentifier"] = $"kubeapps/{cluster}",
        ["Weight"] = 100L,
        ["AliasTarget"] = new JsonObject { ["HostedZoneId"] = "Z215JYRZR1TBD5", ["DNSName"] = balancer, ["EvaluateTargetHealth"] = false },
    };
}

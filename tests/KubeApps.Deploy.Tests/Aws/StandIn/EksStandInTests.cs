using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;
using KubeApps.Aws.StandIn.Models;
using KubeApps.Deploy.Tests.GitHub;

namespace KubeApps.Deploy.Tests.Aws.StandIn;

/// <summary>The stand-in's EKS takes its time, and refuses what AWS refuses.</summary>
public sealed class EksStandInTests(AwsStandIn aws)
{
    private const string Cluster = """{"name":"shop","version":"1.32","roleArn":"CLUSTER-ROLE","resourcesVpcConfig":{"subnetIds":["PRIVATE-0","PRIVATE-1"]},"accessConfig":{"authenticationMode":"API","bootstrapClusterCreatorAdminPermissions":false},"tags":{"kubeapps.dev/app":"shop"} }""";
    private const string Nodes = """{"clusterName":"shop","nodegroupName":"web","subnets":["PRIVATE-0"],"nodeRole":"NODE-ROLE","instanceTypes":["m5.large"],"scalingConfig":{"minSize":1,"maxSize":3,"desiredSize":2} }""";
    private const string Profile = """{"clusterName":"shop","fargateProfileName":"jobs","podExecutionRoleArn":"POD-ROLE","subnets":["PRIVATE-0"],"selectors":[{"namespace":"jobs"}] }""";

    private readonly HurriedClock _clock = new();

    [Fact]
    public async Task Cluster_Created_HasAnEndpointOnlyWhenItIsActive()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new Eks(account);

        var created = (await eks.AskAsync("CreateCluster", Cluster))["cluster"]!;
        await WaitAsync(TimeSpan.FromMinutes(8));
        var creating = (await eks.AskAsync("DescribeCluster", """{"name":"shop"}"""))["cluster"]!;
        await WaitAsync(TimeSpan.FromMinutes(2));
        var active = (await eks.AskAsync("DescribeCluster", """{"name":"shop"}"""))["cluster"]!;

        Assert.Equal(("CREATING", "CREATING", "ACTIVE"), ((string)created["status"]!, (string)creating["status"]!, (string)active["status"]!));
        Assert.Null(creating["endpoint"]);
        Assert.EndsWith(".gr7.eu-central-1.eks.amazonaws.com", (string)active["endpoint"]!, StringComparison.Ordinal);
        Assert.Equal("shop", account.Ledger.ThereOf("eks:cluster").Single().Tags["kubeapps.dev/app"]);
    }

    [Fact]
    public async Task Cluster_CreatedAgain_IsTheSameOnlyWithItsToken()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new Eks(account);
        var request = Cluster.Replace("{\"name\"", "{\"clientRequestToken\":\"one\",\"name\"", StringComparison.Ordinal);

        var first = await eks.AskAsync("CreateCluster", request);
        var second = await eks.AskAsync("CreateCluster", request);

        Assert.Equal(first.ToJsonString(), second.ToJsonString());
        Assert.Equal("ResourceInUseException", await eks.RefusalOfAsync("CreateCluster", Cluster));
        Assert.Single(account.Ledger.EverOf("eks:cluster"));
    }

    [Fact]
    public async Task Whole_MadeAndTakenApart_OnlyInTheRightOrder()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new Eks(account);
        await eks.AskAsync("CreateCluster", Cluster);
        Assert.Equal("InvalidRequestException", await eks.RefusalOfAsync("CreateNodegroup", Nodes));
        await WaitAsync(TimeSpan.FromMinutes(10));

        await eks.AskAsync("CreateAddon", """{"clusterName":"shop","addonName":"coredns"}""");
        await WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("DEGRADED", await AddOnStatusAsync(eks));
        await eks.AskAsync("CreateNodegroup", Nodes);
        await eks.AskAsync("CreateFargateProfile", Profile);
        Assert.Equal("ResourceInUseException", await eks.RefusalOfAsync("CreateFargateProfile", Profile.Replace("\"jobs\"", "\"more\"", StringComparison.Ordinal)));
        await WaitAsync(TimeSpan.FromMinutes(5));
        Assert.Equal("ACTIVE", await AddOnStatusAsync(eks));

        Assert.Equal("ResourceInUseException", await eks.RefusalOfAsync("DeleteCluster", """{"name":"shop"}"""));
        await eks.AskAsync("DeleteNodegroup", """{"clusterName":"shop","nodegroupName":"web"}""");
        await eks.AskAsync("DeleteFargateProfile", """{"clusterName":"shop","fargateProfileName":"jobs"}""");
        await WaitAsync(TimeSpan.FromMinutes(6));
        await eks.AskAsync("DeleteCluster", """{"name":"shop"}""");
        await WaitAsync(TimeSpan.FromMinutes(5));

        Assert.Equal("ResourceNotFoundException", await eks.RefusalOfAsync("DescribeCluster", """{"name":"shop"}"""));
        Assert.Equal(eks.Planted, account.Ledger.There.Count);
        // One of each, two machines with an interface each, two interfaces of the cluster, and its security group.
        Assert.Equal(eks.Planted + 4 + 4 + 2 + 1, account.Ledger.Ever.Count);
    }

    [Fact]
    public async Task NodeGroup_WithoutCapacity_SaysWhyItFailed()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new Eks(account);
        account.ExhaustedInstanceTypes.Add("m5.large");
        await eks.AskAsync("CreateCluster", Cluster);
        await WaitAsync(TimeSpan.FromMinutes(10));

        await eks.AskAsync("CreateNodegroup", Nodes);
        await WaitAsync(TimeSpan.FromMinutes(4));
        var group = (await eks.AskAsync("DescribeNodegroup", """{"clusterName":"shop","nodegroupName":"web"}"""))["nodegroup"]!;

        Assert.Equal("CREATE_FAILED", (string)group["status"]!);
        Assert.Contains("InsufficientInstanceCapacity", (string)group["health"]!["issues"]![0]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_Upgraded_ByOneMinorAtATime()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new Eks(account);
        await eks.AskAsync("CreateCluster", Cluster);
        await WaitAsync(TimeSpan.FromMinutes(10));
        await eks.AskAsync("CreateNodegroup", Nodes);
        await WaitAsync(TimeSpan.FromMinutes(4));

        Assert.Equal("InvalidParameterException", await eks.RefusalOfAsync("UpdateClusterVersion", """{"name":"shop","version":"1.34"}"""));
        Assert.Equal("InvalidParameterException", await eks.RefusalOfAsync("UpdateNodegroupVersion", """{"clusterName":"shop","nodegroupName":"web","version":"1.33"}"""));
        var update = (string)(await eks.AskAsync("UpdateClusterVersion", """{"name":"shop","version":"1.33"}"""))["update"]!["id"]!;
        Assert.Equal("ResourceInUseException", await eks.RefusalOfAsync("UpdateClusterVersion", """{"name":"shop","version":"1.33"}"""));
        Assert.Equal("InProgress", await UpdateStatusAsync(eks, update));
        await WaitAsync(TimeSpan.FromMinutes(11));
        Assert.Equal("Successful", await UpdateStatusAsync(eks, update));
        await eks.AskAsync("UpdateNodegroupVersion", """{"clusterName":"shop","nodegroupName":"web","version":"1.33"}""");
        await WaitAsync(TimeSpan.FromMinutes(4));

        Assert.Equal("1.33", (string)account.Ledger.ThereOf("eks:nodegroup").Single().Content["version"]!);
        Assert.Equal([update], (await eks.AskAsync("ListUpdates", """{"name":"shop"}"""))["updateIds"]!.AsArray().Select(id => (string)id!));
    }

    [Fact]
    public async Task Access_OfWhoMadeTheCluster_IsOnlyThereWhereAskedFor()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new Eks(account);
        var (role, policy) = ($"arn:aws:iam::{account.Id}:role/ci", "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy");
        await eks.AskAsync("CreateCluster", Cluster);

        Assert.Empty((await eks.AskAsync("ListAccessEntries", """{"clusterName":"shop"}"""))["accessEntries"]!.AsArray());
        await eks.AskAsync("CreateAccessEntry", $$"""{"clusterName":"shop","principalArn":"{{role}}"}""");
        await eks.AskAsync("AssociateAccessPolicy", $$"""{"clusterName":"shop","principalArn":"{{role}}","policyArn":"{{policy}}","accessScope":{"type":"cluster"} }""");

        Assert.Equal("ResourceInUseException", await eks.RefusalOfAsync("CreateAccessEntry", $$"""{"clusterName":"shop","principalArn":"{{role}}"}"""));
        var policies = await eks.AskAsync("ListAssociatedAccessPolicies", $$"""{"clusterName":"shop","principalArn":"{{role}}"}""");
        Assert.Equal(policy, (string)policies["associatedAccessPolicies"]!.AsArray().Single()!["policyArn"]!);
    }

    [Fact]
    public async Task Lists_ThatLag_DoNotKnowYetOfWhatIsThere()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new Eks(account);
        account.Delays = Delays.None with { Lists = TimeSpan.FromSeconds(5) };
        await eks.AskAsync("CreateCluster", Cluster);

        Assert.Empty((await eks.AskAsync("ListClusters"))["clusters"]!.AsArray());
        await eks.AskAsync("DescribeCluster", """{"name":"shop"}""");
        await WaitAsync(TimeSpan.FromSeconds(6));
        Assert.Single((await eks.AskAsync("ListClusters"))["clusters"]!.AsArray());
    }

    [Fact]
    public async Task Lists_InPages_HaveEverything()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new Eks(account);
        for (var number = 0; number < 5; number++)
            await eks.AskAsync("CreateCluster", Cluster.Replace("\"name\":\"shop\"", $"\"name\":\"shop-{number}\"", StringComparison.Ordinal));

        var (names, token) = (new List<string>(), (string?)null);
        do
        {
            var page = await eks.AskAsync("ListClusters", token is null ? """{"maxResults":2}""" : $$"""{"maxResults":2,"nextToken":"{{token}}"}""");
            names.AddRange(page["clusters"]!.AsArray().Select(name => (string)name!));
            token = (string?)page["nextToken"];
        }
        while (token is not null);

        Assert.Equal(["shop-0", "shop-1", "shop-2", "shop-3", "shop-4"], names);
    }

    [Fact]
    public async Task Role_ThatIsFresh_CannotBeTakenOnYet()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new Eks(account);
        using var iam = new RawAws(ServiceModel.Of("iam"), account);
        var trust = new JsonObject { ["Version"] = "2012-10-17", ["Statement"] = JsonNode.Parse("""[{"Effect":"Allow","Principal":{"Service":"eks.amazonaws.com"},"Action":"sts:AssumeRole"}]""") };
        var role = (string)(await iam.AskAsync("CreateRole", new JsonObject { ["RoleName"] = "fresh", ["AssumeRolePolicyDocument"] = trust.ToJsonString() }))["Role"]!["Arn"]!;

        var request = Cluster.Replace("CLUSTER-ROLE", role, StringComparison.Ordinal);
        Assert.Equal("InvalidParameterException", await eks.RefusalOfAsync("CreateCluster", request));
        await WaitAsync(TimeSpan.FromSeconds(11));
        await eks.AskAsync("CreateCluster", request);
        Assert.Equal("InvalidParameterException", await eks.RefusalOfAsync("CreateCluster", Cluster.Replace("CLUSTER-ROLE", "NODE-ROLE", StringComparison.Ordinal).Replace("\"shop\"", "\"other\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Interfaces_LeftBehind_HoldWhatTheyAreIn()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new Eks(account);
        account.LeavesInterfaces = true;
        await eks.AskAsync("CreateCluster", Cluster);
        await WaitAsync(TimeSpan.FromMinutes(10));
        await eks.AskAsync("CreateNodegroup", Nodes);
        await WaitAsync(TimeSpan.FromMinutes(4));
        Assert.Equal(2, account.Ledger.ThereOf("ec2:instance").Count);

        await eks.AskAsync("DeleteNodegroup", """{"clusterName":"shop","nodegroupName":"web"}""");
        await WaitAsync(TimeSpan.FromMinutes(6));
        await eks.AskAsync("DeleteCluster", """{"name":"shop"}""");
        await WaitAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(["available", "available"], account.Ledger.ThereOf("ec2:network-interface").Select(face => (string)face.Content["Status"]!));
        Assert.Contains(account.Ledger.ThereOf("ec2:security-group"), group => group.Tags.GetValueOrDefault("aws:eks:cluster-name") == "shop");
    }

    private static async Task<string> AddOnStatusAsync(Eks eks) => (string)(await eks.AskAsync("DescribeAddon", """{"clusterName":"shop","addonName":"coredns"}"""))["addon"]!["status"]!;

    private static async Task<string> UpdateStatusAsync(Eks eks, string id) => (string)(await eks.AskAsync("DescribeUpdate", $$"""{"name":"shop","updateId":"{{id}}"}"""))["update"]!["status"]!;

    private Task WaitAsync(TimeSpan time) => Task.Delay(time, _clock, TestContext.Current.CancellationToken);

    /// <summary>EKS in an account that has a network and roles.</summary>
    private sealed class Eks : IDisposable
    {
        private readonly RawAws _client;
        private readonly Dictionary<string, string> _planted;

        public Eks(StandInAccount account)
        {
            _client = new(ServiceModel.Of("eks"), account);
            var network = account.PlantNetwork();
            _planted = new()
            {
                ["PRIVATE-0"] = network.PrivateSubnets[0],
                ["PRIVATE-1"] = network.PrivateSubnets[1],
                ["CLUSTER-ROLE"] = account.PlantRole("cluster", "eks.amazonaws.com"),
                ["NODE-ROLE"] = account.PlantRole("nodes", "ec2.amazonaws.com"),
                ["POD-ROLE"] = account.PlantRole("pods", "eks-fargate-pods.amazonaws.com"),
            };
            Planted = account.Ledger.There.Count;
        }

        /// <summary>How much was there before.</summary>
        public int Planted { get; }

        public Task<JsonObject> AskAsync(string operation, string input = "{}") => _client.AskAsync(operation, Filled(input));

        public Task<string> RefusalOfAsync(string operation, string input) => _client.RefusalOfAsync(operation, Filled(input));

        public void Dispose() => _client.Dispose();

        private string Filled(string input) => _planted.Aggregate(input, (text, entry) => text.Replace(entry.Key, entry.Value, StringComparison.Ordinal));
    }
}

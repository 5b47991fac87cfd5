using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Clusters;
using KubeApps.Testing;

namespace KubeApps.Cli.Tests.Eks;

/// <summary>Many clusters get a newer version of Kubernetes: what will be done is shown first, one comes before the rest, and a failure is the end.</summary>
[Collection(EksCollection.Name)]
public sealed class FleetUpgradeTests(EksTool eks)
{
    private static readonly ClusterOwner Shop = new("shop", "prod");

    [Fact]
    public async Task Upgrade_OfClusters_IsShownConfirmedAndDoneOneBeforeTheRest()
    {
        eks.In("eu-west-1");
        await eks.StandAsync("up-1", Shop, "1.33");
        await eks.StandAsync("up-2", new ClusterOwner("blog", "prod"), "1.32");
        await eks.StandAsync("up-3", new ClusterOwner("wiki", "prod"), "1.34");
        string[] upgrade = ["fleet", "upgrade", "--kubernetes-version", "1.34", "--eks", "eu-west-1", "-o", "json"];

        var planned = await DocumentAsync(0, [.. upgrade, "--dry-run"]);
        Assert.Equal(["1 up-1 1.33 1.34 planned", "2 up-2 1.32 1.34 planned", " up-3 1.34 1.34 unchanged"], Rows(planned));
        Assert.Contains("control-plane/1.33", planned["clusters"]![1]!["steps"]!.AsArray().Select(step => (string)step!["id"]!));
        var (exit, output, error) = await eks.RunAsync([.. upgrade[..^2]]);
        Assert.Equal((64, ""), (exit, output));
        Assert.Contains("Upgrade the control plane to 1.34", error, StringComparison.Ordinal);
        Assert.Contains("KUBEAPP0032", error, StringComparison.Ordinal);
        Assert.Empty(Upgrades());

        var done = await DocumentAsync(0, [.. upgrade, "-y"]);

        Assert.Equal(["1 up-1 1.33 1.34 upgraded", "2 up-2 1.32 1.34 upgraded", " up-3 1.34 1.34 unchanged"], Rows(done));
        Assert.Equal(["eu-west-1", eks.Account.Id, "shop"], [(string)done["clusters"]![0]!["region"]!, (string)done["clusters"]![0]!["account"]!, (string)done["clusters"]![0]!["app"]!]);
        Assert.Equal(["up-1 1.34", "up-2 1.33", "up-2 1.34"], Upgrades());
        Assert.Equal([" up-1 1.34 1.34 unchanged", " up-2 1.34 1.34 unchanged", " up-3 1.34 1.34 unchanged"], Rows(await DocumentAsync(0, [.. upgrade, "-y"])));
    }

    [Fact]
    public async Task Upgrade_WhereOneFails_LeavesTheRestAsItIs()
    {
        eks.In("eu-west-2");
        await eks.StandAsync("bad-1", Shop, "1.33", ClusterHealth.Failing);
        await eks.StandAsync("bad-2", new ClusterOwner("blog", "prod"), "1.33");
        string[] upgrade = ["fleet", "upgrade", "--kubernetes-version", "1.34", "--eks", "eu-west-2", "-y"];

        // The cluster is upgraded, but the app in it does not come up.
        var (exit, output, error) = await eks.RunAsync(upgrade);

        Assert.Equal(1, exit);
        Assert.Matches(@"1 +bad-1 +shop +prod +1\.33 → 1\.34 +failed .*shop \(prod\) is not up after the upgrade of bad-1: ", output);
        Assert.Matches(@"2 +bad-2 +blog +prod +1\.33 → 1\.34 +skipped", output);
        Assert.Contains("KUBEAPP8154", error, StringComparison.Ordinal);
        Assert.Contains("1 failure: 1 cluster of 2 was not touched.", error, StringComparison.Ordinal);
        Assert.EndsWith("1 failed, 1 skipped.\n", error, StringComparison.Ordinal);

        // What is known of before the first begins keeps all from beginning.
        eks.Account.Next(1, Fault.Refused("AccessDeniedException", "No."), request => request.Action == "eks:ListNodegroups" && (string?)request.Input["clusterName"] == "bad-1");
        var stopped = await DocumentAsync(1, [.. upgrade, "-o", "json"]);
        Assert.Equal(["failed", "skipped"], stopped["clusters"]!.AsArray().Select(cluster => (string)cluster!["outcome"]!));
        Assert.Equal("KUBEAPP8103", (string)stopped["clusters"]![0]!["diagnostics"]![0]!["code"]!);
    }

    [Fact]
    public async Task Upgrade_OfClustersWithMachines_BringsThoseAlongAndAsksOnceForWhatAllShare()
    {
        eks.In("sa-east-1");
        foreach (var (name, app) in ((string, string)[])[("many-1", "shop"), ("many-2", "blog"), ("many-3", "wiki")])
        {
            await eks.StandAsync(name, new ClusterOwner(app, "prod"), "1.33");
            foreach (var group in (string[])["web-00000001", "batch-00000001"])
                await eks.StandNodesAsync(name, new ClusterOwner(app, "prod"), group, "1.32");
        }

        string[] upgrade = ["fleet", "upgrade", "--kubernetes-version", "1.34", "--eks", "sa-east-1", "-o", "json"];

        var planned = await DocumentAsync(0, [.. upgrade, "--dry-run"]);

        foreach (var cluster in planned["clusters"]!.AsArray())
            Assert.Equal(
                ["control-plane/1.34", "node-pool/batch-00000001/1.34", "node-pool/web-00000001/1.34"],
                cluster!["steps"]!.AsArray().Select(step => (string)step!["id"]!).Where(id => !id.StartsWith("addon/", StringComparison.Ordinal)).Order());
        Assert.Single(Asked("DescribeClusterVersions"));
        Assert.Single(Asked("DescribeAvailabilityZones"));
        Assert.Equal(6, Asked("DescribeAddonVersions").Count());
        foreach (var operation in (string[])["GetServiceQuota", "GetAWSDefaultServiceQuota", "DescribeInstances", "DescribeInstanceTypes", "DescribeVpcs"])
            Assert.Empty(Asked(operation));

        var done = await DocumentAsync(0, [.. upgrade, "-y"]);

        Assert.All(done["clusters"]!.AsArray(), cluster => Assert.Equal("upgraded", (string)cluster!["outcome"]!));
        var groups = eks.Account.Ledger.ThereOf("eks:nodegroup").Where(group => group.Region == "sa-east-1").ToList();
        Assert.Equal(6, groups.Count);
        Assert.All(groups, group => Assert.Equal("1.34", (string)group.Content["version"]!));
        Assert.Equal(6, Asked("UpdateNodegroupVersion").Count());
        // Machines go when disruption budgets let them go.
        Assert.DoesNotContain(Asked("UpdateNodegroupVersion"), request => request.Input.ContainsKey("force"));

        IEnumerable<StandInRequest> Asked(string operation) => eks.Account.Requests.Where(request => request.Region == "sa-east-1" && request.Operation == operation);
    }

    [Fact]
    public async Task Upgrade_WhereMachinesWouldBeTooFarBehind_BeginsNoneAndSaysTheWay()
    {
        eks.In("mx-central-1");
        await eks.StandAsync("far-1", new ClusterOwner("blog", "prod"), "1.33");
        await eks.StandAsync("far-2", Shop, "1.33");
        await eks.StandNodesAsync("far-2", Shop, "web-00000001", "1.30");

        var stopped = await DocumentAsync(1, "fleet", "upgrade", "--kubernetes-version", "1.34", "--eks", "mx-central-1", "-y", "-o", "json");

        Assert.Equal(["skipped", "failed"], stopped["clusters"]!.AsArray().OrderBy(cluster => (string)cluster!["cluster"]!, StringComparer.Ordinal).Select(cluster => (string)cluster!["outcome"]!));
        var diagnostic = stopped["clusters"]!.AsArray().SelectMany(cluster => cluster!["diagnostics"]!.AsArray()).Single()!;
        Assert.Equal("KUBEAPP8115", (string)diagnostic["code"]!);
        Assert.Contains("Upgrade to 1.33 first", (string)diagnostic["nextStep"]!, StringComparison.Ordinal);
        Assert.DoesNotContain(eks.Account.Requests, request => request.Region == "mx-central-1" && request.Operation.StartsWith("Update", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Clusters_OfOneNameInTwoRegions_AreToldApart()
    {
        eks.In("ap-south-1");
        await eks.StandAsync("twin-1", Shop, "1.33");
        eks.In("ap-south-2");
        await eks.StandAsync("twin-1", Shop, "1.33");
        string[] upgrade = ["fleet", "upgrade", "--kubernetes-version", "1.33", "--eks", "ap-south-1,ap-south-2"];

        var (exit, output, error) = await eks.RunAsync([.. upgrade, "--dry-run"]);

        Assert.True(exit == 0, error);
        Assert.Equal(["ap-south-1/twin-1", "ap-south-2/twin-1"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(row => row.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]));
        Assert.Equal(["ap-south-2"], (await DocumentAsync(0, [.. upgrade, "--dry-run", "-l", "region=ap-south-2", "-o", "json"]))["clusters"]!.AsArray().Select(cluster => (string)cluster!["region"]!));
        (exit, output, _) = await eks.RunAsync("fleet", "list", "--eks", "ap-south-2", "-o", "json");
        var app = DocumentReference.Verify(output, "FleetList")["apps"]![0]!;
        Assert.Equal((0, "twin-1", "ap-south-2", eks.Account.Id), (exit, (string)app["cluster"]!, (string)app["region"]!, (string)app["account"]!));
    }

    [Theory]
    [InlineData("'1.34.1' is no version of Kubernetes", "--kubernetes-version", "1.34.1", "--eks", "eu-west-3")]
    [InlineData("clusters cannot be selected by a namespace", "--kubernetes-version", "1.34", "--eks", "eu-west-3", "-l", "namespace=shop")]
    [InlineData("No region was named", "--kubernetes-version", "1.34")]
    [InlineData("No cluster there is one that is meant", "--kubernetes-version", "1.34", "--eks", "eu-west-3")]
    public async Task Upgrade_OfNothingThatIsMeant_IsWrongUsage(string mistake, params string[] arguments)
    {
        var (exit, output, error) = await eks.RunAsync(["fleet", "upgrade", .. arguments]);

        Assert.Equal((64, ""), (exit, output));
        Assert.Contains(mistake, error, StringComparison.Ordinal);
    }

    private IEnumerable<string> Upgrades() => eks.Account.Requests
        .Where(request => request.Action == "eks:UpdateClusterVersion" && request.Region == "eu-west-1").Select(request => $"{request.Input["name"]} {request.Input["version"]}");

    private static IEnumerable<string> Rows(JsonObject document) =>
        document["clusters"]!.AsArray().Select(cluster => $"{cluster!["wave"]} {cluster["cluster"]} {cluster["from"]} {cluster["to"]} {cluster["outcome"]}");

    private async Task<JsonObject> DocumentAsync(int expected, params string[] arguments)
    {
        var (exit, output, error) = await eks.RunAsync(arguments);
        Assert.True(exit == expected, $"{exit}: {error}");
        return DocumentReference.Verify(output, "FleetUpgrade");
    }
}

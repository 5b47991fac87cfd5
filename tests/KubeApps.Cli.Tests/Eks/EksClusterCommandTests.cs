using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;

namespace KubeApps.Cli.Tests.Eks;

/// <summary>An app's cluster on EKS, from its plan to its end, through the command line.</summary>
[Collection(EksCollection.Name)]
public sealed class EksClusterCommandTests(EksTool eks)
{
    [Fact]
    public async Task Cluster_FromPlanToEnd_IsMadeLookedAtChangedAndDeleted()
    {
        string[] where = ["-e", "prod", "--bundle", eks.In("ca-central-1").Bundle("care")];

        var plan = await DocumentAsync("ClusterPlan", 0, ["plan", "--kubernetes-version", "1.33", .. where]);
        Assert.Equal(("care-prod-1", "EKS", true), ((string)plan["name"]!, ((string)plan["provider"]!)[..3], (double)plan["expectedSeconds"]! > 60));
        Assert.DoesNotContain(eks.Account.Ledger.ThereOf("eks:cluster"), cluster => cluster.Key == "care-prod-1");
        var (exit, output, error) = await RunAsync(["doctor", .. where]);
        Assert.Equal((1, true), (exit, output.Contains("WRONG  care (prod) has no cluster", StringComparison.Ordinal)));

        (exit, output, error) = await RunAsync(["create", "--kubernetes-version", "1.33", .. where]);
        Assert.True((exit, output) == (0, "care-prod-1\n"), error);
        (exit, output, error) = await RunAsync(["doctor", .. where]);
        Assert.True(exit == 0, output + error);
        Assert.Contains("ok     the API of care-prod-1 answers", output, StringComparison.Ordinal);
        Assert.Equal("ready", (string?)(await DocumentAsync("Cluster", 0, ["get", "care-prod-1", .. where]))["state"]);

        // Another version is not what stands.
        (exit, output, _) = await RunAsync(["doctor", "--kubernetes-version", "1.34", .. where]);
        Assert.Equal((1, true), (exit, output.Contains("care-prod-1 is not what the specification says: Upgrade the control plane to 1.34", StringComparison.Ordinal)));
        (exit, _, error) = await RunAsync(["update", "--kubernetes-version", "1.34", .. where]);
        Assert.Equal((64, true), (exit, error.Contains("KUBEAPP0032", StringComparison.Ordinal)));
        (exit, _, error) = await RunAsync(["update", "--kubernetes-version", "1.34", "-y", .. where]);
        Assert.True(exit == 0, error);
        Assert.EndsWith("care-prod-1 is changed.\n", error, StringComparison.Ordinal);
        Assert.Equal("1.34", (string?)(await DocumentAsync("Cluster", 0, ["get", "care-prod-1", .. where]))["version"]);

        Assert.NotEmpty((await DocumentAsync("ClusterPlan", 0, ["plan", "--delete", .. where]))["steps"]!.AsArray());
        Assert.Equal(64, (await RunAsync(["delete", "care-prod-1", .. where])).Exit);
        Assert.Empty((await DocumentAsync("ClusterDeletion", 0, ["delete", "care-prod-1", "-y", .. where]))["leftovers"]!.AsArray());
        Assert.Contains("KUBEAPP0080", (await RunAsync(["get", "care-prod-1", .. where])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collection_OfWhatAClusterHasLeft_AsksAndDeletesIt()
    {
        string[] where = ["-e", "prod", "--bundle", eks.In("ca-west-1").Bundle("lost")];
        eks.Account.PlantLoadBalancer("k8s-lost", eks.Account.PlantNetwork(), new Dictionary<string, string> { ["elbv2.k8s.aws/cluster"] = "lost-prod-1" });

        var (exit, _, error) = await RunAsync(["gc", .. where]);
        Assert.Equal((64, true), (exit, error.Contains("KUBEAPP0032", StringComparison.Ordinal)));

        var collected = await DocumentAsync("ClusterCollection", 0, ["gc", "-y", .. where]);

        Assert.NotEmpty(collected["found"]!.AsArray());
        Assert.Empty(collected["leftovers"]!.AsArray());
        Assert.DoesNotContain(eks.Account.Ledger.ThereOf("elasticloadbalancing:loadbalancer"), balancer => balancer.Key.Contains("k8s-lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Creation_ThatFailsAndCleansUp_TakesAllOfItDownAndSaysSo()
    {
        string[] where = ["-e", "prod", "--bundle", eks.In("eu-north-1").Bundle("failing")];
        eks.Account.Next(1000, Fault.Refused("InvalidRequestException", "This principal cannot be given an entry."), request => request.Action == "eks:CreateAccessEntry");

        var (exit, _, error) = await RunAsync(["create", "--cleanup-on-failure", .. where]);
        eks.Account.ForgetFaults();

        Assert.Equal(1, exit);
        Assert.Contains("failing-prod-1 could not be made", error, StringComparison.Ordinal);
        Assert.Contains("failing-prod-1 is gone; nothing of it is left.\n", error, StringComparison.Ordinal);
        Assert.DoesNotContain(eks.Account.Ledger.There, item => item.Tags.Values.Contains("failing-prod-1"));
    }

    [Fact]
    public async Task Collection_OfAVolume_LeavesItAndEndsWithWhatIsLeft()
    {
        string[] where = ["-e", "prod", "--bundle", eks.In("me-central-1").Bundle("kept")];
        var volume = eks.Account.PlantVolume(new Dictionary<string, string> { ["kubernetes.io/cluster/kept-prod-1"] = "owned" });

        var (exit, _, error) = await RunAsync(["gc", "-y", .. where]);
        var collected = await DocumentAsync("ClusterCollection", 1, ["gc", "-y", .. where]);

        Assert.Equal(1, exit);
        Assert.Equal($"kept-prod-1: Volume {volume} (it may hold data; delete it by hand)\n1 things are left.\n", error);
        Assert.Equal(volume, (string?)Assert.Single(collected["leftovers"]!.AsArray())!["id"]);
    }

    private Task<(int Exit, string Out, string Error)> RunAsync(params string[] arguments) => eks.RunAsync(["cluster", .. arguments]);

    private async Task<JsonObject> DocumentAsync(string kind, int expected, string[] arguments)
    {
        var (exit, output, error) = await RunAsync([.. arguments, "-o", "json"]);
        Assert.True(exit == expected, $"{exit}: {error}");
        return DocumentReference.Verify(output, kind);
    }
}

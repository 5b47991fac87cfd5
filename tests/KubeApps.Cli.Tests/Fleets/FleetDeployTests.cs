using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Targets;
using KubeApps.Events;

namespace KubeApps.Cli.Tests.Fleets;

/// <summary>An app that stands twice on a real sandbox is deployed by the fleet: to one first, and no further where that fails.</summary>
public sealed class FleetDeployTests(ToolProcess tool) : IClassFixture<ToolProcess>
{
    [Fact]
    public async Task Deploy_OfAnAppThatStandsTwice_GoesFromTheFirstToTheRestAndStopsWhereItFails()
    {
        var sandbox = JsonNode.Parse((await tool.RunAsync("sandbox", "start", "-o", "json")).Out)!;
        var (kubeconfig, registry) = ((string)sandbox["kubeconfig"]!, (string)sandbox["registry"]!);
        string[] fleet = ["--kubeconfig", kubeconfig, "--context", "*", "-l", "namespace=shop-*"];
        var folder = tool.WriteBundle("shop", registry);
        Assert.Equal(64, (await tool.RunAsync(["fleet", "deploy", .. fleet, "--bundle", folder])).Exit);
        foreach (var ns in new[] { "shop-a", "shop-b" })
            Assert.Equal(0, (await tool.RunAsync("deploy", "--bundle", folder, "-n", ns)).Exit);
        Assert.Equal(0, (await tool.RunAsync("deploy", "--bundle", folder, "-n", "shop-pr-1", "--transient")).Exit);

        // What is there already is left as it is.
        Assert.Equal(["1 shop-a unchanged", "2 shop-b unchanged"], Outcomes(await DeployAsync(0, fleet, folder)));

        var changed = tool.WriteBundle("shop", registry, variable: "new");
        Assert.Equal(["1 shop-a planned", "1 shop-b planned"], Outcomes(await DeployAsync(0, fleet, changed, "--waves", "2", "--dry-run")));
        Assert.Equal(["1 shop-a deployed", "1 shop-b deployed"], Outcomes(await DeployAsync(0, fleet, changed, "--waves", "100%")));

        // What was scaled is the app's own still: the deploy that follows asks nobody for it.
        string[] lasting = [.. fleet[..4], "-l", "namespace in (shop-a,shop-b)"];
        Assert.Equal(["planned 1 2", "planned 1 2"], Scaled(await ScaleAsync(0, lasting, "2", "--dry-run")));
        Assert.Equal(["scaled 1 2", "scaled 1 2"], Scaled(await ScaleAsync(0, lasting, "2")));
        Assert.Equal(["unchanged 2 2", "unchanged 2 2"], Scaled(await ScaleAsync(0, lasting, "2")));
        var again = tool.WriteBundle("shop", registry, variable: "newer");
        Assert.Equal(["1 shop-a deployed", "2 shop-b deployed"], Outcomes(await DeployAsync(0, fleet, again)));
        Assert.Equal(["planned 1 0", "planned 1 0"], Scaled(await ScaleAsync(0, lasting, "0", "--dry-run")));

        var bad = tool.WriteBundle("shop", registry, "/nosuch");
        var stopped = await DeployAsync(1, fleet, bad, "--timeout", "4s");
        Assert.Equal(["1 shop-a rolledBack", "2 shop-b skipped"], Outcomes(stopped));
        Assert.Equal("KUBEAPP6001", (string?)stopped["apps"]![0]!["diagnostics"]![0]!["code"]);

        var (exit, output, _) = await tool.RunAsync(["fleet", "list", .. fleet, "-o", "json"]);
        Assert.Equal(0, exit);
        Assert.Equal([false, false, true], DocumentReference.Verify(output, "FleetList")["apps"]!.AsArray().Select(app => (bool)app!["transient"]!));
        (exit, output, var error) = await tool.RunAsync(["fleet", "drift", .. fleet, "-o", "json"]);
        Assert.True(exit == 0, error);
        DocumentReference.Verify(output, "FleetDrift");
        await DeleteServiceAsync(kubeconfig, "shop-b");
        (exit, output, error) = await tool.RunAsync(["fleet", "drift", .. fleet]);
        Assert.Equal((2, "1 of 3 apps drifted.\n"), (exit, error));
        Assert.Contains("Service shop-b/web", Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)), StringComparison.Ordinal);
        (exit, output, _) = await tool.RunAsync(["fleet", "status", .. fleet, "-o", "json"]);
        Assert.Equal(0, exit);
        var first = DocumentReference.Verify(output, "FleetStatus")["apps"]![0]!;
        Assert.Equal(("healthy", 1, 1), ((string?)first["state"], (int)first["ready"]!, (int)first["desired"]!));
        Assert.StartsWith("The deploy of revision 4 did not end well", (string?)first["message"], StringComparison.Ordinal);
    }

    // Nobody's pods failed as long as there were none.
    [Fact]
    public async Task Scale_WherePodsFail_SaysWhyAndLeavesTheRestAsItIs()
    {
        var sandbox = JsonNode.Parse((await tool.RunAsync("sandbox", "start", "-o", "json")).Out)!;
        string[] fleet = ["--kubeconfig", (string)sandbox["kubeconfig"]!, "--context", "*", "-l", "namespace in (lame-a,lame-b)"];
        var folder = tool.WriteBundle("lame", (string)sandbox["registry"]!, replicas: 0, crashes: true);
        foreach (var ns in new[] { "lame-a", "lame-b" })
            Assert.Equal(0, (await tool.RunAsync("deploy", "--bundle", folder, "-n", ns)).Exit);

        var failed = await ScaleAsync(1, fleet, "1");

        Assert.Equal(["failed", "skipped"], failed["apps"]!.AsArray().Select(app => (string)app!["outcome"]!));
        var diagnostic = failed["apps"]![0]!["diagnostics"]![0]!;
        Assert.Equal("KUBEAPP8153", (string)diagnostic["code"]!);
        Assert.Contains("Deployment lame-a/web has its new number, but its pods do not come up: ", (string)diagnostic["cause"]!, StringComparison.Ordinal);
        // What has failed keeps its number; the next run begins with what was left.
        Assert.Equal(["unchanged 1 1", "planned 0 1"], Scaled(await ScaleAsync(0, fleet, "1", "--dry-run")));
        Assert.Equal(["scaled 1 0", "unchanged 0 0"], Scaled(await ScaleAsync(0, fleet, "0")));
    }

    private async Task<JsonObject> DeployAsync(int expected, string[] fleet, string bundle, params string[] more)
    {
        var (exit, output, error) = await tool.RunAsync(["fleet", "deploy", .. fleet, "--bundle", bundle, .. more, "-o", "json"]);
        Assert.True(expected == exit, $"{exit}: {error}");
        return DocumentReference.Verify(output, "FleetDeploy");
    }

    private async Task<JsonObject> ScaleAsync(int expected, string[] fleet, string replicas, params string[] more)
    {
        var (exit, output, error) = await tool.RunAsync(["fleet", "scale", "web", "--replicas", replicas, .. fleet, .. more, "-o", "json"]);
        Assert.True(expected == exit, $"{exit}: {error}");
        return DocumentReference.Verify(output, "FleetScale");
    }

    private static IEnumerable<string> Scaled(JsonObject document) => document["apps"]!.AsArray().Select(app => $"{app!["outcome"]} {app["from"]} {app["to"]}");

    private static async Task DeleteServiceAsync(string kubeconfig, string ns)
    {
        var token = TestContext.Current.CancellationToken;
        using var connection = await KubeconfigTarget.ConnectAsync(null, kubeconfig, IgnoredEvents.Instance, TimeProvider.System, token);
        await connection.Client.SendAsync(HttpMethod.Delete, ResourceType.Service.ObjectPath(ns, "web"), null, token);
    }

    private static IEnumerable<string> Outcomes(JsonObject document) => document["apps"]!.AsArray().Select(app => $"{app!["wave"]} {app["namespace"]} {app["outcome"]}");
}

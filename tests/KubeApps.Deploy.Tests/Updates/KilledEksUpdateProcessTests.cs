using System.Diagnostics;
using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;
using KubeApps.Bundles;
using KubeApps.Deploy.Tests.Clusters;
using KubeApps.Deploy.Tests.Clusters.Eks;
using KubeApps.Deploy.Tests.Faults;

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>
/// The tool as users have it makes the new cluster of an app on EKS, and its process is killed again and again: what it has just asked AWS for is done, but nobody
/// hears of it, and nobody tidies up. Whoever runs it again goes on. (The end of a cluster waits for minutes of silence: its deletion alone is killed elsewhere.)
/// </summary>
public sealed class KilledEksUpdateProcessTests(AwsStandIn aws, EksSandboxes sandboxes) : IClassFixture<EksSandboxes>
{
    private const string App = "moving";

    // So many writes to AWS a run gets done.
    private const int Writes = 5;

    // None that grows: the controller for that would not run in a sandbox.
    private const string Hardware = """{ "nodePools": [ { "name": "web", "instanceTypes": ["m5.large"], "min": 2, "max": 2 } ] }""";

    private static readonly string[] Names = [$"{App}-prod-1", $"{App}-prod-2"];

    private readonly AwsClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_KilledAgainAndAgain_IsHeldAtLastAndHasMadeAllOfItOnce()
    {
        using var account = await aws.NewAccountAsync(_clock);
        account.Delays = Delays.None;
        account.PlantZone("example.org");
        await using var old = await ServeAsync(account, 0);
        await using var heir = await ServeAsync(account, 1);
        account.Endpoints = name => (name == Names[0] ? old : heir).Endpoint;
        await DeployAsync(account, null, Where(0));

        var kills = 0;
        for (; await DeployAsync(account, Writes, ["--hold", "--wait-for-lock", "1m", .. Where(1)]); kills++)
        {
            Assert.True(kills < 50, "It gets nowhere.");
            foreach (var sandbox in sandboxes.Both)
                await KilledTool.LetTimePassAsync(sandbox.Client, App, Token);
        }

        Assert.InRange(kills, 2, 10);
        Assert.Equal(Names, account.Ledger.ThereOf("eks:cluster").Select(cluster => cluster.Key).Order(StringComparer.Ordinal));
        foreach (var kind in (string[])["eks:cluster", "eks:nodegroup"])
            Assert.Equal(2, account.Ledger.EverOf(kind).Count());
        foreach (var kind in (string[])["ec2:vpc", "ec2:natgateway", "ec2:elastic-ip", "ec2:internet-gateway"])
            Assert.Single(account.Ledger.EverOf(kind));

        string[] Where(int number) => ["--scope", "cluster", "-e", "prod", "--bundle", BundleOf(account, number)];
    }

    /// <returns>Whether it was killed; else it ended well.</returns>
    private async Task<bool> DeployAsync(StandInAccount account, int? killedAt, string[] options)
    {
        var start = ToolProgram.Start(["deploy", .. options], sandboxes.Both[0].Home);
        foreach (var (name, value) in account.Variables)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var isKilled = account.KillAtWrite(process, killedAt);
        var end = await ToolEnd.OfAsync(process, Token);
        account.ForgetFaults();
        Assert.True(isKilled() || end.ExitCode == 0, $"It ended with {end.ExitCode}: {end.Output}{end.Error}");
        return isKilled();
    }

    private Task<EksServer> ServeAsync(StandInAccount account, int number) => EksServer.StartAsync(
        account, Names[number], sandboxes.Both[number].ServerClient(new BalancerController(account, Names[number])), sandboxes.Both[number].ApiServer);

    // A sandbox runs images of its own registry only.
    private string BundleOf(StandInAccount account, int number)
    {
        var ((phase, deployment), service) = (sandboxes.Both[number].Web(1), SandboxCluster.WebService);
        service.Content["metadata"]!["annotations"] = new JsonObject { ["external-dns.alpha.kubernetes.io/hostname"] = $"{App}.example.org" };
        service.Content["spec"]!["type"] = "LoadBalancer";
        var bundle = SandboxCluster.Bundle(App, TimeSpan.FromMinutes(2), (phase, deployment), service);
        var folder = Path.Combine(sandboxes.Both[number].Home, "bundle");
        var environment = bundle.Environments[0] with
        {
            Name = "prod",
            Target = new BundleTarget("eks") { Account = account.Id, Region = account.Region },
            Hardware = JsonNode.Parse(Hardware)!.AsObject(),
        };
        BundleFiles.Write(bundle with { Environments = [environment] }, folder);
        return folder;
    }
}

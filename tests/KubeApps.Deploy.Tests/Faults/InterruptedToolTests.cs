using System.Diagnostics;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Tests.BlueGreen;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>
/// The real tool is told to end (Ctrl+C, SIGTERM) in the middle of a write and in everything that it waits for: it exits with 130 and says
/// what stands and what to do next.
/// </summary>
public sealed class InterruptedToolTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    // From the signal to the end; what takes seconds here takes a fraction of one on a machine that is not busy.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(9);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    // The second one is sent to who goes on where the first one ended.
    private static readonly Signal[] Signals = [Signal.Int, Signal.Term];

    private readonly KilledTool _tool = new(cluster);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_ToldToEndInTheRollout_SaysWhatStandsAndTheNextOneWaitsForIt()
    {
        var (phase, web) = cluster.Web(1, null, null, "serve", "sick");
        var bundle = Bundle("rollout", Long, (phase, web));

        foreach (var signal in Signals)
        {
            var ended = await InterruptAsync(bundle, signal, "  Deployment web: 0/1 ready");

            Assert.Equal("Cancelled. What was applied stays; deploy again to go on.", ended.Last);
            await VerifyLetGoAsync("rollout", RevisionOutcome.Cancelled);
        }

        // Nothing has changed since, but nobody knows yet whether it comes up.
        var next = await new Deployer(cluster.Connection, _ => null).RunAsync(
            new DeployRequest(bundle, "local", Timeout: TimeSpan.FromSeconds(3)), new EventLog(), Token);
        Assert.Equal(DeployOutcome.TimedOut, next.Outcome);
    }

    [Fact]
    public async Task Deploy_ToldToEndInACheck_EndsTheCheckAndLeavesNoCopy()
    {
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(Bundle("checked", Long, cluster.Web(1), WebService))).Outcome);
        var bundle = Bundle("checked", Long, cluster.Web(1, null, null, "serve", "again"), WebService)
            .Checked(new BundleCheck("command", "command sleep", Long) { Command = ["dotnet", PodApp, "sleep"] });

        foreach (var signal in Signals)
        {
            var ended = await InterruptAsync(bundle, signal, "Run 1 check ...");

            Assert.StartsWith("Cancelled. ", ended.Last, StringComparison.Ordinal);
            await VerifyLetGoAsync("checked", RevisionOutcome.Cancelled);
            Assert.Single((await cluster.Client.ListAsync(ResourceType.Deployment, "checked", null, Token)).Items);
        }
    }

    [Fact]
    public async Task Deploy_ToldToEndWhileItWaitsForTheLock_LeavesTheLockToItsHolder()
    {
        await cluster.Client.SendAsync(HttpMethod.Post, "/api/v1/namespaces", Parse("""{"metadata":{"name":"waiting"} }"""), Token);
        await using var held = await new AppLock(cluster.Client, new EventLog(), new LockHolder("jane@laptop/1", null, "deploy")).TakeAsync("waiting", "waiting", null, Token);

        foreach (var signal in Signals)
        {
            var ended = await InterruptAsync(Bundle("waiting", Long, Config("settings")), signal, "waiting is locked by jane@laptop/1", "--wait-for-lock");

            Assert.Equal("Cancelled. Nothing was applied.", ended.Last);
            var lease = await cluster.Client.GetAsync(ResourceType.Lease, "waiting", LockLease.NameOf("waiting"), Token);
            Assert.Equal("jane@laptop/1", LockLease.FromObject(lease)?.Holder.Identity);
        }
    }

    [Fact]
    public async Task Deploy_ToldToEndInTheSoak_SaysWhichVersionServesAndTheNextOneGoesOn()
    {
        var app = new SlottedApp(cluster, "soaking");
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting("1"))).Outcome);
        var second = app.Resting("2").KeepingOld(Long);

        foreach (var signal in Signals)
        {
            var ended = await InterruptAsync(second, signal, "Watch green");

            // The next one has nothing to apply.
            Assert.StartsWith($"Cancelled{(signal == Signals[0] ? "" : ". Nothing was applied")}: green serves, blue stands beside it", ended.Last, StringComparison.Ordinal);
            Assert.EndsWith("; deploy again to go on, or 'dotnet kubeapp abort'.", ended.Last, StringComparison.Ordinal);
            await VerifyLetGoAsync("soaking", RevisionOutcome.Cancelled);
        }

        Assert.Equal(DeployOutcome.Deployed, (await app.PromoteAsync()).Outcome);
        await app.RequireAloneAsync(second, "soak");
    }

    [Theory]
    [InlineData(Signal.Int)]
    [InlineData(Signal.Term)]
    public async Task Promote_ToldToEndInTheSoak_SaysWhichVersionServesAndTheNextOneGoesOn(Signal signal)
    {
        var name = $"promoted-{signal}".ToLowerInvariant();
        var app = new SlottedApp(cluster, name);
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting("1"))).Outcome);
        var second = app.Resting("2").KeepingOld(Long);
        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(second, hold: true)).Outcome);

        var ended = await InterruptAsync(["promote", name], signal, "Watch green");

        Assert.StartsWith("Cancelled: green serves, blue stands beside it", ended.Last, StringComparison.Ordinal);
        await VerifyLetGoAsync(name, RevisionOutcome.Deploying);
        // Who promotes what serves already ends the soak.
        Assert.Equal(DeployOutcome.Deployed, (await app.PromoteAsync()).Outcome);
        await app.RequireAloneAsync(second, "promote");
    }

    [Fact]
    public async Task Abort_ToldToEndWhileTheNewVersionGoes_SaysSoAndTheNextOneGoesOn()
    {
        var app = new SlottedApp(cluster, "aborted");
        var first = app.Resting("1");
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(first)).Outcome);
        var second = app.Resting("2");
        var content = second.Environments[0].Objects.Single(item => (string?)item.Content["kind"] == "Deployment").Content;
        // Somebody has to agree before it is gone.
        content["metadata"]!["finalizers"] = new JsonArray("test.example/agreed");
        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(second, hold: true)).Outcome);

        foreach (var signal in Signals)
        {
            var ended = await InterruptAsync(["abort", "aborted"], signal, "Delete green ...");

            Assert.Equal("Cancelled: blue serves, green is being taken away (abort goes on); deploy again to go on, or 'dotnet kubeapp abort'.", ended.Last);
            await VerifyLetGoAsync("aborted", RevisionOutcome.Deploying);
        }

        await cluster.Client.PatchAsync(ResourceType.Deployment, "aborted", "web-green", (JsonArray)JsonNode.Parse("""[{"op":"remove","path":"/metadata/finalizers"}]""")!, Token);
        Assert.Equal(DeployOutcome.Aborted, (await app.AbortAsync()).Outcome);
        await app.RequireAloneAsync(first, "abort");
    }

    [Fact]
    public async Task Rollback_ToldToEndInTheSoak_GoesOnWhenItIsRunAgain()
    {
        var app = new SlottedApp(cluster, "back");
        var (zeroth, first) = (app.Resting("0"), app.Resting("1").KeepingOld(Long));
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(zeroth)).Outcome);
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(first, soak: false)).Outcome);
        Assert.Equal(DeployOutcome.Deployed, (await app.PromoteAsync()).Outcome);
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting("2"))).Outcome);

        foreach (var signal in Signals)
        {
            var ended = await InterruptAsync(["rollback", "back", "--yes"], signal, "Watch green");

            Assert.StartsWith($"Cancelled{(signal == Signals[0] ? "" : ". Nothing was applied")}: green serves, blue stands beside it", ended.Last, StringComparison.Ordinal);
            Assert.EndsWith("; run it again to go on, or 'dotnet kubeapp abort'.", ended.Last, StringComparison.Ordinal);
            await VerifyLetGoAsync("back", RevisionOutcome.Cancelled);
        }

        Assert.Equal(DeployOutcome.Deployed, (await app.PromoteAsync()).Outcome);
        await app.RequireAloneAsync(first, "rollback");
    }

    [Fact]
    public async Task Deploy_ToldToEndTwice_EndsAtOnce()
    {
        using var server = cluster.ServerClient();
        // The server does not answer any more: the first signal waits for what became of the write.
        await using var proxy = await KillingProxy.StartAsync(server, cluster.ApiServer, new KillPoint(3), Signal.Int);
        proxy.FallsSilent = true;
        using var process = await _tool.StartAsync(Bundle("twice", Long, Config("settings")), proxy, Token);
        while (proxy.KilledAt is null)
            await Task.Delay(50, Token);

        var started = TimeProvider.System.GetTimestamp();
        await process.SendAsync(Signal.Int);

        var ended = await ToolEnd.OfAsync(process, Token);
        Assert.Equal(130, ended.ExitCode);
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(3), $"{ended}");
        Assert.StartsWith("Ended at once", ended.Last, StringComparison.Ordinal);
    }

    private Task<ToolEnd> InterruptAsync(Bundle bundle, Signal signal, string when, params string[] options) =>
        InterruptAsync(proxy => _tool.StartAsync(bundle, proxy, Token, options), signal, when);

    private Task<ToolEnd> InterruptAsync(string[] command, Signal signal, string when) => InterruptAsync(proxy => _tool.StartAsync(proxy, command, Token), signal, when);

    private async Task<ToolEnd> InterruptAsync(Func<KillingProxy, Task<Process>> start, Signal signal, string when)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows cannot interrupt another process without its console.");
        using var server = cluster.ServerClient();
        await using var proxy = await KillingProxy.StartAsync(server, cluster.ApiServer, new KillPoint(-1));
        using var process = await start(proxy);
        await ReadUntilAsync(process, when);

        await process.SendAsync(signal);

        var ended = await ToolEnd.OfAsync(process, Token);
        Assert.True(ended.ExitCode == 130 && ended.Elapsed < Bound, $"{ended}");
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
        return ended;
    }

    private static async Task ReadUntilAsync(Process process, string line)
    {
        var said = new List<string>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        try
        {
            do
                said.Add(await process.StandardError.ReadLineAsync(limit.Token) ?? throw new OperationCanceledException());
            while (!said[^1].StartsWith(line, StringComparison.Ordinal));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"'{line}' was not said, but: {string.Join('\n', said)}");
        }
    }

    private async Task VerifyLetGoAsync(string app, RevisionOutcome outcome)
    {
        Assert.Null(await cluster.Client.GetAsync(ResourceType.Lease, app, LockLease.NameOf(app), Token));
        Assert.Equal(outcome, (await new RevisionStore(cluster.Client).ListAsync(app, app, Token))[^1].State.Outcome);
    }

    private Task<DeployResult> DeployAsync(Bundle bundle) => new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), new EventLog(), Token);
}

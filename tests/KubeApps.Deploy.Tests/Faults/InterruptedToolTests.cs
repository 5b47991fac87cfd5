using System.Diagnostics;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Revisions;
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

    private readonly KilledTool _tool = new(cluster);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Signal.Int)]
    [InlineData(Signal.Term)]
    public async Task Deploy_ToldToEndInTheRollout_SaysWhatStandsAndTheNextOneWaitsForIt(Signal signal)
    {
        var app = $"rollout-{signal}".ToLowerInvariant();
        var (phase, web) = cluster.Web(1, null, null, "serve", "sick");
        var bundle = Bundle(app, Long, (phase, web));

        var ended = await InterruptAsync(bundle, signal, "  Deployment web: 0/1 ready");

        Assert.Equal("Cancelled. What was applied stays; deploy again to go on.", ended.Last);
        await VerifyLetGoAsync(app, RevisionOutcome.Cancelled);
        // Nothing has changed since, but nobody knows yet whether it comes up.
        var next = await new Deployer(cluster.Connection, _ => null).RunAsync(
            new DeployRequest(bundle, "local", Timeout: TimeSpan.FromSeconds(3)), new EventLog(), Token);
        Assert.Equal(DeployOutcome.TimedOut, next.Outcome);
    }

    [Fact]
    public async Task Deploy_ToldToEndInACheck_EndsTheCheckAndLeavesNoCopy()
    {
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(Bundle("checked", Long, cluster.Web(1), WebService))).Outcome);
        var bundle = Bundle("checked", Long, cluster.Web(1, null, null, "serve", "again"), WebService);
        var check = new BundleCheck("command", "command sleep", Long) { Command = ["dotnet", PodApp, "sleep"] };
        bundle = bundle with { Environments = [bundle.Environments[0] with { Checks = [check] }] };

        var ended = await InterruptAsync(bundle, Signal.Term, "Run 1 check ...");

        Assert.StartsWith("Cancelled. ", ended.Last, StringComparison.Ordinal);
        await VerifyLetGoAsync("checked", RevisionOutcome.Cancelled);
        Assert.Single((await cluster.Client.ListAsync(ResourceType.Deployment, "checked", null, Token)).Items);
    }

    [Fact]
    public async Task Deploy_ToldToEndWhileItWaitsForTheLock_LeavesTheLockToItsHolder()
    {
        await cluster.Client.SendAsync(HttpMethod.Post, "/api/v1/namespaces", Parse("""{"metadata":{"name":"waiting"} }"""), Token);
        await using var held = await new AppLock(cluster.Client, new EventLog(), new LockHolder("jane@laptop/1", null, "deploy")).TakeAsync("waiting", "waiting", null, Token);

        var ended = await InterruptAsync(Bundle("waiting", Long, Config("settings")), Signal.Int, "waiting is locked by jane@laptop/1", "--wait-for-lock");

        Assert.Equal("Cancelled. Nothing was applied.", ended.Last);
        var lease = await cluster.Client.GetAsync(ResourceType.Lease, "waiting", LockLease.NameOf("waiting"), Token);
        Assert.Equal("jane@laptop/1", LockLease.FromObject(lease)?.Holder.Identity);
    }

    [Fact]
    public async Task Deploy_ToldToEndInTheSoak_SaysWhichVersionServes()
    {
        var bundle = Bundle("soaking", Long, cluster.Web(0), WebService);
        bundle = bundle with { Environments = [bundle.Environments[0] with { Strategy = bundle.Environments[0].Strategy with { Kind = "blueGreen", KeepOld = Long } }] };
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(bundle)).Outcome);
        var second = bundle with { Environments = [bundle.Environments[0] with { Objects = [.. Bundle("soaking", Long, cluster.Web(0, null, null, "serve", "again"), WebService).Environments[0].Objects] }] };

        var ended = await InterruptAsync(second, Signal.Int, "Watch green");

        Assert.StartsWith("Cancelled: green serves, blue stands beside it", ended.Last, StringComparison.Ordinal);
        Assert.EndsWith("Deploy again to go on, or 'dotnet kubeapp abort'.", ended.Last, StringComparison.Ordinal);
        await VerifyLetGoAsync("soaking", RevisionOutcome.Cancelled);
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

    private async Task<ToolEnd> InterruptAsync(Bundle bundle, Signal signal, string when, params string[] options)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows cannot interrupt another process without its console.");
        using var server = cluster.ServerClient();
        await using var proxy = await KillingProxy.StartAsync(server, cluster.ApiServer, new KillPoint(-1));
        using var process = await _tool.StartAsync(bundle, proxy, Token, options);
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

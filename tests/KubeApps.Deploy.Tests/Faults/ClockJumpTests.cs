using KubeApps.Bundles;
using KubeApps.Deploy.Planning;
using KubeApps.Events;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>The clock of this machine is hours off, and jumps at every step: nothing ends early, late or never.</summary>
public sealed class ClockJumpTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly TimeSpan KeepOld = TimeSpan.FromSeconds(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ahead", 7, 7)]
    [InlineData("behind", -7, -7)]
    [InlineData("forth", -3, 5)]
    [InlineData("back", 3, -5)]
    public async Task Deploy_ClockJumps_ComesUpFailsAndSoaksInTime(string name, int before, int after)
    {
        var app = $"jumps-{name}";
        var clock = new JumpingClock { Offset = TimeSpan.FromHours(before) };
        using var connection = cluster.Connect(clock);
        var isBefore = true;
        // In the middle of what takes time, too.
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is DeployEvent.StepStarted or DeployEvent.RolloutProgress)
                    clock.Offset = TimeSpan.FromHours((isBefore = !isBefore) ? before : after);
            },
        };

        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(BundleOf(app, "serve"))).Outcome);
        var soaked = await DeployAsync(BundleOf(app, "serve", "again"));
        Assert.True(soaked.Outcome == DeployOutcome.Deployed, string.Join(' ', soaked.Diagnostics));
        Assert.True(soaked.Elapsed >= KeepOld, $"The old version was kept for less than {soaked.Elapsed}.");
        Assert.Equal(RolloutPhase.Steady, soaked.Rollout?.Phase);
        var crashed = await DeployAsync(BundleOf(app, "exit", "3", "no database here"));
        Assert.Equal(DeployOutcome.RolledBack, crashed.Outcome);
        Assert.Contains("exit code 3", crashed.Failures[0].Cause, StringComparison.Ordinal);
        Assert.True(crashed.Elapsed < TimeSpan.FromMinutes(2), $"It took {crashed.Elapsed}.");

        Task<DeployResult> DeployAsync(Bundle bundle) => new Deployer(connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), log, Token);
    }

    private Bundle BundleOf(string app, params string[] arguments)
    {
        var bundle = Bundle(app, TimeSpan.FromMinutes(3), cluster.Web(1, null, null, arguments), WebService);
        return bundle with { Environments = [bundle.Environments[0] with { Strategy = bundle.Environments[0].Strategy with { Kind = "blueGreen", KeepOld = KeepOld } }] };
    }

    /// <summary>Time goes by as it does; only what the clock on the wall shows is wrong.</summary>
    private sealed class JumpingClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;
    }
}

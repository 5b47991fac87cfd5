using KubeApps.Bundles;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>A version with a migration that is declared one-way: it is not taken away once it serves, and what it leaves is told before that.</summary>
public sealed class SlotMigrationTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private const string Job = "the Job migrate of revision 2";

    // The version that serves has served all along, also since the Job ran.
    [Fact]
    public async Task Abort_BeforeTheSwitch_LeavesTheOldVersionAndNamesTheMigration()
    {
        var app = new SlottedApp(cluster, "undone");
        await app.DeployAsync(app.Version("serve", "one"));
        var before = await app.ObjectsAsync();
        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(Migrating(app, "two"), hold: true)).Outcome);

        var aborted = await app.AbortAsync();

        Assert.Equal((DeployOutcome.Aborted, 0), (aborted.Outcome, aborted.ExitCode));
        RequireWarning(aborted);
        Assert.Equal(before, await app.ObjectsAsync());
    }

    [Fact]
    public async Task Deploy_FailsBeforeTheSwitch_LeavesTheOldVersionAndNamesTheMigration()
    {
        var app = new SlottedApp(cluster, "failed");
        await app.DeployAsync(app.Version("serve", "one"));
        var before = await app.ObjectsAsync();

        var failed = await app.DeployAsync(Migrating(app, "two").Checked(Missing));

        Assert.Equal((DeployOutcome.RolledBack, 3), (failed.Outcome, failed.ExitCode));
        RequireWarning(failed);
        Assert.Equal(before, await app.ObjectsAsync());
    }

    [Fact]
    public async Task Abort_OfAVersionThatServes_IsRefusedLikeARollback()
    {
        var app = new SlottedApp(cluster, "passed");
        await app.DeployAsync(app.Version("serve", "one"));
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(Migrating(app, "two").KeepingOld(TimeSpan.FromHours(1)), soak: false)).Outcome);
        var before = await app.ObjectsAsync();

        var refused = await app.AbortAsync();

        Assert.Equal((DeployOutcome.Failed, 1, false), (refused.Outcome, refused.ExitCode, refused.HasApplied));
        Assert.Equal("KUBEAPP7006", Assert.Single(refused.Diagnostics).Code);
        Assert.Contains(Job, refused.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.Equal(before, await app.ObjectsAsync());
        Assert.Equal((DeployOutcome.Deployed, 0), (await app.PromoteAsync() is var promoted ? (promoted.Outcome, promoted.ExitCode) : default));

        // The next version has nothing to do with it.
        await app.DeployAsync(Migrating(app, "three").KeepingOld(TimeSpan.FromHours(1)), soak: false);
        var aborted = await app.AbortAsync();
        Assert.Equal(DeployOutcome.Aborted, aborted.Outcome);
        Assert.Empty(aborted.Diagnostics);
    }

    [Fact]
    public async Task Deploy_FailsAfterTheSwitch_StaysAndSaysWhy()
    {
        var app = new SlottedApp(cluster, "stuck");
        await app.DeployAsync(app.Version("serve", "one"));
        // It passes before the switch, and never again.
        var passed = Path.Combine(cluster.Home, "passed-once");
        var once = new BundleCheck("command", "once", TimeSpan.FromSeconds(1)) { Command = ["sh", "-c", $"test ! -e '{passed}' && touch '{passed}'"] };

        var failed = await app.DeployAsync(Migrating(app, "two").Checked(once));

        Assert.Equal((DeployOutcome.Failed, 1), (failed.Outcome, failed.ExitCode));
        Assert.Equal("KUBEAPP7030", failed.Diagnostics[^1].Code);
        Assert.Contains(Job, failed.Diagnostics[^1].Cause, StringComparison.Ordinal);
        Assert.Equal((RolloutPhase.Soaking, Slot.Green), (await app.InventoryAsync() is { Rollout: { } rollout } ? (rollout.Phase, rollout.Serving) : default));

        // A corrected version takes its place.
        Assert.Equal((DeployOutcome.Deployed, 0), (await app.DeployAsync(Migrating(app, "three")) is var corrected ? (corrected.Outcome, corrected.ExitCode) : default));
    }

    private static BundleCheck Missing => new("http", "http web/nosuch", TimeSpan.FromSeconds(1)) { Service = "web", Path = "/nosuch" };

    private static void RequireWarning(DeployResult result)
    {
        var warning = result.Diagnostics.Single(item => item.Code == "KUBEAPP7043");
        Assert.Equal(DiagnosticSeverity.Warning, warning.Severity);
        Assert.Contains(Job, warning.Cause, StringComparison.Ordinal);
    }

    private Bundle Migrating(SlottedApp app, string version)
    {
        var migration = cluster.Migration("print", "PASSWORD");
        migration.Content["metadata"]!["annotations"] = new System.Text.Json.Nodes.JsonObject { ["kubeapps.dev/one-way"] = "true" };
        return app.Version([SandboxCluster.WebService, migration, cluster.Web(1, null, null, "serve", version)]);
    }
}

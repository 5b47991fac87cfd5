using KubeApps.Bundles;
using KubeApps.Deploy.Revisions;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>Versions that somebody promotes are revisions as all others are.</summary>
public sealed class HeldRevisionTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Promote_OfARevisionThatIsNotKept_SaysThatItsChecksDoNotRun()
    {
        var app = new SlottedApp(cluster, "forgotten");
        await app.DeployAsync(app.Resting("1"));
        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(app.Resting("2"), hold: true)).Outcome);
        await cluster.KubectlAsync("delete configmap kubeapp-revision-forgotten-2 -n forgotten");
        var log = new EventLog();

        var promoted = await app.PromoteAsync(log);

        Assert.Equal(DeployOutcome.Deployed, promoted.Outcome);
        Assert.Equal(("KUBEAPP7044", "Revision 2 of forgotten is not kept with its objects: its checks are not known, and do not run."), (Assert.Single(promoted.Diagnostics).Code, promoted.Diagnostics[0].Cause));
        Assert.Single(log.Events, item => item is DeployEvent.DiagnosticRaised);
        await app.RequireAloneAsync(app.Resting("2"), "promoted");
    }

    [Fact]
    public async Task Promote_AgainAndAgain_KeepsAsManyAsShallBeKeptAndSaysWhatWasChecked()
    {
        var app = new SlottedApp(cluster, "promoted");
        for (var number = 1; number <= 5; number++)
        {
            var bundle = app.Version("serve", $"{number}").Checked(new BundleCheck("http", "answers", TimeSpan.FromSeconds(20)) { Service = "web", Path = "/" });
            bundle = bundle with { Environments = [.. bundle.Environments.Select(item => item with { Strategy = item.Strategy with { KeepRevisions = 2 } })] };
            var result = await app.DeployAsync(bundle, hold: true);
            if (result.Outcome == DeployOutcome.Held)
                Assert.Equal(DeployOutcome.Deployed, (await app.PromoteAsync()).Outcome);
        }

        var revisions = await new RevisionStore(cluster.Client).ListAsync("promoted", "promoted", Token);

        // Forgotten with the next one that is held: what is held may be given up.
        Assert.InRange(revisions.Count, 2, 3);
        var last = revisions.MaxBy(revision => revision.Number)!.State;
        Assert.Equal((RevisionOutcome.Deployed, true), (last.Outcome, last.Elapsed > TimeSpan.Zero));
        Assert.All(last.Checks!, check => Assert.True(check.IsPassed));
        Assert.NotEmpty(last.Checks!);
    }
}

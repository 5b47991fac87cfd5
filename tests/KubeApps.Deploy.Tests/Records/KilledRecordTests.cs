using KubeApps.Bundles;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Tests.Faults;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Deploy.Tests.Records;

/// <summary>
/// The real tool is killed (SIGKILL) on its way back, or while it promotes or aborts. The next run of the app, whatever it deploys, leaves one record of each
/// rollout, with the state that it really has.
/// </summary>
public sealed class KilledRecordTests(SandboxCluster cluster, GitHubStandIn github) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("rollback", 2, 5)]
    [InlineData("return", 0, 1)]
    [InlineData("promote", 2, 3)]
    [InlineData("abort", 1, 2)]
    public Task Run_KilledInItsMidst_HasOneTrueRecordAfterTheNextRun(string command, params int[] writes)
    {
        cluster.RequireSandbox();
        return Parallel.ForEachAsync(writes, Token, async (write, _) =>
        {
            using var app = new RecordedApp(cluster, await github.NewRepositoryAsync(), $"killed-{command}-{write}");
            var isSlotted = command is "promote" or "abort";
            Bundle Version(string version) => isSlotted ? RecordedApp.BlueGreen(app.Empty(version)) : app.Empty(version);
            await RunAsync(app, app.Arguments(Version("1")));
            if (command != "return")
                await RunAsync(app, app.Arguments(Version("2"), isSlotted ? ["--hold"] : []));
            // The way back of a version that failed begins with a revision of its own.
            var at = await (command switch
            {
                "return" => app.KillAsync(app.Arguments(app.Imageless()), new KillPoint(write) { From = RevisionObject.NameOf(app.Name, 3) }),
                "rollback" => app.KillAsync([command, app.Name, "-y"], new KillPoint(write)),
                _ => app.KillAsync([command, app.Name], new KillPoint(write)),
            });
            Assert.True(at is not null, $"{command} has fewer writes than {write}: {app.Said}");
            var cut = await InventoryAsync(app);
            await KilledTool.LetTimePassAsync(cluster.Client, app.Name, Token);
            // A run that finds nothing to change waits for no lock, and leaves the records to its holder for as long as that may live.
            await Task.Delay(TimeSpan.FromSeconds(1), Token);

            // The same once more, or another version.
            await RunAsync(app, write % 2 == 1 ? app.Arguments(Version("3")) : cut.Rollout?.IsUnderWay == true ? [command, app.Name] : app.Arguments(Version("1")));

            await RequireOneRecordEachAsync(app, at!, cut);
        });
    }

    private async Task RequireOneRecordEachAsync(RecordedApp app, string at, Inventory cut)
    {
        var inventory = await InventoryAsync(app);
        var revisions = RevisionRules.WithInventory(await app.RevisionsAsync(), inventory);
        var said = $"{at}: {string.Join(", ", app.Records)}; {string.Join(", ", revisions.Select(item => $"{item.Number} {item.State.Outcome}"))}";
        Assert.True(revisions.Select(item => item.Uid).SequenceEqual(app.Deployments.Select(item => (string?)item.Payload!["rollout"])), said);
        foreach (var (revision, record) in revisions.Zip(app.Deployments))
        {
            string[] wanted = revision.State.Outcome switch
            {
                RevisionOutcome.Deployed => revision.Number == inventory.Revision ? ["success"] : ["success", "inactive"],
                RevisionOutcome.Failed or RevisionOutcome.RolledBack => ["failure"],
                RevisionOutcome.Aborted => ["inactive"],
                _ => ["error"],
            };
            // What GitHub was told in the moment of the kill may be told again.
            var told = record.Statuses.Select(status => status.State).Where(state => state is not ("queued" or "in_progress")).Distinct();
            Assert.True(wanted.SequenceEqual(told), said);
        }

        // And the cluster itself says what the one that was cut came to.
        if (revisions[^1].Number > cut.Revision)
            Assert.True(app.Deployments[cut.Revision!.Value - 1].Statuses.Any(status => status.State == "success") == cut.IsComplete, said);
    }

    private static async Task RunAsync(RecordedApp app, string[] arguments)
    {
        var end = await app.RunAsync(arguments);
        Assert.True(end.ExitCode == 0, end.Output + end.Error);
    }

    private async Task<Inventory> InventoryAsync(RecordedApp app) => (await InventoryStore.ReadAsync(cluster.Client, app.Name, app.Name, Token))!;
}

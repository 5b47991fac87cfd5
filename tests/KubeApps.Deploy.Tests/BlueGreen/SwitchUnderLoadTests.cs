using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>What the users of an app notice of its way from rolling updates to blue/green, of a switch, and of the way back: nothing.</summary>
[Collection(nameof(UnderLoad))]
public sealed class SwitchUnderLoadTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    // From when the switch is done to when no new connection leads to the old version any more.
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(5);

    // The pods' own time to end, and the server's to tell them to.
    private static readonly TimeSpan KeptLimit = TimeSpan.FromSeconds(5) + DrainLimit;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_SwitchesUnderLoad_LoseNoRequestAndLeaveTheOldVersionAtOnceAndWithItsEndAtTheLatest()
    {
        var app = new SlottedApp(cluster, "switched");
        var first = await app.DeployAsync(Version(app, "one", "rolling"));
        var urls = first.Urls.Concat(await AddressesAsync("admin")).Distinct().ToList();
        Assert.Equal(2, urls.Count);
        await using var load = new ConstantLoad(urls);
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is DeployEvent.StepStarted { StepId: "switch" or "retire" } started)
                    load.Note(started.StepId == "switch" ? "switching" : "retiring");
                if (item is DeployEvent.StepFinished { StepId: "switch" or "retire" } finished)
                    load.Note(finished.StepId == "switch" ? "switched" : "retired");
            },
        };

        foreach (var (version, strategy) in new[] { ("two", "blueGreen"), ("three", "blueGreen"), ("four", "rolling") })
            Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(Version(app, version, strategy), log)).Outcome);

        await load.StopAsync(DrainLimit);
        Assert.True(load.Failures.Count == 0, string.Join('\n', load.Failures));
        var versions = load.Versions(DrainLimit);
        Assert.Equal(["", "blue", "green", ""], versions.Select(version => version.Split('-') is ["web", "blue" or "green", ..] parts ? parts[1] : ""));
        load.RequireRetired(versions, KeptLimit);
    }

    private Bundle Version(SlottedApp app, string version, string strategy)
    {
        var web = cluster.Web(1, null, null, "serve", version);
        // As the defaults of a specification have it: a pod that is told to stop serves on until nobody is led to it any more.
        web.Content["spec"]!["template"]!["spec"]!["containers"]![0]!["lifecycle"] = SandboxCluster.Parse("""{"preStop":{"sleep":{"seconds":3} } }""");
        return app.Version([SandboxCluster.WebService, SlottedApp.Admin, web]).Deployed(strategy);
    }

    private async Task<IReadOnlyList<string>> AddressesAsync(string service) =>
        await AppAddresses.ReadAsync(cluster.Client, [ObjectId.Of((await cluster.Client.GetAsync(ResourceType.Service, "switched", service, Token))!)], null, Token);
}

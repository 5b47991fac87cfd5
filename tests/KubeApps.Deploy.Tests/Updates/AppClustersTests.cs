using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Fleet;
using KubeApps.Deploy.Targets;
using KubeApps.Deploy.Tests.Clusters.Eks;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>Which of an app's clusters is meant where none is named: the clusters, their tags and their shares are those of the stand-in's EKS.</summary>
public sealed class AppClustersTests(AwsStandIn aws)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connect_WhileAFullUpdateMovesLoad_LooksWhereMostOfItIsAndWritesNowhere()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);

        await shop.RunAsync(new UpdateOrder.Deploy(shop.Terms, Holds: true, Soaks: true));
        Assert.Equal(("shop-prod-1", "shop (prod) has several clusters: this is shop-prod-1 (100 % of the load); there is also shop-prod-2 (0 % of the load)."), await LookAsync(shop));
        Assert.Equal("A full update of shop from shop-prod-1 to shop-prod-2 is held, and shop-prod-2 has 0 % of the load.", (await RefusalAsync(shop)).Cause);

        await shop.RunAsync(new UpdateOrder.Promote(Holds: true, Soaks: true));
        Assert.Equal("shop-prod-1", (await LookAsync(shop)).Cluster);

        // As much as the other one: what the clusters say decides.
        await shop.RunAsync(new UpdateOrder.Promote(Holds: true, Soaks: true));
        Assert.Equal(("shop-prod-1", "shop (prod) has several clusters: this is shop-prod-1 (50 % of the load); there is also shop-prod-2 (50 % of the load)."), await LookAsync(shop));

        await shop.RunAsync(new UpdateOrder.Promote(Holds: false, Soaks: false));
        Assert.Equal("shop-prod-2", (await LookAsync(shop)).Cluster);
        var refusal = await RefusalAsync(shop);
        Assert.Equal("A full update of shop from shop-prod-1 to shop-prod-2 is soaking, and shop-prod-2 has 100 % of the load.", refusal.Cause);
        Assert.StartsWith("End it with 'dotnet kubeapp promote --scope cluster' or 'dotnet kubeapp abort --scope cluster'; or name", refusal.NextStep, StringComparison.Ordinal);

        await shop.RunAsync(new UpdateOrder.Promote(Holds: false, Soaks: true));
        Assert.Equal(("shop-prod-2", null), await LookAsync(shop));
        Assert.Equal("shop-prod-2", await WriteAsync(shop));
    }

    [Fact]
    public async Task Connect_WhileTheNextClusterIsMade_LooksIntoTheOneThatStandsAndDoesNotWrite()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        var standing = Assert.Single(await shop.Provider.ListAsync(EksClustersOfShop.Shop, Token));
        await shop.WriteAsync(standing, new FullUpdate("shop-prod-1", "shop-prod-2", UpdatePhase.Preparing, DateTimeOffset.UnixEpoch, new UpdateTerms("2")), Token);
        await shop.BeginClusterAsync("shop-prod-2");

        Assert.Equal(("shop-prod-1", "shop (prod) has several clusters: this is shop-prod-1 (100 % of the load); there is also shop-prod-2 (creating)."), await LookAsync(shop));
        Assert.StartsWith("Go on with it with 'dotnet kubeapp deploy --scope cluster', or give it up", (await RefusalAsync(shop)).NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_BesideAClusterThatIsMadeForNoUpdate_Writes()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        await shop.BeginClusterAsync("shop-prod-2");

        Assert.Equal("shop-prod-1", await WriteAsync(shop));
    }

    [Fact]
    public async Task Connect_WithSeveralThatNoUpdateJoins_LooksWhereLoadIsAndWritesNowhere()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        await shop.PlantClusterAsync("shop-prod-2", "2");

        Assert.Equal("shop-prod-1", (await LookAsync(shop)).Cluster);
        var refusal = await RefusalAsync(shop);
        Assert.Equal(("KUBEAPP8132", $"shop (prod) has several clusters on {shop.Provider.Description}, and no full update joins them: shop-prod-1, shop-prod-2."), (refusal.Code, refusal.Cause));
    }

    [Fact]
    public async Task Connect_ByWhoMayNotSeeTheDns_GoesByWhatTheClustersSay()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        await shop.RunAsync(new UpdateOrder.Deploy(shop.Terms, Holds: true, Soaks: true));
        shop.Account.Next(1, Fault.Refused("AccessDenied", "User is not authorized to perform: route53:ListResourceRecordSets", 403), request => request.Action == "route53:ListResourceRecordSets");

        Assert.Equal(("shop-prod-1", "shop (prod) has several clusters: this is shop-prod-1 (share unknown); there is also shop-prod-2 (share unknown)."), await LookAsync(shop));
    }

    [Theory]
    [InlineData("KUBEAPP8130", false)]
    [InlineData("KUBEAPP8131", true)]
    public async Task Connect_WithNoneThatIsReady_SaysWhy(string code, bool begins)
    {
        using var account = await aws.NewAccountAsync();
        if (begins)
            await account.NewClusterAsync("shop-prod-1", EksClustersOfShop.Shop);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(
            () => TargetSelector.ConnectEksAsync(account.Settings, EksClustersOfShop.Shop, writes: false, new EventLog(), TimeProvider.System, Token));

        Assert.Equal(code, failure.Diagnostics[0].Code);
        Assert.Contains("shop (prod)", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_WhileAFullUpdateHasBothClusters_IsRefusedForEachOfThemAlone()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        await DeleteAsync(shop, "shop-prod-1");
        await shop.RunAsync(new UpdateOrder.Deploy(shop.Terms, Holds: true, Soaks: true));

        foreach (var name in (string[])["shop-prod-1", "shop-prod-2"])
        {
            var refusal = (await Assert.ThrowsAsync<DiagnosticException>(() => DeleteAsync(shop, name))).Diagnostics[0];
            Assert.Equal(("KUBEAPP7215", "A full update of shop from shop-prod-1 to shop-prod-2 is held, and shop-prod-2 has 0 % of the load."), (refusal.Code, refusal.Cause));
            Assert.StartsWith("End it with 'dotnet kubeapp promote --scope cluster' or 'dotnet kubeapp abort --scope cluster': the cluster that is not needed", refusal.NextStep, StringComparison.Ordinal);
        }

        await shop.PlantClusterAsync("shop-prod-3", null);
        await DeleteAsync(shop, "shop-prod-3");
        await shop.RunAsync(new UpdateOrder.Promote(Holds: false, Soaks: false));
        Assert.Contains("soaking", (await Assert.ThrowsAsync<DiagnosticException>(() => DeleteAsync(shop, "shop-prod-1"))).Diagnostics[0].Cause, StringComparison.Ordinal);
    }

    // The new one is what is being proved, and the old one what it is held against.
    [Fact]
    public async Task Change_WhileAFullUpdateHasBothClusters_IsRefusedForEachOfThemAlone()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        await ChangeAsync(shop, "shop-prod-1");
        await shop.RunAsync(new UpdateOrder.Deploy(shop.Terms, Holds: true, Soaks: true));
        await shop.PlantClusterAsync("shop-prod-3", null);

        await ChangeAsync(shop, "shop-prod-3");
        foreach (var name in (string[])["shop-prod-1", "shop-prod-2"])
        {
            var refusal = (await Assert.ThrowsAsync<DiagnosticException>(() => ChangeAsync(shop, name))).Diagnostics[0];
            Assert.Equal(
                ("KUBEAPP7215", "A full update of shop from shop-prod-1 to shop-prod-2 is held, and shop-prod-2 has 0 % of the load.",
                    "End it with 'dotnet kubeapp promote --scope cluster' or 'dotnet kubeapp abort --scope cluster', then run this again. Nothing was changed."),
                (refusal.Code, refusal.Cause, refusal.NextStep));
        }

    }

    // What is to be changed may be that it answers; and what one of them says of the other counts.
    [Fact]
    public async Task Change_OfAClusterThatGivesNoAnswer_IsPossibleAndSaysSo()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        await shop.RunAsync(new UpdateOrder.Deploy(shop.Terms, Holds: true, Soaks: true));
        await shop.SilenceAsync("shop-prod-2");

        Assert.StartsWith("shop-prod-2 could not be asked whether a full update is under way: ", await ChangeAsync(shop, "shop-prod-2"), StringComparison.Ordinal);
        await Assert.ThrowsAsync<DiagnosticException>(() => ChangeAsync(shop, "shop-prod-1"));

        await shop.SilenceAsync("shop-prod-1");
        await ChangeAsync(shop, "shop-prod-1");
    }

    // The other one is on its way out, and what is stuck there keeps nobody from mending what serves.
    [Theory]
    [InlineData(false, false, "shop-prod-2")]
    [InlineData(true, false, "shop-prod-1")]
    [InlineData(true, true, null)]
    public async Task Change_OfTheClusterThatServesAlone_IsPossibleWhileTheOtherOneGoes(bool isAborting, bool movesLoad, string? serving)
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        await shop.RunAsync(new UpdateOrder.Deploy(shop.Terms, Holds: true, Soaks: true));
        if (movesLoad)
            await shop.RunAsync(new UpdateOrder.Promote(Holds: true, Soaks: true));
        var main = (await shop.Provider.ListAsync(EksClustersOfShop.Shop, Token)).Single(cluster => cluster.Name == (isAborting ? "shop-prod-1" : "shop-prod-2"));
        await shop.WriteAsync(main, new FullUpdate("shop-prod-1", "shop-prod-2", isAborting ? UpdatePhase.Aborting : UpdatePhase.Retiring, shop.Now, shop.Terms), Token);

        foreach (var name in (string[])["shop-prod-1", "shop-prod-2"])
            if (name == serving)
                await ChangeAsync(shop, name);
            else
                Assert.Equal("KUBEAPP7215", (await Assert.ThrowsAsync<DiagnosticException>(() => ChangeAsync(shop, name))).Diagnostics[0].Code);
    }

    [Theory]
    [InlineData("shop-prod-1")]
    [InlineData("shop-prod-2")]
    public async Task Upgrade_OfAFleetWhoseClusterAFullUpdateHas_IsRefusedBeforeAnythingIsDone(string name)
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        shop.Account.Ledger.ThereOf("eks:cluster").Single().Content["version"] = "1.33";
        var stale = (await FleetAsync(shop)).Single();
        await shop.RunAsync(new UpdateOrder.Deploy(shop.Terms, Holds: true, Soaks: true));
        var listed = (await FleetAsync(shop)).Single(cluster => cluster.Name == name);

        foreach (var attempt in (Func<Task>[])[
            () => FleetUpgrade.PlanAsync(listed, "1.34", new EventLog(), Token), () => FleetUpgrade.RunAsync(listed, "1.34", new EventLog(), Token),
            // It was listed before the update began.
            () => FleetUpgrade.RunAsync(stale, "1.34", new EventLog(), Token)])
            Assert.Equal("KUBEAPP7215", (await Assert.ThrowsAsync<DiagnosticException>(attempt)).Diagnostics[0].Code);

        Assert.DoesNotContain(shop.Account.Requests, request => request.Action == "eks:UpdateClusterVersion");

        static Task<IReadOnlyList<FleetCluster>> FleetAsync(EksClustersOfShop shop) => FleetSources.OfProviderAsync(shop.Provider, null, TimeProvider.System, Token);
    }

    [Fact]
    public async Task Delete_OfTheOldClusterThatIsBeingDeleted_GoesOn()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        await shop.RunAsync(new UpdateOrder.Deploy(shop.Terms, Holds: true, Soaks: true));
        var heir = (await shop.Provider.ListAsync(EksClustersOfShop.Shop, Token)).Single(cluster => cluster.Name == "shop-prod-2");
        await shop.WriteAsync(heir, new FullUpdate("shop-prod-1", "shop-prod-2", UpdatePhase.Retiring, shop.Now, shop.Terms), Token);

        await DeleteAsync(shop, "shop-prod-1");
        await Assert.ThrowsAsync<DiagnosticException>(() => DeleteAsync(shop, "shop-prod-2"));
    }

    // Whose API is gone can be had back by nobody; and what one of them says of the other counts.
    [Fact]
    public async Task Delete_OfAClusterThatGivesNoAnswer_IsPossibleAndSaysSo()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        await shop.RunAsync(new UpdateOrder.Deploy(shop.Terms, Holds: true, Soaks: true));
        await shop.SilenceAsync("shop-prod-2");

        Assert.StartsWith("shop-prod-2 could not be asked whether a full update is under way: ", await DeleteAsync(shop, "shop-prod-2"), StringComparison.Ordinal);
        await Assert.ThrowsAsync<DiagnosticException>(() => DeleteAsync(shop, "shop-prod-1"));
    }

    private static async Task<string?> ChangeAsync(EksClustersOfShop shop, string name)
    {
        var log = new EventLog();
        await new AppClusters(shop.Provider, EksClustersOfShop.Shop, log).RequireUnheldAsync(name, null, Token);
        return log.Events.OfType<DeployEvent.Note>().FirstOrDefault()?.Text;
    }

    private static async Task<string?> DeleteAsync(EksClustersOfShop shop, string name)
    {
        var log = new EventLog();
        await new AppClusters(shop.Provider, EksClustersOfShop.Shop, log).RequireNotNeededAsync(name, Token);
        return log.Events.OfType<DeployEvent.Note>().SingleOrDefault()?.Text;
    }

    private static async Task<(string Cluster, string? Note)> LookAsync(EksClustersOfShop shop)
    {
        var log = new EventLog();
        using var connection = await new AppClusters(shop.Provider, EksClustersOfShop.Shop, log).ConnectAsync(writes: false, Token);
        return (connection!.Description.Split(' ')[1], log.Events.OfType<DeployEvent.Note>().SingleOrDefault()?.Text);
    }

    private static async Task<string> WriteAsync(EksClustersOfShop shop)
    {
        using var connection = await new AppClusters(shop.Provider, EksClustersOfShop.Shop, new EventLog()).ConnectAsync(writes: true, Token);
        return connection!.Description.Split(' ')[1];
    }

    private static async Task<Diagnostic> RefusalAsync(EksClustersOfShop shop) =>
        (await Assert.ThrowsAsync<DiagnosticException>(() => WriteAsync(shop))).Diagnostics[0];
}

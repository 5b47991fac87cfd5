using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;
using KubeApps.Bundles;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Clusters.Eks;

/// <summary>Shares of load between clusters of EKS are records in Route 53.</summary>
public sealed class EksLoadSharingTests(AwsStandIn aws)
{
    private const string Old = "shop-prod-1";
    private const string New = "shop-prod-2";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shares_OfAFullUpdate_ChangeTogetherInOneBatchThatAllOfAwsKnowsThen()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old, New);

        foreach (var (shares, records) in new ((string, int)[] Shares, string[] Records)[]
        {
            ([(Old, 100)], ["shop.example.org. A kubeapps/shop-prod-1 100 → shop-prod-1"]),
            ([(Old, 95), (New, 5)], ["shop.example.org. A kubeapps/shop-prod-1 95 → shop-prod-1", "shop.example.org. A kubeapps/shop-prod-2 5 → shop-prod-2"]),
            ([(Old, 0), (New, 100)], ["shop.example.org. A kubeapps/shop-prod-1 0 → shop-prod-1", "shop.example.org. A kubeapps/shop-prod-2 100 → shop-prod-2"]),
            ([(New, 100)], ["shop.example.org. A kubeapps/shop-prod-2 100 → shop-prod-2"]),
        })
        {
            var before = load.Batches;

            await load.WriteAsync(shares);

            Assert.Equal(records, load.Records());
            Assert.Equal(1, load.Batches - before);
            Assert.All(load.Account.Ledger.ThereOf("route53:change"), change => Assert.Equal("INSYNC", change.Status));
            Assert.Equal(shares.ToDictionary(share => share.Item1, share => share.Item2), await load.Sharing.ReadAsync(EksLoad.Shop, Token));
        }

        Assert.Equal(new Uri("https://shop.example.org/"), await load.Sharing.AddressAsync(EksLoad.Shop, Token));
    }

    [Fact]
    public async Task Shares_OfBalancersWithAddressesOfIpv6_HoldForThose()
    {
        using var load = await EksLoad.StartAsync(aws, "application", Old, New);
        load.GiveIpv6(Old);
        load.GiveIpv6(New);
        load.Account.PlantRecord(load.Zone, Alias("AAAA", $"dualstack.{load.HostOf(Old)}."));

        await load.WriteAsync((Old, 95), (New, 5));

        Assert.Equal(
            [
                "shop.example.org. A kubeapps/shop-prod-1 95 → shop-prod-1", "shop.example.org. A kubeapps/shop-prod-2 5 → shop-prod-2",
                "shop.example.org. AAAA kubeapps/shop-prod-1 95 → shop-prod-1", "shop.example.org. AAAA kubeapps/shop-prod-2 5 → shop-prod-2",
            ],
            load.Records());
        Assert.Equal(new Dictionary<string, int> { [Old] = 95, [New] = 5 }, await load.Sharing.ReadAsync(EksLoad.Shop, Token));

        await load.WriteAsync((Old, 0), (New, 100));
        await load.WriteAsync((New, 100));

        Assert.Equal(["shop.example.org. A kubeapps/shop-prod-2 100 → shop-prod-2", "shop.example.org. AAAA kubeapps/shop-prod-2 100 → shop-prod-2"], load.Records());
    }

    // One that alone has such addresses would get all that comes by them, whatever its share.
    [Theory]
    [InlineData(Old)]
    [InlineData(New)]
    public async Task Shares_OfWhichOneBalancerHasAddressesOfIpv6_HoldForIpv4Alone(string dual)
    {
        using var load = await EksLoad.StartAsync(aws, "application", Old, New);
        load.GiveIpv6(dual);
        await load.WriteAsync((dual, 100));
        Assert.Equal(2, load.Records().Count);

        await load.WriteAsync((Old, 95), (New, 5));

        Assert.Equal(["shop.example.org. A kubeapps/shop-prod-1 95 → shop-prod-1", "shop.example.org. A kubeapps/shop-prod-2 5 → shop-prod-2"], load.Records());
    }

    [Fact]
    public async Task Shares_ThatHold_AreNotWrittenAgain()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old, New);
        await load.WriteAsync((Old, 95), (New, 5));

        await load.WriteAsync((Old, 95), (New, 5));

        Assert.Equal(1, load.Batches);
    }

    [Fact]
    public async Task Shares_WhoseAnswerIsLost_AreThereOnce()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old, New);
        await load.WriteAsync((Old, 100));
        load.Account.Next("route53:ChangeResourceRecordSets", Fault.CutAfter);

        await load.WriteAsync((Old, 50), (New, 50));

        Assert.Equal(["shop.example.org. A kubeapps/shop-prod-1 50 → shop-prod-1", "shop.example.org. A kubeapps/shop-prod-2 50 → shop-prod-2"], load.Records());
    }

    [Fact]
    public async Task Shares_WhileTheZoneIsBeingChangedByOthers_WaitForThem()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        load.Account.Next(3, Fault.Refused("PriorRequestNotComplete", "The request was rejected because Route 53 was still processing a prior request."), request => request.Operation == "ChangeResourceRecordSets");

        await load.WriteAsync((Old, 100));

        Assert.Single(load.Records());
    }

    [Fact]
    public async Task Shares_ThatAreNotAHundredTogether_AreNeverWritten()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old, New);

        await Assert.ThrowsAsync<ArgumentException>(() => load.WriteAsync((Old, 100), (New, 100)));
        await Assert.ThrowsAsync<ArgumentException>(() => load.WriteAsync((Old, 50)));

        Assert.DoesNotContain(load.Account.Requests, request => request.Service == "route53");
    }

    [Fact]
    public async Task Shares_OfNobody_TakeTheNameAway()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        await load.WriteAsync((Old, 100));

        await load.WriteAsync();

        Assert.Empty(load.Records());
        Assert.Empty(await load.Sharing.ReadAsync(EksLoad.Shop, Token));
    }

    [Fact]
    public async Task Names_ThatOneVersionHasAlone_LeadToWhoeverHasTheLoad()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old, New);
        load.Names = cluster => cluster == Old ? ["http://a.example.org", "http://b.example.org"] : ["http://a.example.org", "http://c.example.org:8080"];
        await load.WriteAsync((Old, 100));

        await load.WriteAsync((Old, 50), (New, 50));

        Assert.Equal(
            from name in "abc" from cluster in new[] { Old, New } select $"{name}.example.org. A kubeapps/{cluster} 50 → {cluster}", load.Records());
        await load.WriteAsync((New, 100));
        Assert.Equal(from name in "ac" select $"{name}.example.org. A kubeapps/{New} 100 → {New}", load.Records());
    }

    [Fact]
    public async Task Name_ThatLeadsToTheClusterAlready_IsTakenOverInTheSameBatch()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        load.Account.PlantRecord(load.Zone, Alias("A", $"dualstack.{load.HostOf(Old)}."));

        await load.WriteAsync((Old, 100));

        Assert.Equal(["shop.example.org. A kubeapps/shop-prod-1 100 → shop-prod-1"], load.Records());
        Assert.Equal(1, load.Batches);
    }

    [Theory]
    [InlineData("elsewhere")]
    [InlineData("weighted")]
    [InlineData("external-dns")]
    [InlineData("external-dns-new")]
    public async Task Name_OfOthers_IsLeftAlone(string how)
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        var record = how == "elsewhere" ? Alias("AAAA", "other.example.net.") : Alias("A", $"{load.HostOf(Old)}.");
        if (how == "weighted")
            (record["SetIdentifier"], record["Weight"]) = ("blue", 10L);
        load.Account.PlantRecord(load.Zone, record);
        if (how.StartsWith("external-dns", StringComparison.Ordinal))
            load.Account.PlantRecord(load.Zone, new JsonObject
            {
                ["Name"] = how == "external-dns" ? "shop.example.org." : "cname-shop.example.org.",
                ["Type"] = "TXT",
                ["TTL"] = 300L,
                ["ResourceRecords"] = new JsonArray(new JsonObject { ["Value"] = "\"heritage=external-dns,external-dns/owner=default\"" }),
            });
        var before = load.Records();

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => load.WriteAsync((Old, 100)));

        Assert.Equal("KUBEAPP7213", failure.Diagnostics[0].Code);
        Assert.Equal(before, load.Records());
    }

    [Theory]
    [InlineData("KUBEAPP7212", "no zone", null, "shop.example.com")]
    [InlineData("KUBEAPP7212", "2 zones", null, "shop.twice.example.org")]
    [InlineData("KUBEAPP7212", "several zones", null, "shop.example.org", "shop.inner.example.org")]
    [InlineData("KUBEAPP7212", "no name", null)]
    [InlineData("KUBEAPP7213", "shop.example.org has a record AAAA of others, which leads elsewhere", "AAAA", "shop.example.org", "api.example.org")]
    [InlineData("KUBEAPP7216", "shop.example.org has a simple record A that leads to the app's balancer", "A", "shop.example.org")]
    public async Task LookAhead_AtWhatWouldBeInTheWay_SaysSoAndWritesNothing(string code, string why, string? planted, params string[] names)
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        foreach (var zone in (string[])["inner.example.org", "twice.example.org", "twice.example.org"])
            load.Account.PlantZone(zone);
        if (planted is not null)
            load.Account.PlantRecord(load.Zone, Alias(planted, planted == "A" ? $"{load.HostOf(Old)}." : "other.example.net."));

        var found = await load.Sharing.LookAheadAsync(EksLoad.Shop, Announcing(names), Old, TestContext.Current.CancellationToken);

        var diagnostic = Assert.Single(found);
        Assert.Equal(code, diagnostic.Code);
        Assert.Contains(why, diagnostic.Cause, StringComparison.Ordinal);
        Assert.Equal(0, load.Batches);
    }

    [Theory]
    [InlineData("Service", "Service admin has no name")]
    [InlineData("Service", "Service admin has the name *.admin.example.org", "*.admin.example.org")]
    [InlineData("Ingress", "Ingress admin has no name", "")]
    [InlineData("Ingress", "Ingress admin has the name *.admin.example.org", "admin.example.org", "*.admin.example.org")]
    public async Task LookAhead_AtALoadBalancerWithoutANameBesideOthers_SaysWhich(string kind, string why, params string[] names)
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        var environment = Announcing("shop.example.org");

        var found = await load.Sharing.LookAheadAsync(EksLoad.Shop, environment with { Objects = [.. environment.Objects, Entrance(kind, names)] }, Old, Token);

        var diagnostic = Assert.Single(found);
        Assert.Equal(("KUBEAPP7212", $"{why}: who enters there cannot be led to one cluster or another."), (diagnostic.Code, diagnostic.Cause));
    }

    [Theory]
    [InlineData("Ingress", "admin.example.org", "")]
    [InlineData("ClusterIP")]
    public async Task LookAhead_AtWhatNobodyEntersByItself_FindsNothing(string kind, params string[] names)
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        var environment = Announcing("shop.example.org");

        Assert.Empty(await load.Sharing.LookAheadAsync(EksLoad.Shop, environment with { Objects = [.. environment.Objects, Entrance(kind, names)] }, Old, Token));
    }

    // Nobody is cut off with it: also when the first one stands already, which a run that was cut has made.
    [Fact]
    public async Task LookAhead_AtALoadBalancerWithoutANameWhereNoClusterGoes_FindsNothing()
    {
        using var load = await EksLoad.StartAsync(aws, "network", New);
        var environment = Announcing("shop.example.org");

        Assert.Empty(await load.Sharing.LookAheadAsync(EksLoad.Shop, environment with { Objects = [.. environment.Objects, Entrance("Service", [])] }, old: null, Token));
    }

    [Fact]
    public async Task LookAhead_AtNamesThatAreOursOrNobodys_FindsNothing()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        await load.WriteAsync((Old, 100));

        Assert.Empty(await load.Sharing.LookAheadAsync(EksLoad.Shop, Announcing("shop.example.org", "new.example.org"), Old, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Cluster_WithoutHealthyTargets_GetsNoShare()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old, New);
        await load.WriteAsync((Old, 100));
        load.Account.TurnTargets(load.BalancerOf(New), "unhealthy");

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => load.WriteAsync((Old, 95), (New, 5)));

        Assert.Equal("KUBEAPP7214", failure.Diagnostics[0].Code);
        Assert.Contains("no healthy target", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.Single(load.Records());
    }

    [Theory]
    [InlineData("api", "shop-prod-1 has 95 % of the load: shop-prod-1 does not answer.")]
    [InlineData("targets", "no healthy target")]
    [InlineData("balancer", "shop.example.org has no balancer yet")]
    public async Task OldCluster_ThatIsNotWell_DoesNotHoldUpTheNewOne_AndGetsItsLoadBack(string what, string why)
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old, New);
        await load.WriteAsync((Old, 100));
        Sicken(load, what);

        var moved = await load.WriteAsync((Old, 95), (New, 5));
        Assert.Equal(["shop.example.org. A kubeapps/shop-prod-1 95 → shop-prod-1", "shop.example.org. A kubeapps/shop-prod-2 5 → shop-prod-2"], load.Records());
        var returned = await load.ReturnAsync((Old, 100), (New, 0));

        Assert.Equal(["shop.example.org. A kubeapps/shop-prod-1 100 → shop-prod-1", "shop.example.org. A kubeapps/shop-prod-2 0 → shop-prod-2"], load.Records());
        Assert.Equal(["KUBEAPP7218", "KUBEAPP7218"], moved.Concat(returned).Select(item => item.Code));
        Assert.Contains(why, moved[0].Cause, StringComparison.Ordinal);
        Assert.True(load.Clock.GetUtcNow() - Updates.LeapingClock.Start < TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task OldCluster_ThatCannotBeAsked_KeepsAllItsNames_AndIsLedToByNewOnes()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old, New);
        load.Names = cluster => cluster == Old ? ["http://a.example.org", "http://b.example.org"] : ["http://a.example.org", "http://c.example.org"];
        await load.WriteAsync((Old, 100));
        load.Silent.Add(Old);

        await load.WriteAsync((Old, 50), (New, 50));

        Assert.Equal(from name in "abc" from cluster in new[] { Old, New } select $"{name}.example.org. A kubeapps/{cluster} 50 → {cluster}", load.Records());
        Assert.Equal(new Uri("http://a.example.org"), await load.Sharing.AddressAsync(EksLoad.Shop, Token));
    }

    [Fact]
    public async Task NewCluster_ThatFallsIllOnItsWay_GetsNoMore()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old, New);
        await load.WriteAsync((Old, 100));
        await load.WriteAsync((Old, 95), (New, 5));
        load.Account.TurnTargets(load.BalancerOf(New), "unhealthy");

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => load.WriteAsync((Old, 50), (New, 50)));

        Assert.Equal("KUBEAPP7214", failure.Diagnostics[0].Code);
        Assert.Equal(95, (await load.Sharing.ReadAsync(EksLoad.Shop, Token))[Old]);
    }

    [Fact]
    public async Task Cluster_WhoseBalancerIsNotThereYet_IsWaitedFor()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        load.Pending.Add(Old);
        load.Names = _ =>
        {
            if (load.Clock.GetUtcNow() - Updates.LeapingClock.Start > TimeSpan.FromMinutes(2))
                load.Pending.Clear();
            return ["https://shop.example.org"];
        };

        await load.WriteAsync((Old, 100));

        Assert.Single(load.Records());
    }

    [Theory]
    [InlineData("no name")]
    [InlineData("no zone", "http://shop.example.com")]
    [InlineData("several zones", "http://shop.example.org", "http://shop.inner.example.org")]
    [InlineData("2 zones", "http://shop.twice.example.org")]
    public async Task App_WhoseNamesCannotBeShared_IsToldWhy(string why, params string[] names)
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        foreach (var zone in (string[])["inner.example.org", "twice.example.org", "twice.example.org"])
            load.Account.PlantZone(zone);
        load.Names = _ => names;

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => load.WriteAsync((Old, 100)));

        Assert.Equal("KUBEAPP7212", failure.Diagnostics[0].Code);
        Assert.Contains(why, failure.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.Equal(0, load.Batches);
    }

    [Fact]
    public async Task Who_MayNotChangeRecords_IsToldTheAction()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        load.Account.Next("route53:ChangeResourceRecordSets", Fault.Refused("AccessDenied", "User: arn:aws:iam::1:user/a is not authorized to perform: route53:ChangeResourceRecordSets on resource: x", 403));

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => load.WriteAsync((Old, 100)));

        Assert.Equal("KUBEAPP8103", failure.Diagnostics[0].Code);
    }

    /// <summary>A load balancer's service, an ingress with these hosts (empty: all others), or a service inside.</summary>
    private static BundleObject Entrance(string kind, IReadOnlyList<string> names) => new("admin.yaml", "main", kind == "Ingress"
        ? new JsonObject
        {
            ["apiVersion"] = "networking.k8s.io/v1",
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = "admin" },
            ["spec"] = new JsonObject { ["rules"] = new JsonArray([.. names.Select(name => name.Length == 0 ? new JsonObject() : new JsonObject { ["host"] = name })]) },
        }
        : new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Service",
            ["metadata"] = new JsonObject { ["name"] = "admin", ["annotations"] = new JsonObject { ["external-dns.alpha.kubernetes.io/hostname"] = string.Join(',', names) } },
            ["spec"] = new JsonObject { ["type"] = kind == "Service" ? "LoadBalancer" : kind },
        });

    private static void Sicken(EksLoad load, string what)
    {
        if (what == "api")
            load.Silent.Add(Old);
        else if (what == "balancer")
            load.Pending.Add(Old);
        else
            load.Account.TurnTargets(load.BalancerOf(Old), "unhealthy");
    }

    /// <summary>An environment whose service has these names.</summary>
    private static BundleEnvironment Announcing(params string[] names) => new("prod", new BundleTarget("eks"), "shop", new BundleStrategy("rolling", TimeSpan.FromMinutes(1)), [new BundleObject("web.yaml", "main", new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Service",
        ["metadata"] = new JsonObject { ["name"] = "web", ["annotations"] = new JsonObject { ["external-dns.alpha.kubernetes.io/hostname"] = string.Join(',', names) } },
        ["spec"] = new JsonObject { ["type"] = "LoadBalancer", ["ports"] = new JsonArray(new JsonObject { ["port"] = 443 }) },
    })]);

    private static JsonObject Alias(string type, string host) => new()
    {
        ["Name"] = "shop.example.org.",
        ["Type"] = type,
        ["AliasTarget"] = new JsonObject { ["HostedZoneId"] = "Z215JYRZR1TBD5", ["DNSName"] = host, ["EvaluateTargetHealth"] = false },
    };
}

using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Tests.Clusters;
using KubeApps.Deploy.Tests.Clusters.Eks;
using KubeApps.Deploy.Updates;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>
/// An app whose clusters are on the stand-in's EKS, made and deleted as they would be there, with DNS and metrics; what is inside of them is only remembered.
/// Their APIs answer who asks for the app's address.
/// </summary>
internal sealed class EksClustersOfShop : IClusterInsides, IAsyncDisposable
{
    public static readonly ClusterOwner Shop = new("shop", "prod");

    private static readonly ClusterSpecification Small = new() { Pools = [new NodePoolSpecification("web", ["m5.large"])] };

    private readonly Dictionary<string, Inside> _insides = [];
    private readonly AwsClock _clock;

    private EksClustersOfShop(StandInAccount account, AwsClock clock)
    {
        (Account, _clock) = (account, clock);
        Provider = new EksClusterProvider(token => AwsAccess.OpenAsync(account.Settings, token), account.Id, clock);
        Zone = account.PlantZone("example.org");
    }

    public StandInAccount Account { get; }

    public string Zone { get; }

    public EksClusterProvider Provider { get; }

    /// <summary>The version that a deploy brings.</summary>
    public string Version { get; set; } = "2";

    /// <summary>The share with which the new version's pods crash.</summary>
    public int? CrashesAt { get; set; }

    /// <summary>For how long flows still begin at the old cluster's balancer when that has been left, and whether they end.</summary>
    public (TimeSpan Time, string Metric) Clinging { get; set; }

    /// <summary>When the last of them was there; null: none was yet.</summary>
    public DateTimeOffset? LastFlow { get; private set; }

    /// <summary>The API of a cluster gives no answer any more.</summary>
    public ValueTask SilenceAsync(string name) => _insides[name].Server.DisposeAsync();

    /// <summary>A cluster that is being made.</summary>
    public Task BeginClusterAsync(string name) => Account.NewClusterAsync(name, Shop);

    /// <summary>A cluster that stands, with a version in it; nothing joins it to the others.</summary>
    public async Task PlantClusterAsync(string name, string? version)
    {
        await BeginClusterAsync(name);
        _clock.Pass(TimeSpan.FromHours(1));
        if (version is not null)
            Deployed(name, version);
    }

    /// <summary>An account with one cluster, in which the first version has all load.</summary>
    public static async Task<EksClustersOfShop> StartAsync(AwsStandIn aws)
    {
        var clock = new AwsClock();
        var shop = new EksClustersOfShop(await aws.NewAccountAsync(clock), clock);
        foreach (var name in (string[])["shop-prod-1", "shop-prod-2", "shop-prod-3"])
            shop._insides[name] = await Inside.StartAsync(shop.Account, name);
        shop.Account.Endpoints = name => shop._insides[name].Server.Endpoint;
        await shop.Account.NewClusterAsync("shop-prod-1", Shop);
        clock.Pass(TimeSpan.FromHours(1));
        shop.Deployed("shop-prod-1", "1");
        await shop.Provider.Load.WriteAsync(Shop, new Dictionary<string, int> { ["shop-prod-1"] = 100 }, "shop-prod-1", TestContext.Current.CancellationToken);
        return shop;
    }

    public DateTimeOffset Now => _clock.GetUtcNow();

    public void PassTime(TimeSpan time) => _clock.Pass(time);

    public UpdateTerms Terms => new(Version) { Soak = TimeSpan.FromMinutes(1), Watch = TimeSpan.FromSeconds(20) };

    public Task<UpdateResult> RunAsync(UpdateOrder order, IEventSink? sink = null, CancellationToken? cancellationToken = null) =>
        UpdaterOf(sink).RunAsync(order, cancellationToken ?? TestContext.Current.CancellationToken);

    public Task<UpdateResult> PlanAsync(IEventSink? sink = null) => UpdaterOf(sink).PlanAsync(new UpdateOrder.Deploy(Terms, Holds: false, Soaks: true), TestContext.Current.CancellationToken);

    public Task<UpdateResult> DeployAsync() => RunAsync(new UpdateOrder.Deploy(Terms, Holds: false, Soaks: true));

    /// <summary>The clusters that stand, and the records that lead to them.</summary>
    public string Text() =>
        $"{string.Join(' ', Account.Ledger.ThereOf("eks:cluster").Select(cluster => $"{cluster.Key}:{_insides[cluster.Key].Inventory?.Hash}{(_insides[cluster.Key].Update is { } update ? $":{update.Phase}" : "")}").Order(StringComparer.Ordinal))} | "
        + string.Join(' ', Weights().Select(record => $"{record.Cluster}={record.Weight}").Order(StringComparer.Ordinal));

    /// <summary>What is in the account still of a cluster that is gone.</summary>
    public IReadOnlyList<string> LeftOf(string cluster)
    {
        // A gateway that is deleted is still shown for an hour.
        _clock.Pass(TimeSpan.FromHours(1));
        // The role of the first cluster was there before it.
        return [.. Account.Ledger.There.Where(item => item.Key != $"{cluster}-role").Where(item => item.Key.Contains(cluster, StringComparison.Ordinal) || item.Tags.Any(tag => tag.Value == cluster || tag.Key.EndsWith($"/{cluster}", StringComparison.Ordinal))).Select(item => item.ToString())];
    }

    public Task<ClusterInside> ReadAsync(AppCluster cluster, CancellationToken cancellationToken) => Task.FromResult(new ClusterInside(_insides[cluster.Name].Update, _insides[cluster.Name].Inventory));

    public Task WriteAsync(AppCluster cluster, FullUpdate update, CancellationToken cancellationToken)
    {
        _insides[cluster.Name].Update = update;
        if (update.Phase == UpdatePhase.Draining)
            Cling(_insides[update.From!]);
        return Task.CompletedTask;
    }

    public Task ForgetAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        _insides[cluster.Name].Update = null;
        return Task.CompletedTask;
    }

    public Task PrepareAsync(AppCluster cluster, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task CarryAsync(AppCluster from, AppCluster to, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<DeployResult> DeployAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        Deployed(cluster.Name, Version);
        return Task.FromResult(DeployResult.Nothing(DeployOutcome.Deployed, ExitCodes.Done, Shop.App, Shop.Environment));
    }

    public Task<DateTimeOffset> NowAsync(AppCluster cluster, CancellationToken cancellationToken) => Task.FromResult(_clock.GetUtcNow());

    public async Task<IReadOnlyList<FailureReport>> WatchAsync(AppCluster cluster, TimeSpan time, CancellationToken cancellationToken)
    {
        var until = _clock.GetUtcNow() + time;
        var weights = Weights();
        Assert.Equal(100, weights.Sum(record => record.Weight));
        while (_clock.GetUtcNow() < until)
        {
            foreach (var (name, weight) in weights.Where(record => record.Weight > 0))
                Measure(_insides[name], "NewFlowCount", weight);
            await Task.Delay(TimeSpan.FromSeconds(15), _clock, cancellationToken);
        }

        return CrashesAt is { } share && weights.Any(record => record.Cluster == cluster.Name && record.Weight >= share)
            ? [new FailureReport("KUBEAPP6001", "Deployment shop/web", "Pod shop/web-1", "web", "CrashLoopBackOff", "It crashes.", [], "Look at its log.")]
            : [];
    }

    public Task<IUpdateLock> LockAsync(AppCluster cluster, CancellationToken cancellationToken) => Task.FromResult<IUpdateLock>(new RememberedLock(() => { }));

    public async ValueTask DisposeAsync()
    {
        Provider.Dispose();
        foreach (var inside in _insides.Values)
            await inside.Server.DisposeAsync();
        Account.Dispose();
    }

    private void Cling(Inside old)
    {
        for (var later = TimeSpan.Zero; later < Clinging.Time; later += TimeSpan.FromSeconds(30))
        {
            Measure(old, Clinging.Metric, 1, later);
            LastFlow = _clock.GetUtcNow() + later;
        }
    }

    private void Measure(Inside inside, string metric, double value, TimeSpan later = default) =>
        Account.Measure("AWS/NetworkELB", metric, new Dictionary<string, string> { ["LoadBalancer"] = inside.Balancer!.Split(":loadbalancer/")[1] }, value, later);

    private FullUpdater UpdaterOf(IEventSink? sink) => new(new UpdateWorld(Provider, this, Shop), Small, sink ?? new EventLog(), _clock)
    {
        Environment = new BundleEnvironment(Shop.Environment, new BundleTarget("eks"), "shop", new BundleStrategy("rolling", TimeSpan.FromMinutes(1)), [new BundleObject("web.yaml", "main", Inside.Web(null))]),
    };

    private List<(string Cluster, long Weight)> Weights() =>
        [.. Account.Ledger.ThereOf("route53:record").Where(record => record.Content["SetIdentifier"] is not null).Select(record => (((string)record.Content["SetIdentifier"]!).Split('/')[1], (long)record.Content["Weight"]!))];

    private void Deployed(string cluster, string version)
    {
        var inside = _insides[cluster];
        inside.Inventory = new Inventory(Shop.App, Shop.Environment, "shop", null, version, true, null, [new InventoryItem(new ObjectId("v1", "Service", "shop", "web"), "1")], []);
        if (inside.Balancer is not null)
            return;
        var vpc = Account.Ledger.ThereOf("ec2:vpc")[^1];
        var subnets = Account.Ledger.ThereOf("ec2:subnet").Where(item => (string)item.Content["VpcId"]! == vpc.Key).Select(item => item.Key).ToList();
        inside.Balancer = Account.PlantLoadBalancer($"k8s-{cluster}", new StandInNetwork(vpc.Key, subnets, subnets), new Dictionary<string, string> { ["elbv2.k8s.aws/cluster"] = cluster }, "network");
        inside.Host = (string)Account.Ledger.ThereOf("elasticloadbalancing:loadbalancer").Single(item => item.Key == inside.Balancer).Content["DNSName"]!;
    }

    /// <summary>What a cluster knows, and its API: it has the app's inventory and its service.</summary>
    private sealed class Inside : HttpMessageHandler
    {
        public EksServer Server { get; private set; } = null!;

        public FullUpdate? Update { get; set; }

        public Inventory? Inventory { get; set; }

        public string? Balancer { get; set; }

        public string? Host { get; set; }

        public static async Task<Inside> StartAsync(StandInAccount account, string name)
        {
            var inside = new Inside();
            inside.Server = await EksServer.StartAsync(account, name, new HttpClient(inside), "http://localhost");
            return inside;
        }

        /// <summary>The service that users enter.</summary>
        public static JsonObject Web(string? host) => new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Service",
            ["metadata"] = new JsonObject
            {
                ["name"] = "web",
                ["namespace"] = "shop",
                ["annotations"] = new JsonObject { ["external-dns.alpha.kubernetes.io/hostname"] = "shop.example.org" },
            },
            ["spec"] = new JsonObject { ["type"] = "LoadBalancer", ["ports"] = new JsonArray(new JsonObject { ["port"] = 443 }) },
            ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject { ["ingress"] = new JsonArray(new JsonObject { ["hostname"] = host }) } },
        };

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            JsonObject? content = request.RequestUri!.AbsolutePath switch
            {
                "/api/v1/namespaces/shop/configmaps/kubeapp-update-shop" => Update is null ? null : FullUpdateObject.Of(Update, "shop", "shop"),
                "/api/v1/configmaps" when Inventory is not null => List(Inventory.ToObject()),
                "/api/v1/namespaces/shop/services/web" => Web(Host),
                _ => List(),
            };
            return Task.FromResult(new HttpResponseMessage(content is null ? HttpStatusCode.NotFound : HttpStatusCode.OK)
            {
                Content = new StringContent((content ?? new JsonObject { ["kind"] = "Status", ["reason"] = "NotFound", ["code"] = 404 }).ToJsonString(), Encoding.UTF8, "application/json"),
            });
        }

        private static JsonObject List(params JsonObject[] items) =>
            new() { ["kind"] = "List", ["apiVersion"] = "v1", ["metadata"] = new JsonObject { ["resourceVersion"] = "1" }, ["items"] = new JsonArray([.. items]) };
    }
}

using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Tests.Updates;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Clusters.Eks;

/// <summary>An app's clusters on the stand-in's EKS, each with a balancer, and its load between them.</summary>
internal sealed class EksLoad : IDisposable
{
    public static readonly ClusterOwner Shop = new("shop", "prod");

    private readonly Dictionary<string, string> _balancers = [];
    private readonly Dictionary<string, string> _unnamed = [];
    private readonly StandInNetwork _network;
    private AwsAccess? _access;

    private EksLoad(StandInAccount account, LeapingClock clock)
    {
        (Account, Clock, _network) = (account, clock, account.PlantNetwork());
        account.Delays = Delays.None with { Network = TimeSpan.FromSeconds(40) };
        Zone = account.PlantZone("example.org");
        Sharing = new EksLoadSharing(async token => _access ??= await AwsAccess.OpenAsync(account.Settings, token), (cluster, _) => Task.FromResult(EntriesOf(cluster)), clock) { HostsAsync = (cluster, _) => Task.FromResult(HostsOf(cluster)) };
    }

    public StandInAccount Account { get; }

    public LeapingClock Clock { get; }

    public EksLoadSharing Sharing { get; }

    public string Zone { get; }

    /// <summary>What users call, where it is not the same in all clusters.</summary>
    public Func<string, IReadOnlyList<string>> Names { get; set; } = _ => ["https://shop.example.org"];

    /// <summary>Clusters that give no answer.</summary>
    public HashSet<string> Silent { get; } = [];

    /// <summary>Clusters whose balancer is not made yet.</summary>
    public HashSet<string> Pending { get; } = [];

    public static async Task<EksLoad> StartAsync(AwsStandIn aws, string type, params IReadOnlyList<string> clusters)
    {
        var clock = new LeapingClock();
        var load = new EksLoad(await aws.NewAccountAsync(clock), clock);
        foreach (var cluster in clusters)
            await load.AddAsync(cluster, type);
        return load;
    }

    public async Task AddAsync(string cluster, string type = "network")
    {
        await Account.NewClusterAsync(cluster, Shop);
        _balancers[cluster] = Account.PlantLoadBalancer(cluster, _network, new Dictionary<string, string>(), type);
    }

    /// <summary>A cluster's balancer has addresses of IPv6, too.</summary>
    public void GiveIpv6(string cluster) => Account.Ledger.ThereOf("elasticloadbalancing:loadbalancer").Single(item => item.Key == BalancerOf(cluster)).Content["IpAddressType"] = "dualstack";

    /// <summary>A balancer of a cluster to which no name leads.</summary>
    public void AddUnnamed(string cluster) => _unnamed[cluster] = Account.PlantLoadBalancer($"{cluster}-unnamed", _network, new Dictionary<string, string>(), "network");

    public string BalancerOf(string cluster) => _balancers[cluster];

    public string HostOf(string cluster) => Host(_balancers[cluster]);

    public static AppCluster Cluster(string name) => new(name, Shop, ClusterState.Ready);

    /// <summary>The last one that gets anything is the one that load is moved to.</summary>
    public Task<IReadOnlyList<Diagnostic>> WriteAsync(params (string Cluster, int Share)[] shares) => WriteAsync(shares.LastOrDefault(share => share.Share > 0).Cluster, shares);

    /// <summary>Load goes back to who has had it.</summary>
    public Task<IReadOnlyList<Diagnostic>> ReturnAsync(params (string Cluster, int Share)[] shares) => WriteAsync(null, shares);

    private Task<IReadOnlyList<Diagnostic>> WriteAsync(string? newcomer, (string Cluster, int Share)[] shares) =>
        Sharing.WriteAsync(Shop, shares.ToDictionary(share => share.Cluster, share => share.Share), newcomer, TestContext.Current.CancellationToken);

    public Task<ArrivingLoad> MeasureAsync(string cluster, TimeSpan window) => Sharing.MeasureAsync(Cluster(cluster), window, TestContext.Current.CancellationToken);

    public Task PassAsync(TimeSpan time) => Task.WhenAll(Enumerable.Range(0, (int)(time / TimeSpan.FromSeconds(30))).Select(_ => Task.Delay(TimeSpan.FromSeconds(30), Clock, TestContext.Current.CancellationToken)));

    /// <summary>CloudWatch is told something of a cluster's balancer.</summary>
    public void Tell(string cluster, string metric, double value) => Account.Measure(
        BalancerOf(cluster).Contains("/net/", StringComparison.Ordinal) ? "AWS/NetworkELB" : "AWS/ApplicationELB", metric,
        new Dictionary<string, string> { ["LoadBalancer"] = BalancerOf(cluster).Split(":loadbalancer/")[1] }, value);

    /// <summary>The same of the one to which no name leads.</summary>
    public void TellUnnamed(string cluster, string metric, double value) => Account.Measure(
        "AWS/NetworkELB", metric, new Dictionary<string, string> { ["LoadBalancer"] = _unnamed[cluster].Split(":loadbalancer/")[1] }, value);

    /// <summary>The records that stand, in words.</summary>
    public IReadOnlyList<string> Records() =>
    [
        .. Account.Ledger.ThereOf("route53:record").Select(record => record.Content).Select(record => $"{record["Name"]} {record["Type"]} {Words(record)}").Order(StringComparer.Ordinal),
    ];

    public int Batches => Account.Requests.Count(request => request.Action == "route53:ChangeResourceRecordSets");

    public void Dispose()
    {
        _access?.Dispose();
        Account.Dispose();
    }

    private IReadOnlyList<EksEntry> EntriesOf(AppCluster cluster) => Silent.Contains(cluster.Name)
        ? throw new DiagnosticException(DiagnosticDescriptors.ClusterUnreachable.Because($"{cluster.Name} does not answer."))
        : [.. Names(cluster.Name).Select(address => new EksEntry(new Uri(address), Pending.Contains(cluster.Name) ? null : HostOf(cluster.Name)))];

    private IReadOnlyList<string> HostsOf(AppCluster cluster) => Silent.Contains(cluster.Name)
        ? throw new DiagnosticException(DiagnosticDescriptors.ClusterUnreachable.Because($"{cluster.Name} does not answer."))
        : [HostOf(cluster.Name), .. _unnamed.Where(item => item.Key == cluster.Name).Select(item => Host(item.Value))];

    private string Host(string balancer) => (string)Account.Ledger.ThereOf("elasticloadbalancing:loadbalancer").Single(item => item.Key == balancer).Content["DNSName"]!;

    private string Words(JsonObject record) =>
        record["AliasTarget"] is not { } alias ? (string)record["ResourceRecords"]![0]!["Value"]!
        : $"{record["SetIdentifier"]} {record["Weight"]} → {_balancers.Keys.FirstOrDefault(cluster => $"{HostOf(cluster).ToLowerInvariant()}." == (string)alias["DNSName"]!) ?? "elsewhere"}";
}

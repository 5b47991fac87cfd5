using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Tests.Clusters;
using KubeApps.Deploy.Tests.Clusters.Eks;
using KubeApps.Deploy.Updates;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>
/// An app that runs in clusters of the stand-in's EKS, made, shared and deleted as they would be there, behind EKS's certificate and login. What is inside of them
/// is a sandbox's: a server, a lock, pods. AWS's hours pass in no time; those of the sandbox do not.
/// </summary>
internal sealed class ShopOnEks : IAsyncDisposable
{
    private static readonly ClusterSpecification Small = new() { Pools = [new NodePoolSpecification("web", ["m5.large"])] };

    private static int _count;

    private readonly AwsClock _clock;
    private readonly IReadOnlyList<SandboxCluster> _sandboxes;
    private readonly Dictionary<string, EksServer> _servers = [];
    private readonly EksClusterProvider _entering;

    private ShopOnEks(StandInAccount account, IReadOnlyList<SandboxCluster> sandboxes, AwsClock clock)
    {
        (Account, _sandboxes, _clock) = (account, sandboxes, clock);
        Owner = new ClusterOwner(string.Create(CultureInfo.InvariantCulture, $"shop{Interlocked.Increment(ref _count)}"), "prod");
        Provider = new EksClusterProvider(token => AwsAccess.OpenAsync(account.Settings, token), account.Id, clock);
        _entering = new EksClusterProvider(token => AwsAccess.OpenAsync(account.Settings, token), account.Id, TimeProvider.System);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public StandInAccount Account { get; }

    public ClusterOwner Owner { get; }

    public EksClusterProvider Provider { get; }

    public string Old => $"{Owner.App}-prod-1";

    public string New => $"{Owner.App}-prod-2";

    /// <summary>An account with one cluster, made by the app's first deploy, whose pods are called <c>old</c>.</summary>
    public static async Task<ShopOnEks> StartAsync(AwsStandIn aws, EksSandboxes sandboxes)
    {
        var clock = new AwsClock();
        var shop = new ShopOnEks(await aws.NewAccountAsync(clock), sandboxes.Both, clock);
        shop.Account.PlantZone("example.org");
        foreach (var (name, sandbox) in (IEnumerable<(string, SandboxCluster)>)[(shop.Old, shop._sandboxes[0]), (shop.New, shop._sandboxes[1])])
            shop._servers[name] = await EksServer.StartAsync(shop.Account, name, sandbox.ServerClient(new BalancerController(shop.Account, name)), sandbox.ApiServer);
        shop.Account.Endpoints = name => shop._servers[name].Endpoint;
        var first = await shop.DeployAsync("old");
        Assert.True(first.ExitCode == ExitCodes.Done, Text(first));
        return shop;
    }

    public Task<UpdateResult> DeployAsync(string workload, IEventSink? sink = null, CancellationToken? cancellationToken = null) =>
        RunAsync(new UpdateOrder.Deploy(new UpdateTerms(workload), Holds: false, Soaks: true), workload, sink, cancellationToken);

    public Task<UpdateResult> AbortAsync(IEventSink? sink = null, CancellationToken? cancellationToken = null) => RunAsync(new UpdateOrder.Abort(), null, sink, cancellationToken);

    /// <summary>All that is in the account, but for what is only shown for a while after its end.</summary>
    public IReadOnlyList<string> There()
    {
        _clock.Pass(TimeSpan.FromHours(1));
        return [.. Account.Ledger.There.Select(item => item.ToString()).Order(StringComparer.Ordinal)];
    }

    /// <summary>What the app's only cluster answers, when all load goes to it, it believes that it is the only one, and nothing is left of others.</summary>
    public async Task<string> AskOnlyAsync(string name)
    {
        var cluster = Assert.Single(await Provider.ListAsync(Owner, Token));
        Assert.Equal((name, ClusterState.Ready), (cluster.Name, cluster.State));
        Assert.Equal(new Dictionary<string, int> { [name] = 100 }, await Provider.Load.ReadAsync(Owner, Token));
        Assert.Empty(await Provider.AuditAsync(null, Token));
        using var inside = Insides(new EventLog());
        Assert.Null((await inside.ReadAsync(cluster, Token)).Update);
        var service = await SandboxOf(name).Client.GetAsync(ResourceType.Service, Owner.App, "web", Token);
        var address = new Uri((string)service!["metadata"]!["annotations"]!["kubeapps.dev/url"]!);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        // Without a readiness probe load is led to a pod before it listens.
        while (true)
        {
            using var answer = await client.GetAsync(address, Token);
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
                return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Token);
            await Task.Delay(50, Token);
        }
    }

    public static string Text(UpdateResult result) => $"{result.Outcome}: {string.Join(Environment.NewLine, result.Diagnostics)} {string.Join(Environment.NewLine, result.Failures)}";

    public async ValueTask DisposeAsync()
    {
        foreach (var sandbox in _sandboxes)
            if (await sandbox.Client.GetAsync(ResourceType.Namespace, null, Owner.App, Token) is { } used)
                await sandbox.Client.DeleteAsync(ResourceType.Namespace, null, Owner.App, (string)used["metadata"]!["uid"]!, "Background", Token);
        foreach (var server in _servers.Values)
            await server.DisposeAsync();
        _entering.Dispose();
        Provider.Dispose();
        Account.Dispose();
    }

    private async Task<UpdateResult> RunAsync(UpdateOrder order, string? workload, IEventSink? sink = null, CancellationToken? cancellationToken = null)
    {
        sink ??= new EventLog();
        using var inside = Insides(sink, workload, order is UpdateOrder.Abort);
        return await new FullUpdater(new UpdateWorld(Provider, new Hurried(inside, _clock), Owner), Small, sink, _clock).RunAsync(order, cancellationToken ?? Token);
    }

    // By its own clock: a lock is renewed by that.
    private ClusterInsides Insides(IEventSink sink, string? workload = null, bool asksHolder = false) => new(_entering, (Owner.App, Owner.App), sink)
    {
        Holder = LockHolder.Of("test", _ => null),
        LockPatience = TimeSpan.FromMinutes(1),
        AsksHolder = asksHolder,
        Deploys = (connection, log, token) => new Deployer(connection, _ => null).RunAsync(new DeployRequest(BundleOf(workload!), Owner.Environment), log, token),
    };

    private SandboxCluster SandboxOf(string name) => _sandboxes[name == Old ? 0 : 1];

    private Bundle BundleOf(string workload)
    {
        // A sandbox runs images of its own registry only.
        var (phase, deployment) = SandboxOf(workload == "old" ? Old : New).Web(1);
        // It is there the sooner.
        deployment["spec"]!["template"]!["spec"]!["containers"]![0]!.AsObject().Remove("readinessProbe");
        deployment["metadata"]!["name"] = workload;
        var service = SandboxCluster.WebService;
        service.Content["metadata"]!["annotations"] = new JsonObject { ["external-dns.alpha.kubernetes.io/hostname"] = $"{Owner.App}.example.org" };
        service.Content["spec"]!["type"] = "LoadBalancer";
        var bundle = SandboxCluster.Bundle(Owner.App, TimeSpan.FromMinutes(2), (phase, deployment), service);
        return bundle with { Environments = [bundle.Environments[0] with { Name = Owner.Environment, Strategy = bundle.Environments[0].Strategy with { StabilityWindow = TimeSpan.Zero } }] };
    }

    /// <summary>Nobody watches pods for the minutes that pass in no time.</summary>
    private sealed class Hurried(IClusterInsides inside, TimeProvider clock) : IClusterInsides
    {
        public Task<ClusterInside> ReadAsync(AppCluster cluster, CancellationToken cancellationToken) => inside.ReadAsync(cluster, cancellationToken);

        public Task WriteAsync(AppCluster cluster, FullUpdate update, CancellationToken cancellationToken) => inside.WriteAsync(cluster, update, cancellationToken);

        public Task ForgetAsync(AppCluster cluster, CancellationToken cancellationToken) => inside.ForgetAsync(cluster, cancellationToken);

        public Task PrepareAsync(AppCluster cluster, CancellationToken cancellationToken) => inside.PrepareAsync(cluster, cancellationToken);

        public Task CarryAsync(AppCluster from, AppCluster to, CancellationToken cancellationToken) => inside.CarryAsync(from, to, cancellationToken);

        public Task<DeployResult> DeployAsync(AppCluster cluster, CancellationToken cancellationToken) => inside.DeployAsync(cluster, cancellationToken);

        public Task<IReadOnlyList<FailureReport>> WatchAsync(AppCluster cluster, TimeSpan time, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<FailureReport>>([]);

        public Task<DateTimeOffset> NowAsync(AppCluster cluster, CancellationToken cancellationToken) => Task.FromResult(clock.GetUtcNow());

        public Task<IUpdateLock> LockAsync(AppCluster cluster, CancellationToken cancellationToken) => inside.LockAsync(cluster, cancellationToken);
    }
}

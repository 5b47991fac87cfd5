using System.Collections.Concurrent;
using KubeApps.Aws.StandIn;
using KubeApps.Bundles;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Tests.Clusters;
using KubeApps.Deploy.Tests.Clusters.Eks;
using KubeApps.Testing;

namespace KubeApps.Cli.Tests.Eks;

/// <summary>Tests that enter AWS as the process's environment says it: one after the other, each in a region of its own.</summary>
[CollectionDefinition(Name)]
public sealed class EksCollection : ICollectionFixture<EksTool>
{
    public const string Name = "EKS";
}

/// <summary>
/// The tool in this process, in an account of AWS's stand-in whose hours pass in no time. The API of each cluster is behind a certificate and a login as EKS
/// has them.
/// </summary>
public sealed class EksTool(AwsStandIn aws) : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, EksServer> _servers = new();
    private readonly ConcurrentDictionary<string, string> _regions = new();
    private readonly TemporaryFolder _folder = new();
    private readonly AwsClock _clock = new();
    private ManyClusters? _clusters;

    public StandInAccount Account { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Account = await aws.NewAccountAsync(_clock);
        _clusters = await ManyClusters.StartAsync(TimeSpan.Zero);
        Account.Endpoints = name => _servers.GetOrAdd(name, missing => Serve(missing, ClusterHealth.Healthy)).Endpoint;
        foreach (var (name, value) in Account.Variables)
            Environment.SetEnvironmentVariable(name, value);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in Account.Variables.Keys)
            Environment.SetEnvironmentVariable(name, null);
        foreach (var server in _servers.Values)
            await server.DisposeAsync();
        await _clusters!.DisposeAsync();
        _folder.Dispose();
        Account.Dispose();
    }

    /// <summary>All that follows is in this region; no other test may have it, in whatever order they run.</summary>
    internal EksTool In(string region)
    {
        var test = $"{TestContext.Current.TestClass?.TestClassName}.{TestContext.Current.TestMethod?.MethodName}";
        Assert.True(_regions.GetOrAdd(region, test) == test, $"{region} is the region of {_regions[region]}.");
        Account.Region = region;
        return this;
    }

    /// <summary>A cluster with an app that stands in it, ready.</summary>
    internal async Task StandAsync(string name, ClusterOwner owner, string? version = null, ClusterHealth health = ClusterHealth.Healthy)
    {
        _servers.GetOrAdd(name, missing => Serve(missing, health));
        await Account.NewClusterAsync(name, owner, version: version);
        _clock.Pass(TimeSpan.FromHours(1));
    }

    /// <summary>Machines of a cluster that stands, ready.</summary>
    internal async Task StandNodesAsync(string cluster, ClusterOwner owner, string name, string version)
    {
        await Account.NewNodegroupAsync(cluster, owner, name, version);
        _clock.Pass(TimeSpan.FromHours(1));
    }

    /// <summary>A bundle of an app that lives in the account and region, in the environment <c>prod</c>.</summary>
    internal string Bundle(string app, params IReadOnlyList<BundleObject> objects) => WriteBundle(_folder.Path, Account, app, objects);

    internal static string WriteBundle(string parent, StandInAccount account, string app, params IReadOnlyList<BundleObject> objects)
    {
        var folder = Path.Combine(parent, $"{app}-{account.Region}");
        var target = new BundleTarget("eks") { Account = account.Id, Region = account.Region };
        BundleFiles.Write(
            new Bundle(
                1, app, null, false, new Dictionary<string, BundleImage>(), [new BundleEnvironment("prod", target, $"{app}-prod", new BundleStrategy("rolling", TimeSpan.FromMinutes(2)), objects)]),
            folder);
        return folder;
    }

    internal async Task<(int Exit, string Out, string Error)> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var terminal = Tool.Terminal(_folder.Path, "") with { Out = output, Error = error, Clock = _clock };
        var exit = await CommandLine.RunAsync(arguments, terminal, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }

    // Endpoints are asked for while the account is locked: what starts then must not look into it.
    private EksServer Serve(string name, ClusterHealth health)
    {
        _clusters!.Add(name, health);
        return Task.Run(() => EksServer.StartAsync(Account, name, new HttpClient(), _clusters.AddressOf(name))).GetAwaiter().GetResult();
    }
}

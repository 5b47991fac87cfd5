using System.Reflection;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Sandbox;
using KubeApps.Deploy.Targets;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>Clusters on this machine for the tests of one class, as users have them: processes, with a registry and an edge proxy, in a home that goes away.</summary>
public sealed class SandboxClusters : IAsyncLifetime
{
    private readonly SandboxLocation _sandbox = new(Directory.CreateTempSubdirectory("kubeapps-test-").FullName, Metadata("SandboxFolder")) { ApiPort = 0, RegistryPort = 0 };

    private string _registry = null!;

    internal SandboxLocation Location => _sandbox;

    internal IClusterProvider Provider => new SandboxClusterProvider(_sandbox, TimeProvider.System);

    // Images come from the machine's registry; nothing else of its sandbox is needed, not even that it runs.
    public async ValueTask InitializeAsync()
    {
        var launcher = new SandboxLauncher(_sandbox, TimeProvider.System);
        _registry = (await launcher.EnsureRunningAsync(new EventLog(), CancellationToken.None)).Registry;
        await launcher.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var folder in SandboxClusterFolder.List(_sandbox))
            await new SandboxLauncher(folder.Location, TimeProvider.System).StopAsync(CancellationToken.None);
        await new SandboxLauncher(_sandbox.Edge, TimeProvider.System).StopAsync(CancellationToken.None);
        Directory.Delete(_sandbox.Home, recursive: true);
    }

    internal async Task<AppCluster> CreateAsync(string name, ClusterOwner owner)
    {
        await DoAsync(new ClusterChange.Ensure(name, owner, new ClusterSpecification()));
        return (await Provider.ListAsync(owner, CancellationToken.None)).Single(cluster => cluster.Name == name);
    }

    internal async Task<EventLog> DoAsync(ClusterChange change)
    {
        var log = new EventLog();
        await Provider.ExecuteAsync(await Provider.PlanAsync(change, CancellationToken.None), log, CancellationToken.None);
        return log;
    }

    /// <summary>Deploys a web server that answers with its pod's name, beginning with the workload's.</summary>
    internal async Task DeployAsync(AppCluster cluster, string workload)
    {
        using var connection = await Provider.ConnectAsync(cluster, new EventLog(), CancellationToken.None);
        var result = await new Deployer(connection, _ => null).RunAsync(new DeployRequest(BundleOf(cluster.Owner, workload), cluster.Owner.Environment), new EventLog(), CancellationToken.None);
        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join(Environment.NewLine, result.Diagnostics));
    }

    /// <summary>A web server that answers with its pod's name, beginning with the workload's.</summary>
    internal Bundle BundleOf(ClusterOwner owner, string workload)
    {
        var deployment = Parse($$"""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{workload}}"},"spec":{"replicas":1,"selector":{"matchLabels":{"app":"web"} },
             "template":{"metadata":{"labels":{"app":"web"} },"spec":{"terminationGracePeriodSeconds":5,"containers":[
              {"name":"web","image":"{{_registry}}/kubeapps/host-runtime:{{Environment.Version.ToString(2)}}","command":["dotnet"],"ports":[{"name":"http","containerPort":8080}],
               "readinessProbe":{"httpGet":{"path":"/healthz","port":"http"},"periodSeconds":1} }]} } } }
            """);
        deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["args"] = new JsonArray(SandboxCluster.PodApp);
        var bundle = SandboxCluster.Bundle(owner.App, TimeSpan.FromMinutes(2), ("main", deployment), SandboxCluster.WebService);
        return bundle with { Environments = [bundle.Environments[0] with { Name = owner.Environment }] };
    }

    private static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;

    private static string Metadata(string key) => typeof(SandboxClusters).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == key).Value!;
}

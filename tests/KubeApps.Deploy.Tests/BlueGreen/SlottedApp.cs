using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Switching;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>An app whose Deployment <c>web</c> stands in slots, on a real cluster.</summary>
internal sealed class SlottedApp(SandboxCluster cluster, string name)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A version of it. What it is to do is said as a pod's arguments are.</summary>
    public Bundle Version(params string[] arguments) => Version([WebService, cluster.Web(1, null, null, arguments)]);

    public Bundle Version((string Phase, System.Text.Json.Nodes.JsonObject Content)[] objects)
    {
        var bundle = Bundle(name, TimeSpan.FromMinutes(1), objects);
        return bundle with
        {
            Environments = [.. bundle.Environments.Select(item => item with { Strategy = item.Strategy with { Kind = "blueGreen", KeepOld = TimeSpan.Zero } })],
        };
    }

    public Task<DeployResult> DeployAsync(Bundle bundle, EventLog? log = null, bool? hold = null, bool soak = true) => new Deployer(cluster.Connection, _ => null)
        .RunAsync(new DeployRequest(bundle, "local") { Hold = hold, Soak = soak }, log ?? new EventLog(), Token);

    public async Task<DeployResult> PromoteAsync(EventLog? log = null) =>
        await new SlotOperations(cluster.Connection, _ => null, log ?? new EventLog()).PromoteAsync(await InventoryAsync(), new SlotOptions(), Token);

    public async Task<DeployResult> AbortAsync(EventLog? log = null) =>
        await new SlotOperations(cluster.Connection, _ => null, log ?? new EventLog()).AbortAsync(await InventoryAsync(), new SlotOptions(), Token);

    public async Task<Inventory> InventoryAsync() =>
        Inventory.FromObject(await cluster.Client.GetAsync(ResourceType.ConfigMap, name, Inventory.NameOf(name), Token))!;

    /// <summary>What belongs to its versions and what leads there: workloads and pods by UID, Services by what they select.</summary>
    public async Task<IReadOnlyList<string>> ObjectsAsync()
    {
        var found = new List<string>();
        foreach (var type in (ResourceType[])[ResourceType.Deployment, ResourceType.ReplicaSet, ResourceType.Service, ResourceType.Pod])
            found.AddRange((await cluster.Client.ListAsync(type, name, null, Token)).Items.Select(item =>
                $"{type.Kind} {item["metadata"]!["name"]} {(type == ResourceType.Service ? Selector.Of(item["spec"]?["selector"]) : item["metadata"]!["uid"])}"));
        return [.. found.Order(StringComparer.Ordinal)];
    }
}

internal static class SlottedBundles
{
    public static Bundle Checked(this Bundle bundle, params BundleCheck[] checks) =>
        bundle with { Environments = [.. bundle.Environments.Select(item => item with { Checks = checks })] };

    public static Bundle KeepingOld(this Bundle bundle, TimeSpan time) => bundle with
    {
        Environments = [.. bundle.Environments.Select(item => item with { Strategy = item.Strategy with { KeepOld = time } })],
    };
}

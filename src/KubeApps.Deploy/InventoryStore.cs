using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy;

/// <summary>Where inventories are kept: in the cluster, in the app's namespace.</summary>
internal static class InventoryStore
{
    /// <summary>Null where there is none, or none that this version can read.</summary>
    public static async Task<Inventory?> ReadAsync(KubeClient client, string app, string ns, CancellationToken cancellationToken) =>
        Inventory.FromObject(await client.GetAsync(ResourceType.ConfigMap, ns, Inventory.NameOf(app), cancellationToken));

    /// <summary>As it is stored. It is nobody else's: what others wrote into it is taken back.</summary>
    public static Task<JsonObject> WriteAsync(KubeClient client, Inventory inventory, CancellationToken cancellationToken) =>
        client.ApplyAsync(ResourceType.ConfigMap, inventory.ToObject(), dryRun: false, cancellationToken, force: true);
}

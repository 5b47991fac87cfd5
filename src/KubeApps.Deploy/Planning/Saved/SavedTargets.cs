using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Targets;

namespace KubeApps.Deploy.Planning.Saved;

/// <summary>Finds out which cluster a connection leads to.</summary>
internal static class SavedTargets
{
    public static async Task<SavedTarget> ReadAsync(ClusterConnection connection, CancellationToken cancellationToken)
    {
        string? uid = null;
        try
        {
            uid = (string?)(await connection.Client.GetAsync(ResourceType.Namespace, null, "kube-system", cancellationToken))?["metadata"]?["uid"];
        }
        catch (ApiException refusal) when (refusal.Status == HttpStatusCode.Forbidden)
        {
            // A role for one namespace alone: then the server's address must do.
        }

        return new SavedTarget(connection.Description, connection.Client.Server, uid);
    }

    /// <summary>What still stands of a saved plan's objects.</summary>
    public static async Task<IReadOnlyDictionary<ObjectId, JsonObject>> StandingAsync(SavedPlan saved, KubeClient client, CancellationToken cancellationToken)
    {
        var catalog = new ResourceCatalog(client);
        await catalog.RefreshAsync([.. saved.Objects.Select(item => item.ApiVersion).Distinct()], cancellationToken);
        var live = new ConcurrentDictionary<ObjectId, JsonObject>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = LiveStateReader.Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(saved.Objects.Select(item => item.Id), options, async (id, token) =>
        {
            if (catalog.Find(id.ApiVersion, id.Kind) is { } type && await client.GetAsync(type, id.Namespace, id.Name, token) is { } content)
                live[id] = content;
        });
        return live;
    }
}

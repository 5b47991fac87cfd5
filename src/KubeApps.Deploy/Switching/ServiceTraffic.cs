using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy.Switching;

/// <summary>
/// Writes what Services select, under a field manager of its own. A selector is one field for the server, whole: whoever says it says all of
/// it, and the normal apply says nothing about it.
/// </summary>
internal sealed class ServiceTraffic(KubeClient client)
{
    /// <summary>Writes what is not so already. The number of Services that were written; a Service that is not there has no traffic.</summary>
    public async Task<int> PointAsync(IReadOnlyList<ServiceSelector> services, CancellationToken cancellationToken)
    {
        // All are read before the first is written: what follows is as short as it can be.
        var standing = await Task.WhenAll(services.Select(service => client.GetAsync(ResourceType.Service, service.Id.Namespace, service.Id.Name, cancellationToken)));
        var changed = services.Zip(standing)
            .Where(item => item.Second is { } content && !(ServiceSwitches.IsOurs(content) && item.First.Selector.Equals(Selector.Of(content["spec"]?["selector"]))))
            .Select(item => item.First)
            .ToList();
        await Task.WhenAll(changed.Select(service => ApplyAsync(service.Id, service.Selector, cancellationToken)));
        return changed.Count;
    }

    /// <summary>Says nothing any more about a selector that the normal apply has taken over.</summary>
    public async Task LetGoAsync(ObjectId service, CancellationToken cancellationToken)
    {
        if (await client.GetAsync(ResourceType.Service, service.Namespace, service.Name, cancellationToken) is { } standing && ServiceSwitches.IsOurs(standing))
            await ApplyAsync(service, null, cancellationToken);
    }

    // Forced: a selector that somebody changed by hand is ours again with the next switch.
    private Task<JsonObject> ApplyAsync(ObjectId service, Selector? selector, CancellationToken cancellationToken) => client.ApplyAsync(
        ResourceType.Service, service.ToObject(selector is null ? null : new JsonObject { ["selector"] = selector.ToJson() }), dryRun: false, cancellationToken, force: true,
        ServiceSwitches.FieldManager);
}

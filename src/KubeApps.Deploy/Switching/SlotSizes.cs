using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Switching;

/// <summary>
/// How large a version is before it serves: as large as the one that does, and no smaller, whatever its autoscaler sees of the load that it
/// does not have yet. Written under a field manager of its own.
/// </summary>
internal sealed class SlotSizes(KubeClient client, ResourceCatalog catalog)
{
    /// <summary>The field manager under which sizes are written.</summary>
    public const string Manager = "kubeapp-size";

    /// <summary>An autoscaler takes over from there.</summary>
    public Task SetAsync(ObjectId deployment, int replicas, CancellationToken cancellationToken) =>
        ApplyAsync(deployment, new JsonObject { ["replicas"] = replicas }, cancellationToken);

    /// <summary>Until it is released, an autoscaler may make its Deployment larger only.</summary>
    public Task KeepAsync(ObjectId autoscaler, CancellationToken cancellationToken) => ApplyAsync(
        autoscaler, new JsonObject { ["behavior"] = new JsonObject { ["scaleDown"] = new JsonObject { ["selectPolicy"] = "Disabled" } } }, cancellationToken);

    /// <summary>Says nothing any more: the server's default is back.</summary>
    public Task ReleaseAsync(ObjectId autoscaler, CancellationToken cancellationToken) => ApplyAsync(autoscaler, null, cancellationToken);

    /// <summary>From now on an autoscaler scales another Deployment.</summary>
    /// <param name="autoscaler">Which one.</param>
    /// <param name="targetOf">From the Deployment that it scales to the one that it shall scale; null changes nothing.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task LeadAsync(ObjectId autoscaler, Func<string?, string?> targetOf, CancellationToken cancellationToken)
    {
        if (catalog.Find(autoscaler.ApiVersion, autoscaler.Kind) is not { } type
            || (await client.GetAsync(type, autoscaler.Namespace, autoscaler.Name, cancellationToken))?["spec"]?["scaleTargetRef"] is not JsonObject standing
            || targetOf((string?)standing["name"]) is not { } target)
            return;
        // Whole: in the first version of autoscalers it is written as one.
        var reference = new JsonObject { ["name"] = target };
        foreach (var field in (string[])["apiVersion", "kind"])
            if (standing[field] is { } value)
                reference[field] = value.DeepClone();
        await ApplyAsync(autoscaler, new JsonObject { ["scaleTargetRef"] = reference }, cancellationToken);
    }

    private async Task ApplyAsync(ObjectId id, JsonObject? spec, CancellationToken cancellationToken)
    {
        var type = catalog.Find(id.ApiVersion, id.Kind);
        // An apply would make what is gone again.
        if (type is null || await client.GetAsync(type, id.Namespace, id.Name, cancellationToken) is null)
            return;
        await client.ApplyAsync(type, id.ToObject(spec), dryRun: false, cancellationToken, force: true, Manager);
    }
}

using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;

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
    public async Task SetAsync(ObjectId deployment, int replicas, CancellationToken cancellationToken)
    {
        if (await ReadAsync(deployment, cancellationToken) is not null)
            await ApplyAsync(deployment, new JsonObject { ["replicas"] = replicas }, cancellationToken);
    }

    /// <summary>Of Deployments whose size nobody has said in a specification those that are smaller than others are, and how large they are to be: as large, or as their own autoscalers let them be.</summary>
    /// <param name="deployments">All of them.</param>
    /// <param name="servingOf">The other one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<(ObjectId Deployment, int From, int To)>> FindSmallerAsync(
        IReadOnlyList<ObjectId> deployments, Func<ObjectId, ObjectId> servingOf, CancellationToken cancellationToken)
    {
        var smaller = new List<(ObjectId, int, int)>();
        foreach (var group in deployments.Where(id => id.Kind == "Deployment").GroupBy(id => id.Namespace))
        {
            var standing = (await client.ListAsync(ResourceType.Deployment, group.Key, null, cancellationToken)).Items.ToDictionary(item => (string)item["metadata"]!["name"]!);
            foreach (var id in group)
                if (standing.GetValueOrDefault(id.Name) is { } next && standing.GetValueOrDefault(servingOf(id).Name) is { } serving && SizeOf(serving) > SizeOf(next)
                    && !ReplicaCounts.AreOurs(next) && Math.Min(SizeOf(serving), await MostAsync(id, cancellationToken)) is var most && most > SizeOf(next))
                    smaller.Add((id, SizeOf(next), most));
        }

        return smaller;
    }

    /// <summary>Until it is released, an autoscaler may make its Deployment larger only. One whose specification says how far it shrinks is left alone.</summary>
    public async Task KeepAsync(ObjectId autoscaler, CancellationToken cancellationToken)
    {
        if (await ReadAsync(Scaling(autoscaler), cancellationToken) is not { } standing
            || ManagersOf(standing, "spec", "behavior", "scaleDown", "selectPolicy").Any(manager => manager != Manager))
            return;
        var spec = Led(standing) ?? [];
        spec["behavior"] = new JsonObject { ["scaleDown"] = new JsonObject { ["selectPolicy"] = "Disabled" } };
        await ApplyAsync(Scaling(autoscaler), spec, cancellationToken);
    }

    /// <summary>Says nothing any more of how far it shrinks: the server's default is back.</summary>
    public async Task ReleaseAsync(ObjectId autoscaler, CancellationToken cancellationToken)
    {
        if (await ReadAsync(Scaling(autoscaler), cancellationToken) is { } standing && ManagersOf(standing, "spec", "behavior").Contains(Manager))
            await ApplyAsync(Scaling(autoscaler), Led(standing), cancellationToken);
    }

    /// <summary>From now on an autoscaler scales another Deployment.</summary>
    /// <param name="autoscaler">Which one.</param>
    /// <param name="targetOf">From the Deployment that it scales to the one that it shall scale; null changes nothing.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task LeadAsync(ObjectId autoscaler, Func<string?, string?> targetOf, CancellationToken cancellationToken)
    {
        if ((await ReadAsync(autoscaler, cancellationToken))?["spec"]?["scaleTargetRef"] is not JsonObject standing || targetOf((string?)standing["name"]) is not { } target)
            return;
        // Whole: in the first version of autoscalers it is written as one.
        var reference = new JsonObject { ["name"] = target };
        foreach (var field in (string[])["apiVersion", "kind"])
            if (standing[field] is { } value)
                reference[field] = value.DeepClone();
        await ApplyAsync(autoscaler, new JsonObject { ["scaleTargetRef"] = reference }, cancellationToken);
    }

    // The first version of autoscalers has no word for how far they shrink.
    private static ObjectId Scaling(ObjectId autoscaler) => autoscaler with { ApiVersion = "autoscaling/v2" };

    // What an apply does not say any more is gone: who was led goes on scaling what it was led to.
    private static JsonObject? Led(JsonObject autoscaler) => ManagersOf(autoscaler, "spec", "scaleTargetRef").Contains(Manager)
        ? new JsonObject { ["scaleTargetRef"] = autoscaler["spec"]?["scaleTargetRef"]?.DeepClone() } : null;

    // Who has said a field.
    private static IEnumerable<string?> ManagersOf(JsonObject autoscaler, params string[] field) =>
        Ownership.Entries(autoscaler).Where(entry => field.Aggregate(entry["fieldsV1"], (node, name) => node?[$"f:{name}"]) is not null).Select(entry => (string?)entry["manager"]);

    // What is larger than its autoscaler allows is made smaller by it at once.
    private async Task<int> MostAsync(ObjectId deployment, CancellationToken cancellationToken)
    {
        if (catalog.Find("autoscaling/v2", "HorizontalPodAutoscaler") is not { } type)
            return int.MaxValue;
        try
        {
            return (await client.ListAsync(type, deployment.Namespace, null, cancellationToken)).Items
                .Where(item => (string?)item["spec"]?["scaleTargetRef"]?["kind"] == deployment.Kind && (string?)item["spec"]?["scaleTargetRef"]?["name"] == deployment.Name)
                .Select(item => (int?)item["spec"]?["maxReplicas"] ?? int.MaxValue).DefaultIfEmpty(int.MaxValue).Min();
        }
        catch (ApiException)
        {
            // A role that may not look at them.
            return int.MaxValue;
        }
    }

    // Where the server was asked for no number, it is 1.
    private static int SizeOf(JsonObject deployment) => (int?)deployment["spec"]?["replicas"] ?? 1;

    // An apply would make what is gone again.
    private async Task<JsonObject?> ReadAsync(ObjectId id, CancellationToken cancellationToken) =>
        catalog.Find(id.ApiVersion, id.Kind) is { } type ? await client.GetAsync(type, id.Namespace, id.Name, cancellationToken) : null;

    private Task ApplyAsync(ObjectId id, JsonObject? spec, CancellationToken cancellationToken) =>
        client.ApplyAsync(catalog.Find(id.ApiVersion, id.Kind)!, id.ToObject(spec), dryRun: false, cancellationToken, force: true, Manager);
}

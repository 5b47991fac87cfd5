using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Secrets;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Revisions;

/// <summary>Completes the objects of an old revision with what only the cluster knows: the values of its Secrets, and how many pods the load needs now.</summary>
internal sealed class RestoredObjects(KubeClient client)
{
    private static readonly ResourceType Autoscaler = new("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true);

    /// <param name="objects">As the revision has them.</param>
    /// <param name="revision">Its number.</param>
    /// <param name="serving">Where the Deployments stand whose pods serve now.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="DiagnosticException">A Secret that the revision needs is gone.</exception>
    public async Task<List<ReleaseObject>> CompleteAsync(IReadOnlyList<ReleaseObject> objects, int revision, Slot serving, CancellationToken cancellationToken)
    {
        var secrets = await SecretsAsync(objects, revision, cancellationToken);
        var autoscaled = await AutoscaledAsync(objects, cancellationToken);
        var completed = new ReleaseObject[objects.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = LiveStateReader.Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, objects.Count, options, async (index, token) =>
        {
            var item = objects[index];
            completed[index] = item.Id.Kind switch
            {
                "Secret" => item.With(Filled(item.Content, secrets[(item.Id.Namespace, item.Id.Name)])),
                "Deployment" => await SettledAsync(ResourceType.Deployment, serving.NameIn(item.Id.Name)),
                "StatefulSet" => await SettledAsync(ResourceType.StatefulSet, item.Id.Name),
                _ => item,
            };

            async Task<ReleaseObject> SettledAsync(ResourceType type, string standing) => item.With(ReplicaCounts.Settle(
                item.Content, await client.GetAsync(type, item.Id.Namespace, standing, token), autoscaled.Contains((item.Id.Namespace, type.Kind, standing))));
        });
        return [.. completed];
    }

    /// <summary>
    /// The Secrets of the revision and those that its pods cannot start without; all that are gone are told at once. What operators make of its own objects
    /// comes back with these.
    /// </summary>
    private async Task<IReadOnlyDictionary<(string? Namespace, string Name), JsonObject>> SecretsAsync(
        IReadOnlyList<ReleaseObject> objects, int revision, CancellationToken cancellationToken)
    {
        var made = objects.SelectMany(item => SecretOperators.SecretsOf(item.Content).Select(name => (item.Id.Namespace, name)));
        var wanted = objects.SelectMany(item => SecretReferences.In(item.Content).Where(IsRequired).Select(reference => (item.Id.Namespace, reference.Name!)))
            .Except(made)
            .Union(objects.Where(item => item.Id.Kind == "Secret").Select(item => (item.Id.Namespace, item.Id.Name)))
            .ToList();
        var found = new ConcurrentDictionary<(string? Namespace, string Name), JsonObject>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = LiveStateReader.Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(wanted, options, async (name, token) =>
        {
            if (await client.GetAsync(ResourceType.Secret, name.Namespace, name.Item2, token) is { } live && live["metadata"]?["deletionTimestamp"] is null)
                found[name] = live;
        });
        var gone = wanted.Where(name => !found.ContainsKey(name)).ToList();
        return gone.Count == 0 ? found : throw new DiagnosticException([.. gone.Select(name => DiagnosticDescriptors.RevisionSecretMissing.Because(
            $"Revision {revision} needs the Secret {(name.Namespace is null ? "" : name.Namespace + "/")}{name.Item2}, which is gone; its values stand nowhere else."))]);
    }

    private async Task<HashSet<(string? Namespace, string Kind, string Name)>> AutoscaledAsync(IReadOnlyList<ReleaseObject> objects, CancellationToken cancellationToken)
    {
        var autoscaled = new HashSet<(string?, string, string)>();
        foreach (var ns in objects.Where(item => item.Id.Kind is "Deployment" or "StatefulSet").Select(item => item.Id.Namespace).Distinct())
        {
            try
            {
                foreach (var item in (await client.ListAsync(Autoscaler, ns, null, cancellationToken)).Items)
                    if (item["spec"]?["scaleTargetRef"] is JsonObject target)
                        autoscaled.Add((ns, (string?)target["kind"] ?? "", (string?)target["name"] ?? ""));
            }
            catch (ApiException refusal) when (refusal.IsNotFound || refusal.Status == System.Net.HttpStatusCode.Forbidden)
            {
                // A cluster without them, or a role that may not see them: who owns the field says it, too.
            }
        }

        return autoscaled;
    }

    // Without an optional one a pod starts; without a certificate or a registry's credentials the cluster says so itself.
    private static bool IsRequired(ConfigReference reference) =>
        reference is { Name: not null, IsOptional: false } && !IsListEntry(reference.Holder, "imagePullSecrets") && !IsListEntry(reference.Holder, "tls");

    private static bool IsListEntry(JsonObject holder, string list) => holder.Parent is JsonArray { Parent: JsonObject parent } array && ReferenceEquals(parent[list], array);

    private static JsonObject Filled(JsonObject kept, JsonObject live)
    {
        var content = (JsonObject)kept.DeepClone();
        content.Remove("data");
        if (live["data"] is JsonObject data)
            content["data"] = data.DeepClone();
        return content;
    }
}

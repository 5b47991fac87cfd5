using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Secrets;

namespace KubeApps.Deploy.Revisions;

/// <summary>
/// Which configuration Kubernetes' own revisions of workloads name. What pods run of, or would if there were more of them, is in use, whoever's
/// it is; older revisions are only remembered, for <c>kubectl rollout undo</c>, which is not how an app goes back.
/// </summary>
internal sealed class WorkloadRevisions(KubeClient client, ResourceCatalog catalog)
{
    /// <summary>What is in use.</summary>
    public HashSet<(string Kind, string? Namespace, string Name)> Used { get; } = [];

    /// <summary>What revisions without pods name, whether it is in use or not.</summary>
    public HashSet<(string Kind, string? Namespace, string Name)> Remembered { get; } = [];

    /// <param name="namespaces">Where to look.</param>
    /// <param name="leaving">What is deleted: a workload takes its revisions along.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task ReadAsync(IEnumerable<string> namespaces, IReadOnlyList<ObjectId> leaving, CancellationToken cancellationToken)
    {
        var types = new[] { ResourceType.ReplicaSet, catalog.Find("apps/v1", "ControllerRevision") }.OfType<ResourceType>().ToList();
        foreach (var ns in namespaces)
            foreach (var type in types)
            {
                var revisions = (await client.ListAsync(type, ns, null, cancellationToken)).Items.Where(item => !BelongsTo(leaving, item)).ToList();
                var newest = revisions.GroupBy(OwnerOf).Select(group => group.MaxBy(NumberOf)!).ToHashSet();
                var hasPods = type == ResourceType.ReplicaSet ? HasReplicas
                    : newest.Count == revisions.Count ? _ => true
                    : await RunsAsync(ns, cancellationToken);
                foreach (var revision in revisions)
                    foreach (var reference in SecretReferences.All(revision))
                        if (reference.Name is { } name)
                            (newest.Contains(revision) || hasPods(revision) ? Used : Remembered).Add((reference.Kind, ns, name));
            }
    }

    private static bool HasReplicas(JsonObject replicaSet) => (int?)replicaSet["spec"]?["replicas"] is not 0 || (int?)replicaSet["status"]?["replicas"] > 0;

    /// <summary>Pods name the revision that they are of by its name (StatefulSets), or by its hash alone (DaemonSets).</summary>
    private async Task<Func<JsonObject, bool>> RunsAsync(string ns, CancellationToken cancellationToken)
    {
        try
        {
            var labels = (await client.ListAsync(ResourceType.Pod, ns, null, cancellationToken)).Items
                .Select(pod => (string?)pod["metadata"]!["labels"]?["controller-revision-hash"]).OfType<string>().Distinct().ToList();
            return revision => (string)revision["metadata"]!["name"]! is var name && labels.Any(label => name == label || name.EndsWith($"-{label}", StringComparison.Ordinal));
        }
        catch (ApiException refusal) when (refusal.Status == HttpStatusCode.Forbidden)
        {
            // Who only plans may not see pods; then none of it counts as free.
            return _ => true;
        }
    }

    private static bool BelongsTo(IReadOnlyList<ObjectId> leaving, JsonObject revision) =>
        (revision["metadata"]!["ownerReferences"] as JsonArray ?? []).Any(owner => leaving.Any(id =>
            id.Kind == (string?)owner?["kind"] && id.Name == (string?)owner?["name"] && id.Namespace == (string?)revision["metadata"]!["namespace"]));

    // One without an owner stands for itself.
    private static string? OwnerOf(JsonObject revision) =>
        (string?)(revision["metadata"]!["ownerReferences"] as JsonArray)?.FirstOrDefault()?["uid"] ?? (string?)revision["metadata"]!["uid"];

    private static long NumberOf(JsonObject revision) => (long?)revision["revision"]
        ?? (long.TryParse((string?)revision["metadata"]!["annotations"]?["deployment.kubernetes.io/revision"], CultureInfo.InvariantCulture, out var number) ? number : 0);
}

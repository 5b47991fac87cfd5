using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters;

/// <summary>
/// Moves pods off nodes that will go: nothing is scheduled there any more, and each pod is evicted as soon as its disruption budgets allow. Pods of the node
/// itself stay (DaemonSets, static pods), as do those that have ended. One that no controller has made ends it before anything is done.
/// </summary>
/// <seealso href="https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/"/>
/// <param name="client">The cluster's API.</param>
/// <param name="nodes">The label selector of the nodes.</param>
internal sealed class NodeDrain(KubeClient client, string nodes)
{
    private const int Named = 3;

    /// <summary>Looks once, and does what can be done now. What keeps the nodes from being empty; null: they are.</summary>
    public async Task<string?> GoOnAsync(CancellationToken cancellationToken)
    {
        var kept = new List<string>();
        var machines = (await client.ListAsync(ResourceType.Node, null, "labelSelector=" + Uri.EscapeDataString(nodes), cancellationToken)).Items;
        foreach (var node in machines)
            RequireControllers(await PodsAsync(node, cancellationToken));
        foreach (var node in machines)
        {
            if ((bool?)node["spec"]?["unschedulable"] != true)
                await client.PatchAsync(ResourceType.Node, null, NameOf(node), new JsonArray((JsonNode)Cordon()), cancellationToken);
            foreach (var pod in await PodsAsync(node, cancellationToken))
                if (await EvictAsync(pod, IsReady(node), cancellationToken) is { } reason)
                    kept.Add(reason);
        }

        return kept.Count == 0 ? null : Few(kept, "; ");
    }

    private async Task<IReadOnlyList<JsonObject>> PodsAsync(JsonObject node, CancellationToken cancellationToken) =>
        [.. (await client.ListAsync(ResourceType.Pod, null, "fieldSelector=" + Uri.EscapeDataString("spec.nodeName=" + NameOf(node)), cancellationToken)).Items.Where(Moves)];

    // Nobody makes them anew elsewhere, and what is in them is gone: whose they are decides, not we. (kubectl drain wants --force for that.)
    private static void RequireControllers(IEnumerable<JsonObject> pods)
    {
        var lone = pods.Select(pod => pod["metadata"]!).Where(metadata => metadata["deletionTimestamp"] is null
            && (metadata["ownerReferences"] as JsonArray ?? []).All(owner => (bool?)owner?["controller"] != true)).ToList();
        if (lone is [var first, ..])
            throw new DiagnosticException(DiagnosticDescriptors.ClusterPodsWouldBeLost.Because(
                $"No controller has made {Few([.. lone.Select(metadata => $"{metadata["namespace"]}/{metadata["name"]}")])}, and so none would make it anew on another machine. It was not moved, and its machine stays.",
                nextStep: $"Delete it when you can do without it (kubectl -n {first["namespace"]} delete pod {first["name"]}), or let a Deployment, StatefulSet or Job make it; then run it again."));
    }

    private static string Few(IReadOnlyList<string> all, string separator = ", ") =>
        string.Join(separator, all.Take(Named)) + (all.Count > Named ? $"{separator}{all.Count - Named} more" : "");

    private static string NameOf(JsonObject node) => (string)node["metadata"]!["name"]!;

    private static JsonObject Cordon() => new() { ["op"] = "add", ["path"] = "/spec/unschedulable", ["value"] = true };

    /// <summary>Why the pod is still there; null where it is not, or nobody is there to end it.</summary>
    private async Task<string?> EvictAsync(JsonObject pod, bool isNodeReady, CancellationToken cancellationToken)
    {
        var metadata = pod["metadata"]!;
        var (ns, name) = ((string)metadata["namespace"]!, (string)metadata["name"]!);
        if (metadata["deletionTimestamp"] is not null)
            return isNodeReady ? $"{ns}/{name} ends" : null;
        var eviction = new JsonObject
        {
            ["apiVersion"] = "policy/v1",
            ["kind"] = "Eviction",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            ["deleteOptions"] = new JsonObject { ["preconditions"] = new JsonObject { ["uid"] = (string)metadata["uid"]! } },
        };
        try
        {
            await client.SendAsync(HttpMethod.Post, ResourceType.Pod.ObjectPath(ns, name) + "/eviction", eviction, cancellationToken);
            return $"{ns}/{name} ends";
        }
        catch (ApiException refusal) when (refusal.IsNotFound || refusal.Status == HttpStatusCode.Conflict)
        {
            // It is gone, or another one has its name: the next look sees that.
            return $"{ns}/{name} ends";
        }
        catch (ApiException refusal) when (refusal.DisruptionBudget is { } budget)
        {
            return $"{ns}/{name} stays: {budget.TrimEnd('.')}";
        }
        catch (ApiException refusal) when (refusal.IsTerminatingNamespace)
        {
            return $"{ns}/{name} ends with its namespace";
        }
    }

    private static bool Moves(JsonObject pod) =>
        (string?)pod["status"]?["phase"] is not ("Succeeded" or "Failed")
        && pod["metadata"]!["annotations"]?["kubernetes.io/config.mirror"] is null
        && (pod["metadata"]!["ownerReferences"] as JsonArray ?? []).All(owner => (string?)owner?["kind"] != "DaemonSet");

    // A machine that is gone ends no pods: its own end does.
    private static bool IsReady(JsonObject node) =>
        (node["status"]?["conditions"] as JsonArray ?? []).Any(condition => (string?)condition?["type"] == "Ready" && (string?)condition["status"] == "True");
}

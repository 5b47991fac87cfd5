using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Rollouts;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Switching;

/// <summary>The pods that run for Deployments now.</summary>
internal sealed class SlotPods(KubeClient client)
{
    public async Task<IReadOnlyList<RolloutView>> ReadAsync(IReadOnlyList<ObjectId> deployments, CancellationToken cancellationToken)
    {
        var views = new List<RolloutView>();
        foreach (var group in deployments.Where(id => id.Kind == "Deployment").GroupBy(id => id.Namespace))
        {
            async Task<List<JsonObject>> List(ResourceType type) => (await client.ListAsync(type, group.Key, null, cancellationToken)).Items;
            var (all, replicaSets, pods) = (await List(ResourceType.Deployment), await List(ResourceType.ReplicaSet), await List(ResourceType.Pod));
            views.AddRange(group
                .Select(id => all.FirstOrDefault(item => (string?)item["metadata"]!["name"] == id.Name)
                    ?? throw new DiagnosticException(DiagnosticDescriptors.CheckedPodsChanged.Because($"{id} is gone.")))
                .Select(deployment => RolloutView.Of(deployment, replicaSets, pods, [], client.Clock.GetUtcNow())));
        }

        return views;
    }

    public static CheckedPods Of(RolloutView view) => new(
        view.Id.Name, (string?)view.ReplicaSet?["metadata"]!["uid"] ?? "", [.. view.NewPods.Select(pod => (string)pod["metadata"]!["uid"]!).Order(StringComparer.Ordinal)]);

    /// <summary>What tells the pods of a Deployment from those of all others.</summary>
    public static string? HashOf(RolloutView view) => (string?)view.ReplicaSet?["metadata"]!["labels"]?[Planning.Slots.HashLabel];

    /// <summary>
    /// Whether what runs is what was checked: with the ReplicaSet go its template and the images' digests. Pods that took the place of others
    /// are of the same make, and ready (the rollout has been waited for); their names are returned, to be checked, too.
    /// </summary>
    public static IReadOnlyList<string> Verify(IReadOnlyList<CheckedPods> wereChecked, IReadOnlyList<RolloutView> views)
    {
        var replaced = new List<string>();
        foreach (var view in views)
        {
            var now = Of(view);
            if (wereChecked.FirstOrDefault(item => item.Deployment == now.Deployment) is not { } before || before.ReplicaSet != now.ReplicaSet)
                throw new DiagnosticException(DiagnosticDescriptors.CheckedPodsChanged.Because($"{view.Id} has another pod template than the one that was checked."));
            replaced.AddRange(view.NewPods.Where(pod => !before.Pods.Contains((string)pod["metadata"]!["uid"]!)).Select(pod => (string)pod["metadata"]!["name"]!));
        }

        return replaced;
    }
}

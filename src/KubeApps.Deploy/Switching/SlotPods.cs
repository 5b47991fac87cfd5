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
            var lists = new Dictionary<ResourceType, IReadOnlyCollection<JsonObject>>();
            foreach (var type in (ResourceType[])[ResourceType.Deployment, ResourceType.ReplicaSet, ResourceType.Pod])
                lists[type] = (await client.ListAsync(type, group.Key, null, cancellationToken)).Items;
            var index = new NamespaceIndex(type => lists.GetValueOrDefault(type) ?? []);
            views.AddRange(group
                .Select(id => index.Find(ResourceType.Deployment, id.Name)
                    ?? throw new DiagnosticException(DiagnosticDescriptors.CheckedPodsChanged.Because($"{id} is gone.")))
                .Select(deployment => index.ViewOf(deployment, client.Now)));
        }

        return views;
    }

    public static CheckedPods Of(RolloutView view) => new(
        view.Id.Name, (string?)view.ReplicaSet?["metadata"]!["uid"] ?? "", [.. view.NewPods.Select(pod => (string)pod["metadata"]!["uid"]!).Order(StringComparer.Ordinal)]);

    /// <summary>What tells the pods of a Deployment from those of all others.</summary>
    public static string? HashOf(RolloutView view) => (string?)view.ReplicaSet?["metadata"]!["labels"]?[Planning.Slots.HashLabel];

    /// <summary>A Deployment whose pods are of another make than those that were checked; null: none. With the ReplicaSet go template and digests.</summary>
    public static ObjectId? FindChanged(IReadOnlyList<CheckedPods> wereChecked, IReadOnlyList<RolloutView> views) =>
        views.FirstOrDefault(view => wereChecked.FirstOrDefault(item => item.Deployment == view.Id.Name)?.ReplicaSet != Of(view).ReplicaSet)?.Id;

    /// <summary>Whether the very pods that were checked run, and no others. Pods of another make are refused.</summary>
    public static bool AreThose(IReadOnlyList<CheckedPods> wereChecked, IReadOnlyList<RolloutView> views)
    {
        if (FindChanged(wereChecked, views) is { } changed)
            throw new DiagnosticException(DiagnosticDescriptors.CheckedPodsChanged.Because($"{changed} has another pod template than the one that was checked."));
        return views.Select(Of).All(now => wereChecked.First(item => item.Deployment == now.Deployment).Pods.ToHashSet().SetEquals(now.Pods));
    }
}

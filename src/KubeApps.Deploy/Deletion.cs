using KubeApps.Deploy.Api;

namespace KubeApps.Deploy;

/// <summary>Waits until objects are gone.</summary>
internal sealed class Deletion(KubeClient client)
{
    public async Task AwaitGoneAsync(ResourceType type, string? ns, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var left = names.ToHashSet();
        var selector = names.Count == 1 ? ResourceType.SelectorOf(names.First()) : null;
        await foreach (var change in client.WatchAsync(type, ns, selector, cancellationToken))
        {
            if (change is WatchChange.Listed listed)
                left.IntersectWith(listed.Items.Select(item => (string)item["metadata"]!["name"]!));
            else if (change is WatchChange.Removed removed)
                left.Remove((string)removed.Object["metadata"]!["name"]!);
            if (left.Count == 0)
                return;
        }
    }
}

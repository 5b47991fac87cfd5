using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Rollouts;

/// <summary>Keeps what stands in all namespaces of an app up to date. Created, read and disposed by one task.</summary>
/// <param name="client">The cluster.</param>
/// <param name="namespaces">Where to look.</param>
/// <param name="types">What is watched.</param>
/// <param name="optional">What a role need not be allowed to read; null: events.</param>
/// <param name="cancellationToken">Ends the watches.</param>
internal sealed class AppWatch(
    KubeClient client, IReadOnlyList<string> namespaces, IReadOnlyCollection<ResourceType> types, IReadOnlySet<ResourceType>? optional, CancellationToken cancellationToken)
    : IAsyncDisposable
{
    private readonly List<NamespaceWatch> _watches = [.. namespaces.Select(ns => new NamespaceWatch(client, ns, types, cancellationToken, optional: optional))];

    public IReadOnlyCollection<JsonObject> Of(ResourceType type) => _watches is [var only] ? only.Of(type) : [.. _watches.SelectMany(watch => watch.Of(type))];

    /// <summary>Waits for the next changes and takes all that are there; returns after <paramref name="atMost"/> in any case.</summary>
    public async Task NextAsync(TimeSpan atMost)
    {
        // One after the other: what changes in one meanwhile is taken when it is its turn.
        foreach (var watch in _watches)
            await watch.NextAsync(atMost / _watches.Count, client.Clock, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var watch in _watches)
            await watch.DisposeAsync();
    }
}

using System.Collections.Concurrent;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Checks;

/// <summary>Objects that exist for the checks alone. The inventory knows of them before they are there: what a cut run leaves, the next one deletes.</summary>
internal sealed class ShortLivedObjects(KubeClient client)
{
    private static readonly TimeSpan CleanupLimit = TimeSpan.FromSeconds(10);

    // They go at the same time.
    private readonly ConcurrentDictionary<ObjectId, string> _uids = [];

    /// <summary>Creates it. Somebody else's object of that name is left alone.</summary>
    public async Task ApplyAsync(ReleaseObject item, CancellationToken cancellationToken)
    {
        var type = TypeOf(item.Id);
        if (await client.GetAsync(type, item.Id.Namespace, item.Id.Name, cancellationToken) is { } live && !Ownership.IsApplied(live))
            throw new DiagnosticException(DiagnosticDescriptors.PreviewNameTaken.Because($"{item.Id} is there already, and no deploy made it."));
        // Known before the answer comes: one that is lost must not leave the object behind.
        _uids[item.Id] = "";
        var stored = await client.ApplyAsync(type, item.Content, dryRun: false, cancellationToken);
        _uids[item.Id] = (string)stored["metadata"]!["uid"]!;
    }

    /// <summary>Deletes one with all that belongs to it, and waits until that is gone.</summary>
    public async Task DeleteAsync(ObjectId id, CancellationToken cancellationToken)
    {
        var type = TypeOf(id);
        if (await client.GetAsync(type, id.Namespace, id.Name, cancellationToken) is { } live && Ownership.IsApplied(live)
            && await client.DeleteAsync(type, id.Namespace, id.Name, (string)live["metadata"]!["uid"]!, "Foreground", cancellationToken))
            await new Deletion(client).AwaitGoneAsync(type, id.Namespace, [id.Name], cancellationToken);
        _uids.TryRemove(id, out _);
    }

    /// <summary>Deletes all, the orderly way.</summary>
    public Task DeleteAllAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_uids.Keys.ToList().Select(id => DeleteAsync(id, cancellationToken)));

    /// <summary>Deletes all at the end of a run that failed or was cancelled: for a moment, whatever the run's own token says.</summary>
    public async Task DeleteAllAsync()
    {
        using var limit = new LimitedToken(CleanupLimit, client.Clock, CancellationToken.None);
        foreach (var (id, known) in _uids.ToList())
            try
            {
                var type = TypeOf(id);
                var uid = known.Length > 0 ? known : (string?)(await client.GetAsync(type, id.Namespace, id.Name, limit.Token))?["metadata"]?["uid"];
                if (uid is not null)
                    await client.DeleteAsync(type, id.Namespace, id.Name, uid, "Background", limit.Token);
                _uids.TryRemove(id, out _);
            }
            catch (Exception failure) when (failure is ApiException or DiagnosticException or OperationCanceledException)
            {
                // The next deploy finds it in the inventory.
            }
    }

    private static ResourceType TypeOf(ObjectId id) => id.Kind switch
    {
        "Deployment" => ResourceType.Deployment,
        "Service" => ResourceType.Service,
        _ => ResourceType.Job,
    };
}

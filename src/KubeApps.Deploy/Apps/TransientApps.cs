using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.Apps;

/// <summary>An app in an environment that is not there for long.</summary>
/// <param name="Inventory">What of it stands.</param>
/// <param name="LastDeploy">When its last deploy began, however that ended; null where nothing says it.</param>
internal sealed record TransientApp(Inventory Inventory, DateTimeOffset? LastDeploy)
{
    /// <summary>Whether nobody deployed it for so long; zero takes all. One whose age nobody knows stays.</summary>
    public bool IsExpired(TimeSpan age, DateTimeOffset now) => Inventory.IsTransient && (age == TimeSpan.Zero || (LastDeploy is { } last && now - last >= age));
}

/// <summary>Finds an app's transient environments (of pull requests, above all): their inventories have a label.</summary>
internal sealed class TransientApps(KubeClient client)
{
    /// <param name="app">Whose: the cluster may be others', too.</param>
    /// <param name="environment">Only of this environment of the specification; null: of any.</param>
    /// <param name="ns">Only in this namespace; null: in all.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async Task<IReadOnlyList<TransientApp>> ListAsync(string app, string? environment, string? ns, CancellationToken cancellationToken)
    {
        var found = new List<TransientApp>();
        foreach (var inventory in await new AppLocator(client).ListAsync(app, ns, cancellationToken))
            if (inventory.IsTransient && (environment is null || string.Equals(inventory.Environment, environment, StringComparison.OrdinalIgnoreCase)))
                found.Add(await WithAgeAsync(inventory, cancellationToken));
        return found;
    }

    /// <summary>The same with the time of its last deploy.</summary>
    public async Task<TransientApp> WithAgeAsync(Inventory inventory, CancellationToken cancellationToken) => new(inventory, await LastDeployAsync(inventory, cancellationToken));

    // Of one that never came up, only its revisions know when somebody last tried.
    private async Task<DateTimeOffset?> LastDeployAsync(Inventory inventory, CancellationToken cancellationToken)
    {
        var revisions = await new RevisionStore(client).ListAsync(inventory.App, inventory.Namespace, cancellationToken);
        return revisions.Select(revision => (DateTimeOffset?)revision.StartedAt).Max() ?? inventory.DeployedAt ?? inventory.CreatedAt;
    }
}

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>Two sandboxes, in which the clusters of EKS are that the tests of one class make: an app's first one, and the one that takes its place.</summary>
public sealed class EksSandboxes : IAsyncLifetime
{
    private readonly SandboxCluster[] _sandboxes = [new(), new()];

    internal IReadOnlyList<SandboxCluster> Both => _sandboxes;

    public async ValueTask InitializeAsync() => await Task.WhenAll(_sandboxes.Select(sandbox => sandbox.InitializeAsync().AsTask()));

    public async ValueTask DisposeAsync()
    {
        foreach (var sandbox in _sandboxes)
            await sandbox.DisposeAsync();
    }
}

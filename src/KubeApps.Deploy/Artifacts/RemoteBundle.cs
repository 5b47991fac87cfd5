using KubeApps.Bundles;
using KubeApps.Deploy.Images;
using KubeApps.Deploy.Targets;
using KubeApps.Events;

namespace KubeApps.Deploy.Artifacts;

/// <summary>A bundle that a registry has, read as if it were a folder's.</summary>
internal static class RemoteBundle
{
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(60);

    /// <summary>Pulls it, unless it is on this machine already. What a tag means at this moment is told.</summary>
    /// <param name="reference">Which.</param>
    /// <param name="launcher">Starts the sandbox if it is in its registry; null leaves it as it is.</param>
    /// <param name="readVariable">Reads an environment variable.</param>
    /// <param name="sink">Told about what takes time.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<Bundle> ReadAsync(
        OciReference reference, SandboxLauncher? launcher, Func<string, string?> readVariable, IEventSink sink, CancellationToken cancellationToken)
    {
        var location = SandboxLocation.FromEnvironment();
        var cache = new BundleCache(Path.Combine(location.Home, "bundles"));
        if (reference.Digest is { } known && cache.Find(known) is { } here)
            return Named(here, reference with { Tag = null });
        if (launcher is not null && reference.Host == location.UsualRegistry)
            await launcher.EnsureRunningAsync(sink, cancellationToken).ConfigureAwait(false);
        using var client = Client(RegistryOf(reference.Host, location), readVariable, isReadOnly: true);
        var registry = new BundleRegistry(client, reference.Host, reference.Repository);
        if (reference.Digest is null && await registry.FindAsync(reference.Wanted, cancellationToken).ConfigureAwait(false) is { } now)
        {
            sink.Publish(new DeployEvent.Note($"{reference} is {now}."));
            if (cache.Find(now.Digest!) is { } cached)
                return Named(cached, now);
            reference = now;
        }

        var (found, files) = await registry.PullAsync(reference.Wanted, cancellationToken).ConfigureAwait(false);
        return Named(cache.Keep(found.Digest!, files), found);
    }

    public static RegistryClient Client(ImageRegistry registry, Func<string, string?> readVariable, bool isReadOnly) =>
        new(registry, readVariable, RequestLimit, isReadOnly);

    // The sandbox's registry has a password that docker does not know.
    private static ImageRegistry RegistryOf(string host, SandboxLocation location) =>
        SandboxEndpoint.Read(location.EndpointFile) is { } sandbox && sandbox.Registry == host
            ? new ImageRegistry(host, "", sandbox.RegistryCredentials)
            : new ImageRegistry(host, "", null);

    private static Bundle Named(Bundle bundle, OciReference reference) => bundle with { Reference = reference.ToString() };
}

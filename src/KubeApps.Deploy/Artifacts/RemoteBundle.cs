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
    public static async Task<Bundle> ReadAsync(
        OciReference reference, Func<string, string?> readVariable, IEventSink sink, CancellationToken cancellationToken)
    {
        var cache = new BundleCache(Path.Combine(SandboxLocation.FromEnvironment().Home, "bundles"));
        if (reference.Digest is { } known && cache.Find(known) is { } here)
            return Named(here, reference with { Tag = null });
        using var client = Client(RegistryOf(reference.Host), readVariable, isReadOnly: true);
        var registry = new BundleRegistry(client, reference.Host, reference.Repository);
        if (reference.Digest is null)
        {
            if (await registry.FindAsync(reference.Wanted, cancellationToken).ConfigureAwait(false) is { } now)
            {
                sink.Publish(new DeployEvent.Note($"{reference} is {now}."));
                if (cache.Find(now.Digest!) is { } cached)
                    return Named(cached, now);
                reference = now;
            }
        }

        var (found, files) = await registry.PullAsync(reference.Wanted, cancellationToken).ConfigureAwait(false);
        return Named(cache.Keep(found.Digest!, files), found);
    }

    public static RegistryClient Client(ImageRegistry registry, Func<string, string?> readVariable, bool isReadOnly) =>
        new(registry, readVariable, RequestLimit, isReadOnly);

    // The sandbox's registry has a password that docker does not know.
    private static ImageRegistry RegistryOf(string host) =>
        SandboxEndpoint.Read(SandboxLocation.FromEnvironment().EndpointFile) is { } sandbox && sandbox.Registry == host
            ? new ImageRegistry(host, "", sandbox.RegistryCredentials)
            : new ImageRegistry(host, "", null);

    private static Bundle Named(Bundle bundle, OciReference reference) => bundle with { Reference = reference.ToString() };
}

using KubeApps.Sandbox.Registry;

namespace KubeApps.Sandbox.Pods.Images;

/// <summary>Where images come from: the sandbox's own registry, read from its storage without a detour over HTTP.</summary>
/// <param name="Registry">The registry's host and port as image references name it, e.g. <c>localhost:5000</c>.</param>
/// <param name="ResolveManifest">Repository and tag or digest to a manifest; null if there is none.</param>
/// <param name="OpenBlob">The content of a blob; throws <see cref="FileNotFoundException"/> if there is none.</param>
internal sealed record ImageSource(
    string Registry, Func<string, string, StoredManifest?> ResolveManifest, Func<string, Stream> OpenBlob)
{
    public static ImageSource Of(string registry, ContentStore content) => new(registry, content.ResolveManifest, content.OpenBlob);
}

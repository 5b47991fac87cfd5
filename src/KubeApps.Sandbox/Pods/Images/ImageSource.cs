using KubeApps.Sandbox.Hosting;
using KubeApps.Sandbox.Registry;

namespace KubeApps.Sandbox.Pods.Images;

/// <summary>Where images come from: a sandbox's registry, read from its storage without a detour over HTTP.</summary>
/// <param name="FindRegistry">The registry's host and port as image references name it, e.g. <c>localhost:5000</c>.</param>
/// <param name="ResolveManifest">Repository and tag or digest to a manifest; null if there is none.</param>
/// <param name="OpenBlob">The content of a blob; throws <see cref="FileNotFoundException"/> if there is none.</param>
internal sealed record ImageSource(
    Func<string> FindRegistry, Func<string, string, StoredManifest?> ResolveManifest, Func<string, Stream> OpenBlob)
{
    public string Registry => FindRegistry();

    public static ImageSource Of(string registry, ContentStore content) => new(() => registry, content.ResolveManifest, content.OpenBlob);

    /// <summary>The registry of another sandbox, whether it runs or not. Where that listens is looked up each time: it may start after this one.</summary>
    public static ImageSource Of(SandboxHome other)
    {
        var files = new ContentFiles(other.Registry);
        return new(() => other.RegistryAddress, files.ReadManifest, files.OpenBlob);
    }
}

using System.Runtime.InteropServices;

namespace KubeApps.Deploy.Images;

/// <summary>What the images of one deploy are made for.</summary>
/// <param name="Registry">Where they go.</param>
/// <param name="BaseImage">The base image in that registry for all of them, by path and tag; null: as the projects say.</param>
/// <param name="RuntimeIdentifiers">What they must run on, at least one.</param>
internal sealed record ImageTarget(ImageRegistry Registry, (string Path, string Tag)? BaseImage, IReadOnlyList<string> RuntimeIdentifiers)
{
    /// <summary>The RID of this machine, where the sandbox's pods run.</summary>
    public static string HostRuntimeIdentifier { get; } =
        $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";

    /// <summary>How Kubernetes and registries call it: <c>linux/amd64</c>.</summary>
    public static string PlatformOf(string runtimeIdentifier)
    {
        var dash = runtimeIdentifier.LastIndexOf('-');
        var system = runtimeIdentifier[..dash] switch { "win" => "windows", "osx" => "darwin", var other => other.Split('-')[0] };
        return $"{system}/{(runtimeIdentifier[(dash + 1)..] is "x64" ? "amd64" : runtimeIdentifier[(dash + 1)..])}";
    }
}

using System.Runtime.InteropServices;

namespace KubeApps.Deploy.Images;

/// <summary>What the images of one deploy are made for.</summary>
/// <param name="Registry">Where they go.</param>
/// <param name="BaseImage">The base image in that registry for all of them, by path and tag; null: as the projects say.</param>
/// <param name="OnlyRuntime">The one RID that everything runs on (this machine's, for the sandbox); null: as the node pools of an image ask.</param>
internal sealed record ImageTarget(ImageRegistry Registry, (string Path, string Tag)? BaseImage, string? OnlyRuntime)
{
    /// <summary>What an image must run on, at least one RID, in a stable order. Nodes are amd64 unless a node pool says otherwise.</summary>
    public IReadOnlyList<string> RuntimesOf(Image image) =>
        OnlyRuntime is not null ? [OnlyRuntime]
        : image.Architectures.Count == 0 ? ["linux-x64"]
        : [.. image.Architectures.Select(architecture => architecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64").Distinct().Order(StringComparer.Ordinal)];

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

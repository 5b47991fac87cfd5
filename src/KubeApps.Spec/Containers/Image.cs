using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>Where an <see cref="Image"/> comes from.</summary>
public enum ImageKind
{
    /// <summary>The SDK builds it from the project that the specification belongs to.</summary>
    ThisProject,

    /// <summary>The SDK builds it from another project.</summary>
    Project,

    /// <summary>Built from a Dockerfile.</summary>
    Dockerfile,

    /// <summary>It is in a registry already.</summary>
    Reference,
}

/// <summary>The image that a container runs. Images that are built here stand in the manifests by digest.</summary>
public sealed class Image
{
    [JsonConstructor]
    internal Image()
    {
    }

    /// <summary>The image of the project that the specification belongs to.</summary>
    public static Image ThisProject => new();

    /// <summary>Where it comes from.</summary>
    [JsonInclude]
    public ImageKind Kind { get; internal set; }

    /// <summary>
    /// By which the build and the bundle know the image: its repository name, unique in the app. Default: the project's name (for a Dockerfile,
    /// the name of its context's directory) in lower case; for a reference, the reference itself.
    /// </summary>
    [JsonInclude]
    public string? Key { get; internal set; }

    /// <summary>The project file or Dockerfile, relative to the project's directory, with forward slashes.</summary>
    [JsonInclude]
    public string? Path { get; internal set; }

    /// <summary>The directory that is sent to a Dockerfile's build, relative to the project's directory.</summary>
    [JsonInclude]
    public string? Context { get; internal set; }

    /// <summary>The reference as given: <c>redis:7.4</c>.</summary>
    [JsonInclude]
    [JsonPropertyName("reference")]
    public string? ReferenceText { get; internal set; }

    /// <summary>
    /// The processors that the image is for. Default: those of the node pools that its workloads are placed on (of all pools, for a workload that is placed
    /// on none), amd64 for Fargate; where there are no pools, that of the machine that builds. A reference is taken to fit.
    /// </summary>
    public List<Architecture> Architectures { get; set; } = [];

    /// <summary>The image of another project.</summary>
    /// <param name="path">The project file, relative to this project's directory: <c>../Worker/Worker.csproj</c>.</param>
    /// <param name="key">See <see cref="Key"/>.</param>
    public static Image Project(string path, string? key = null) =>
        new() { Kind = ImageKind.Project, Path = Slashes(path), Key = key };

    /// <summary>An image that docker, podman or buildah builds, whichever is there.</summary>
    /// <param name="path">The Dockerfile, relative to this project's directory.</param>
    /// <param name="context">The directory that is sent to the build. Default: the Dockerfile's directory.</param>
    /// <param name="key">See <see cref="Key"/>.</param>
    public static Image Dockerfile(string path, string? context = null, string? key = null) =>
        new()
        {
            Kind = ImageKind.Dockerfile,
            Path = Slashes(path),
            Context = context is not null ? Slashes(context) : Slashes(path) is var file && file.LastIndexOf('/') is > 0 and var end ? file[..end] : ".",
            Key = key,
        };

    /// <summary>An image that is in a registry already: <c>redis:7.4</c>, best with a digest (<c>redis:7.4@sha256:…</c>).</summary>
    public static Image Reference(string reference) => new() { Kind = ImageKind.Reference, ReferenceText = reference, Key = reference };

    internal Image For(string? key, IReadOnlyList<Architecture> architectures) =>
        new() { Kind = Kind, Key = key, Path = Path, Context = Context, ReferenceText = ReferenceText, Architectures = [.. architectures] };

    private static string Slashes(string path) => path.Replace('\\', '/');
}

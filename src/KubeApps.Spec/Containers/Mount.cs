using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>What a <see cref="Mount"/> brings into a container.</summary>
public enum MountKind
{
    /// <summary>The files of a <see cref="KubeApps.Config"/>.</summary>
    Config,

    /// <summary>The files of a <see cref="KubeApps.Secret"/>.</summary>
    Secret,

    /// <summary>An empty directory that lives as long as the pod; the containers of the pod share it by its name.</summary>
    EmptyDirectory,

    /// <summary>A <see cref="PersistentClaim"/>.</summary>
    Claim,
}

/// <summary>A volume at a path of a container. The pod's list of volumes follows from the mounts of its containers.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/storage/volumes/"/>
/// <example>
/// <code>
/// Mounts = { Mount.Config(settings, "/app/config"), Mount.EmptyDirectory("cache", "/cache", sizeLimit: "1Gi") }
/// </code>
/// </example>
public sealed class Mount
{
    [JsonConstructor]
    internal Mount()
    {
    }

    /// <summary>What it brings in.</summary>
    [JsonInclude]
    public MountKind Kind { get; internal set; }

    /// <summary>The configuration, secret or claim by name, or the name of the empty directory.</summary>
    [JsonInclude]
    public string Source { get; internal set; } = "";

    /// <summary>Where it stands in the container: an absolute path.</summary>
    [JsonInclude]
    public string Path { get; internal set; } = "";

    /// <summary>The one key of a configuration or secret that stands at the path as a file. Default: all keys, as files below the path.</summary>
    [JsonInclude]
    public string? Key { get; internal set; }

    /// <summary>Whether the container can only read it. Configurations and secrets always are.</summary>
    [JsonInclude]
    public bool ReadOnly { get; internal set; }

    /// <summary>How much an empty directory may hold. Default: no limit of its own.</summary>
    [JsonInclude]
    public string? SizeLimit { get; internal set; }

    /// <summary>Whether an empty directory is memory. Default: false.</summary>
    [JsonInclude]
    public bool InMemory { get; internal set; }

    /// <summary>
    /// The pod's volume: told apart by kind, for a configuration and a secret may have the same name. The claim of a stateful set is mounted by its own name.
    /// </summary>
    internal string VolumeName => Kind switch
    {
        MountKind.Config => $"config-{Source}",
        MountKind.Secret => $"secret-{Source}",
        _ => Source,
    };

    /// <summary>The files of a configuration.</summary>
    /// <param name="config">The configuration, by name.</param>
    /// <param name="path">A directory; with <paramref name="key"/>, a file.</param>
    /// <param name="key">Only this key. A file that is mounted by itself does not follow changes, which hashed names make needless.</param>
    public static Mount Config(string config, string path, string? key = null) =>
        new() { Kind = MountKind.Config, Source = config, Path = path, Key = key, ReadOnly = true };

    /// <summary>The files of a secret.</summary>
    /// <param name="secret">The secret, by name.</param>
    /// <param name="path">A directory; with <paramref name="key"/>, a file.</param>
    /// <param name="key">Only this key.</param>
    public static Mount Secret(string secret, string path, string? key = null) =>
        new() { Kind = MountKind.Secret, Source = secret, Path = path, Key = key, ReadOnly = true };

    /// <summary>An empty directory that lives as long as the pod.</summary>
    /// <param name="name">Its name; containers of the pod that use the same name share it.</param>
    /// <param name="path">The directory.</param>
    /// <param name="sizeLimit">A quantity: <c>1Gi</c>. A pod that exceeds it is evicted.</param>
    /// <param name="inMemory">Whether it is memory, which counts against the memory limit.</param>
    public static Mount EmptyDirectory(string name, string path, string? sizeLimit = null, bool inMemory = false) =>
        new() { Kind = MountKind.EmptyDirectory, Source = name, Path = path, SizeLimit = sizeLimit, InMemory = inMemory };

    /// <summary>Storage that outlives the pod.</summary>
    /// <param name="claim">A <see cref="PersistentClaim"/> of the app or of the stateful set, by name.</param>
    /// <param name="path">The directory.</param>
    /// <param name="readOnly">Whether the container can only read it. Default: false.</param>
    public static Mount Claim(string claim, string path, bool readOnly = false) =>
        new() { Kind = MountKind.Claim, Source = claim, Path = path, ReadOnly = readOnly };
}

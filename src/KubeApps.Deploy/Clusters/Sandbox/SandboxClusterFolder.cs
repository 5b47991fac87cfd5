using System.Text.Json;
using System.Text.Json.Serialization;
using KubeApps.Deploy.Targets;

namespace KubeApps.Deploy.Clusters.Sandbox;

/// <summary>What tags are elsewhere: what says of a sandbox cluster whose it is, beside what it is. It lies in the cluster's folder and goes with it.</summary>
/// <param name="App">Its owner's app.</param>
/// <param name="Environment">Its owner's environment.</param>
/// <param name="State"><see cref="ClusterState.Creating"/>, <see cref="ClusterState.Ready"/> or <see cref="ClusterState.Deleting"/>.</param>
/// <param name="CreatedAt">When its creation began.</param>
internal sealed record SandboxClusterTags(string App, string Environment, ClusterState State, DateTimeOffset CreatedAt)
{
    /// <summary>The UID of its <c>kube-system</c>, once it is ready.</summary>
    public string? Identity { get; init; }

    public string? Version { get; init; }

    public AppCluster Describe(string name) => new(name, new ClusterOwner(App, Environment), State) { Identity = Identity, Version = Version, CreatedAt = CreatedAt };
}

/// <summary>The folder of a sandbox cluster: <c>KUBEAPPS_HOME/clusters/NAME</c>.</summary>
internal sealed class SandboxClusterFolder(SandboxLocation location)
{
    public SandboxLocation Location { get; } = location;

    public string Name => Path.GetFileName(Location.Home);

    private string TagsFile => Path.Combine(Location.Home, "cluster.json");

    public bool Exists => Directory.Exists(Location.Home);

    /// <summary>All there are, also those that do not say whose they are.</summary>
    public static IReadOnlyList<SandboxClusterFolder> List(SandboxLocation sandbox) => Directory.Exists(sandbox.Clusters)
        ? [.. Directory.EnumerateDirectories(sandbox.Clusters).Order(StringComparer.Ordinal).Select(path => new SandboxClusterFolder(sandbox.OfCluster(Path.GetFileName(path))))]
        : [];

    /// <summary>Whether there is something that says whose it is, though it may not be understood: a newer version may have written it.</summary>
    public bool IsSomebodys => File.Exists(TagsFile);

    /// <summary>Null where there is no cluster, or one of which it is not known whose it is: its creation was cut before that, or <see cref="IsSomebodys"/>.</summary>
    public SandboxClusterTags? Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(TagsFile), SandboxClusterJson.Default.SandboxClusterTags);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Makes the folder where it is not there. What it says is always whole.</summary>
    public void Write(SandboxClusterTags tags)
    {
        PrivateFiles.CreateFolder(Location.Home);
        PrivateFiles.Write(TagsFile, JsonSerializer.SerializeToUtf8Bytes(tags, SandboxClusterJson.Default.SandboxClusterTags));
    }

    /// <summary>Deletes what the cluster holds, and last what says whose it is. Nothing of it may run.</summary>
    public void Delete()
    {
        if (!Exists)
            return;
        foreach (var folder in Directory.EnumerateDirectories(Location.Home))
            Directory.Delete(folder, recursive: true);
        Directory.Delete(Location.Home, recursive: true);
    }
}

[JsonSerializable(typeof(SandboxClusterTags))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true)]
internal sealed partial class SandboxClusterJson : JsonSerializerContext;

using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeApps.Deploy.Images;

/// <summary>What becomes of a bundle after its images were pushed.</summary>
internal enum BundleUse
{
    /// <summary>It is kept: nobody deploys it now.</summary>
    Kept,

    /// <summary>The same process deploys it, to the environment's own target.</summary>
    Deployed,

    /// <summary>Who ran the publish deploys it, to the environment's own target.</summary>
    DeployedByCaller,

    /// <summary>Who ran the publish deploys it, to a cluster that it makes for it: none need be there yet.</summary>
    DeployedToNewCluster,

    /// <summary>Who ran the publish deploys it, to a cluster that it names: one that cannot pull from the sandbox's registry.</summary>
    DeployedElsewhere,

    /// <summary>As <see cref="Kept"/>, for a cluster that cannot pull from the sandbox's registry.</summary>
    KeptForElsewhere,
}

internal static class BundleUses
{
    extension(BundleUse use)
    {
        /// <summary>Whether it is for later: then it has all environments that its images serve, and goes into the registry itself.</summary>
        public bool IsForLater => use is BundleUse.Kept or BundleUse.KeptForElsewhere;

        /// <summary>Whether images of an environment of the sandbox go into the sandbox's own registry.</summary>
        public bool UsesSandbox => use is not (BundleUse.DeployedElsewhere or BundleUse.KeptForElsewhere);
    }
}

/// <summary>What the build asks the tool to do after a publish: images, bundle, perhaps the deploy. Holds no secret; it stays in the intermediate folder.</summary>
internal sealed record PublishRequest
{
    /// <summary>The evaluated specification.</summary>
    public required string ModelFile { get; init; }

    /// <summary>Where the bundle goes.</summary>
    public required string BundleDirectory { get; init; }

    /// <summary>A folder of ours in the project's intermediate output.</summary>
    public required string WorkDirectory { get; init; }

    /// <summary>The project's folder.</summary>
    public required string ProjectDirectory { get; init; }

    /// <summary>The environment that it is for.</summary>
    public required string Environment { get; init; }

    /// <summary>In place of the strategy of the specification; null keeps that.</summary>
    public string? Strategy { get; init; }

    /// <summary>Where images go in place of what the specification says: <c>ecr</c>, or a registry; null keeps that.</summary>
    public string? Registry { get; init; }

    /// <summary>Whether the deploy is recorded on GitHub; null leaves it to the tool.</summary>
    public string? Record { get; init; }

    /// <summary>What GitHub calls the environment; null takes its own name.</summary>
    public string? GitHubEnvironment { get; init; }

    /// <summary>The file that holds the token for GitHub; null looks at the environment variables.</summary>
    public string? GitHubTokenFile { get; init; }

    /// <summary>The commit that was built, when it is known.</summary>
    public string? Commit { get; init; }

    /// <summary>What the projects of the images were published to, by the image's key.</summary>
    public required IReadOnlyDictionary<string, string> ImageFiles { get; init; }

    /// <summary>The targets that a child build of an image gets, whether its project references the package or not.</summary>
    public required string ImageTargets { get; init; }

    /// <summary>What becomes of the bundle.</summary>
    public BundleUse Use { get; init; }

    /// <summary>Only say what would be done: nothing is built, pushed or written to the cluster.</summary>
    public bool DryRun { get; init; }

    public static PublishRequest Read(string file)
    {
        using var stream = File.OpenRead(file);
        return JsonSerializer.Deserialize(stream, PublishRequestContext.Default.PublishRequest)
            ?? throw new InvalidDataException($"'{file}' is empty.");
    }

    public void Write(string file) => File.WriteAllBytes(
        file, JsonSerializer.SerializeToUtf8Bytes(this, PublishRequestContext.Default.PublishRequest));
}

[JsonSerializable(typeof(PublishRequest))]
internal sealed partial class PublishRequestContext : JsonSerializerContext;

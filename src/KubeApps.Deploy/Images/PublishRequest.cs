using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeApps.Deploy.Images;

/// <summary>What the build asks the tool to do after a publish: images, bundle, deploy. Holds no secret; it stays in the intermediate folder.</summary>
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

    /// <summary>The environment to deploy to.</summary>
    public required string Environment { get; init; }

    /// <summary>In place of the strategy of the specification; null keeps that.</summary>
    public string? Strategy { get; init; }

    /// <summary>The commit that was built, when it is known.</summary>
    public string? Commit { get; init; }

    /// <summary>What the projects of the images were published to, by the image's key.</summary>
    public required IReadOnlyDictionary<string, string> ImageFiles { get; init; }

    /// <summary>The targets that a child build of an image gets, whether its project references the package or not.</summary>
    public required string ImageTargets { get; init; }

    /// <summary>Where the result goes, as <c>deploy -o json</c> shows it; null: nowhere. An exit code does not pass through MSBuild, this does.</summary>
    public string? ResultFile { get; init; }

    /// <summary>Only say what would be done: nothing is built, pushed or written to the cluster.</summary>
    public bool DryRun { get; init; }

    /// <summary>A namespace in place of the environment's own.</summary>
    public string? Namespace { get; init; }

    /// <summary>How long the rollout may take; null: as the specification says.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>A kubeconfig context in place of the environment's target. Images still go where the environment says.</summary>
    public string? Context { get; init; }

    /// <summary>The kubeconfig of that context.</summary>
    public string? Kubeconfig { get; init; }

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

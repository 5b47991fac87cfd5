using System.Text.Json.Nodes;

namespace KubeApps.Bundles;

/// <summary>
/// The immutable artifact that joins build and deploy: <c>bundle.json</c> and one YAML file per object under <c>env/NAME/</c>.
/// The same input gives the same bytes.
/// </summary>
internal sealed record Bundle(
    int SchemaVersion,
    string App,
    string? Commit,
    bool IsDraft,
    IReadOnlyDictionary<string, BundleImage> Images,
    IReadOnlyList<BundleEnvironment> Environments);

/// <summary>An image that the bundle's manifests name, by digest. A draft has no digest yet.</summary>
internal sealed record BundleImage(string Repository, string? Tag, string? Digest, IReadOnlyList<string> Platforms);

/// <summary>What one environment gets.</summary>
internal sealed record BundleEnvironment(
    string Name, BundleTarget Target, string Namespace, BundleStrategy Strategy, IReadOnlyList<BundleObject> Objects);

/// <summary>Where an environment lives: <c>sandbox</c>, <c>context</c> (a kubeconfig context), or <c>eks</c>.</summary>
internal sealed record BundleTarget(string Kind, string? Context = null);

/// <summary>How to get from the old version to this one, with its parameters.</summary>
internal sealed record BundleStrategy(string Kind, TimeSpan Timeout);

/// <summary>One rendered object: where its file is and what stands in it.</summary>
/// <param name="Path">Relative to the bundle, with forward slashes: <c>env/local/deployment-web.yaml</c>.</param>
/// <param name="Phase"><c>main</c>, or <c>before</c> for Jobs that must succeed before the rollout (migrations).</param>
/// <param name="Content">The object itself.</param>
internal sealed record BundleObject(string Path, string Phase, JsonObject Content);

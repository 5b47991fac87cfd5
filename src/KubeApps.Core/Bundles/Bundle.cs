using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace KubeApps.Bundles;

/// <summary>
/// The immutable artifact that joins build and deploy: <c>bundle.json</c> and one YAML file per object under <c>env/NAME/</c>.
/// The same input gives the same bytes.
/// </summary>
/// <param name="SchemaVersion">1. A reader refuses a version that it does not know.</param>
/// <param name="App">The app's name.</param>
/// <param name="Commit">The commit that was built, 40 hex digits; null when it is not known.</param>
/// <param name="IsDraft">Whether an image has no digest: such a bundle can be read, not deployed.</param>
/// <param name="Images">The images that the build makes, by their key.</param>
/// <param name="Environments">What each environment gets.</param>
internal sealed record Bundle(
    int SchemaVersion,
    string App,
    string? Commit,
    bool IsDraft,
    IReadOnlyDictionary<string, BundleImage> Images,
    IReadOnlyList<BundleEnvironment> Environments)
{
    public const int CurrentSchemaVersion = 1;

    /// <summary>The folder that holds the files, for places in diagnostics; null while they are nowhere yet. No part of the content.</summary>
    public string? Folder { get; init; }

    /// <summary>Where it is in a registry, by digest: <c>oci://…@sha256:…</c>; null when it is not known to be in any. No part of the content.</summary>
    public string? Reference { get; init; }

    /// <summary>How its images came into the registry, where it was published just now. No part of the content.</summary>
    public IReadOnlyList<PublishedImage> Published { get; init; } = [];

    /// <summary>The bundle with another strategy in all its environments; null or empty leaves each its own.</summary>
    public Bundle WithStrategy(string? kind) => string.IsNullOrEmpty(kind)
        ? this
        : this with { Environments = [.. Environments.Select(item => item with { Strategy = item.Strategy with { Kind = kind } })] };
}

/// <summary>An image that the bundle's manifests name, by digest. A draft has no digest yet.</summary>
/// <param name="Repository">With the registry's host, as nodes pull it: <c>localhost:5000/shop/web</c>.</param>
/// <param name="Tag">The tag that is a hash of the content; only for people and for the build's question whether it is there.</param>
/// <param name="Digest"><c>sha256:…</c> of the manifest or index.</param>
/// <param name="Platforms">What the image runs on: <c>linux/amd64</c>. Empty when it is not known.</param>
internal sealed record BundleImage(string Repository, string? Tag, string? Digest, IReadOnlyList<string> Platforms)
{
    /// <summary>How a manifest names the image: by digest; a draft by its tag.</summary>
    [JsonIgnore]
    public string Reference => Digest is not null ? $"{Repository}@{Digest}" : Tag is not null ? $"{Repository}:{Tag}" : Repository;
}

/// <summary>What one environment gets.</summary>
/// <param name="Name">The environment's name.</param>
/// <param name="Target">The cluster.</param>
/// <param name="Namespace">The namespace of all namespaced objects that do not say otherwise.</param>
/// <param name="Strategy">How to get from the old version to this one.</param>
/// <param name="Objects">All objects, in the order in which they can be applied.</param>
internal sealed record BundleEnvironment(
    string Name, BundleTarget Target, string Namespace, BundleStrategy Strategy, IReadOnlyList<BundleObject> Objects)
{
    /// <summary>The service whose address is the app's URL; null when the app has none.</summary>
    public string? EntryService { get; init; }

    /// <summary>What decides whether this version is good: before the rollout where a copy can be checked, otherwise after it.</summary>
    public IReadOnlyList<BundleCheck> Checks { get; init; } = [];

    /// <summary>Machines that must be there, as the specification states them (camel case, as in the model); null when it states none.</summary>
    public JsonObject? Hardware { get; init; }
}

/// <summary>Where an environment lives: <c>sandbox</c>, <c>context</c> (a kubeconfig context), or <c>eks</c>.</summary>
internal sealed record BundleTarget(string Kind, string? Context = null)
{
    /// <summary>The AWS account of <c>eks</c>.</summary>
    public string? Account { get; init; }

    /// <summary>The AWS region of <c>eks</c>.</summary>
    public string? Region { get; init; }

    /// <summary>Where images are pushed, when the specification says so.</summary>
    public string? Registry { get; init; }
}

/// <summary>How to get from the old version to this one, with its parameters: <c>rolling</c> or <c>blueGreen</c>.</summary>
/// <param name="Kind">The strategy.</param>
/// <param name="Timeout">How long the whole rollout may take.</param>
internal sealed record BundleStrategy(string Kind, TimeSpan Timeout)
{
    /// <summary>
    /// How long the new pods must stay up before the rollout counts as good. Null lets the probes decide: a container that passed its
    /// readiness probe has shown that it works (1 s), one without must run for a while (3 s, or until its liveness probe's first verdict).
    /// </summary>
    public TimeSpan? StabilityWindow { get; init; }

    /// <summary>How many revisions the cluster keeps; null is the default of ten.</summary>
    public int? KeepRevisions { get; init; }

    /// <summary>Blue/green: whether load moves to the new version without being told.</summary>
    public bool? AutoPromote { get; init; }

    /// <summary>Blue/green: how long the old version stays after the switch.</summary>
    public TimeSpan? KeepOld { get; init; }
}

/// <summary>One check of a deployed version: <c>http</c>, <c>tcp</c>, <c>command</c> or <c>job</c>.</summary>
internal sealed record BundleCheck(string Kind, string Name, TimeSpan Timeout)
{
    /// <summary>http, tcp: the service that is asked.</summary>
    public string? Service { get; init; }

    /// <summary>http, tcp: the name of the service's port; null for its first.</summary>
    public string? Port { get; init; }

    /// <summary>http: the path.</summary>
    public string? Path { get; init; }

    /// <summary>http: the status that is expected.</summary>
    public int? Status { get; init; }

    /// <summary>http: a text that the body must hold.</summary>
    public string? BodyContains { get; init; }

    /// <summary>http: how long the answer may take.</summary>
    public TimeSpan? MaxLatency { get; init; }

    /// <summary>command: program and arguments, run where the deploy runs.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>job: the name of the Job in the bundle (phase <c>check</c>).</summary>
    public string? Job { get; init; }
}

/// <summary>One rendered object: where its file is and what stands in it.</summary>
/// <param name="Path">Relative to the bundle, with forward slashes: <c>env/local/deployment-web.yaml</c>.</param>
/// <param name="Phase">
/// <c>main</c>; <c>before</c> for Jobs that must succeed before the rollout (migrations); <c>check</c> for Jobs that a check runs.
/// </param>
/// <param name="Content">The object itself.</param>
internal sealed record BundleObject(string Path, string Phase, JsonObject Content);

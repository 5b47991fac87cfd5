using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Events;

namespace KubeApps.Deploy.Planning.Saved;

/// <summary>
/// A plan as a contract: what it was made of, and what it saw. It says nothing about how to do it: a deploy plans anew, and goes on only if it
/// finds what this plan found. Nothing of a secret stands in it but hashes with the namespace's own key.
/// </summary>
/// <param name="App">The app.</param>
/// <param name="Environment">Its environment.</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="Commit">The commit of the bundle, where it is known.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Target">The cluster.</param>
/// <param name="BundleHash">Hash of all that the environment's objects hold in the bundle.</param>
/// <param name="Images">The images of the bundle, by digest.</param>
/// <param name="HasHashKey">Whether the names of secrets were final: without the namespace's key, their hashes are made up.</param>
/// <param name="Objects">Everything that is to stand, and what is to go.</param>
/// <param name="Steps">The titles of the steps, for people.</param>
internal sealed record SavedPlan(
    string App,
    string Environment,
    string Namespace,
    string? Commit,
    DateTimeOffset CreatedAt,
    SavedTarget Target,
    string BundleHash,
    IReadOnlyDictionary<string, string> Images,
    bool HasHashKey,
    IReadOnlyList<SavedObject> Objects,
    IReadOnlyList<string> Steps)
{
    public const int SchemaVersion = 1;

    /// <summary>What was asked for: a deploy by this plan does it in the same way.</summary>
    public SavedOrder Order { get; init; } = new();

    public const string Kind = "SavedPlan";
}

/// <summary>How a plan was asked to get to the new version.</summary>
/// <param name="Strategy">The strategy; null leaves it to the bundle.</param>
/// <param name="Hold">Blue/green: whether to end before the switch. Null leaves it to the strategy.</param>
/// <param name="Soak">Blue/green: whether to stay until the old version may go.</param>
/// <param name="Policy">What it may do to what others have a hand in.</param>
internal sealed record SavedOrder(string? Strategy = null, bool? Hold = null, bool Soak = true, ApplyPolicy? Policy = null);

/// <summary>Which cluster, whatever the machine calls it: the UID of its namespace <c>kube-system</c>, where the role may read it.</summary>
internal sealed record SavedTarget(string Description, string Server, string? ClusterUid)
{
    public bool IsSameAs(SavedTarget other) => ClusterUid is not null && other.ClusterUid is not null ? ClusterUid == other.ClusterUid : Server == other.Server;

    /// <inheritdoc/>
    public override string ToString() => $"{Description} ({Server}{(ClusterUid is null ? "" : $", cluster {ClusterUid}")})";
}

/// <summary>One object as the plan saw it.</summary>
/// <param name="ApiVersion">Its API version.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Change">What was to become of it.</param>
/// <param name="Uid">Its UID; null where it did not exist.</param>
/// <param name="ResourceVersion">Its version; null where it did not exist.</param>
/// <param name="Seen">The values of the fields that are ours or would be changed; of a Secret, hashes of them. Null: the field did not exist.</param>
/// <param name="Fields">What would be changed.</param>
internal sealed record SavedObject(
    string ApiVersion,
    string Kind,
    string? Namespace,
    string Name,
    ResourceChange Change,
    string? Uid,
    string? ResourceVersion,
    IReadOnlyDictionary<string, JsonNode?> Seen,
    IReadOnlyList<FieldChange> Fields)
{
    [JsonIgnore]
    public ObjectId Id => new(ApiVersion, Kind, Namespace, Name);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SavedPlan))]
internal sealed partial class SavedPlanJson : JsonSerializerContext;

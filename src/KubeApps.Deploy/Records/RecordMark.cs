using System.Text.Json;
using System.Text.Json.Serialization;
using KubeApps.Deploy.GitHub;

namespace KubeApps.Deploy.Records;

/// <summary>The cluster of a rollout, as its record names it.</summary>
/// <param name="Name">What the machine that deployed calls it.</param>
/// <param name="Uid">Which one it is, whatever anybody calls it; null where the role may not see that.</param>
internal sealed record RecordCluster(string Name, string? Uid = null);

/// <summary>
/// That a revision is to have a record on GitHub, and what GitHub has of it: an annotation of the revision's object. It is there before the
/// record is, so that a run that is killed between leaves the record to the next one.
/// </summary>
/// <param name="Api">Where the repository's API answers.</param>
/// <param name="Repository"><c>owner/name</c>.</param>
/// <param name="Environment">What GitHub calls the environment.</param>
/// <param name="Cluster">Where the revision was deployed.</param>
internal sealed record RecordMark(string Api, string Repository, string Environment, RecordCluster Cluster)
{
    public bool IsTransient { get; init; }

    public bool IsProduction { get; init; }

    /// <summary>What is done, in GitHub's words; null: what the revision says.</summary>
    public string? Task { get; init; }

    /// <summary>The deployment on GitHub; null: nobody knows of one, but there may be one.</summary>
    public long? Id { get; init; }

    /// <summary>The last state that GitHub has; null: none.</summary>
    public string? State { get; init; }

    /// <summary>What tells the rollout from all others; null: the revision's own identity.</summary>
    public string? Rollout { get; init; }

    /// <summary>How many states GitHub has of it, as far as anybody here counted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Statuses { get; init; }

    /// <summary>Whether somebody deleted the deployment on GitHub: it gets no state any more.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsDeleted { get; init; }

    public bool IsOf(GitHubRepository repository) => IsOf(repository.Api.AbsoluteUri, repository.FullName);

    public bool IsSamePlace(RecordMark other) => IsOf(other.Api, other.Repository) && IsSame(Environment, other.Environment);

    private bool IsOf(string api, string repository) => Api == api && IsSame(Repository, repository);

    // GitHub takes no notice of case in the names of repositories and environments.
    private static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    public string Write() => JsonSerializer.Serialize(this, RecordJson.Default.RecordMark);

    /// <summary>Null where the text is nothing that <see cref="Write"/> makes.</summary>
    public static RecordMark? Read(string? text)
    {
        try
        {
            return text is { Length: > 0 } && JsonSerializer.Deserialize(text, RecordJson.Default.RecordMark) is { Cluster.Name: not null, Api: not null, Repository: not null, Environment: not null } mark
                ? mark
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RecordMark))]
internal sealed partial class RecordJson : JsonSerializerContext;

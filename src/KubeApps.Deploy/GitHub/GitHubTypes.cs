using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeApps.Deploy.GitHub;

/// <summary>Something that GitHub answers with.</summary>
internal interface IGitHubItem
{
    /// <summary>Whether it is what it should be, and not made of something else.</summary>
    bool IsWhole { get; }
}

/// <summary>A deployment as GitHub tells it, of ours or of any other tool (https://docs.github.com/rest/deployments/deployments).</summary>
/// <param name="Id">Unique on the server, growing.</param>
/// <param name="Sha">The full commit.</param>
/// <param name="Ref">What was asked to be deployed: a branch, a tag, or the commit.</param>
/// <param name="Task">What is done: <c>deploy</c> unless said otherwise.</param>
/// <param name="Environment">Where.</param>
/// <param name="CreatedAt">When the record was made.</param>
internal sealed record GitHubDeployment(long Id, string Sha, string Ref, string Task, string Environment, DateTimeOffset CreatedAt) : IGitHubItem
{
    bool IGitHubItem.IsWhole => Id > 0;

    // What is null or missing is empty: one strange deployment must not hide all others.
    public string Sha { get; init; } = Sha ?? "";

    public string Ref { get; init; } = Ref ?? "";

    public string Task { get; init; } = Task ?? "";

    public string Environment { get; init; } = Environment ?? "";

    public string? Description { get; init; }

    /// <summary>Of any shape: what the creator sent comes back as it was sent (an object, a string, a number, a list, null).</summary>
    public JsonElement? Payload { get; init; }

    public DateTimeOffset? UpdatedAt { get; init; }

    public GitHubAccount? Creator { get; init; }

    public bool? TransientEnvironment { get; init; }

    public bool? ProductionEnvironment { get; init; }
}

/// <param name="Login">Null for an account that is gone.</param>
internal sealed record GitHubAccount(string? Login);

/// <summary>One state of a deployment (https://docs.github.com/rest/deployments/statuses).</summary>
/// <param name="Id">Unique on the server, growing.</param>
/// <param name="State">One of those that we know, or of those that GitHub will have one day.</param>
/// <param name="CreatedAt">When it was set.</param>
internal sealed record GitHubDeploymentStatus(long Id, string State, DateTimeOffset CreatedAt) : IGitHubItem
{
    bool IGitHubItem.IsWhole => Id > 0;

    public string State { get; init; } = State ?? "";

    public string? Description { get; init; }

    public string? Environment { get; init; }

    public string? EnvironmentUrl { get; init; }

    public string? LogUrl { get; init; }

    public GitHubAccount? Creator { get; init; }
}

/// <summary>A deployment to be recorded. <c>auto_merge: false</c> and no required contexts: what is recorded is decided already.</summary>
/// <param name="Ref">The full commit.</param>
/// <param name="Environment">Where.</param>
internal sealed record NewGitHubDeployment(string Ref, string Environment)
{
    public string Task { get; init; } = "deploy";

    public bool AutoMerge { get; init; }

    public IReadOnlyList<string> RequiredContexts { get; init; } = [];

    public string? Description { get; init; }

    public JsonElement? Payload { get; init; }

    public required bool TransientEnvironment { get; init; }

    public required bool ProductionEnvironment { get; init; }
}

/// <summary>A state to be recorded. The description has at most 140 characters, or GitHub refuses it.</summary>
/// <param name="State"><c>queued</c>, <c>in_progress</c>, <c>success</c>, <c>failure</c>, <c>error</c> or <c>inactive</c>.</param>
internal sealed record NewGitHubDeploymentStatus(string State)
{
    public string? Description { get; init; }

    public string? EnvironmentUrl { get; init; }

    public string? LogUrl { get; init; }

    /// <summary>GitHub's own way to make older ones inactive takes in other apps of the environment: ours is told apart.</summary>
    public bool AutoInactive { get; init; }
}

/// <summary>Which deployments of a repository; null leaves a part open. GitHub compares whole values.</summary>
internal sealed record GitHubDeploymentFilter(string? Environment = null, string? Sha = null, string? Ref = null, string? Task = null);

/// <summary>What lies between two commits (https://docs.github.com/rest/commits/commits#compare-two-commits).</summary>
/// <param name="Status"><c>ahead</c>, <c>behind</c>, <c>identical</c> or <c>diverged</c>: how the second stands to the first.</param>
/// <param name="AheadBy">How many commits the second has that the first has not.</param>
/// <param name="BehindBy">How many commits the first has that the second has not.</param>
/// <param name="Commits">Those that the second has alone, the oldest first; of many the last 250.</param>
internal sealed record GitHubComparison(string Status, int AheadBy, int BehindBy, IReadOnlyList<GitHubCommit> Commits) : IGitHubItem
{
    bool IGitHubItem.IsWhole => Status is not null;

    public IReadOnlyList<GitHubCommit> Commits { get; init; } = Commits ?? [];

    /// <summary>Whether the first commit is contained in the second.</summary>
    public bool IsContained => Status is "ahead" or "identical";
}

/// <summary>A commit (https://docs.github.com/rest/commits/commits#get-a-commit).</summary>
internal sealed record GitHubCommit(string Sha, GitHubCommitText? Commit) : IGitHubItem
{
    bool IGitHubItem.IsWhole => Sha is { Length: > 0 };

    public string Sha { get; init; } = Sha ?? "";
}

/// <param name="Message">What it says.</param>
/// <param name="Author">Who wrote it.</param>
/// <param name="Committer">Who made it what it is, and when.</param>
internal sealed record GitHubCommitText(string? Message, GitHubCommitAuthor? Author, GitHubCommitAuthor? Committer);

internal sealed record GitHubCommitAuthor(string? Name, DateTimeOffset? Date);

/// <summary>A comment on an issue or a pull request.</summary>
internal sealed record GitHubComment(long Id, string? Body) : IGitHubItem
{
    bool IGitHubItem.IsWhole => Id > 0;

    public string? HtmlUrl { get; init; }

    /// <summary>Who wrote it; null for an account that is gone.</summary>
    public GitHubAccount? User { get; init; }
}

internal sealed record NewGitHubComment(string Body);

/// <summary>A pull request (https://docs.github.com/rest/pulls/pulls).</summary>
internal sealed record GitHubPullRequest(int Number, string? State) : IGitHubItem
{
    bool IGitHubItem.IsWhole => Number > 0 && State is not null;

    public bool IsOpen => State == "open";
}

internal sealed record GitHubQuery(string Query);

/// <summary>Whose token it is (https://docs.github.com/graphql/reference/queries#viewer).</summary>
internal sealed record GitHubViewerAnswer(GitHubViewerData? Data) : IGitHubItem
{
    bool IGitHubItem.IsWhole => Data?.Viewer?.Login is not null;
}

internal sealed record GitHubViewerData(GitHubAccount? Viewer);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = false,
    // Payloads of others may be deep.
    MaxDepth = 512)]
[JsonSerializable(typeof(GitHubDeployment))]
[JsonSerializable(typeof(List<GitHubDeployment>))]
[JsonSerializable(typeof(GitHubDeploymentStatus))]
[JsonSerializable(typeof(List<GitHubDeploymentStatus>))]
[JsonSerializable(typeof(NewGitHubDeployment))]
[JsonSerializable(typeof(NewGitHubDeploymentStatus))]
[JsonSerializable(typeof(GitHubQuery))]
[JsonSerializable(typeof(GitHubViewerAnswer))]
[JsonSerializable(typeof(GitHubComparison))]
[JsonSerializable(typeof(GitHubCommit))]
[JsonSerializable(typeof(GitHubComment))]
[JsonSerializable(typeof(List<GitHubComment>))]
[JsonSerializable(typeof(NewGitHubComment))]
[JsonSerializable(typeof(GitHubPullRequest))]
[JsonSerializable(typeof(CachedAnswer))]
internal sealed partial class GitHubJson : JsonSerializerContext;

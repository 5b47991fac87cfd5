using System.Text.Json.Nodes;
using KubeApps.Testing;

namespace KubeApps.GitHub.StandIn;

/// <summary>A repository, and all that tests may look at and arrange in it.</summary>
public sealed class StandInRepository : IDisposable
{
    // Unique on the whole server, and growing.
    private static long _lastId = 2_000_000_000;

    private readonly Lock _lock = new();
    private readonly RequestScript<StandInRequest, Fault> _script;
    private readonly Dictionary<string, TokenRights> _tokens = [];
    private readonly List<StandInDeployment> _deployments = [];
    private readonly CancellationTokenSource _released = new();

    internal StandInRepository(Uri api, int id, string owner, string name)
    {
        (Api, Id, Owner, Name) = (api, id, owner, name);
        _script = new(_lock);
        Token = NewToken(TokenRights.All);
        Commits = new StandInCommits(name);
    }

    /// <summary>Where the API answers.</summary>
    public Uri Api { get; }

    public int Id { get; }

    public string Owner { get; }

    public string Name { get; }

    public string FullName => $"{Owner}/{Name}";

    /// <summary>Opens this repository with all rights.</summary>
    public string Token { get; }

    /// <summary>What a job has in its environment; led here, a process asks the stand-in.</summary>
    public IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["GITHUB_API_URL"] = Api.ToString().TrimEnd('/'),
        ["GITHUB_REPOSITORY"] = FullName,
        ["GITHUB_TOKEN"] = Token,
    };

    public StandInCommits Commits { get; }

    /// <summary>Commit statuses that have not succeeded: a deployment that requires them is refused (409).</summary>
    public HashSet<string> FailedContexts { get; } = [];

    /// <summary>Who acts with the tokens.</summary>
    public string Login { get; set; } = "github-actions[bot]";

    /// <summary>How many requests are left, and until when; null for enough.</summary>
    public (int Remaining, DateTimeOffset Reset)? RateLimit { get; set; }

    /// <summary>The number of the newest issue or pull request.</summary>
    public int LastIssue { get; set; } = 10;

    /// <summary>The pull requests that are closed; the others are open.</summary>
    public HashSet<int> ClosedPullRequests { get; } = [];

    /// <summary>The comments of issues and pull requests, the oldest first.</summary>
    public List<StandInComment> Comments { get; } = [];

    /// <summary>The newest first, as GitHub lists them.</summary>
    public IReadOnlyList<StandInDeployment> Deployments
    {
        get
        {
            lock (_lock)
                return [.. _deployments.AsEnumerable().Reverse()];
        }
    }

    /// <summary>What was asked until now.</summary>
    public IReadOnlyList<StandInRequest> Requests => _script.Requests;

    /// <summary>Ends what hangs.</summary>
    internal CancellationToken Released => _released.Token;

    internal Lock Lock => _lock;

    /// <summary>A token that may do less, or nothing at all.</summary>
    public string NewToken(TokenRights rights)
    {
        var token = GitHubStandIn.NewSecret();
        lock (_lock)
            _tokens[token] = rights;
        return token;
    }

    /// <summary>From now on unknown to GitHub.</summary>
    public void Revoke(string token)
    {
        lock (_lock)
            _tokens.Remove(token);
    }

    /// <summary>A deployment that was there before, of ours or of another tool.</summary>
    public StandInDeployment Add(StandInDeployment deployment)
    {
        lock (_lock)
            _deployments.Add(deployment);
        return deployment;
    }

    internal void Remove(StandInDeployment deployment)
    {
        lock (_lock)
            _deployments.Remove(deployment);
    }

    /// <summary>What happens to the next requests (that fit), in the order in which they were scripted.</summary>
    public void Next(int count, Fault fault, Func<StandInRequest, bool>? when = null) => _script.Next(count, fault, when);

    /// <summary>All goes well again; what hangs, ends.</summary>
    public void ForgetFaults() => _script.ForgetFaults();

    /// <summary>What did not agree with GitHub's description until now; forgotten by asking.</summary>
    public IReadOnlyList<string> TakeViolations() => _script.TakeViolations();

    /// <summary>Fails the test whose requests (or the stand-in's answers) did not agree with GitHub's description.</summary>
    public void Dispose()
    {
        Release();
        _script.RequireNoViolation("Not as GitHub describes its API");
    }

    internal static long NextId() => Interlocked.Increment(ref _lastId);

    internal void Release() => _released.Cancel();

    internal TokenRights? RightsOf(string token)
    {
        lock (_lock)
            return _tokens.TryGetValue(token, out var rights) ? rights : null;
    }

    internal void Violated(string reason) => _script.Violated(reason);

    internal Fault? Take(StandInRequest request) => _script.Take(request);
}

/// <summary>What a token may do in its repository.</summary>
[Flags]
public enum TokenRights
{
    /// <summary>It is known, but this repository is not open to it.</summary>
    None = 0,
    ContentsRead = 1,
    DeploymentsRead = 2,
    DeploymentsWrite = 4,
    CommentsRead = 8,
    CommentsWrite = 16,
    PullRequestsRead = 32,
    ReadOnly = ContentsRead | DeploymentsRead | CommentsRead | PullRequestsRead,
    All = ReadOnly | DeploymentsWrite | CommentsWrite,
}

/// <summary>A deployment as GitHub keeps it.</summary>
public sealed record StandInDeployment(string Sha, string Environment)
{
    public long Id { get; init; } = StandInRepository.NextId();

    public string Ref { get; init; } = Sha;

    public string Task { get; init; } = "deploy";

    public string? Description { get; init; } = "";

    /// <summary>Of any type.</summary>
    public JsonNode? Payload { get; init; } = new JsonObject();

    public bool IsTransient { get; init; }

    public bool IsProduction { get; init; }

    /// <summary>Null: an account that is gone.</summary>
    public string? Creator { get; init; } = "octocat";

    public DateTimeOffset CreatedAt { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>The oldest first.</summary>
    public List<StandInStatus> Statuses { get; init; } = [];

    /// <summary>Where it stands; null without any status.</summary>
    public string? State => Statuses.LastOrDefault()?.State;
}

public sealed record StandInStatus(string State)
{
    public long Id { get; init; } = StandInRepository.NextId();

    public string Description { get; init; } = "";

    public string? Environment { get; init; }

    public string EnvironmentUrl { get; init; } = "";

    public string LogUrl { get; init; } = "";

    public string? Creator { get; init; } = "octocat";

    public DateTimeOffset CreatedAt { get; init; } = DateTimeOffset.UtcNow;
}

public sealed record StandInComment(int Issue, string Body)
{
    public long Id { get; init; } = StandInRepository.NextId();

    public string Login { get; init; } = "github-actions[bot]";

    public DateTimeOffset CreatedAt { get; init; } = DateTimeOffset.UtcNow;
}

namespace KubeApps.Deploy.History;

/// <summary>Which deploys are meant; null leaves a part open. Pure.</summary>
internal sealed record HistoryFilter
{
    public string? App { get; init; }

    /// <summary>Whether what other tools deploy is meant, too: they name no app.</summary>
    public bool IncludesForeign { get; init; }

    /// <summary>As the specification or as GitHub calls it.</summary>
    public string? Environment { get; init; }

    /// <summary>The name that GitHub has for it, where that is another.</summary>
    public string? GitHubEnvironment { get; init; }

    /// <summary>Whether GitHub has it under several names: then it is asked for all environments.</summary>
    public bool HasSeveralNames { get; init; }

    /// <summary>What GitHub is asked for; null: everything.</summary>
    public string? AskedEnvironment => HasSeveralNames ? null : GitHubEnvironment ?? Environment;

    public DateTimeOffset? Since { get; init; }

    /// <summary>An account, or the user of <c>user@host</c>.</summary>
    public string? Actor { get; init; }

    public HistoryState? State { get; init; }

    /// <summary>Whether an entry is one of them.</summary>
    public bool Matches(HistoryEntry entry) => MatchesBesidesState(entry) && (State is null || State == entry.State);

    /// <summary>The same as far as it is known without asking for the states of a deployment.</summary>
    public bool MatchesBesidesState(HistoryEntry entry) =>
        (App is null || App == entry.App || (IncludesForeign && entry.IsForeign))
        && ((Environment ?? GitHubEnvironment) is null || Equal(Environment, entry.Environment) || Equal(GitHubEnvironment ?? Environment, entry.Record?.Deployment.Environment))
        && (Since is null || entry.StartedAt >= Since)
        && (Actor is null || IsBy(entry.Actor) || IsBy(entry.Record?.Deployment.Creator?.Login));

    private bool IsBy(string? name) => name is not null && (Equal(Actor, name) || (name.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && Equal(Actor, name[..at])));

    private static bool Equal(string? one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}

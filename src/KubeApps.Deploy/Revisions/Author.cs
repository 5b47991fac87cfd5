namespace KubeApps.Deploy.Revisions;

/// <summary>Who deploys, and from where.</summary>
/// <param name="Name">The account for which a workflow runs, else <c>user@host</c>.</param>
/// <param name="RunUrl">The page of that workflow's run.</param>
internal sealed record Author(string Name, string? RunUrl = null)
{
    public static Author Of(Func<string, string?> readVariable, string user, string host)
    {
        string? Read(string name) => readVariable(name) is { Length: > 0 } value ? value : null;
        var run = Read("GITHUB_SERVER_URL") is { } server && Read("GITHUB_REPOSITORY") is { } repository && Read("GITHUB_RUN_ID") is { } id
            ? $"{server}/{repository}/actions/runs/{id}"
            : null;
        return new Author(Read("GITHUB_ACTOR") ?? $"{user}@{host}", run);
    }

    public static Author OfThisProcess(Func<string, string?> readVariable) => Of(readVariable, Environment.UserName, Environment.MachineName);
}

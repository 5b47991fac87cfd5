using System.Globalization;

namespace KubeApps.Deploy.Revisions;

/// <summary>Who deploys, and from where.</summary>
/// <param name="Name">The account for which a workflow runs, else <c>user@host</c>.</param>
/// <param name="RunUrl">The page of that workflow's run.</param>
internal sealed record Author(string Name, string? RunUrl = null)
{
    /// <summary>Which attempt of the run; null where nobody knows.</summary>
    public int? Attempt { get; init; }

    /// <summary>The page of this very attempt, with its log: that of the run shows the last one.</summary>
    public string? LogUrl => RunUrl is not null && Attempt is { } attempt ? string.Create(CultureInfo.InvariantCulture, $"{RunUrl}/attempts/{attempt}") : RunUrl;

    public static Author Of(Func<string, string?> readVariable, string user, string host) =>
        new(readVariable("GITHUB_ACTOR") is { Length: > 0 } actor ? actor : $"{user}@{host}", RunUrlOf(readVariable))
        {
            Attempt = ReadAttempt(readVariable("GITHUB_RUN_ATTEMPT")),
        };

    public static int? ReadAttempt(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var attempt) && attempt > 0 ? attempt : null;

    /// <summary>The page of the workflow's run that this process is a part of; null where it is of none.</summary>
    public static string? RunUrlOf(Func<string, string?> readVariable) =>
        (readVariable("GITHUB_SERVER_URL"), readVariable("GITHUB_REPOSITORY"), readVariable("GITHUB_RUN_ID")) is ({ Length: > 0 } server, { Length: > 0 } repository, { Length: > 0 } run)
            ? $"{server}/{repository}/actions/runs/{run}"
            : null;

    public static Author OfThisProcess(Func<string, string?> readVariable) => Of(readVariable, Environment.UserName, Environment.MachineName);
}

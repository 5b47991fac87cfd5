using KubeApps.Cli.Actions;
using KubeApps.Deploy.GitHub;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Commands;

/// <summary>
/// The pull request that a workflow's run is about, as it is now: a run that is run again has the event that it had, whatever became of the pull
/// request since.
/// </summary>
internal static class PullRequestNow
{
    /// <summary>Why nothing may be deployed for it; null: it is open.</summary>
    public static async Task<Diagnostic?> WhyNotDeployAsync(RecordOrder order, string app, Terminal terminal, CancellationToken cancellationToken) =>
        await AskAsync("--unless-closed", order, terminal, cancellationToken) is { IsOpen: false } closed
            ? DiagnosticDescriptors.PullRequestClosed.Because($"{app} is not deployed: pull request {closed.Number} is closed by now.")
            : null;

    /// <summary>Why its environment may not be destroyed; null: it is closed.</summary>
    public static async Task<Diagnostic?> WhyNotDestroyAsync(RecordOrder order, Terminal terminal, CancellationToken cancellationToken) =>
        await AskAsync("--unless-open", order, terminal, cancellationToken) is { IsOpen: true } open
            ? DiagnosticDescriptors.PullRequestOpen.Because($"Nothing is destroyed: pull request {open.Number} is open.")
            : null;

    // Where GitHub cannot say it, nothing is done: it would be the wrong thing half of the time.
    private static async Task<GitHubPullRequest> AskAsync(string option, RecordOrder order, Terminal terminal, CancellationToken cancellationToken)
    {
        if (PullRequestOfRun.Find(terminal.ReadVariable) is not { } number)
            throw new DiagnosticException(DiagnosticDescriptors.PullRequestUnknown.Because($"{option} was given, and this is no run about a pull request."));
        var (access, missing) = await GitHubOptions.FindAsync(order.Repository, order.TokenFile, terminal, cancellationToken);
        if (access is null)
            throw new DiagnosticException(DiagnosticDescriptors.PullRequestUnknown.Because($"GitHub cannot be asked whether pull request {number} is open. {missing}"));
        using var client = GitHubOptions.Open(access, terminal);
        return await client.GetPullRequestAsync(number, cancellationToken);
    }
}

using System.CommandLine;
using KubeApps.Cli.Git;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;

namespace KubeApps.Cli;

/// <summary>The options that say which repository on GitHub, and what opens it; else a workflow's environment, the remote of the working directory and <c>GH_TOKEN</c> do.</summary>
internal sealed class GitHubOptions
{
    public Option<string?> Repository { get; } = new("--repository")
    {
        Description = "The repository on GitHub. Default: GITHUB_REPOSITORY, else the remote 'origin' of the working directory.",
        HelpName = "OWNER/NAME",
    };

    public Option<string?> TokenFile { get; } = new("--github-token-file")
    {
        Description = "A file with the token for GitHub. Default: the variable GH_TOKEN or GITHUB_TOKEN.",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        Repository.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && GitHubAddress.Named(token.Value, GitHubAddress.ApiOf(GitHubAddress.PublicHost)) is null)
                result.AddError($"'{token.Value}' is no repository. Write owner/name.");
        });
        command.Add(Repository);
        command.Add(TokenFile);
    }

    /// <summary>The repository with its token, or what is missing of them.</summary>
    public Task<(GitHubAccess? Access, string? Missing)> FindAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken) =>
        FindAsync(parsed.GetValue(Repository), parsed.GetValue(TokenFile), terminal, cancellationToken);

    /// <summary>The same where a build says it; null looks around.</summary>
    public static async Task<(GitHubAccess? Access, string? Missing)> FindAsync(string? named, string? tokenFile, Terminal terminal, CancellationToken cancellationToken)
    {
        var lookup = new GitHubLookup(terminal.ReadVariable);
        var remote = lookup.IsNamed(named) ? null : await GitRepository.FindRemoteAsync(terminal.Directory, cancellationToken);
        var (repository, missing) = lookup.FindRepository(named, remote);
        if (repository is null)
            return (null, missing);
        return (tokenFile is null ? lookup.FindToken(repository) : ReadToken(tokenFile, terminal)) is { } token
            ? (new GitHubAccess(repository, token), null)
            : (null, $"There is no token for {repository}: {GitHubLookup.TokenSources(repository)}.");
    }

    /// <summary>Asks GitHub, which need only say that what earlier runs were told still holds. <paramref name="limits"/>: null for what suits a person who waits.</summary>
    public static GitHubClient Open(GitHubAccess access, Terminal terminal, GitHubLimits? limits = null) => new(
        access, terminal.Clock, limits,
        terminal.ReadVariable(SandboxLocation.HomeVariable) is { Length: > 0 } home ? GitHubCache.Below(Path.GetFullPath(home, terminal.Directory)) : GitHubCache.OfUser());

    private static string? ReadToken(string file, Terminal terminal)
    {
        try
        {
            var token = File.ReadAllText(Path.GetFullPath(file, terminal.Directory)).Trim();
            terminal.Step?.Masks.Add(token);
            return token.Length > 0 ? token : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(DiagnosticDescriptors.TokenFileUnreadable.Because($"The token cannot be read: {failure.Message}"), failure);
        }
    }
}

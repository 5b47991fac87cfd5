using System.CommandLine;
using KubeApps.Cli.Git;
using KubeApps.Deploy.GitHub;
using KubeApps.Diagnostics;

namespace KubeApps.Cli;

/// <summary>The options that say which repository on GitHub, and what opens it; else a workflow's environment, the remote of the working directory and <c>GH_TOKEN</c> do.</summary>
internal sealed class GitHubOptions
{
    private const string PublicHost = "github.com";

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
            if (result.Tokens is [var token] && GitHubAddress.Named(token.Value, GitHubAddress.ApiOf(PublicHost)) is null)
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
        if (await FindRepositoryAsync(named, terminal, cancellationToken) is not { } repository)
            return (null, "No repository is named, GITHUB_REPOSITORY is not set, and the working directory has no remote 'origin' on GitHub.");
        return FindToken(tokenFile, terminal) is { } token
            ? (new GitHubAccess(repository, token), null)
            : (null, $"There is no token for {repository}: neither --github-token-file nor GH_TOKEN nor GITHUB_TOKEN.");
    }

    private static async Task<GitHubRepository?> FindRepositoryAsync(string? named, Terminal terminal, CancellationToken cancellationToken)
    {
        string? Read(string name) => terminal.ReadVariable(name) is { Length: > 0 } value ? value : null;
        var api = GitHubAddress.ApiFrom(Read("GITHUB_API_URL"));
        // As GitHub's own command line has it.
        var host = Read("GH_HOST") ?? PublicHost;
        if ((named ?? Read("GITHUB_REPOSITORY")) is { } text)
            return GitHubAddress.Named(text, api ?? GitHubAddress.ApiOf(host));
        if (!Directory.Exists(terminal.Directory) || await RemoteAsync(terminal.Directory, cancellationToken) is not { } remote)
            return null;
        // A token is not for any host that has a repository.
        return remote.Host == PublicHost || remote.Host == host || remote.Host == api?.Host
            ? GitHubAddress.Named(remote.FullName, remote.Host == api?.Host ? api : GitHubAddress.ApiOf(remote.Host))
            : null;
    }

    private static async Task<(string Host, string FullName)?> RemoteAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            return await GitCommand.RunAsync(folder, cancellationToken, "remote", "get-url", "origin") is { Succeeded: true } answer ? GitHubAddress.OfRemote(answer.Line) : null;
        }
        catch (DiagnosticException)
        {
            // No git on this machine.
            return null;
        }
    }

    private static string? FindToken(string? file, Terminal terminal)
    {
        if (file is null)
            return ((string[])["GH_TOKEN", "GITHUB_TOKEN"]).Select(terminal.ReadVariable).FirstOrDefault(value => !string.IsNullOrWhiteSpace(value))?.Trim();
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

using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.GitHub;

/// <summary>
/// Which repository is meant, and what opens it, by what surrounds a command: options, a workflow's variables, those of GitHub's own command line, the
/// remote of the working directory. Pure. A token goes to no host that nobody named: a clone may come from anywhere.
/// </summary>
/// <param name="readVariable">Reads an environment variable.</param>
internal sealed class GitHubLookup(Func<string, string?> readVariable)
{
    private const string ApiVariable = "GITHUB_API_URL";
    private const string RepositoryVariable = "GITHUB_REPOSITORY";
    private const int LongestValue = 100;

    private static readonly string[] Tokens = ["GH_TOKEN", "GITHUB_TOKEN"];
    private static readonly string[] ServerTokens = ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];

    /// <summary>All variables in which a token may stand.</summary>
    public static IReadOnlyList<string> TokenVariables { get; } = [.. ServerTokens, .. Tokens];

    /// <summary>Whether a remote need not be asked for.</summary>
    public bool IsNamed(string? option) => (option ?? Read(RepositoryVariable)) is not null;

    /// <summary>The repository, or why there is none: a sentence.</summary>
    /// <param name="option">What was named on the command line, or null.</param>
    /// <param name="remote">The remote's address as git tells it (it may hold a password), or null.</param>
    /// <exception cref="DiagnosticException"><c>GITHUB_API_URL</c> is no address that a token may be sent to.</exception>
    public (GitHubRepository? Repository, string? Missing) FindRepository(string? option, string? remote)
    {
        var api = ReadApi();
        if ((option ?? Read(RepositoryVariable)) is { } text)
        {
            return GitHubAddress.Named(text, api ?? GitHubAddress.ApiOf(ToolHost ?? ServerHost ?? GitHubAddress.PublicHost)) is { } named
                ? (named, null)
                : (null, $"'{Printable.Line(text, LongestValue)}' is no repository: it is written owner/name.");
        }

        if (remote is null)
            return (null, $"No repository is named, {RepositoryVariable} is not set, and the working directory has no remote.");
        if (GitHubAddress.OfRemote(remote) is not { } place)
            return (null, $"No repository is named, {RepositoryVariable} is not set, and the remote of the working directory is no repository on GitHub.");
        return IsKnown(place.Host, api)
            ? (GitHubAddress.Named(place.FullName, api is not null && Fits(place.Host, api) ? api : GitHubAddress.ApiOf(place.Host)), null)
            : (null, $"No repository is named, {RepositoryVariable} is not set, and the remote of the working directory is on {place.Host}, of which nobody says that it is GitHub. Set GH_HOST to it if it is.");
    }

    /// <summary>The token in the environment; null for none.</summary>
    public string? FindToken(GitHubRepository repository) =>
        (GitHubAddress.IsPublic(repository.Api) ? Tokens : TokenVariables).Select(Read).FirstOrDefault(token => token is not null);

    /// <summary>Where a token can be given: for a message.</summary>
    public static string TokenSources(GitHubRepository repository) =>
        $"neither --github-token-file nor {string.Join(" nor ", GitHubAddress.IsPublic(repository.Api) ? Tokens : TokenVariables)}";

    // As GitHub's own command line has it; what is no host names none.
    private string? ToolHost => Read("GH_HOST") is { } host && GitHubAddress.IsHost(host) ? host : null;

    private string? ServerHost => Uri.TryCreate(Read("GITHUB_SERVER_URL"), UriKind.Absolute, out var server) && server.Host.Length > 0 ? server.Authority : null;

    private Uri? ReadApi() => Read(ApiVariable) is not { } text
        ? null
        : GitHubAddress.ApiFrom(text) ?? throw new DiagnosticException(DiagnosticDescriptors.GitHubAddressInvalid.Because(
            $"{ApiVariable} is '{Printable.Line(text, LongestValue)}', which is no address that a token may be sent to."));

    private bool IsKnown(string host, Uri? api) =>
        GitHubAddress.IsPublic(GitHubAddress.ApiOf(host)) || ((string?[])[ToolHost, ServerHost, api?.Host, api?.Authority]).Contains(host, StringComparer.OrdinalIgnoreCase);

    // A token for one host does not go to another that is left in the environment.
    private bool Fits(string host, Uri api) =>
        api.IsLoopback || ((string?[])[ServerHost, api.Host, api.Authority]).Contains(host, StringComparer.OrdinalIgnoreCase) || api.Authority == GitHubAddress.ApiOf(host).Authority;

    private string? Read(string name) => readVariable(name)?.Trim() is { Length: > 0 } value ? value : null;
}

using System.Text.RegularExpressions;

namespace KubeApps.Deploy.GitHub;

/// <summary>Repositories as people and git write them. Pure.</summary>
internal static partial class GitHubAddress
{
    private const string PublicHost = "github.com";

    /// <summary>Where the API of a host answers.</summary>
    public static Uri ApiOf(string host) => host.Equals(PublicHost, StringComparison.OrdinalIgnoreCase) ? new("https://api.github.com/") : new($"https://{host}/api/v3/");

    /// <summary>An address of the API as <c>GITHUB_API_URL</c> has it; null where it is none.</summary>
    public static Uri? ApiFrom(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
            ? new Uri(address.AbsoluteUri.TrimEnd('/') + "/")
            : null;

    /// <summary><c>owner/name</c>; null for anything else.</summary>
    public static GitHubRepository? Named(string text, Uri api) =>
        FullName().Match(text) is { Success: true } match ? new GitHubRepository(api, match.Groups["owner"].Value, match.Groups["name"].Value) : null;

    /// <summary>Host, owner and name of a remote of git: https, ssh, or ssh's short form; null for anything else.</summary>
    public static (string Host, string FullName)? OfRemote(string url) =>
        Remote().Match(url.Trim()) is { Success: true } match ? (match.Groups["host"].Value.ToLowerInvariant(), $"{match.Groups["owner"].Value}/{match.Groups["name"].Value}") : null;

    [GeneratedRegex(@"\A(?<owner>[A-Za-z0-9][A-Za-z0-9_-]*)/(?<name>(?!\.{1,2}\z)[A-Za-z0-9._-]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex FullName();

    [GeneratedRegex(
        @"\A(?:https?://(?:[^@/]*@)?(?<host>[A-Za-z0-9.-]+(?::[0-9]+)?)/|ssh://(?:[^@/]*@)?(?<host>[A-Za-z0-9.-]+)(?::[0-9]+)?/|(?:[^@/:]+@)?(?<host>[A-Za-z0-9.-]+):(?!/))(?<owner>[A-Za-z0-9][A-Za-z0-9_-]*)/(?<name>[A-Za-z0-9._-]+?)(?:\.git)?/?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Remote();
}

using System.Text.RegularExpressions;

namespace KubeApps.Deploy.GitHub;

/// <summary>Repositories as people and git write them. Pure.</summary>
internal static partial class GitHubAddress
{
    public const string PublicHost = "github.com";

    // Where GitHub keeps the data of a customer in a region.
    private const string RegionalDomain = ".ghe.com";

    /// <summary>Where the API of a host answers. The host may have a port.</summary>
    public static Uri ApiOf(string host) => host.Equals(PublicHost, StringComparison.OrdinalIgnoreCase) || host.EndsWith(RegionalDomain, StringComparison.OrdinalIgnoreCase)
        ? new($"https://api.{host.ToLowerInvariant()}/")
        : new($"https://{host}/api/v3/");

    /// <summary>Where the other API of the same server answers, which alone says to every token whose it is.</summary>
    public static Uri GraphOf(Uri api) => new(api, api.AbsolutePath == "/api/v3/" ? "/api/graphql" : "graphql");

    /// <summary>Whether GitHub itself runs it, rather than somebody's Enterprise Server.</summary>
    public static bool IsPublic(Uri api) => api.Host == $"api.{PublicHost}" || (api.Host.StartsWith("api.", StringComparison.Ordinal) && api.Host.EndsWith(RegionalDomain, StringComparison.Ordinal));

    /// <summary>An address of the API as <c>GITHUB_API_URL</c> has it; null where it is none that a token may be sent to.</summary>
    public static Uri? ApiFrom(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address is { UserInfo: "", Query: "", Fragment: "" }
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
            ? new Uri(address.AbsoluteUri.TrimEnd('/') + "/")
            : null;

    /// <summary><c>owner/name</c>; null for anything else.</summary>
    public static GitHubRepository? Named(string text, Uri api) =>
        FullName().Match(text) is { Success: true } match ? new GitHubRepository(api, match.Groups["owner"].Value, match.Groups["name"].Value) : null;

    /// <summary>Whether a text is a host, with a port or without.</summary>
    public static bool IsHost(string text) => Host().IsMatch(text) && Uri.TryCreate($"https://{text}/", UriKind.Absolute, out _);

    /// <summary>
    /// Host, owner and name of a remote of git: https, ssh, or ssh's short form; null for anything else. A port of ssh says nothing of the API; one of
    /// https belongs to the host.
    /// </summary>
    public static (string Host, string FullName)? OfRemote(string url)
    {
        if (Remote().Match(url.Trim()) is not { Success: true } match || match.Groups["name"].Value is "." or "..")
            return null;
        var host = match.Groups["host"].Value.ToLowerInvariant();
        host = host.EndsWith(":443", StringComparison.Ordinal) ? host[..^4] : host;
        if (!IsHost(host))
            return null;
        // By ssh through a firewall, and by old habit.
        return (host is "ssh.github.com" or "www.github.com" ? PublicHost : host, $"{match.Groups["owner"].Value}/{match.Groups["name"].Value}");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Host();

    [GeneratedRegex(@"\A(?<owner>[A-Za-z0-9][A-Za-z0-9_-]*)/(?<name>(?!\.{1,2}\z)[A-Za-z0-9._-]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex FullName();

    [GeneratedRegex(
        @"\A(?:https?://(?:[^@/]*@)?(?<host>[A-Za-z0-9.-]+(?::[0-9]+)?)/|(?:git\+)?ssh://(?:[^@/]*@)?(?<host>[A-Za-z0-9.-]+)(?::[0-9]+)?/|(?:[^@/:]+@)?(?<host>[A-Za-z0-9.-]+):(?!/)(?!\\))(?<owner>[A-Za-z0-9][A-Za-z0-9_-]*)/(?<name>[A-Za-z0-9._-]+?)(?:\.git)?/?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Remote();
}

namespace KubeApps.Diagnostics;

// 9xxx: records. 9001 to 9019: what GitHub answers, or does not.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor GitHubUnavailable = new(
        "KUBEAPP9001", "GitHub cannot be reached, or fails", "Look at the network, its proxy (HTTPS_PROXY, NO_PROXY) and https://www.githubstatus.com; then try again.");

    public static readonly DiagnosticDescriptor GitHubTokenUnknown = new(
        "KUBEAPP9002", "GitHub does not know the token", "Take a new one: it may have expired, been revoked, or be of another server.");

    public static readonly DiagnosticDescriptor GitHubForbidden = new(
        "KUBEAPP9003", "The token may not do what was asked", "Give the token the permission: in a workflow under 'permissions:', elsewhere at the token itself.");

    public static readonly DiagnosticDescriptor GitHubNotFound = new(
        "KUBEAPP9004", "GitHub has no such thing, or does not show it to this token", "Look at the repository's name, and whether the token's owner may see it.");

    public static readonly DiagnosticDescriptor GitHubRateLimited = new(
        "KUBEAPP9005", "GitHub takes no more requests for a while", "Wait until then, or use a token with a higher limit.");

    public static readonly DiagnosticDescriptor GitHubInvalid = new(
        "KUBEAPP9006", "GitHub refuses what was sent", "Correct what GitHub names.");

    public static readonly DiagnosticDescriptor GitHubUnexpected = new(
        "KUBEAPP9007", "Something other than GitHub's API answers", "Look at the address (GITHUB_API_URL, the remote) and at what stands between: a proxy, or a page that wants a login.");

    public static readonly DiagnosticDescriptor GitHubAddressInvalid = new(
        "KUBEAPP9008", "A token cannot be sent to an address", "Use an address with https; http is for this machine alone.");
}

using System.IO.Enumeration;
using System.Security.Cryptography;

namespace KubeApps.Aws.StandIn;

/// <summary>Who asks, and with what it signs.</summary>
public sealed record StandInPrincipal(string Arn, string UserId, string AccessKey)
{
    /// <summary>What it signs with.</summary>
    public string SecretKey { get; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(30));

    /// <summary>With credentials for a time.</summary>
    public string? SessionToken { get; init; }

    /// <summary>From when on they are good for nothing.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>What it may do, as policies call it: <c>eks:Describe*</c>.</summary>
    public IReadOnlyList<string> AllowedActions { get; set; } = ["*"];

    /// <summary>What it has in its environment; with these, a process asks the stand-in.</summary>
    public IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["AWS_ACCESS_KEY_ID"] = AccessKey,
        ["AWS_SECRET_ACCESS_KEY"] = SecretKey,
        ["AWS_SESSION_TOKEN"] = SessionToken ?? "",
    };

    public override string ToString() => Arn;

    internal bool May(string action) => AllowedActions.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, action));
}

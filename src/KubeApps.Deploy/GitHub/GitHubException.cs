using KubeApps.Diagnostics;

namespace KubeApps.Deploy.GitHub;

/// <summary>Why GitHub did not do what it was asked for.</summary>
internal enum GitHubFailure
{
    /// <summary>No connection, no answer in time, or the server failed (5xx).</summary>
    Unavailable,

    /// <summary>401.</summary>
    TokenUnknown,

    /// <summary>403: the token lacks a permission.</summary>
    Forbidden,

    /// <summary>404 (and 410): not there, or not for this token.</summary>
    NotFound,

    /// <summary>403 or 429: no more requests for a while.</summary>
    RateLimited,

    /// <summary>422, 409, 400: what was sent is refused.</summary>
    Invalid,

    /// <summary>What came is not what GitHub answers.</summary>
    Unexpected,
}

/// <summary>GitHub did not do what it was asked for; shown as any other diagnostic where nobody handles it.</summary>
internal sealed class GitHubException(GitHubFailure kind, Diagnostic diagnostic, Exception? inner = null) : DiagnosticException(diagnostic, inner)
{
    public GitHubFailure Kind { get; } = kind;

    /// <summary>What went wrong: a sentence.</summary>
    public string Reason => Diagnostics[0].Cause;

    /// <summary>Nobody knows whether GitHub did it all the same: look for it before a write is sent again.</summary>
    public bool MayBeDone { get; init; } = kind == GitHubFailure.Unexpected;

    /// <summary>When GitHub takes requests again; null where it is not a matter of time, or GitHub did not say.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Whether the same request may well succeed later.</summary>
    public bool MayPass => Kind is GitHubFailure.Unavailable or GitHubFailure.RateLimited;

    /// <summary>Whether it is about what was sent, so that other requests may well succeed now.</summary>
    public bool IsOfRequest => Kind == GitHubFailure.Invalid;

    public static GitHubException Unexpected(string cause, Exception? inner = null) => new(GitHubFailure.Unexpected, DiagnosticDescriptors.GitHubUnexpected.Because(cause), inner);
}

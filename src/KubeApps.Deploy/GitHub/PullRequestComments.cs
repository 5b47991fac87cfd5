using System.Text.RegularExpressions;

namespace KubeApps.Deploy.GitHub;

/// <summary>What became of a comment.</summary>
internal enum CommentChange
{
    Created,
    Updated,
    Unchanged,
}

/// <summary>One comment of a pull request that says how things are: it is written once, and then changed. What others wrote is never touched.</summary>
internal sealed partial class PullRequestComments(GitHubClient client)
{
    private string? _login;
    private bool _isAsked;

    /// <summary>What a comment begins with, and nobody sees.</summary>
    /// <param name="kind">What it is about.</param>
    /// <param name="names">Of what.</param>
    public static string Marker(string kind, params IEnumerable<string> names) =>
        $"<!-- kubeapp-{kind} {string.Join(' ', names.Select(name => Hidden().Replace(name, letter => Uri.HexEscape((char)(letter.Value[0] & 0xff)))))} -->";

    /// <summary>Writes the comment that begins with the marker, or changes it.</summary>
    public async Task<(GitHubComment Comment, CommentChange Change)> PutAsync(int pullRequest, string marker, string body, CancellationToken cancellationToken)
    {
        var text = $"{marker}\n{body}";
        await foreach (var comment in client.ListCommentsAsync(pullRequest, cancellationToken))
            if (IsMarked(comment, marker) && await IsOursAsync(comment, cancellationToken))
                return comment.Body == text
                    ? (comment, CommentChange.Unchanged)
                    : (await client.UpdateCommentAsync(comment.Id, text, cancellationToken), CommentChange.Updated);
        return (await client.CreateCommentAsync(pullRequest, text, cancellationToken), CommentChange.Created);
    }

    private static bool IsMarked(GitHubComment comment, string marker) =>
        comment.Body is { } body && (body == marker || body.StartsWith(marker + "\n", StringComparison.Ordinal) || body.StartsWith(marker + "\r\n", StringComparison.Ordinal));

    // Anybody can write what ours begin with; the token may well be allowed to change that. Who we are GitHub only tells a person's token: that of a
    // workflow, or of another app, writes as a bot, and no person can.
    private async Task<bool> IsOursAsync(GitHubComment comment, CancellationToken cancellationToken)
    {
        if (comment.User is not { Login: { } login } author)
            return false;
        if (author.Type == "Bot")
            return true;
        if (!_isAsked)
            _login = await client.FindLoginAsync(cancellationToken);
        _isAsked = true;
        return login.Equals(_login, StringComparison.OrdinalIgnoreCase);
    }

    [GeneratedRegex("[^A-Za-z0-9._-]", RegexOptions.CultureInvariant)]
    private static partial Regex Hidden();
}

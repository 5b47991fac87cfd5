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
    /// <summary>What a comment begins with, and nobody sees.</summary>
    /// <param name="kind">What it is about.</param>
    /// <param name="names">Of what.</param>
    public static string Marker(string kind, params IEnumerable<string> names) =>
        $"<!-- kubeapp-{kind} {string.Join(' ', names.Select(name => Hidden().Replace(name, letter => Uri.HexEscape((char)(letter.Value[0] & 0xff)))))} -->";

    /// <summary>Writes the comment that begins with the marker, or changes it. Where two runs wrote one at the same time, the first one is kept.</summary>
    public async Task<(GitHubComment Comment, CommentChange Change)> PutAsync(int pullRequest, string marker, string body, CancellationToken cancellationToken)
    {
        var text = $"{marker}\n{body}";
        var marked = await client.ListCommentsAsync(pullRequest, cancellationToken).Where(comment => IsMarked(comment, marker)).ToListAsync(cancellationToken);
        // Anybody can write what ours begin with, and the token may well be allowed to change that.
        var login = marked.Count > 0 ? await client.FindLoginAsync(cancellationToken) : null;
        if (marked.Where(comment => comment.User?.Login?.Equals(login, StringComparison.OrdinalIgnoreCase) == true).ToList() is not [var ours, .. var others])
            return (await client.CreateCommentAsync(pullRequest, text, cancellationToken), CommentChange.Created);
        foreach (var other in others)
            await client.DeleteCommentAsync(other.Id, cancellationToken);
        return ours.Body == text ? (ours, CommentChange.Unchanged) : (await client.UpdateCommentAsync(ours.Id, text, cancellationToken), CommentChange.Updated);
    }

    private static bool IsMarked(GitHubComment comment, string marker) =>
        comment.Body is { } body && (body == marker || body.StartsWith(marker + "\n", StringComparison.Ordinal) || body.StartsWith(marker + "\r\n", StringComparison.Ordinal));

    [GeneratedRegex("[^A-Za-z0-9._-]", RegexOptions.CultureInvariant)]
    private static partial Regex Hidden();
}

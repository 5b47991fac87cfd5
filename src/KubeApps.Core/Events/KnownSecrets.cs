namespace KubeApps.Events;

/// <summary>
/// The secrets that a run has come to know: what leaves it by another way than the log shows three stars in place of them. Logs are read line by line, so
/// a secret of several lines is one for each line.
/// </summary>
internal sealed class KnownSecrets
{
    private const string Stars = "***";
    private const char Cut = '…';

    // What is shorter (a brace on a line of its own, 1, yes) stands everywhere, and GitHub hands on no output in which a secret stands.
    private const int Shortest = 4;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>The lines that nobody knew before.</summary>
    public IReadOnlyList<string> Add(params IEnumerable<string?> secrets)
    {
        lock (_gate)
            return [.. secrets.SelectMany(LinesOf).Where(_known.Add)];
    }

    /// <summary>A text as it was before anybody escaped it. It may have been cut in the midst of a secret.</summary>
    public string Masked(string text)
    {
        lock (_gate)
        {
            var secrets = _known.OrderByDescending(secret => secret.Length).ToList();
            for (var end = text.IndexOf(Cut, StringComparison.Ordinal); end >= 0; end = text.IndexOf(Cut, end + 1))
            {
                var start = end - secrets.Select(secret => BegunAt(text.AsSpan(0, end), secret)).DefaultIfEmpty(0).Max();
                if (start == end)
                    continue;
                text = $"{text[..start]}{Stars}{text[end..]}";
                end = start + Stars.Length;
            }

            return secrets.Aggregate(text, (masked, secret) => masked.Replace(secret, Stars, StringComparison.Ordinal));
        }
    }

    // How much of a secret a text ends with.
    private static int BegunAt(ReadOnlySpan<char> text, string secret)
    {
        for (var length = Math.Min(text.Length, secret.Length - 1); length >= Shortest; length--)
            if (text.EndsWith(secret.AsSpan(0, length), StringComparison.Ordinal))
                return length;
        return 0;
    }

    private static IEnumerable<string> LinesOf(string? secret) => (secret ?? "").Split('\n', '\r').Select(line => line.Trim()).Where(line => line.Length >= Shortest);
}

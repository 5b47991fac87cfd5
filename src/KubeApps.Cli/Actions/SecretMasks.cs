namespace KubeApps.Cli.Actions;

/// <summary>
/// The secrets that a run has come to know: the runner shows three stars in place of them, in the log and in summaries. It reads logs line by line, so
/// a secret of several lines is one for each line.
/// </summary>
internal sealed class SecretMasks(WorkflowLog log)
{
    private const string Stars = "***";

    // A brace on a line of its own is no secret, and stands everywhere.
    private const int ShortestLine = 4;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _masked = new(StringComparer.Ordinal);

    public void Add(params IEnumerable<string?> secrets)
    {
        lock (_gate)
            foreach (var line in secrets.SelectMany(LinesOf))
                if (_masked.Add(line))
                    log.Command("add-mask", line);
    }

    /// <summary>A text that leaves by another way than the log.</summary>
    public string Masked(string text)
    {
        lock (_gate)
            return _masked.Where(secret => secret.Length >= ShortestLine).OrderByDescending(secret => secret.Length)
                .Aggregate(text, (masked, secret) => masked.Replace(secret, Stars, StringComparison.Ordinal));
    }

    private static IEnumerable<string> LinesOf(string? secret)
    {
        if (string.IsNullOrWhiteSpace(secret))
            return [];
        var lines = secret.Split('\n', '\r').Select(line => line.Trim()).Where(line => line.Length > 0).ToList();
        return lines.Count == 1 ? lines : lines.Where(line => line.Length >= ShortestLine);
    }
}

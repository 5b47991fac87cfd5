using System.Text;

namespace KubeApps.Deploy.Checks;

/// <summary>The body of an answer, read only as far as it takes to find a text in it, and never further than a limit: it may have no end.</summary>
/// <param name="wanted">The text to look for; null where none is.</param>
internal sealed class HttpAnswer(string? wanted)
{
    private const int LongestBody = 4 * 1024 * 1024;
    private const int LongestLine = 200;

    private readonly StringBuilder _text = new();
    private bool _isWhole;

    /// <summary>Whether anything of it has come.</summary>
    public bool HasBegun => _text.Length > 0;

    public bool HoldsWhatIsWanted { get; private set; } = wanted is null;

    /// <summary>What was looked through, in words.</summary>
    public string Part => _isWhole ? "the answer" : $"the beginning of the answer ({LongestBody / 1024 / 1024} MB)";

    /// <summary>What has not come yet, in words.</summary>
    public string Missing => wanted is null ? "" : $", and did not hold \"{wanted}\" until then";

    /// <summary>Its first line.</summary>
    public string Quote => Quoted(_text.ToString(0, Math.Min(_text.Length, 4096)));

    /// <summary>Ends where the text is found, at the answer's end, or at the limit.</summary>
    public async Task ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken), Encoding.UTF8);
        var buffer = new char[16 * 1024];
        while (_text.Length < LongestBody)
        {
            var count = await reader.ReadAsync(buffer, cancellationToken);
            if (count == 0)
            {
                _isWhole = true;
                return;
            }

            // It may lie across two parts.
            var from = Math.Max(0, _text.Length - (wanted?.Length ?? 0));
            _text.Append(buffer, 0, count);
            if (wanted is not null && _text.ToString(from, _text.Length - from).Contains(wanted, StringComparison.Ordinal))
            {
                HoldsWhatIsWanted = true;
                return;
            }
        }
    }

    /// <summary>The first line of an answer that is not the one that was expected: what comes at once.</summary>
    public static async Task<string> BeginningAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        return Quoted(Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, cancellationToken)));
    }

    private static string Quoted(string body)
    {
        var line = body.Split('\n').Select(item => item.Trim()).FirstOrDefault(item => item.Length > 0);
        return line is null ? "" : $": {(line.Length <= LongestLine ? line : line[..LongestLine] + "…")}";
    }
}

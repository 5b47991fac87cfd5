using System.Globalization;

namespace KubeApps.Sandbox.Pods.Logs;

/// <summary>The times in front of log lines: Go's RFC3339Nano in UTC, always with nine digits, so that all have one length.</summary>
internal static class LogTime
{
    public const int Length = 30;

    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);

    public static DateTimeOffset? Parse(ReadOnlySpan<byte> line)
    {
        // The last two digits are finer than what .NET counts.
        Span<char> text = stackalloc char[Length - 3];
        return line.Length >= Length && System.Text.Encoding.ASCII.TryGetChars(line[..text.Length], text, out _)
            && DateTimeOffset.TryParseExact(
                text, "yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
    }
}

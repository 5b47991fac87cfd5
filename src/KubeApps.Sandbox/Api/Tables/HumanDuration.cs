using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api.Tables;

/// <summary>Ages as kubectl shows them: <c>42s</c>, <c>5m12s</c>, <c>3h</c>, <c>2d4h</c>.</summary>
internal static class HumanDuration
{
    public static string Between(DateTimeOffset start, DateTimeOffset end)
    {
        var span = end - start;
        var seconds = (long)span.TotalSeconds;
        var minutes = (long)span.TotalMinutes;
        var hours = (long)span.TotalHours;
        var days = hours / 24;
        return seconds switch
        {
            < -1 => "<invalid>",
            < 0 => "0s",
            < 120 => Text(seconds, 's'),
            _ when minutes < 10 => Text(minutes, 'm', seconds % 60, 's'),
            _ when minutes < 180 => Text(minutes, 'm'),
            _ when hours < 8 => Text(hours, 'h', minutes % 60, 'm'),
            _ when hours < 48 => Text(hours, 'h'),
            _ when days < 8 => Text(days, 'd', hours % 24, 'h'),
            _ when days < 365 * 2 => Text(days, 'd'),
            _ when days < 365 * 8 => Text(days / 365, 'y', days % 365, 'd'),
            _ => Text(days / 365, 'y'),
        };
    }

    /// <summary>The time since a timestamp; <c>&lt;unknown&gt;</c> if there is none.</summary>
    public static string Since(JsonNode? timestamp, DateTimeOffset now) => Parse(timestamp) is { } start ? Between(start, now) : "<unknown>";

    public static DateTimeOffset? Parse(JsonNode? timestamp) =>
        (string?)timestamp is { Length: > 0 } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;

    private static string Text(long amount, char unit) => string.Create(CultureInfo.InvariantCulture, $"{amount}{unit}");

    private static string Text(long amount, char unit, long rest, char restUnit) =>
        rest == 0 ? Text(amount, unit) : string.Create(CultureInfo.InvariantCulture, $"{amount}{unit}{rest}{restUnit}");
}

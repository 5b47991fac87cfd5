using System.Globalization;
using System.Text.RegularExpressions;

namespace KubeApps;

/// <summary>Cron expressions as Kubernetes reads them: five fields, or a word like <c>@daily</c>.</summary>
/// <remarks>https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax and the parser behind it, robfig/cron v3.</remarks>
internal static partial class CronSchedule
{
    private static readonly (string Name, int Min, int Max, string[] Words)[] Fields =
    [
        ("minute", 0, 59, []),
        ("hour", 0, 23, []),
        ("day of month", 1, 31, []),
        ("month", 1, 12, ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]),
        ("day of week", 0, 6, ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]),
    ];

    /// <summary>What is wrong with it; null when it is right.</summary>
    public static string? WhyWrong(string schedule)
    {
        if (schedule.StartsWith('@'))
            return Word().IsMatch(schedule) ? null : $"'{schedule}' is none of its words";
        var fields = schedule.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != Fields.Length)
            return $"it has {fields.Length} fields";
        for (var i = 0; i < fields.Length; i++)
            foreach (var item in fields[i].Split(','))
                if (!IsRight(item, Fields[i].Min, Fields[i].Max, Fields[i].Words))
                    return $"'{item}' is no {Fields[i].Name}, which is from {Fields[i].Min} to {Fields[i].Max}";
        return null;
    }

    /// <summary><c>*</c>, <c>?</c>, <c>5</c>, <c>1-5</c>, each perhaps with <c>/step</c>.</summary>
    private static bool IsRight(string item, int min, int max, string[] words)
    {
        var parts = item.Split('/');
        if (parts.Length > 2 || parts.Length == 2 && !(int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var step) && step > 0))
            return false;
        if (parts[0] is "*" or "?")
            return true;
        var ends = parts[0].Split('-').Select(Value).ToList();
        return ends.Count <= 2 && ends.TrueForAll(end => end >= min && end <= max) && ends[0] <= ends[^1];

        int? Value(string text) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : Array.FindIndex(words, word => word.Equals(text, StringComparison.OrdinalIgnoreCase)) is var index and >= 0 ? min + index
            : null;
    }

    [GeneratedRegex(@"\A@(yearly|annually|monthly|weekly|daily|midnight|hourly|every ([0-9]+(\.[0-9]+)?(h|m|s))+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}

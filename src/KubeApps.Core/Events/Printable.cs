using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace KubeApps.Events;

/// <summary>Text that others wrote (logs, messages of a cluster) as it may stand on a terminal or a page.</summary>
internal static partial class Printable
{
    /// <summary>Control characters, and those that turn the direction of what follows, by their numbers.</summary>
    public static string Of(string text)
    {
        if (!text.Any(IsHostile))
            return text;
        var printable = new StringBuilder();
        foreach (var letter in text)
            if (IsHostile(letter))
                printable.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else
                printable.Append(letter);
        return printable.ToString();
    }

    /// <summary>One line, without the colours that a program gave it, and not longer than that.</summary>
    public static string Line(string text, int longest)
    {
        var line = Of(Escapes().Replace(text, "").ReplaceLineEndings(" ").Replace('\t', ' ').TrimEnd());
        if (line.Length <= longest)
            return line;
        // Never half of a pair.
        return line[..(char.IsHighSurrogate(line[longest - 2]) ? longest - 2 : longest - 1)].TrimEnd() + "…";
    }

    /// <summary>As much of a commit's hash as people read.</summary>
    public static string Commit(string sha) => sha[..Math.Min(12, sha.Length)];

    private static bool IsHostile(char letter) => char.IsControl(letter) || letter is >= '\u202a' and <= '\u202e' or >= '\u2066' and <= '\u2069';

    [GeneratedRegex("""\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?)""", RegexOptions.CultureInvariant)]
    private static partial Regex Escapes();
}

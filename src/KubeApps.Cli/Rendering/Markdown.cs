using System.Globalization;
using System.Text;
using KubeApps.Cli.Rendering.Plans;

namespace KubeApps.Cli.Rendering;

/// <summary>
/// Text that others wrote as it may stand in Markdown on GitHub: it is shown, never read. It calls nobody (<c>@name</c>), leads nowhere
/// (addresses), and refers to no issue (<c>#1</c>). GitHub looks for these in what was rendered, where an escaped letter is a letter again; so
/// something that nobody sees stands between.
/// </summary>
internal static class Markdown
{
    private const string Special = "&<>\"|`*_[]{}\\~#@!$";
    private const string Nothing = "&#8203;";

    // A name, not a text.
    private const int LongestCode = 300;

    /// <summary>As a text, in a line or in a cell of a table.</summary>
    public static string Text(string text)
    {
        var shown = PlanWords.Printable(text);
        var safe = new StringBuilder();
        for (var index = 0; index < shown.Length; index++)
        {
            var rest = shown.AsSpan(index);
            var letter = rest[0];
            if (Special.Contains(letter, StringComparison.Ordinal) || IsAddress(rest) || (index == 0 && letter is '-' or '+' or '=' or ' '))
                safe.Append(CultureInfo.InvariantCulture, $"&#{(int)letter};");
            else
                safe.Append(letter);
            if (IsReference(rest))
                safe.Append(Nothing);
        }

        return safe.ToString();
    }

    /// <summary>As code, in a line or in a cell of a table. HTML in place of backticks: in it nothing is left to be escaped that a text does not escape.</summary>
    public static string Code(string text) => $"<code>{Text(PlanWords.Limited(PlanWords.Printable(text), LongestCode))}</code>";

    /// <summary>As an address that can be followed, if it is one.</summary>
    public static string Link(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && !address.AsSpan().ContainsAny(" <>\"'`\\|\r\n")
            ? $"<a href=\"{address.Replace("&", "&amp;", StringComparison.Ordinal)}\">{Text(address)}</a>"
            : Code(address);

    /// <summary>As a block of lines, behind a fence that is longer than any in them.</summary>
    public static string Fence(string lines, string language = "")
    {
        var fence = new string('`', Math.Max(3, LongestRun(lines, '`') + 1));
        return $"{fence}{language}\n{lines.TrimEnd('\n')}\n{fence}\n";
    }

    // http://, ftp://, and what GitHub takes for an address without that.
    private static bool IsAddress(ReadOnlySpan<char> rest) => rest.StartsWith("://") || rest.StartsWith("www.", StringComparison.OrdinalIgnoreCase);

    // An image can still be copied.
    private static bool IsReference(ReadOnlySpan<char> rest) =>
        (rest[0] == '@' && !rest.StartsWith("@sha256:")) || rest[0] == '#' || (rest[0] is 'G' or 'g' && rest.StartsWith("GH-", StringComparison.OrdinalIgnoreCase));

    private static int LongestRun(string text, char letter)
    {
        var (longest, run) = (0, 0);
        foreach (var each in text)
        {
            run = each == letter ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }
}

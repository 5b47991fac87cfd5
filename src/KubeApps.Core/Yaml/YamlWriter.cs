using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Yaml;

/// <summary>
/// Writes JSON as YAML the way a human would: block style, literal blocks for texts of several lines, and quotes exactly where a YAML 1.1 or 1.2
/// parser would otherwise read something else.
/// </summary>
internal static class YamlWriter
{
    /// <summary>What a plain scalar may consist of without a second look.</summary>
    private static readonly SearchValues<char> SafeCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./");

    private static readonly HashSet<string> Words = new(
        ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "~"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Kept from one object to the next: a bundle has hundreds, each of a few thousand characters.</summary>
    private static StringBuilder? _spare;

    public static string Write(JsonNode node)
    {
        var text = Interlocked.Exchange(ref _spare, null) ?? new StringBuilder(4096);
        Write(text, node);
        var result = text.ToString();
        _spare = text.Clear();
        return result;
    }

    public static void Write(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } map:
                WriteMap(text, map, 0, continues: false);
                break;
            case JsonArray { Count: > 0 } list:
                WriteList(text, list, 0);
                break;
            default:
                WriteInline(text, node, 0);
                break;
        }
    }

    // "continues": the first key stands on a line that is begun already, behind a dash.
    private static void WriteMap(StringBuilder text, JsonObject map, int indent, bool continues)
    {
        foreach (var (key, value) in map)
        {
            if (!continues)
                text.Append(' ', indent);
            continues = false;
            WriteScalar(text, key, indent, isKey: true);
            text.Append(':');
            switch (value)
            {
                case JsonObject { Count: > 0 } inner:
                    text.Append('\n');
                    WriteMap(text, inner, indent + 2, continues: false);
                    break;
                case JsonArray { Count: > 0 } inner:
                    text.Append('\n');
                    WriteList(text, inner, indent);
                    break;
                default:
                    text.Append(' ');
                    WriteInline(text, value, indent + 2);
                    break;
            }
        }
    }

    private static void WriteList(StringBuilder text, JsonArray list, int indent)
    {
        foreach (var item in list)
        {
            text.Append(' ', indent).Append('-');
            switch (item)
            {
                case JsonObject { Count: > 0 } inner:
                    text.Append(' ');
                    WriteMap(text, inner, indent + 2, continues: true);
                    break;
                case JsonArray { Count: > 0 } inner:
                    text.Append('\n');
                    WriteList(text, inner, indent + 2);
                    break;
                default:
                    text.Append(' ');
                    WriteInline(text, item, indent + 2);
                    break;
            }
        }
    }

    private static void WriteInline(StringBuilder text, JsonNode? node, int indent)
    {
        switch (node)
        {
            case null:
                text.Append("null\n");
                break;
            case JsonObject:
                text.Append("{}\n");
                break;
            case JsonArray:
                text.Append("[]\n");
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                WriteScalar(text, value.GetValue<string>(), indent, isKey: false);
                text.Append('\n');
                break;
            case JsonValue value when value.TryGetValue(out int number):
                text.Append(CultureInfo.InvariantCulture, $"{number}\n");
                break;
            default:
                text.Append(node.ToJsonString()).Append('\n');
                break;
        }
    }

    private static void WriteScalar(StringBuilder text, string value, int indent, bool isKey)
    {
        if (IsPlain(value))
            text.Append(value);
        else if (!isKey && CanBeBlock(value))
            WriteBlock(text, value, indent);
        else
            WriteQuoted(text, value);
    }

    /// <summary>Whether the text, without quotes, is read back as that very text.</summary>
    internal static bool IsPlain(string value)
    {
        if (value.Length == 0)
            return false;
        var first = value[0];
        if (char.IsAsciiLetter(first) || first is '/' or '_')
        {
            if (!value.AsSpan().ContainsAnyExcept(SafeCharacters))
                return !Words.Contains(value);
        }
        else if (first == '-' ? !IsOption(value) : !char.IsAsciiDigit(first) && (!char.IsLetter(first) || first > 0xD7FF))
        {
            // Indicators, signs, dots, spaces: quoting is never wrong, and such texts are rare.
            return false;
        }

        if (Words.Contains(value) || value[^1] is ' ' or ':')
            return false;
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c < ' ' || c is '\x7f' or '\x85' or '\xa0' or '\u2028' or '\u2029' or '\ufeff' or >= '\ud800' and <= '\udfff' or >= '\x80' and < '\xa0' or >= '\ufffe')
                return false;
            // A word that begins with an indicator is right in YAML, but not for every parser; people quote it, too (0 3 * * *).
            if (c == ':' && value[i + 1] is ' ' || i > 0 && value[i - 1] == ' ' && "#*&!|>%@`?{}[],\"'".Contains(c))
                return false;
        }

        return !char.IsAsciiDigit(first) || !LooksLikeNumberOrDate(value);
    }

    /// <summary>A command line option: the hyphen is no list item, no number, and no end of a document.</summary>
    private static bool IsOption(string value) =>
        value.Length > 2 && !value.StartsWith("---", StringComparison.Ordinal) && (char.IsAsciiLetter(value[1]) || value[1] == '-' && char.IsAsciiLetter(value[2]));

    /// <summary>
    /// Numbers of YAML 1.1 and 1.2 (decimal, hexadecimal, octal, binary, sexagesimal, with underscores, floats) and dates all consist of
    /// these characters; a text that begins with a digit and has another one is none of them.
    /// </summary>
    private static bool LooksLikeNumberOrDate(string value)
    {
        if (value[0] == '0' && value.Length > 1 && value[1] is 'x' or 'X' or 'o' or 'O' or 'b' or 'B')
            return true;
        foreach (var c in value)
            if (!char.IsAsciiDigit(c) && c is not ('.' or '_' or ':' or '-' or '+' or 'e' or 'E' or 'T' or 't' or 'Z' or 'z' or ' ' or ','))
                return false;
        return true;
    }

    /// <summary>Several lines, none with characters that only quotes can carry.</summary>
    private static bool CanBeBlock(string value)
    {
        var end = value.AsSpan().TrimEnd('\n');
        if (end.Length == 0 || !end.Contains('\n') && end.Length == value.Length)
            return false;
        // A first line that is empty or begins with a space needs an indentation indicator, which few people can read.
        if (value[0] is ' ' or '\n' or '\t')
            return false;
        foreach (var c in value)
            if (c < ' ' && c is not ('\n' or '\t') || c is '\x7f' or '\u2028' or '\u2029' or '\ufeff' or >= '\x80' and < '\xa0' or >= '\ud800' and <= '\udfff' or >= '\ufffe')
                return false;
        // A last line of spaces only would be taken for indentation.
        return end[^1] is not (' ' or '\t');
    }

    private static void WriteBlock(StringBuilder text, string value, int indent)
    {
        text.Append('|');
        var body = value.AsSpan();
        if (!body.EndsWith("\n"))
            text.Append('-');
        else if (body.EndsWith("\n\n"))
            text.Append('+');
        if (body.EndsWith("\n"))
            body = body[..^1];
        foreach (var line in body.Split('\n'))
        {
            text.Append('\n');
            if (!body[line].IsEmpty)
                text.Append(' ', Math.Max(indent, 2)).Append(body[line]);
        }
    }

    private static void WriteQuoted(StringBuilder text, string value)
    {
        // JSON in a text reads better between single quotes.
        if (value.AsSpan().ContainsAny('"', '\\') && !value.AsSpan().ContainsAnyExceptInRange(' ', '~') && !value.Contains('\''))
        {
            text.Append('\'').Append(value).Append('\'');
            return;
        }

        text.Append('"');
        foreach (var c in value)
        {
            switch (c)
            {
                case '"':
                    text.Append("\\\"");
                    break;
                case '\\':
                    text.Append("\\\\");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case < ' ' or (>= '\x7f' and <= '\xa0') or '\u2028' or '\u2029' or '\ufeff' or >= '\ufffe':
                    text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    break;
                default:
                    text.Append(c);
                    break;
            }
        }

        text.Append('"');
    }
}

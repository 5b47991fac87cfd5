using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeApps.Yaml;

/// <summary>
/// Reads YAML as JSON, with the types that kubectl gives to plain scalars (YAML 1.1 truth values included). A key that stands twice in a map is
/// an error: parsers disagree on which one wins.
/// </summary>
internal static class YamlReader
{
    /// <summary>All documents of a file, each with the line on which it begins; empty documents are left out.</summary>
    /// <exception cref="DiagnosticException">The text is not YAML, or not YAML that can be JSON.</exception>
    public static IReadOnlyList<(JsonNode Content, int Line)> ReadAll(string text, string file)
    {
        List<(JsonNode, int)> documents = [];
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            while (!parser.TryConsume<StreamEnd>(out _))
            {
                parser.Consume<DocumentStart>();
                var line = (int)(parser.Current?.Start.Line ?? 0);
                if (new Reading(parser, file).Node(0) is { } content)
                    documents.Add((content, line));
                parser.Consume<DocumentEnd>();
            }
        }
        catch (YamlException exception)
        {
            throw new DiagnosticException(DiagnosticDescriptors.YamlInvalid.Because(
                exception.InnerException?.Message ?? exception.Message, Place(file, exception.Start)), exception);
        }

        return documents;
    }

    /// <summary>The only document of a file.</summary>
    public static JsonNode Read(string text, string file) =>
        ReadAll(text, file) is [var (content, _)]
            ? content
            : throw new DiagnosticException(DiagnosticDescriptors.YamlInvalid.Because("There must be exactly one document.", new SourceLocation(file)));

    private static SourceLocation Place(string file, Mark mark) => new(file, (int)mark.Line, (int)mark.Column);

    private sealed class Reading(Parser parser, string file)
    {
        /// <summary>Deeper than any manifest, and far from the end of the stack.</summary>
        private const int MaxDepth = 100;

        /// <summary>More than any manifest, and far from the end of the memory: aliases of aliases multiply.</summary>
        private const int MaxNodes = 1_000_000;

        private readonly Dictionary<AnchorName, (JsonNode? Node, int Count)> _anchors = [];
        private int _count;

        public JsonNode? Node(int depth)
        {
            var (start, end) = (parser.Current?.Start ?? default, parser.Current?.End ?? default);
            if (depth > MaxDepth)
                throw new YamlException(start, end, $"The document is nested deeper than {MaxDepth} levels.");
            var alias = parser.Accept<AnchorAlias>(out var reference) ? Target(reference) : default;
            var before = _count;
            _count += Math.Max(alias.Count, 1);
            if (_count > MaxNodes)
                throw new YamlException(start, end, $"The document has more than {MaxNodes} values.");
            if (reference is not null)
            {
                parser.MoveNext();
                return alias.Node?.DeepClone();
            }

            var anchor = (parser.Current as NodeEvent)?.Anchor ?? AnchorName.Empty;
            var node = parser.TryConsume<Scalar>(out var scalar) ? YamlScalars.Read(scalar) : parser.Accept<SequenceStart>(out _) ? List(depth) : Map(depth);
            if (!anchor.IsEmpty)
                _anchors[anchor] = (node, _count - before);
            return node;
        }

        private (JsonNode? Node, int Count) Target(AnchorAlias alias) => _anchors.TryGetValue(alias.Value, out var target)
            ? target
            : throw new YamlException(alias.Start, alias.End, $"The alias *{alias.Value} names no anchor that ends before it.");

        private JsonArray List(int depth)
        {
            parser.Consume<SequenceStart>();
            var list = new JsonArray();
            while (!parser.TryConsume<SequenceEnd>(out _))
                list.Add(Node(depth + 1));
            return list;
        }

        private JsonObject Map(int depth)
        {
            parser.Consume<MappingStart>();
            var map = new JsonObject();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                if (!parser.TryConsume<Scalar>(out var key))
                    throw new YamlException(parser.Current!.Start, parser.Current.End, "A key of a map is no text.");
                if (key is { Value: "<<", Style: ScalarStyle.Plain })
                    throw new YamlException(key.Start, key.End, "Merge keys (<<) are not possible.");
                if (map.ContainsKey(key.Value))
                    throw new DiagnosticException(DiagnosticDescriptors.YamlDuplicateKey.Because(
                        $"The key '{key.Value}' stands twice in one map.", Place(file, key.Start)));
                map.Add(key.Value, Node(depth + 1));
            }

            return map;
        }
    }
}

/// <summary>Which JSON value a YAML scalar is.</summary>
internal static class YamlScalars
{
    public static JsonNode? Read(Scalar scalar)
    {
        if (scalar.Style != ScalarStyle.Plain || scalar.Tag.IsNonSpecific || scalar.Tag == "tag:yaml.org,2002:str")
            return scalar.Value;
        return scalar.Value switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" => true,
            "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" => false,
            // Parsed from text, a number can be asked for as int, long or double alike.
            var text when ReadInteger(text) is { } number => JsonNode.Parse(number.ToString(CultureInfo.InvariantCulture)),
            var text when ReadFloat(text) is { } number => JsonNode.Parse(number.ToString("R", CultureInfo.InvariantCulture)),
            var text => text,
        };
    }

    private static long? ReadInteger(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        var negative = digits.StartsWith('-');
        if (negative || digits.StartsWith('+'))
            digits = digits[1..];
        if (digits.Length == 0 || !char.IsAsciiDigit(digits[0]) || text[0] == '_')
            return null;
        try
        {
            var value = digits switch
            {
                ['0', 'x' or 'X', .. var hex] => Convert.ToInt64(hex, 16),
                ['0', 'b' or 'B', .. var binary] => Convert.ToInt64(binary, 2),
                ['0', 'o' or 'O', .. var octal] => Convert.ToInt64(octal, 8),
                ['0', _, ..] => Convert.ToInt64(digits, 8),
                _ => long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture),
            };
            return negative ? -value : value;
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    private static double? ReadFloat(string text) =>
        char.IsAsciiDigit(text.TrimStart('-', '+', '.').FirstOrDefault())
        && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value)
        && double.IsFinite(value)
            ? value
            : null;
}

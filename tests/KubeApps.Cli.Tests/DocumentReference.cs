using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeApps.Cli.Tests;

/// <summary>The shapes of the JSON documents as the tool's README states them; real documents are held against it.</summary>
internal static partial class DocumentReference
{
    private static readonly IReadOnlyDictionary<string, Fields> Tables = Read();

    /// <summary>The kinds of documents, as the README names them.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        [.. DocumentRow().Matches(Readme()).Select(match => match.Groups["name"].Value).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The document has exactly the fields that its kind is said to have, and so has all in it.</summary>
    public static JsonObject Verify(string text, string kind)
    {
        var document = JsonNode.Parse(text)!.AsObject();
        Verify(document, kind);
        return document;
    }

    public static void Verify(JsonObject document, string kind)
    {
        Assert.Equal((1, kind), ((int?)document["schemaVersion"], (string?)document["kind"]));
        var fields = Tables[kind];
        if ((string?)document["event"] is { } name)
            fields = fields.With(Tables[name]);
        Verify(document, fields.With(new Fields { Names = { ["schemaVersion"] = new Fields(), ["kind"] = new Fields() } }), kind);
    }

    private static void Verify(JsonObject value, Fields fields, string path)
    {
        Assert.Equal(fields.Names.Keys.Order(StringComparer.Ordinal).Select(name => $"{path}.{name}"), value.Select(item => item.Key).Order(StringComparer.Ordinal).Select(name => $"{path}.{name}"));
        foreach (var (name, content) in value)
        {
            var inner = fields.Names[name].Type is { } type ? Tables[type] : fields.Names[name];
            Assert.Equal(fields.Names[name].IsList, content is JsonArray);
            if (inner.Names.Count == 0 || content is null)
                continue;
            foreach (var item in content is JsonArray list ? list : [content.DeepClone()])
                Verify(item!.AsObject(), inner, $"{path}.{name}");
        }
    }

    private static Dictionary<string, Fields> Read()
    {
        var tables = new Dictionary<string, Fields>();
        foreach (var row in DocumentRow().Matches(Readme()).Concat(PartRow().Matches(Readme())))
        {
            var tokens = new Queue<Match>(Token().Matches(row.Groups["fields"].Value));
            tables[row.Groups["name"].Value] = Parse(tokens);
        }

        return tables;
    }

    // `name`, `list[]` (`field of an item`, `another`), `list[]` (Part)
    private static Fields Parse(Queue<Match> tokens)
    {
        var fields = new Fields();
        Fields? last = null;
        while (tokens.TryDequeue(out var token))
        {
            if (token.Value == ")")
                break;
            if (token.Value == "(")
            {
                var inner = Parse(tokens);
                foreach (var (name, field) in inner.Names)
                    last!.Names[name] = field;
                last!.Type = inner.Type;
            }
            else if (token.Groups["field"].Success)
            {
                fields.Names[token.Groups["field"].Value] = last = new Fields { IsList = token.Groups["list"].Success };
            }
            else
            {
                fields.Type = token.Value;
            }
        }

        return fields;
    }

    private static string Readme() => Repository.Read("src/KubeApps.Cli/README.md").ReplaceLineEndings("\n");

    private sealed class Fields
    {
        public Dictionary<string, Fields> Names { get; } = [];

        public bool IsList { get; init; }

        public string? Type { get; set; }

        public Fields With(Fields others)
        {
            var all = new Fields();
            foreach (var (name, field) in Names.Concat(others.Names))
                all.Names[name] = field;
            return all;
        }
    }

    [GeneratedRegex(@"^\| `[^|]+-o jsonl?`[^|]* \| `(?<name>\w+)` \| (?<fields>[^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex DocumentRow();

    [GeneratedRegex(@"^\| `(?<name>[A-Za-z]*[a-z])` \| (?<fields>[^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex PartRow();

    [GeneratedRegex(@"`(?<field>\w+)(?<list>\[\])?`|[()]|\b(?:Step|Failure|Diagnostic|Plan|Revision|HistoryEntry|FleetCluster|ObjectChange|ImageChange)\b")]
    private static partial Regex Token();
}

using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Yaml;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeApps.Core.Tests;

/// <summary>What is written is read back as the same value by parsers that are not ours, and looks as a human would write it.</summary>
public class YamlWriterTests
{
    private static readonly string[] Words =
    [
        "yes", "No", "ON", "off", "y", "N", "true", "False", "null", "Null", "~", "", " ", "-", "--", "---", "...", "- a", "-1", "--option", "-o", "?", "? a", ":", "a:", "a: b", "a:b",
        "#", "a #b", "a#b", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "{a", "}a", "[a", "]a", ",a", "\"a\"", "'a'", "it's", "a\\b", "0", "1", "-0", "+1", "007", "08", "0x1F", "0o17",
        "0b11", "1_000", "1.5", "1.", ".5", "1e3", "1E+3", "6.02e-23", ".inf", "-.inf", ".NaN", "nan", "inf", "Infinity", "1:30", "190:20:30", "2024-01-01", "2024-01-01T00:00:00Z", "12:30:45.1",
        "1Gi", "500m", "10%", "10.0.0.1", "1.2.3", "v1", "a b", " a", "a ", "a\t", "\ta", "a\nb", "a\nb\n", "a\n\n", "\na", "\n", "a\n  b", "  a\nb", "a\r\nb", "a\n \nb", "a\nb ", "a\n\tb", "<<", "=", "é", "日本語",
        "🚀", "a🚀\nb", "\u0001", "\u007f", "\u0085", "a\u0085b\nc", "\u00a0", "\u2028", "a\u2028b", "\ufeff", "\ufffe", "$(A)", "{{ a }}", "key: |\n  text\n", "# comment\na: b\n", "a\n---\nb\n", "a\n...\nb", "null\n", "1\n", "a:\n- b\n",
    ];

    public static TheoryData<string> Texts => new(Words);

    [Theory]
    [MemberData(nameof(Texts))]
    public void Write_AnyText_IsReadBackAsThatText(string text)
    {
        JsonNode node = new JsonObject
        {
            ["value"] = text,
            ["list"] = new JsonArray(text, new JsonObject { ["inner"] = text, ["next"] = 1 }, new JsonArray(text)),
            ["after"] = "end",
        };
        if (text.Length is > 0 and < 100)
            node["map"] = new JsonObject { [text] = text, ["last"] = text };

        AssertSame(node, YamlWriter.Write(node));
    }

    [Fact]
    public void Write_RandomDocuments_AreReadBackAsTheSame()
    {
        var random = new Random(20250131);
        for (var i = 0; i < 2_000; i++)
        {
            var node = RandomMap(random, 0);
            AssertSame(node, YamlWriter.Write(node));
        }
    }

    [Theory]
    [InlineData("true", "true", false)]
    [InlineData("12", "12", false)]
    [InlineData("-3.5", "-3.5", false)]
    [InlineData("\"12\"", "\"12\"", true)]
    [InlineData("\"yes\"", "\"yes\"", true)]
    [InlineData("\"plain text\"", "plain text", true)]
    [InlineData("\"500m\"", "500m", true)]
    [InlineData("\"--option\"", "--option", true)]
    [InlineData("\"nginx:1.27\"", "nginx:1.27", true)]
    [InlineData("\"/healthz\"", "/healthz", true)]
    [InlineData("\"{\\\"a\\\":1}\"", "'{\"a\":1}'", true)]
    [InlineData("{}", "{}", false)]
    [InlineData("null", "null", false)]
    public void Write_Scalar_HasQuotesOnlyWhereItNeedsThem(string json, string yaml, bool isText)
    {
        Assert.Equal($"a: {yaml}\n", YamlWriter.Write(new JsonObject { ["a"] = JsonNode.Parse(json) }));
        Assert.Equal(isText, YamlReader.Read($"a: {yaml}\n", "test")["a"]?.GetValueKind() == System.Text.Json.JsonValueKind.String);
    }

    [Fact]
    public void Write_Object_LooksAsAHumanWritesIt()
    {
        var node = JsonNode.Parse("""{"kind":"X","items":[{"name":"a","args":["b","--c"]},{"name":"d"}],"text":"one\ntwo\n","empty":{},"none":[]}""")!;

        Assert.Equal(
            """
            kind: X
            items:
            - name: a
              args:
              - b
              - --c
            - name: d
            text: |
              one
              two
            empty: {}
            none: []

            """.ReplaceLineEndings("\n"),
            YamlWriter.Write(node));
    }

    [Fact]
    public void Write_AnyText_MeansTheSameToKubectl()
    {
        if (Kubectl.Path is null)
            Assert.Skip("kubectl is not on the PATH");
        var data = new JsonObject();
        for (var i = 0; i < Words.Length; i++)
            if (!Words[i].Any(c => c is '\ufffe'))
                data[$"key-{i}"] = Words[i];
        var config = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = "words", ["namespace"] = "default" },
            ["data"] = data,
        };

        var read = Kubectl.Read(YamlWriter.Write(config));

        foreach (var (key, value) in data)
            Assert.Equal((string?)value, (string?)read["data"]![key]);
    }

    /// <summary>Values and types as YamlDotNet's parser gives them (plain scalars by the YAML 1.2 core schema), and as our own reader does.</summary>
    private static void AssertSame(JsonNode expected, string yaml)
    {
        var read = Record.Exception(() => Assert.True(JsonNode.DeepEquals(expected, YamlReader.Read(yaml, "test"))));
        Assert.True(read is null, $"Our reader sees something else: {read?.Message}\n{yaml}");
        var parser = new Parser(new StringReader(yaml));
        parser.Consume<StreamStart>();
        parser.Consume<DocumentStart>();
        Compare(expected, parser, yaml);
        parser.Consume<DocumentEnd>();
    }

    private static void Compare(JsonNode? expected, Parser parser, string yaml)
    {
        switch (expected)
        {
            case JsonObject map:
                parser.Consume<MappingStart>();
                foreach (var (key, value) in map)
                {
                    Assert.Equal(key, parser.Consume<Scalar>().Value);
                    Compare(value, parser, yaml);
                }

                parser.Consume<MappingEnd>();
                break;
            case JsonArray list:
                parser.Consume<SequenceStart>();
                foreach (var item in list)
                    Compare(item, parser, yaml);
                parser.Consume<SequenceEnd>();
                break;
            default:
                var scalar = parser.Consume<Scalar>();
                if (expected is JsonValue text && text.TryGetValue<string>(out var value2))
                {
                    Assert.True(value2 == scalar.Value, $"'{value2}' is read as '{scalar.Value}':\n{yaml}");
                    Assert.True(scalar.Style != ScalarStyle.Plain || !IsTyped(scalar.Value), $"'{value2}' is no text any more:\n{yaml}");
                }
                else
                {
                    Assert.Equal(ScalarStyle.Plain, scalar.Style);
                    Assert.Equal(expected?.ToJsonString() ?? "null", scalar.Value);
                }

                break;
        }
    }

    /// <summary>Whether YAML 1.1 or 1.2 gives a plain scalar another type than text; written from the two specifications, not from the writer.</summary>
    private static bool IsTyped(string plain) => System.Text.RegularExpressions.Regex.IsMatch(
        plain,
        """^(|~|null|Null|NULL|true|True|TRUE|false|False|FALSE|y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|<<|=|[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?0x[0-9a-fA-F_]+|[-+]?[0-9][0-9_]*|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?|[-+]?([0-9][0-9_]*)?\.[0-9_]+([eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?)$""",
        System.Text.RegularExpressions.RegexOptions.CultureInvariant);

    private static JsonObject RandomMap(Random random, int depth)
    {
        var map = new JsonObject();
        for (var i = random.Next(1, 5); i > 0; i--)
            map[RandomText(random) is { Length: > 0 and < 100 } key ? key : "key"] = RandomNode(random, depth + 1);
        return map;
    }

    private static JsonNode? RandomNode(Random random, int depth) => random.Next(depth > 4 ? 4 : 7) switch
    {
        0 => random.Next(-1000, 1000),
        1 => random.Next(2) == 0,
        2 or 3 => RandomText(random),
        4 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomNode(random, depth + 1))]),
        _ => RandomMap(random, depth),
    };

    private static string RandomText(Random random)
    {
        if (random.Next(3) == 0)
            return Words[random.Next(Words.Length)];
        const string Characters = "ab01:-# \n'\"\\{}[],&*!|>%@`?.~_+\té\u0007🚀";
        var text = new StringBuilder();
        for (var i = random.Next(12); i > 0; i--)
        {
            var at = random.Next(Characters.Length - 1);
            text.Append(char.IsSurrogate(Characters[at]) ? "🚀" : Characters[at].ToString());
        }

        return text.ToString();
    }
}

/// <summary>The real kubectl, where it is there; it needs no cluster for what is asked of it.</summary>
internal static class Kubectl
{
    public static readonly string? Path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
        .Select(directory => System.IO.Path.Join(directory, OperatingSystem.IsWindows() ? "kubectl.exe" : "kubectl")).FirstOrDefault(File.Exists);

    /// <summary>Objects as kubectl reads them from YAML, without asking a cluster.</summary>
    public static JsonNode Read(string yaml)
    {
        var file = System.IO.Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, yaml);
            using var process = Process.Start(new ProcessStartInfo(Path!)
            {
                // --local: nothing is sent anywhere; "label" is the command that only reads and prints.
                ArgumentList = { "label", "--local", "-f", file, "-o", "json", "read-by=kubectl" },
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = Encoding.UTF8,
            })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            Assert.True(process.WaitForExit(TimeSpan.FromSeconds(30)));
            Assert.True(process.ExitCode == 0, error.Result);
            return JsonNode.Parse(output)!;
        }
        finally
        {
            File.Delete(file);
        }
    }
}

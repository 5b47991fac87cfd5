using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace KubeApps.Actions.Tests.Checking;

/// <summary>What the expressions in a part of a file refer to: <c>steps.build.outputs.path</c> as its parts.</summary>
internal static partial class Expressions
{
    public sealed record Reference(IReadOnlyList<string> Parts, YamlScalarNode Node)
    {
        public string? this[int part] => part < Parts.Count ? Parts[part] : null;

        public long Line => Node.Start.Line;
    }

    public static IEnumerable<Reference> In(YamlNode node) => Scalars(node, "").SelectMany(scalar =>
        Texts(scalar.Node, scalar.Key).SelectMany(text => Chain().Matches(WithoutLiterals(text)))
            .Select(match => new Reference([.. match.Value.Split('.', StringSplitOptions.TrimEntries)], scalar.Node)));

    public static bool IsIn(string text) => text.Contains("${{", StringComparison.Ordinal);

    /// <summary>The one expression that a value is, without its braces; null where it is more or less than that.</summary>
    public static string? Whole(string value) => Braces().Matches(value) is [var only] && only.Length == value.Trim().Length ? only.Groups[1].Value.Trim() : null;

    // A condition may leave the braces out.
    private static IEnumerable<string> Texts(YamlScalarNode node, string key) =>
        key == "if" && !IsIn(node.Value ?? "") ? [node.Value ?? ""] : Braces().Matches(node.Value ?? "").Select(match => match.Groups[1].Value);

    private static IEnumerable<(YamlScalarNode Node, string Key)> Scalars(YamlNode node, string key) => node switch
    {
        YamlScalarNode scalar => [(scalar, key)],
        YamlSequenceNode sequence => sequence.SelectMany(item => Scalars(item, key)),
        YamlMappingNode mapping => mapping.SelectMany(pair => Scalars(pair.Value, ((YamlScalarNode)pair.Key).Value ?? "")),
        _ => [],
    };

    // a['b'] is a.b; any other literal is no name of anything.
    private static string WithoutLiterals(string expression) => Literal().Replace(Index().Replace(expression, ".$1"), " ");

    [GeneratedRegex(@"\$\{\{(.*?)\}\}", RegexOptions.Singleline)]
    private static partial Regex Braces();

    [GeneratedRegex(@"\[\s*'([A-Za-z_][\w-]*)'\s*\]")]
    private static partial Regex Index();

    [GeneratedRegex("'(?:[^']|'')*'")]
    private static partial Regex Literal();

    [GeneratedRegex(@"(?<![\w.-])[A-Za-z_][\w-]*(?:\s*\.\s*(?:[A-Za-z_][\w-]*|\*))+")]
    private static partial Regex Chain();
}

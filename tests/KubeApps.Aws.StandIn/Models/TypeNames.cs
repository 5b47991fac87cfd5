using System.Text.RegularExpressions;

namespace KubeApps.Aws.StandIn.Models;

/// <summary>
/// What the package's declarations for TypeScript add to its descriptions of a service, which leave it out to be small: the names of types, and the values
/// that a text may have.
/// </summary>
internal sealed partial class TypeNames
{
    private readonly Dictionary<string, (string? Input, string? Output)> _operations = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Dictionary<string, string>> _members = [];
    private readonly Dictionary<string, string> _aliases = [];

    private TypeNames()
    {
    }

    public static TypeNames Read(string path)
    {
        var names = new TypeNames();
        Dictionary<string, string>? members = null;
        foreach (var line in File.ReadLines(path))
        {
            if (Member().Match(line) is { Success: true } member && members is not null)
                members[member.Groups["name"].Value] = member.Groups["type"].Value;
            else if (Alias().Match(line) is { Success: true } alias)
                names._aliases[alias.Groups["name"].Value] = alias.Groups["type"].Value;
            else if (Interface().Match(line) is { Success: true } start)
                names._members[start.Groups["name"].Value] = members = [];
            else if (Operation().Match(line) is { Success: true } operation)
                names._operations[operation.Groups["name"].Value] = (operation.Groups["input"].Value, operation.Groups["output"] is { Success: true } output ? output.Value : null);
        }

        return names;
    }

    public (string? Input, string? Output) OfOperation(string name) => _operations.GetValueOrDefault(name);

    public string? OfMember(string? type, string member) => type is not null && _members.TryGetValue(type, out var members) ? members.GetValueOrDefault(member) : null;

    /// <summary>What a list or the values of a map consist of.</summary>
    public string? OfElement(string? type) => Definition(type) switch
    {
        { } list when list.EndsWith("[]", StringComparison.Ordinal) => list[..^2],
        { } map when Map().Match(map) is { Success: true } match => match.Groups["value"].Value,
        _ => null,
    };

    // The declarations do not say what keys are.
    public string? OfKey(string? type) => type is null ? null : $"{type}Key";

    public IReadOnlyList<string>? ValuesOf(string? type) =>
        Definition(type) is { } definition && definition.StartsWith('"') ? [.. Quoted().Matches(definition).Select(match => match.Groups[1].Value)] : null;

    private string? Definition(string? type) => type is null ? null : _aliases.GetValueOrDefault(type);

    [GeneratedRegex(@"^  export interface (?<name>\w+) \{")]
    private static partial Regex Interface();

    [GeneratedRegex(@"^    (?<name>\w+)\??: (?<type>\w+);")]
    private static partial Regex Member();

    [GeneratedRegex(@"^  export type (?<name>\w+) = (?<type>.*);")]
    private static partial Regex Alias();

    [GeneratedRegex(@"^  (?<name>\w+)\(params: \w+\.Types\.(?<input>\w+), callback\?: \(err: AWSError, data: (?:\w+\.Types\.(?<output>\w+)|\{\})\)")]
    private static partial Regex Operation();

    [GeneratedRegex(@"^\{\[key: string\]: (?<value>\w+)\}")]
    private static partial Regex Map();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Quoted();
}

using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace KubeApps.Deploy.Fleet;

/// <summary>Chooses apps as kubectl chooses objects by their labels: <c>app=shop,environment in (prod,live),cluster!=*-old</c>.</summary>
internal sealed partial class FleetSelector
{
    public static readonly FleetSelector All = new([]);

    private static readonly string[] Keys = ["app", "environment", "namespace", "cluster", "region", "account"];

    private readonly IReadOnlyList<Condition> _conditions;

    private FleetSelector(IReadOnlyList<Condition> conditions) => _conditions = conditions;

    /// <summary>Whether something is said of a key.</summary>
    public bool Has(string key) => _conditions.Any(condition => condition.Key == key);

    /// <summary>Whether an app is meant. What is not known of it is nothing.</summary>
    public bool Matches(FleetCluster cluster, string app, string environment, string? ns) => _conditions.All(condition => condition.Holds(condition.Key switch
    {
        "app" => [app],
        "environment" => [environment],
        "namespace" => [ns ?? ""],
        _ => ValuesOf(cluster, condition.Key)!,
    }));

    /// <summary>Whether a cluster may have apps that are meant: by what is known before it is entered. One that stands for a place that could not be read may.</summary>
    public bool MayMean(FleetCluster cluster) => cluster.Unreadable is not null || _conditions.All(condition => ValuesOf(cluster, condition.Key) is not { } values || condition.Holds(values));

    private static string[]? ValuesOf(FleetCluster cluster, string key) => key switch
    {
        "region" => [cluster.Region ?? ""],
        "account" => [cluster.Account ?? ""],
        "cluster" => [cluster.Name, cluster.Title],
        _ => null,
    };

    /// <summary>Whether a name is one that a pattern means, in which * stands for anything; capital letters are no other ones.</summary>
    public static bool IsLike(string name, string pattern) => FileSystemName.MatchesSimpleExpression(pattern, name);

    /// <summary>Reads it, or says what is wrong with it.</summary>
    public static (FleetSelector? Selector, string? Mistake) Parse(string text)
    {
        var conditions = new List<Condition>();
        foreach (var part in Separator().Split(text))
        {
            var match = Form().Match(part);
            if (!match.Success)
                return (null, $"'{part}' is no condition. Write KEY=VALUE, KEY!=VALUE, KEY in (A,B) or KEY notin (A,B), where * stands for anything.");
            if (!Keys.Contains(match.Groups["key"].Value))
                return (null, $"'{match.Groups["key"].Value}' is nothing to select by. There are: {string.Join(", ", Keys)}.");
            conditions.Add(new Condition(
                match.Groups["key"].Value, match.Groups["operator"].Value is "=" or "==" or "in", [.. match.Groups["value"].Captures.Select(capture => capture.Value)]));
        }

        return (new FleetSelector(conditions), null);
    }

    private sealed record Condition(string Key, bool IsWanted, IReadOnlyList<string> Values)
    {
        public bool Holds(IEnumerable<string> values) => Values.Any(pattern => values.Any(value => IsLike(value, pattern))) == IsWanted;
    }

    // Commas within parentheses separate values.
    [GeneratedRegex(@",(?![^()]*\))")]
    private static partial Regex Separator();

    [GeneratedRegex(@"^\s*(?<key>[a-z]+)\s*(?:(?<operator>==|=|!=)\s*(?<value>[^\s,()=!]+)|\s(?<operator>in|notin)\s*\(\s*(?<value>[^\s,()]+)(?:\s*,\s*(?<value>[^\s,()]+))*\s*\))\s*$")]
    private static partial Regex Form();
}

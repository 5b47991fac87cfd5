using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace KubeApps.Actions.Tests.Checking;

/// <summary>What a <c>permissions:</c> grants: each scope as read or write.</summary>
internal sealed partial record Permissions(IReadOnlyDictionary<string, string> Scopes)
{
    public static Permissions Of(YamlNode? node) =>
        new(node.Pairs().Where(pair => pair.Value.Value() is "read" or "write").ToDictionary(pair => pair.Name, pair => pair.Value.Value()!, StringComparer.Ordinal));

    /// <summary>What an action says that a job must grant which gives it these inputs: above all else, and with each of them.</summary>
    public static IEnumerable<KeyValuePair<string, string>> OfAction(YamlFile action, YamlNode? given) =>
        OfAction(action).Scopes.Concat(given.Pairs()
            .Select(input => Wanted().Match(action.Root.Value("inputs", input.Name, "description") ?? ""))
            .Where(found => found.Success)
            .Select(found => KeyValuePair.Create(found.Groups["scope"].Value, found.Groups["access"].Value)));

    /// <summary>What an action says in a comment above all else that its job must grant.</summary>
    public static Permissions OfAction(YamlFile action)
    {
        var said = action.Text.Split('\n').TakeWhile(line => line.StartsWith('#')).SkipWhile(line => line.TrimEnd() != "# permissions:").Skip(1)
            .TakeWhile(line => line.StartsWith("#   ", StringComparison.Ordinal));
        return new(said.Select(line => line[1..].Split(':', StringSplitOptions.TrimEntries)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal));
    }

    public bool Covers(string scope, string access) => Scopes.TryGetValue(scope, out var granted) && (granted == access || granted == "write");

    /// <summary>What the jobs of a reusable workflow ask for, and those of the workflows that these call: GitHub refuses a caller that grants less.</summary>
    public static IReadOnlyDictionary<string, string> NeededBy(YamlFile workflow, IReadOnlyDictionary<string, string> files)
    {
        var needed = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (_, job) in workflow.Jobs)
        {
            var own = Of(job.Find("permissions") ?? workflow.Root.Find("permissions")).Scopes;
            foreach (var (scope, access) in Rules.Local(job.Value("uses"), files) is { } called ? own.Concat(NeededBy(called, files)) : own)
                if (!needed.TryGetValue(scope, out var other) || other == "read")
                    needed[scope] = access;
        }

        return needed;
    }

    [GeneratedRegex("needs the permission to (?<access>read|write) `(?<scope>[a-z-]+)`")]
    private static partial Regex Wanted();
}

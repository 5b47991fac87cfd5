namespace KubeApps.Actions.Tests.Checking;

/// <summary>Our own rules: what the checkers that there are do not see.</summary>
internal static class Rules
{
    public static IEnumerable<Finding> Check(YamlFile file, IReadOnlyDictionary<string, string> files) =>
    [
        .. ReferenceRules.Check(file, files),
        .. CallRules.Check(file, files),
        .. TrustRules.Check(file),
    ];

    /// <summary>The action or workflow of this repository that a <c>uses:</c> names, or null where it names another's or none.</summary>
    public static YamlFile? Local(string? uses, IReadOnlyDictionary<string, string> files)
    {
        if (uses is null || !uses.StartsWith("./", StringComparison.Ordinal) && !uses.StartsWith("$/", StringComparison.Ordinal))
            return null;
        var path = uses[2..].TrimEnd('/');
        foreach (var candidate in (string[])[path, $"{path}/action.yml", $"{path}/action.yaml"])
            if (files.TryGetValue(candidate, out var text))
                return new YamlFile(candidate, text);
        return null;
    }

    public static Finding Found(this YamlFile file, string rule, long line, string message) => new(rule, file.Path, line, message);
}

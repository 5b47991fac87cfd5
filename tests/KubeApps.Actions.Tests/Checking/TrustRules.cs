using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace KubeApps.Actions.Tests.Checking;

/// <summary>What lets strangers in: values that become script, code that can change under its name, rights that nobody asked for.</summary>
internal static partial class TrustRules
{
    public static IEnumerable<Finding> Check(YamlFile file) => [.. Scripts(file), .. Uses(file), .. Rights(file), .. Events(file), .. Caches(file)];

    private static IEnumerable<Finding> Scripts(YamlFile file) =>
        from step in file.Steps
        from script in (YamlNode?[])[step.Find("run"), step.Find("with", "script")]
        where Expressions.IsIn(script.Value() ?? "")
        select file.Found("script-expression", script!.Start.Line, "An expression becomes part of the script. Hand it over in 'env:', and quote the variable.");

    private static IEnumerable<Finding> Uses(YamlFile file)
    {
        foreach (var uses in file.Steps.Concat(file.Jobs.Select(job => job.Job)).Select(node => node.Find("uses")).OfType<YamlScalarNode>())
        {
            if (uses.Value is ['.' or '$', '/', ..])
                continue;
            var (name, reference) = uses.Value?.Split('@') is [var before, var after] ? (before, after) : (uses.Value ?? "", "");
            if (!Commit().IsMatch(reference))
                yield return file.Found("unpinned", uses.Start.Line, $"'{uses.Value}' can change: name its commit, and the version in a comment.");
            else if (!ForeignAction.All.TryGetValue(name, out var known) || known.Commit != reference)
                yield return file.Found("unpinned", uses.Start.Line, $"'{uses.Value}' is none of foreign-actions.json: look at it, and add it there.");
            else if (!file.Line(uses.Start).TrimEnd().EndsWith($" # {known.Version}", StringComparison.Ordinal))
                yield return file.Found("unpinned", uses.Start.Line, $"Say in a comment what this commit is: '# {known.Version}'.");
        }

        foreach (var step in file.Steps.Where(step => step.Value("uses")?.StartsWith("actions/checkout@", StringComparison.Ordinal) == true && step.Value("with", "persist-credentials") != "false"))
            yield return file.Found("kept-credentials", step.Start.Line, "The checkout leaves its token for every later step. Say 'persist-credentials: false'.");
    }

    private static IEnumerable<Finding> Rights(YamlFile file)
    {
        if (file.IsAction)
            yield break;
        var jobs = file.Jobs.Select(job => job.Job.Find("permissions")).ToList();
        if (file.Root.Find("permissions") is null && jobs.Any(permissions => permissions is null))
            yield return file.Found("permissions-missing", 1, "Without 'permissions:' a workflow has those that the repository's settings give.");
        foreach (var all in jobs.Append(file.Root.Find("permissions")).OfType<YamlScalarNode>().Where(node => node.Value is "write-all" or "read-all"))
            yield return file.Found("permissions-missing", all.Start.Line, $"Name the permissions that are needed, in place of '{all.Value}'.");
    }

    private static IEnumerable<Finding> Events(YamlFile file) =>
        file.Root.Find("on") is { } on && !file.IsAction && Names(on).FirstOrDefault(name => name is "pull_request_target" or "workflow_run") is { } name
            ? [file.Found("untrusted-event", on.Start.Line, $"'{name}' runs with secrets on what a stranger wrote.")]
            : [];

    // What runs code of the repository can write into the cache; what comes out of it must not hold a cluster's credentials.
    private static IEnumerable<Finding> Caches(YamlFile file) =>
        from job in file.Jobs
        let steps = (job.Job.Find("steps") as YamlSequenceNode ?? []).OfType<YamlMappingNode>().ToList()
        where steps.Any(step => Names(step, "connect") && step.Value("with", "cluster") != "false")
        from setup in steps
        where Names(setup, "setup") && setup.Value("with", "cache") != "false"
        select file.Found("cached-tool", setup.Start.Line, "A job that reaches a cluster takes its tool from no cache. Say 'cache: 'false''.");

    private static bool Names(YamlMappingNode step, string action) => step.Value("uses")?.EndsWith($"/actions/{action}", StringComparison.Ordinal) == true;

    private static IEnumerable<string?> Names(YamlNode on) => on switch
    {
        YamlScalarNode one => [one.Value],
        YamlSequenceNode several => several.Select(item => item.Value()),
        _ => on.Pairs().Select(pair => pair.Name),
    };

    [GeneratedRegex("^[0-9a-f]{40}$")]
    private static partial Regex Commit();
}

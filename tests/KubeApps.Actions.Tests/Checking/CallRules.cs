using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace KubeApps.Actions.Tests.Checking;

/// <summary>Calls of reusable workflows: what they are given, and what they may do.</summary>
internal static class CallRules
{
    public static IEnumerable<Finding> Check(YamlFile file, IReadOnlyDictionary<string, string> files)
    {
        foreach (var (_, job) in file.Jobs)
        {
            foreach (var step in (job.Find("steps") as YamlSequenceNode ?? []).OfType<YamlMappingNode>())
                if (Rules.Local(step.Value("uses"), files) is { IsAction: true } action)
                    foreach (var finding in Missing(file, job, step, action, Permissions.OfAction(action, step.Find("with"))))
                        yield return finding;
            if (job.Find("uses") is { } uses)
            {
                // A workflow that is called has nothing but what it was given, and to hand that on is no more. Secrets of an environment get no other way.
                if (job.Value("secrets") == "inherit" && file.Root.Find("on", "workflow_call") is null)
                    yield return file.Found("secrets-inherit", uses.Start.Line, "Name the secrets that the workflow needs: 'inherit' hands over all.");
                if (Rules.Local(uses.Value(), files) is { } called)
                    foreach (var finding in (Finding[])[.. Given(file, job, called, "with", "inputs"), .. Given(file, job, called, "secrets", "secrets"), .. Types(file, job, called), .. Rights(file, job, called, files)])
                        yield return finding;
                else if (uses.Value() is ['.' or '$', '/', ..])
                    yield return file.Found("unknown-workflow", uses.Start.Line, $"There is no {uses.Value()}.");
            }
        }
    }

    private static IEnumerable<Finding> Given(YamlFile file, YamlMappingNode job, YamlFile called, string given, string declared)
    {
        var known = called.Root.Pairs("on", "workflow_call", declared).ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
        var names = job.Pairs(given).Select(pair => pair.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, value) in job.Pairs(given).Where(pair => !known.ContainsKey(pair.Name)))
            yield return file.Found($"workflow-{declared}", value.Start.Line, $"{called.Path} has no '{name}' among its {declared}.");
        if (job.Value(given) == "inherit")
            yield break;
        foreach (var (name, value) in known.Where(pair => pair.Value.IsTrue("required") && !names.Contains(pair.Key)))
            yield return file.Found($"workflow-{declared}", job.Start.Line, $"{called.Path} needs '{name}' among its {declared}.");
    }

    private static IEnumerable<Finding> Types(YamlFile file, YamlMappingNode job, YamlFile called) =>
        from pair in job.Pairs("with")
        let wanted = called.Root.Value("on", "workflow_call", "inputs", pair.Name, "type")
        let given = TypeOf(file, (YamlScalarNode)pair.Value)
        // Anything may stand for a string.
        where wanted is "boolean" or "number" && given is not null && given != wanted
        select file.Found("workflow-inputs", pair.Value.Start.Line, $"'{pair.Name}' of {called.Path} is a {wanted}, and gets a {given}.");

    // An expression has a type that shows only where it is an input of the caller's own.
    private static string? TypeOf(YamlFile file, YamlScalarNode value)
    {
        var text = value.Value ?? "";
        if (Expressions.Whole(text) is { } expression)
            return expression.StartsWith("inputs.", StringComparison.Ordinal) ? file.Root.Value("on", "workflow_call", "inputs", expression["inputs.".Length..], "type") : null;
        return Expressions.IsIn(text) || value.Style != ScalarStyle.Plain ? "string"
            : text is "true" or "false" ? "boolean"
            : double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out _) ? "number" : "string";
    }

    private static IEnumerable<Finding> Rights(YamlFile file, YamlMappingNode job, YamlFile called, IReadOnlyDictionary<string, string> files) =>
        Missing(file, job, job, called, Permissions.NeededBy(called, files));

    private static IEnumerable<Finding> Missing(YamlFile file, YamlMappingNode job, YamlMappingNode user, YamlFile used, IEnumerable<KeyValuePair<string, string>> needed)
    {
        var granted = Permissions.Of(job.Find("permissions") ?? file.Root.Find("permissions"));
        return needed.Where(need => !granted.Covers(need.Key, need.Value))
            .Select(need => file.Found("permissions-needed", user.Start.Line, $"{used.Path} needs '{need.Key}: {need.Value}', which is not granted here."));
    }
}

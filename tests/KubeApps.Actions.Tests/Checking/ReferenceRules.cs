using YamlDotNet.RepresentationModel;

namespace KubeApps.Actions.Tests.Checking;

/// <summary>Expressions that name what is not there: GitHub evaluates them to nothing, and says nothing.</summary>
internal static class ReferenceRules
{
    public static IEnumerable<Finding> Check(YamlFile file, IReadOnlyDictionary<string, string> files) =>
        [.. Steps(file, files), .. Inputs(file), .. Jobs(file, files)];

    private static IEnumerable<Finding> Steps(YamlFile file, IReadOnlyDictionary<string, string> files)
    {
        foreach (var (owner, steps) in file.StepLists)
        {
            var seen = new Dictionary<string, YamlMappingNode>(StringComparer.Ordinal);
            foreach (var step in steps)
            {
                // A step knows those before it.
                foreach (var finding in Unknown(step))
                    yield return finding;
                if (step.Value("id") is { } id)
                    seen[id] = step;
            }

            foreach (var finding in owner.Find("outputs") is { } outputs ? Unknown(outputs) : [])
                yield return finding;

            IEnumerable<Finding> Unknown(YamlNode node) => Expressions.In(node).Where(reference => reference[0] == "steps").SelectMany(reference =>
                !seen.TryGetValue(reference[1]!, out var named) ? [file.Found("unknown-step", reference.Line, $"There is no step '{reference[1]}' before this.")]
                : reference[2] == "outputs" && reference[3] is { } output && Rules.Local(named.Value("uses"), files) is { } action && action.Root.Find("outputs", output) is null
                    ? [file.Found("unknown-output", reference.Line, $"{action.Path} has no output '{output}'.")]
                    : (Finding[])[]);
        }
    }

    private static IEnumerable<Finding> Inputs(YamlFile file)
    {
        var known = (file.IsAction ? file.Root.Pairs("inputs") : file.Root.Pairs("on", "workflow_call", "inputs").Concat(file.Root.Pairs("on", "workflow_dispatch", "inputs")))
            .Select(pair => pair.Name).ToHashSet(StringComparer.Ordinal);
        return Expressions.In(file.Root).Where(reference => reference[0] == "inputs" && !known.Contains(reference[1]!))
            .Select(reference => file.Found("unknown-input", reference.Line, $"There is no input '{reference[1]}' here."));
    }

    private static IEnumerable<Finding> Jobs(YamlFile file, IReadOnlyDictionary<string, string> files)
    {
        var jobs = file.Jobs.ToDictionary(job => job.Id, job => job.Job, StringComparer.Ordinal);
        foreach (var (id, job) in jobs)
        {
            var needed = job.Find("needs") switch
            {
                YamlScalarNode one => [one.Value!],
                YamlSequenceNode several => several.Select(item => item.Value()!),
                _ => (IEnumerable<string>)[],
            };
            var known = needed.ToHashSet(StringComparer.Ordinal);
            foreach (var reference in Expressions.In(job).Where(reference => reference[0] == "needs" && reference[2] == "outputs" && reference[3] is not null))
            {
                if (!known.Contains(reference[1]!) || !jobs.TryGetValue(reference[1]!, out var other))
                    yield return file.Found("unknown-job", reference.Line, $"The job '{id}' does not need a job '{reference[1]}'.");
                else if (OutputsOf(other) is { } outputs && outputs.Find(reference[3]!) is null)
                    yield return file.Found("unknown-output", reference.Line, $"The job '{reference[1]}' has no output '{reference[3]}'.");
            }
        }

        YamlNode? OutputsOf(YamlMappingNode job) => job.Find("uses") is null
            ? job.Find("outputs") ?? new YamlMappingNode()
            : Rules.Local(job.Value("uses"), files) is { } called ? called.Root.Find("on", "workflow_call", "outputs") ?? new YamlMappingNode() : null;
    }
}

using System.Text;
using System.Text.RegularExpressions;
using KubeApps.Actions.Tests.Checking;
using YamlDotNet.RepresentationModel;

namespace KubeApps.Actions.Tests.Executing;

/// <summary>
/// The steps of a job, executed as a composite action: what a job has besides inputs (secrets, variables, a matrix, outputs of other jobs) is handed
/// to them as inputs of these names: <c>secrets-KUBECONFIG</c>, <c>vars-X</c>, <c>matrix-environment</c>, <c>needs-build-bundle</c>, <c>event-number</c>, <c>event-head</c>.
/// </summary>
internal static partial class JobSteps
{
    public static async Task<ActionRun> RunAsync(Runner runner, string workflow, string job, IReadOnlyDictionary<string, string> given)
    {
        var file = new YamlFile($".github/workflows/{workflow}.yml", RepositoryFiles.Read()[$".github/workflows/{workflow}.yml"]);
        var inputs = file.Root.Pairs("on", "workflow_call", "inputs").Where(pair => pair.Value.Value("default") is not null).ToDictionary(pair => pair.Name, pair => pair.Value.Value("default")!);
        foreach (var (name, value) in given)
            inputs[name] = value;
        runner.Write("job", AsAction((YamlSequenceNode)file.Jobs.Single(item => item.Id == job).Job.Find("steps")!));
        return await runner.RunAsync("job", inputs);
    }

    private static string AsAction(YamlSequenceNode steps)
    {
        foreach (var step in steps.Cast<YamlMappingNode>().Where(step => step.Find("run") is not null && step.Find("shell") is null))
            step.Add("shell", "bash");
        var text = new StringWriter();
        new YamlStream(new YamlDocument(new YamlMappingNode("steps", steps))).Save(text, assignAnchors: false);
        var translated = Expression().Replace(text.ToString().Replace("...", "", StringComparison.Ordinal), expression => Context().Replace(expression.Value, match => match switch
        {
            _ when match.Groups["need"].Success => $"inputs.needs-{match.Groups["need"]}-{match.Groups["output"]}",
            _ when match.Groups["kind"].Success => $"inputs.{match.Groups["kind"]}-{match.Groups["name"]}",
            _ => $"inputs.event-{match.Groups["event"]}",
        }));
        var action = new StringBuilder("name: Job\ndescription: The steps of a job\ninputs:\n");
        foreach (var name in Input().Matches(translated).Select(match => match.Groups[1].Value).Distinct())
            action.Append($"  {name}:\n    description: Given\n");
        action.Append("runs:\n  using: composite\n");
        foreach (var line in translated.Split('\n'))
            action.Append("  ").Append(line).Append('\n');
        return action.ToString();
    }

    [GeneratedRegex(@"\$\{\{.*?\}\}", RegexOptions.Singleline)]
    private static partial Regex Expression();

    [GeneratedRegex(@"\b(?<kind>secrets|vars|matrix)\.(?<name>\w+)|\bneeds\.(?<need>\w+)\.outputs\.(?<output>\w+)|\bgithub\.event\.(?<event>number)\b|\bgithub\.event\.pull_request\.(?<event>head)\.sha\b")]
    private static partial Regex Context();

    [GeneratedRegex(@"\binputs\.([\w-]+)")]
    private static partial Regex Input();
}

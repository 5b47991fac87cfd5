using System.Text.Json;

namespace KubeApps.Actions.Tests.Executing;

/// <summary>What came of an action that was executed.</summary>
internal sealed record ActionRun(
    string Outcome, IReadOnlyDictionary<string, string> Outputs, IReadOnlyList<ActionRun.Step> Steps, IReadOnlyDictionary<string, string> Env, IReadOnlyList<string> Path, string Summary)
{
    /// <summary>A step, in the order in which they came. An action of others was not run but <c>Replaced</c>; its inputs are <c>Given</c>.</summary>
    internal sealed record Step(string Name, string Id, string Outcome, string Conclusion, string Log, int? Exit, IReadOnlyDictionary<string, string> Outputs, string? Replaced, IReadOnlyDictionary<string, string>? Given);

    public string Log => string.Concat(Steps.Select(step => step.Log));

    public Step this[string id] => Steps.Single(step => step.Id == id);

    public static ActionRun Read(System.Text.Json.Nodes.JsonNode answer) => answer.Deserialize<ActionRun>(JsonSerializerOptions.Web)!;
}

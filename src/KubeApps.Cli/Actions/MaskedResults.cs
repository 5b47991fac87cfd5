using System.Text.Json.Nodes;
using KubeApps.Deploy;
using KubeApps.Deploy.Planning.Reports;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Actions;

/// <summary>
/// What a command tells, without the secrets that are known: before any of it is escaped, cut or put into Markdown, where nobody would find them again.
/// </summary>
internal static class MaskedResults
{
    public static DeployResult Of(DeployResult result, Func<string, string> mask) => result with
    {
        Target = mask(result.Target),
        Urls = [.. result.Urls.Select(mask)],
        PreviewUrls = [.. result.PreviewUrls.Select(mask)],
        Failures = [.. result.Failures.Select(failure => Of(failure, mask))],
        Diagnostics = [.. result.Diagnostics.Select(diagnostic => Of(diagnostic, mask))],
        Checks = [.. result.Checks.Select(check => check with { Name = mask(check.Name) })],
        Plan = result.Plan is { } plan ? Of(plan, mask) : null,
    };

    public static Diagnostic Of(Diagnostic diagnostic, Func<string, string> mask) => diagnostic with { Cause = mask(diagnostic.Cause), NextStep = mask(diagnostic.NextStep) };

    private static FailureReport Of(FailureReport failure, Func<string, string> mask) => failure with
    {
        Reason = mask(failure.Reason),
        Cause = mask(failure.Cause),
        LogTail = [.. failure.LogTail.Select(mask)],
        NextStep = mask(failure.NextStep),
    };

    private static PlanReport Of(PlanReport plan, Func<string, string> mask) => plan with
    {
        Target = mask(plan.Target),
        Objects = [.. plan.Objects.Select(item => Of(item, mask))],
        Images = [.. plan.Images.Select(image => image with { Old = image.Old is { } old ? mask(old) : null, New = mask(image.New) })],
        Steps = [.. plan.Steps.Select(step => step with { Title = mask(step.Title) })],
        Obstacles = [.. plan.Obstacles.Select(obstacle => Of(obstacle, mask))],
        Warnings = [.. plan.Warnings.Select(warning => Of(warning, mask))],
    };

    private static ObjectPlan Of(ObjectPlan item, Func<string, string> mask) => item with
    {
        Fields = [.. item.Fields.Select(field => field with { Path = mask(field.Path), Old = Of(field.Old, mask), New = Of(field.New, mask) })],
        Conflicts = [.. item.Conflicts.Select(conflict => conflict with { Path = mask(conflict.Path), Theirs = Of(conflict.Theirs, mask), Ours = Of(conflict.Ours, mask) })],
        Note = item.Note is { } note ? mask(note) : null,
    };

    private static JsonNode? Of(JsonNode? value, Func<string, string> mask) => value switch
    {
        JsonObject item => new JsonObject(item.Select(part => KeyValuePair.Create(mask(part.Key), Of(part.Value, mask))).DistinctBy(part => part.Key)),
        JsonArray list => new JsonArray([.. list.Select(part => Of(part, mask))]),
        JsonValue scalar when scalar.TryGetValue<string>(out var text) => mask(text),
        _ => value?.DeepClone(),
    };
}

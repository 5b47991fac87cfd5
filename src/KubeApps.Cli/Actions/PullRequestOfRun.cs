using System.Globalization;
using System.Text.Json;

namespace KubeApps.Cli.Actions;

/// <summary>The pull request that a workflow's run is about.</summary>
internal static class PullRequestOfRun
{
    private const string Ref = "refs/pull/";

    /// <summary>From the event that started the run, else from its ref; null where there is none.</summary>
    public static int? Find(Func<string, string?> readVariable)
    {
        if (readVariable("GITHUB_EVENT_PATH") is { Length: > 0 } file && Read(file) is { } number)
            return number;
        return readVariable("GITHUB_REF") is { } name && name.StartsWith(Ref, StringComparison.Ordinal) ? Number(name[Ref.Length..].Split('/')[0]) : null;
    }

    /// <summary>A number as people give it; null for anything else.</summary>
    public static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;

    private static int? Read(string file)
    {
        try
        {
            using var happened = JsonDocument.Parse(File.ReadAllBytes(file));
            var root = happened.RootElement;
            // pull_request, pull_request_target and their like; a comment on one; a run that followed one.
            return NumberIn(Find(root, "pull_request"))
                ?? (Find(root, "issue") is { } issue && Find(issue, "pull_request") is not null ? NumberIn(issue) : null)
                ?? (Find(root, "workflow_run") is { } run && Find(run, "pull_requests") is { ValueKind: JsonValueKind.Array } all && all.GetArrayLength() == 1 ? NumberIn(all[0]) : null);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static JsonElement? Find(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static int? NumberIn(JsonElement? item) =>
        item is { } found && Find(found, "number") is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) && number > 0 ? number : null;
}

using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Planning.Reports;
using KubeApps.Deploy.Records;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Actions;

/// <summary>What later steps of a workflow can read of a command, by name. All of them are there whatever came of it, empty where there is nothing.</summary>
internal static class StepOutputs
{
    // As GitHub's own records show it.
    private const int LongestCause = 140;

    /// <summary>Of a command that ended with a result.</summary>
    public static IEnumerable<(string Name, string Value)> Of(DeployResult result) =>
    [
        ("outcome", Json.Camel(result.Outcome)),
        ("url", result.Urls.Concat(result.PreviewUrls).FirstOrDefault() ?? ""),
        ("revision", result.Revision?.ToString(CultureInfo.InvariantCulture) ?? ""),
        ("deployment-id", IdOf(result.Record)),
        ("failure", CauseOf(result)),
    ];

    /// <summary>Of a command that did not come to a result, or has none.</summary>
    public static IEnumerable<(string Name, string Value)> Of(string outcome, Diagnostic? failure, DeployRecord? record = null) =>
        [("outcome", outcome), ("url", ""), ("revision", ""), ("deployment-id", IdOf(record)), ("failure", failure is null ? "" : CauseOf(failure))];

    /// <summary>What a plan has besides; null where there is none.</summary>
    public static IEnumerable<(string Name, string Value)> OfPlan(PlanReport? plan, string? comment) =>
        [("differences", plan is null ? "" : plan.HasDifferences ? "true" : "false"), ("comment", comment ?? "")];

    /// <summary>Of what was published.</summary>
    public static IEnumerable<(string Name, string Value)> Of(Bundle bundle, string folder)
    {
        var images = bundle.Images.OrderBy(image => image.Key, StringComparer.Ordinal).ToList();
        return
        [
            ("bundle", folder),
            ("bundle-reference", bundle.Reference ?? ""),
            ("images", new JsonArray([.. images.Select(image => (JsonNode)image.Value.Reference)]).ToJsonString()),
            ("digests", new JsonObject(images.Select(image => KeyValuePair.Create(image.Key, (JsonNode?)image.Value.Digest))).ToJsonString()),
        ];
    }

    /// <summary>Why it did not end well, in one line; empty where it did.</summary>
    public static string CauseOf(DeployResult result) => result.ExitCode == ExitCodes.Done ? ""
        : result.Failures.Count > 0 ? result.Failures[0].FirstLine
        : result.Diagnostics.Count > 0 ? CauseOf(result.Diagnostics[0])
        : "";

    private static string IdOf(DeployRecord? record) => record?.Id?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string CauseOf(Diagnostic diagnostic) => Printable.Line(diagnostic.Cause, LongestCause);
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Cli.Actions;
using KubeApps.Deploy;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;
using KubeApps.Yaml;

namespace KubeApps.Cli.Rendering;

/// <summary>The documented shapes of <c>-o json</c>: every document has schemaVersion and kind. Fields are added, never renamed or removed.</summary>
internal static class Json
{
    public const int SchemaVersion = 1;

    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Line = Indented with { Indented = false };

    public static void Write(TextWriter output, JsonNode content, string format, bool isLine = false)
    {
        // JSON is YAML, too: of the two it is the one in which any text can be written so that a runner of GitHub Actions reads no command in it.
        if (format == "yaml" && Yaml(content) is var yaml && !(output is WorkflowLog && WorkflowLog.IsObeyed(yaml)))
        {
            output.Write(yaml);
            return;
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, isLine ? Line : Indented))
            content.WriteTo(writer);
        var json = System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
        output.WriteLine(output is WorkflowLog ? json.Replace("##[", @"#\u0023[", StringComparison.Ordinal) : json);
    }

    // Times and the like are texts only once they are written.
    private static string Yaml(JsonNode content) => YamlWriter.Write(JsonNode.Parse(content.ToJsonString())!);

    public static JsonObject Document(string kind) => new() { ["schemaVersion"] = SchemaVersion, ["kind"] = kind };

    public static JsonObject Of(DeployResult result)
    {
        var document = Document("DeployResult");
        document["outcome"] = Camel(result.Outcome);
        document["exitCode"] = result.ExitCode;
        document["app"] = OrNull(result.App);
        document["environment"] = result.Environment;
        document["target"] = OrNull(result.Target);
        document["namespace"] = OrNull(result.Namespace);
        document["commit"] = result.Commit;
        document["bundle"] = result.Bundle;
        document["images"] = Array(result.Images, image => Of(image.Name, image.Image, image));
        document["revision"] = result.Revision;
        document["record"] = result.Record is { } record ? Of(record) : null;
        document["rolledBackTo"] = result.RolledBackTo;
        document["urls"] = Array(result.Urls, url => url);
        document["previewUrls"] = Array(result.PreviewUrls, url => url);
        document["slots"] = Of(result.Rollout);
        document["update"] = UpdateJson.Of(result.Update);
        document["applied"] = result.HasApplied;
        document["changes"] = Array(result.Changes, change => new JsonObject
        {
            ["kind"] = change.Kind,
            ["namespace"] = change.Namespace,
            ["name"] = change.Name,
            ["change"] = Camel(change.Change),
        });
        document["steps"] = Array(result.Steps, Of);
        document["plan"] = result.Outcome == DeployOutcome.Planned && result.Plan is { } plan ? Plans.PlanJson.Of(plan) : null;
        document["checks"] = Array(result.Checks, check => new JsonObject
        {
            ["name"] = check.Name,
            ["kind"] = check.Kind,
            ["passed"] = check.Passed,
            ["attempts"] = check.Attempts,
            ["elapsedSeconds"] = Seconds(check.Elapsed),
        });
        document["failures"] = Array(result.Failures, Of);
        document["diagnostics"] = Array(result.Diagnostics, Of);
        document["elapsedSeconds"] = Seconds(result.Elapsed);
        return document;
    }

    /// <summary>An image of a bundle; how it came into its registry is null where that is not known.</summary>
    public static JsonObject Of(string name, string image, PublishedImage? published) => new()
    {
        ["name"] = name,
        ["image"] = image,
        ["wasThere"] = published?.WasThere,
        ["pushSeconds"] = published?.PushSeconds is { } seconds ? Math.Round(seconds, 3) : null,
        ["layers"] = Array(published?.Layers ?? [], layer => new JsonObject { ["digest"] = layer.Digest, ["size"] = layer.Size, ["sent"] = layer.Sent }),
    };

    public static JsonObject Of(DeployRecord record) => new()
    {
        ["repository"] = record.Repository,
        ["environment"] = record.Environment,
        ["id"] = record.Id,
        ["state"] = record.State,
        ["url"] = record.Url,
    };

    public static JsonObject Of(AppStatus status, DateTimeOffset now)
    {
        var inventory = status.Inventory;
        var document = Document("AppStatus");
        document["app"] = inventory.App;
        document["environment"] = inventory.Environment;
        document["target"] = status.Target;
        document["namespace"] = inventory.Namespace;
        document["commit"] = inventory.Commit;
        document["bundle"] = inventory.Bundle;
        document["revision"] = inventory.Revision;
        document["complete"] = inventory.IsComplete;
        document["deployedAt"] = inventory.DeployedAt?.UtcDateTime;
        document["healthy"] = status.IsHealthy;
        document["urls"] = Array(status.Urls, url => url);
        document["previewUrls"] = Array(status.PreviewUrls, url => url);
        document["slots"] = Of(inventory.Rollout);
        document["update"] = UpdateJson.Of(status.Update);
        document["workloads"] = Array(status.Workloads, workload => new JsonObject
        {
            ["kind"] = workload.Id.Kind,
            ["namespace"] = workload.Id.Namespace,
            ["name"] = workload.Id.Name,
            ["state"] = Camel(workload.Status.State),
            ["message"] = workload.Message,
            ["ready"] = workload.Status.Ready,
            ["updated"] = workload.Status.Updated,
            ["desired"] = workload.Status.Desired,
            ["ageSeconds"] = Age(workload.CreatedAt, now),
            ["images"] = Array(workload.Images, image => image),
        });
        document["pods"] = Array(status.Pods, pod => new JsonObject
        {
            ["namespace"] = pod.Namespace,
            ["name"] = pod.Name,
            ["workload"] = pod.Workload,
            ["status"] = pod.Status,
            ["ready"] = pod.Ready,
            ["containers"] = pod.Containers,
            ["restarts"] = pod.Restarts,
            ["ageSeconds"] = Age(pod.CreatedAt, now),
            ["ip"] = pod.Ip,
            ["node"] = pod.Node,
        });
        document["failures"] = Array(status.Failures, Of);
        document["failedDeploy"] = status.FailedDeploy is not { } failed ? null : new JsonObject
        {
            ["revision"] = failed.Number,
            ["outcome"] = Camel(failed.State.Outcome),
            ["startedAt"] = failed.StartedAt.UtcDateTime,
            ["cause"] = failed.State.Cause,
        };
        document["drift"] = status.Drift is null ? null : Array(status.Drift.Objects, Of);
        WriteHowDriftWasSeen(document, status.Drift);
        return document;
    }

    /// <summary>Whether fields were compared, and what could not be looked at; null where nobody looked.</summary>
    public static void WriteHowDriftWasSeen(JsonObject document, DriftReport? drift)
    {
        document["driftFields"] = drift is null ? null : Camel(drift.Fields);
        document["away"] = drift is null ? null : Array(drift.Away, id => new JsonObject { ["kind"] = id.Kind, ["namespace"] = id.Namespace, ["name"] = id.Name });
    }

    public static JsonObject Of(ObjectDrift drift) => new()
    {
        ["kind"] = drift.Id.Kind,
        ["namespace"] = drift.Id.Namespace,
        ["name"] = drift.Id.Name,
        ["drift"] = Camel(drift.Kind),
        ["fields"] = Array(drift.Fields, field => new JsonObject
        {
            ["path"] = field.Path,
            ["manager"] = field.Manager,
            ["deployed"] = field.Deployed?.DeepClone(),
            ["live"] = field.Live?.DeepClone(),
        }),
    };

    private static JsonObject? Of(Rollout? rollout) => rollout is null ? null : new JsonObject
    {
        ["phase"] = Camel(rollout.Phase),
        ["serving"] = rollout.Serving?.Word(),
        ["live"] = rollout.Live?.Word(),
        ["next"] = rollout.Next?.Word(),
        ["since"] = rollout.Since.UtcDateTime,
        ["until"] = rollout.SoaksUntil?.UtcDateTime,
    };

    /// <summary>Everything but the token.</summary>
    public static JsonObject Of(SandboxStatus status)
    {
        var document = Document("SandboxStatus");
        document["state"] = Camel(status.State);
        document["home"] = status.Home;
        document["pid"] = status.Endpoint?.Pid;
        document["version"] = status.Endpoint?.Version;
        document["apiServer"] = status.Endpoint?.ApiServer;
        document["registry"] = status.Endpoint?.Registry;
        document["kubeconfig"] = status.Endpoint?.Kubeconfig;
        return document;
    }

    public static JsonObject Of(FailureReport report) => new()
    {
        ["code"] = report.Code,
        ["summary"] = report.FirstLine,
        ["workload"] = report.Workload,
        ["object"] = report.Object,
        ["container"] = report.Container,
        ["reason"] = report.Reason,
        ["cause"] = report.Cause,
        ["log"] = Array(report.LogTail, line => line),
        ["nextStep"] = report.NextStep,
    };

    public static JsonObject Of(Diagnostic diagnostic) => new()
    {
        ["code"] = diagnostic.Code,
        ["severity"] = Camel(diagnostic.Severity),
        ["cause"] = diagnostic.Cause,
        ["file"] = diagnostic.Place?.File,
        ["line"] = diagnostic.Place is { Line: > 0 } place ? place.Line : null,
        ["nextStep"] = diagnostic.NextStep,
    };

    public static JsonObject Of(PlannedStep step) =>
        new() { ["id"] = step.Id, ["title"] = step.Title, ["timeoutSeconds"] = step.Timeout?.TotalSeconds };

    public static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonNode?> convert) => [.. items.Select(convert)];

    public static string Camel(Enum value)
    {
        var text = value.ToString();
        return char.ToLowerInvariant(text[0]) + text[1..];
    }

    // What a deploy that failed early did not come to know.
    private static string? OrNull(string text) => text.Length == 0 ? null : text;

    public static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);

    private static long? Age(DateTimeOffset? since, DateTimeOffset now) => since is { } start ? Math.Max(0, (long)(now - start).TotalSeconds) : null;
}

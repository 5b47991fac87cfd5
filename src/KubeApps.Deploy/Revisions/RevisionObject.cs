using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Records;
using KubeApps.Events;

namespace KubeApps.Deploy.Revisions;

/// <summary>
/// A revision as a ConfigMap in the app's namespace. Its data are immutable; how the deploy ended stands in annotations, which Kubernetes
/// lets change.
/// </summary>
internal static class RevisionObject
{
    /// <summary>Label: the app.</summary>
    public const string AppLabel = "kubeapps.dev/revision-of";

    /// <summary>Label: the number.</summary>
    public const string NumberLabel = "kubeapps.dev/revision";

    /// <summary>Annotation: the record of it on GitHub (<see cref="RecordMark"/>).</summary>
    public const string RecordAnnotation = "kubeapps.dev/record";

    /// <summary>Annotation: the run that found it in place (<see cref="Revision.ConfirmedBy"/>).</summary>
    public const string ConfirmedAnnotation = "kubeapps.dev/confirmed-by";

    private const string OutcomeAnnotation = "kubeapps.dev/outcome";
    private const string ElapsedAnnotation = "kubeapps.dev/elapsed-seconds";
    private const string CauseAnnotation = "kubeapps.dev/cause";
    private const string UrlAnnotation = "kubeapps.dev/url";
    private const string ChecksAnnotation = "kubeapps.dev/checks";
    private const string ContentKey = "environment.json.gz";
    private const string DigestKey = "contentDigest";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public static string NameOf(string app, int number) => $"kubeapp-revision-{app}-{number.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The content is left out where it is larger than a ConfigMap may be.</summary>
    public static JsonObject Of(Revision revision, byte[]? content)
    {
        var data = new JsonObject
        {
            ["schemaVersion"] = "1",
            ["app"] = revision.App,
            ["environment"] = revision.Environment,
            ["hash"] = revision.Hash,
            ["strategy"] = revision.Strategy,
            ["by"] = revision.By.Name,
            ["startedAt"] = revision.StartedAt.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture),
            ["images"] = new JsonArray([.. revision.Images.Select(image => (JsonNode)new JsonObject
            {
                ["workload"] = image.Workload, ["container"] = image.Container, ["image"] = image.Image,
            })]).ToJsonString(),
            ["plan"] = PlanOf(revision.Plan).ToJsonString(),
        };
        Add("commit", revision.Commit);
        Add("bundle", revision.Bundle);
        Add("runUrl", revision.By.RunUrl);
        Add("runAttempt", revision.By.Attempt?.ToString(CultureInfo.InvariantCulture));
        Add("slot", revision.Slot);
        Add("restores", revision.Restores?.ToString(CultureInfo.InvariantCulture));
        Add(DigestKey, content is null ? null : DigestOf(content));
        var result = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject
            {
                ["name"] = NameOf(revision.App, revision.Number),
                ["namespace"] = revision.Namespace,
                ["labels"] = new JsonObject
                {
                    [AppLabel] = revision.App,
                    [NumberLabel] = revision.Number.ToString(CultureInfo.InvariantCulture),
                    ["app.kubernetes.io/managed-by"] = "kubeapp",
                },
                ["annotations"] = AnnotationsOf(revision.State),
            },
            ["immutable"] = true,
            ["data"] = data,
        };
        if (revision.Record is { } record)
            result["metadata"]!["annotations"]![RecordAnnotation] = record.Write();
        if (revision.ConfirmedBy is { } confirmed)
            result["metadata"]!["annotations"]![ConfirmedAnnotation] = confirmed;
        if (content is not null)
            result["binaryData"] = new JsonObject { [ContentKey] = Convert.ToBase64String(content) };
        return result;

        void Add(string name, string? value)
        {
            if (value is not null)
                data[name] = value;
        }
    }

    /// <summary>What a change of state changes: annotations alone.</summary>
    public static JsonObject AnnotationsOf(RevisionState state) => new()
    {
        [OutcomeAnnotation] = Camel(state.Outcome),
        [ElapsedAnnotation] = state.Elapsed is { } elapsed ? elapsed.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) : "",
        [CauseAnnotation] = state.Cause ?? "",
        [UrlAnnotation] = state.Url ?? "",
        [ChecksAnnotation] = new JsonArray([.. (state.Checks ?? []).Select(check => (JsonNode)new JsonObject
        {
            ["name"] = check.Name, ["passed"] = check.IsPassed, ["message"] = check.Message,
        })]).ToJsonString(),
    };

    /// <summary>Null where the object is not a revision that this version can read: such a one is no part of the history.</summary>
    public static Revision? Read(JsonObject stored)
    {
        try
        {
            return ReadChecked(stored);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    private static Revision? ReadChecked(JsonObject stored)
    {
        var metadata = stored["metadata"] as JsonObject;
        if (stored["data"] is not JsonObject data || (string?)data["schemaVersion"] != "1" || (string?)data["app"] is not { } app
            || !int.TryParse((string?)metadata?["labels"]?[NumberLabel], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1
            || (string?)metadata!["labels"]![AppLabel] != app || (string?)metadata["name"] != NameOf(app, number))
            return null;
        return new Revision(
            number, app, (string?)data["environment"] ?? "", (string?)metadata["namespace"] ?? "", (string?)data["commit"], (string?)data["hash"] ?? "",
            (string?)data["strategy"] ?? "", new Author((string?)data["by"] ?? "", (string?)data["runUrl"]) { Attempt = Author.ReadAttempt((string?)data["runAttempt"]) },
            DateTimeOffset.Parse((string?)data["startedAt"] ?? "", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            [.. Objects(data["images"]).Select(image => new RevisionImage(Required(image["workload"]), Required(image["container"]), Required(image["image"])))],
            PlanFrom((string?)data["plan"]), ContentOf(stored, (string?)data[DigestKey]))
        {
            Bundle = (string?)data["bundle"],
            Slot = (string?)data["slot"],
            Restores = int.TryParse((string?)data["restores"], NumberStyles.None, CultureInfo.InvariantCulture, out var restores) ? restores : null,
            State = StateOf(metadata["annotations"] as JsonObject ?? []),
            Uid = (string?)metadata["uid"],
            ConfirmedBy = (string?)metadata["annotations"]?[ConfirmedAnnotation],
            Record = RecordMark.Read((string?)metadata["annotations"]?[RecordAnnotation]),
        };
    }

    private static RevisionContent? ContentOf(JsonObject stored, string? digest)
    {
        if (digest is null || (string?)stored["binaryData"]?[ContentKey] is not { } text)
            return null;
        var bytes = Convert.FromBase64String(text);
        return DigestOf(bytes) == digest ? RevisionContent.Read(bytes) : null;
    }

    private static RevisionState StateOf(JsonObject annotations)
    {
        string? Text(string name) => (string?)annotations[name] is { Length: > 0 } value ? value : null;
        return new RevisionState(
            Enum.TryParse<RevisionOutcome>(Text(OutcomeAnnotation), ignoreCase: true, out var outcome) && Enum.IsDefined(outcome) ? outcome : RevisionOutcome.Interrupted,
            double.TryParse(Text(ElapsedAnnotation), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < TimeSpan.MaxValue.TotalSeconds
                ? TimeSpan.FromSeconds(seconds)
                : null,
            Text(CauseAnnotation),
            [.. Objects(annotations[ChecksAnnotation]).Select(check => new RevisionCheck(Required(check["name"]), (bool?)check["passed"] == true, (string?)check["message"] ?? ""))])
        {
            Url = Text(UrlAnnotation),
        };
    }

    private static JsonObject PlanOf(RevisionPlan plan) => new()
    {
        ["steps"] = new JsonArray([.. plan.Steps.Select(step => (JsonNode)new JsonObject
        {
            ["id"] = step.Id, ["title"] = step.Title, ["timeoutSeconds"] = step.Timeout?.TotalSeconds,
        })]),
        ["created"] = plan.Created,
        ["changed"] = plan.Changed,
        ["replaced"] = plan.Replaced,
        ["unchanged"] = plan.Unchanged,
        ["deleted"] = plan.Deleted,
    };

    private static RevisionPlan PlanFrom(string? text)
    {
        if (text is null || JsonNode.Parse(text) is not JsonObject plan)
            return RevisionPlan.Empty;
        int Count(string name) => (int?)plan[name] ?? 0;
        return new RevisionPlan(
            [.. (plan["steps"] as JsonArray ?? []).OfType<JsonObject>().Select(step => new PlannedStep(
                Required(step["id"]), Required(step["title"]), (double?)step["timeoutSeconds"] is { } limit ? TimeSpan.FromSeconds(limit) : null))],
            Count("created"), Count("changed"), Count("replaced"), Count("unchanged"), Count("deleted"));
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? text) =>
        (string?)text is { Length: > 0 } json && JsonNode.Parse(json) is JsonArray list ? list.OfType<JsonObject>() : [];

    private static string Required(JsonNode? text) => (string?)text ?? throw new FormatException("A part of the revision is missing.");

    private static string DigestOf(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    private static string Camel(RevisionOutcome outcome)
    {
        var text = outcome.ToString();
        return char.ToLowerInvariant(text[0]) + text[1..];
    }
}

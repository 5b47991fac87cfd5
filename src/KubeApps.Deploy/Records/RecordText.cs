using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Revisions;
using KubeApps.Events;

namespace KubeApps.Deploy.Records;

/// <summary>The record of a revision in GitHub's form. Pure. Its payload is documented: fields are added, never renamed or removed.</summary>
internal static partial class RecordText
{
    public const string Schema = "kubeapps.dev/deployment/v1";

    public const string Held = "Held: promote or abort.";

    /// <summary>GitHub refuses longer descriptions.</summary>
    public const int LongestDescription = 140;

    /// <summary>What tells the rollout from all others: the UID of its object, or where that could not be stored what is as good as one.</summary>
    public static string RolloutOf(Revision revision) =>
        revision.Rollout ?? string.Create(CultureInfo.InvariantCulture, $"{revision.Namespace}/{revision.App}/{revision.Number}@{revision.StartedAt.ToUnixTimeMilliseconds()}");

    public static NewGitHubDeployment DeploymentOf(Revision revision, IReadOnlyList<Revision> all)
    {
        var mark = revision.Record!;
        return new NewGitHubDeployment(revision.Commit!, mark.Environment)
        {
            Task = RecordRules.TaskOf(revision),
            // One environment may be on several clusters.
            Description = Line(RecordRules.IsDestroy(revision) ? $"{revision.App}: taken away from {mark.Cluster.Name}" : RecordRules.IsUpdate(revision) ? $"{revision.App}: full update to {mark.Cluster.Name}"
                : $"{revision.App}: revision {revision.Number} on {mark.Cluster.Name}{(revision.Restores is { } restored ? $", back to revision {restored}" : "")}"),
            Payload = PayloadOf(revision, RecordRules.PreviousOf(revision, all)),
            TransientEnvironment = mark.IsTransient,
            ProductionEnvironment = mark.IsProduction,
        };
    }

    /// <param name="revision">Whose record it is.</param>
    /// <param name="state">The state.</param>
    /// <param name="all">All revisions of its app.</param>
    /// <param name="phase">What is done right now.</param>
    /// <param name="by">Who does it; null: who made the revision.</param>
    /// <param name="mask">Takes secrets out of a text.</param>
    public static NewGitHubDeploymentStatus StatusOf(Revision revision, string state, IReadOnlyList<Revision> all, string? phase = null, Author? by = null, Func<string, string>? mask = null) => new(state)
    {
        // Before it is cut: a part of a secret is one, too.
        Description = Line((mask ?? (text => text))(DescriptionOf(revision, state, all, phase))),
        EnvironmentUrl = state == RecordState.Success && IsWeb(revision.State.Url) ? revision.State.Url : null,
        LogUrl = ((string?[])[by?.LogUrl, revision.By.LogUrl]).FirstOrDefault(IsWeb),
    };

    /// <summary>How long a deploy took, by what was said of its success; null where that does not say it.</summary>
    public static TimeSpan? ElapsedOf(string? description) => description is not null && Elapsed().Match(description) is { Success: true } match
        ? TimeSpan.FromSeconds(double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))
        : null;

    public static string Line(string text) => Printable.Line(text, LongestDescription);

    private static string DescriptionOf(Revision revision, string state, IReadOnlyList<Revision> all, string? phase) => (state, revision.State.Outcome) switch
    {
        (RecordState.Queued, _) when RecordRules.IsDestroy(revision) => $"{revision.App} is being taken away.",
        (RecordState.Success or RecordState.Inactive, _) when RecordRules.IsDestroy(revision) => $"{revision.App} is gone.",
        (RecordState.Queued, _) when RecordRules.IsUpdate(revision) => $"A full update of {revision.App} to {revision.Record!.Cluster.Name} is about to begin.",
        (RecordState.Queued, _) => $"Revision {revision.Number} of {revision.App} is about to be deployed.",
        (RecordState.InProgress, _) => phase ?? Held,
        (RecordState.Success, _) => $"{(RecordRules.IsUpdate(revision) ? revision.Record!.Cluster.Name : $"Revision {revision.Number}")} serves{(revision.State.Elapsed is { } elapsed ? string.Create(CultureInfo.InvariantCulture, $", after {elapsed.TotalSeconds:0.0} s") : "")}.",
        (RecordState.Inactive, RevisionOutcome.Aborted) => revision.State.Cause ?? "Given up before it served.",
        (RecordState.Inactive, _) => RecordRules.SuccessorOf(revision, all) is { } next && !RecordRules.IsDestroy(next) ? $"Superseded by {(RecordRules.IsUpdate(next) ? next.Record!.Cluster.Name : $"revision {next.Number}")}." : "Taken away.",
        (RecordState.Failure, _) => revision.State.Cause ?? "It did not come up.",
        (_, RevisionOutcome.Interrupted) => "Its run was killed: it ended without a word.",
        _ => "Cancelled.",
    };

    [GeneratedRegex(@"^(?:Revision \d{1,9}|[a-z0-9-]{1,63}) serves, after (\d{1,7}\.\d) s\.$", RegexOptions.CultureInvariant)]
    private static partial Regex Elapsed();

    private static JsonElement PayloadOf(Revision revision, long? previous)
    {
        var mark = revision.Record!;
        var payload = new JsonObject
        {
            ["schema"] = Schema,
            ["app"] = revision.App,
            ["environment"] = revision.Environment,
            ["namespace"] = revision.Namespace,
            ["rollout"] = RolloutOf(revision),
            ["revision"] = RecordRules.IsUpdate(revision) ? null : revision.Number,
            ["strategy"] = revision.Strategy,
            ["slot"] = revision.Slot,
            ["images"] = new JsonArray([.. revision.Images.Select(image => (JsonNode)new JsonObject
            {
                ["workload"] = image.Workload, ["container"] = image.Container, ["image"] = image.Image,
            })]),
            ["bundle"] = new JsonObject { ["hash"] = revision.Hash, ["reference"] = revision.Bundle },
            ["cluster"] = new JsonObject { ["name"] = mark.Cluster.Name, ["uid"] = mark.Cluster.Uid },
            ["previous"] = previous,
            ["actor"] = revision.By.Name,
            ["run"] = revision.By.RunUrl,
            ["startedAt"] = revision.StartedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            ["restores"] = revision.Restores,
        };
        return JsonSerializer.SerializeToElement(payload, RecordPayloadJson.Default.JsonObject);
    }

    // GitHub refuses what is no address, and with it the whole status.
    private static bool IsWeb(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonObject))]
internal sealed partial class RecordPayloadJson : System.Text.Json.Serialization.JsonSerializerContext;

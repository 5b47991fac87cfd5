using System.Text.Json.Nodes;
using KubeApps.Cli.Rendering.Plans;
using KubeApps.Deploy.History;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Cli.Rendering.Histories;

/// <summary>The history of an app for programs.</summary>
internal static class HistoryJson
{
    /// <param name="cluster">The app's cluster; null where GitHub alone was asked.</param>
    /// <param name="repository">The repository that was asked; null where none was.</param>
    /// <param name="filter">What was asked for.</param>
    /// <param name="sha">The commit that was looked for.</param>
    /// <param name="history">What was found.</param>
    public static JsonObject History(ClusterHistory? cluster, string? repository, HistoryFilter filter, string? sha, DeployHistory history)
    {
        var document = Json.Document("History");
        document["app"] = cluster?.Inventory.App ?? filter.App;
        document["environment"] = cluster?.Inventory.Environment ?? filter.Environment;
        document["target"] = cluster?.Target;
        document["namespace"] = cluster?.Inventory.Namespace;
        document["repository"] = repository;
        document["current"] = cluster?.Inventory.Revision;
        document["revisions"] = cluster is null ? new JsonArray()
            : Json.Array(history.Entries.Select(entry => entry.Revision).OfType<Revision>().OrderBy(item => item.Number), item => Of(item, cluster.Inventory));
        document["entries"] = Json.Array(history.Entries, Of);
        document["more"] = history.HasMore;
        document["commit"] = sha;
        document["live"] = Json.Array(history.Live ?? [], span => new JsonObject
        {
            ["app"] = span.Line.App,
            ["environment"] = span.Line.Environment,
            ["namespace"] = span.Line.Namespace,
            ["cluster"] = span.Line.Cluster,
            ["clusterName"] = span.First.ClusterName,
            ["from"] = span.From.UtcDateTime,
            ["to"] = span.To?.UtcDateTime,
            ["revision"] = span.First.Number,
            ["deployment"] = span.First.Deployment,
            ["commit"] = span.First.Commit,
        });
        return document;
    }

    public static JsonObject Details(Inventory inventory, string target, Revision revision)
    {
        var document = About(Json.Document("RevisionDetails"), inventory, target);
        document["revision"] = Of(revision, inventory);
        document["hash"] = revision.Hash;
        document["plan"] = new JsonObject
        {
            ["created"] = revision.Plan.Created,
            ["changed"] = revision.Plan.Changed,
            ["replaced"] = revision.Plan.Replaced,
            ["unchanged"] = revision.Plan.Unchanged,
            ["deleted"] = revision.Plan.Deleted,
            ["steps"] = Json.Array(revision.Plan.Steps, Json.Of),
        };
        document["checks"] = Json.Array(revision.State.Checks ?? [], check => new JsonObject
        {
            ["name"] = check.Name,
            ["passed"] = check.IsPassed,
            ["message"] = check.Message,
        });
        document["objects"] = Json.Array(revision.Content?.Environment.Objects ?? [], item => item.Content.DeepClone());
        return document;
    }

    public static JsonObject Diff(Inventory inventory, string target, RevisionDiff diff, CommitRange? commits)
    {
        var document = About(Json.Document("RevisionDiff"), inventory, target);
        document["from"] = Of(diff.From, inventory);
        document["to"] = Of(diff.To, inventory);
        document["whole"] = diff.IsWhole;
        document["objects"] = Json.Array(diff.Objects, PlanJson.Of);
        document["images"] = Json.Array(diff.Images, PlanJson.Of);
        document["commits"] = commits is null ? null : new JsonObject
        {
            ["addedCount"] = commits.AddedCount,
            ["removedCount"] = commits.RemovedCount,
            ["added"] = Json.Array(commits.Added, Of),
            ["removed"] = Json.Array(commits.Removed, Of),
        };
        return document;
    }

    private static JsonObject Of(RangeCommit commit) => new()
    {
        ["sha"] = commit.Sha,
        ["subject"] = commit.Subject,
        ["author"] = commit.Author,
        ["date"] = commit.Date?.UtcDateTime,
    };

    private static JsonObject About(JsonObject document, Inventory inventory, string target)
    {
        document["app"] = inventory.App;
        document["environment"] = inventory.Environment;
        document["target"] = target;
        document["namespace"] = inventory.Namespace;
        return document;
    }

    private static JsonObject Of(Revision revision, Inventory inventory) => new()
    {
        ["number"] = revision.Number,
        ["current"] = revision.Number == inventory.Revision,
        ["outcome"] = Json.Camel(revision.State.Outcome),
        ["cause"] = revision.State.Cause,
        ["restores"] = revision.Restores,
        ["restorable"] = revision.IsRestorable,
        ["startedAt"] = revision.StartedAt.UtcDateTime,
        ["elapsedSeconds"] = revision.State.Elapsed is { } elapsed ? Json.Seconds(elapsed) : null,
        ["by"] = revision.By.Name,
        ["runUrl"] = revision.By.RunUrl,
        ["commit"] = revision.Commit,
        ["bundle"] = revision.Bundle,
        ["strategy"] = revision.Strategy,
        ["images"] = Images(revision.Images),
    };

    private static JsonObject Of(HistoryEntry entry) => new()
    {
        ["app"] = entry.App,
        ["environment"] = entry.Environment,
        ["namespace"] = entry.Namespace,
        ["cluster"] = entry.Line.Cluster,
        ["clusterName"] = entry.ClusterName,
        ["revision"] = entry.Number,
        ["deployment"] = entry.Deployment,
        ["rollout"] = entry.Rollout,
        ["kept"] = entry.Revision is not null,
        ["foreign"] = entry.IsForeign,
        ["task"] = entry.Task,
        ["state"] = entry.State.Word(),
        ["current"] = entry.IsCurrent,
        ["startedAt"] = entry.StartedAt.UtcDateTime,
        ["endedAt"] = entry.EndedAt?.UtcDateTime,
        ["liveFrom"] = entry.LiveFrom?.UtcDateTime,
        ["liveTo"] = entry.LiveTo?.UtcDateTime,
        ["commit"] = entry.Commit,
        ["actor"] = entry.Actor,
        ["cause"] = entry.Cause,
        ["url"] = entry.Url,
        ["runUrl"] = entry.RunUrl,
        ["strategy"] = entry.Strategy,
        ["restores"] = entry.Restores,
        ["bundle"] = entry.Bundle,
        ["images"] = Images(entry.Images),
    };

    private static JsonArray Images(IReadOnlyList<RevisionImage> images) => Json.Array(images, image => new JsonObject
    {
        ["workload"] = image.Workload,
        ["container"] = image.Container,
        ["image"] = image.Image,
    });
}

using System.Text.Json.Nodes;
using KubeApps.Cli.Rendering.Plans;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Cli.Rendering.Histories;

/// <summary>The history of an app for programs.</summary>
internal static class HistoryJson
{
    public static JsonObject History(Inventory inventory, string target, IReadOnlyList<Revision> revisions)
    {
        var document = About(Json.Document("History"), inventory, target);
        document["current"] = inventory.Revision;
        document["revisions"] = Json.Array(revisions, item => Of(item, inventory));
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
        document["objects"] = Json.Array(revision.Content?.Objects ?? [], item => item.Content.DeepClone());
        return document;
    }

    public static JsonObject Diff(Inventory inventory, string target, RevisionDiff diff)
    {
        var document = About(Json.Document("RevisionDiff"), inventory, target);
        document["from"] = Of(diff.From, inventory);
        document["to"] = Of(diff.To, inventory);
        document["whole"] = diff.IsWhole;
        document["objects"] = Json.Array(diff.Objects, PlanJson.Of);
        document["images"] = Json.Array(diff.Images, PlanJson.Of);
        return document;
    }

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
        ["images"] = Json.Array(revision.Images, image => new JsonObject
        {
            ["workload"] = image.Workload,
            ["container"] = image.Container,
            ["image"] = image.Image,
        }),
    };
}

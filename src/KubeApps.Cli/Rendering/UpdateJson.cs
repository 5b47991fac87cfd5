using System.Text.Json.Nodes;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Updates;

namespace KubeApps.Cli.Rendering;

/// <summary>A full update in the document of a deploy.</summary>
internal static class UpdateJson
{
    /// <summary>What is under way, as a cluster knows it.</summary>
    public static JsonObject? Of(FullUpdate? update) => update is null ? null : new JsonObject
    {
        ["from"] = update.From,
        ["to"] = update.To,
        ["phase"] = FullUpdateObject.Word(update.Phase),
        ["since"] = update.Since.UtcDateTime,
        ["commit"] = update.Terms.Commit,
    };

    public static JsonObject? Of(UpdateResult? result) => result is null ? null : new JsonObject
    {
        ["from"] = result.Update?.From,
        ["to"] = result.Update?.To,
        ["phase"] = result.Standing is { } standing ? FullUpdateObject.Word(standing.Phase) : null,
        ["shares"] = Json.Array(result.Shares ?? new Dictionary<string, int>(), share => new JsonObject { ["cluster"] = share.Key, ["percent"] = share.Value }),
        ["leftovers"] = Json.Array(result.Leftovers, ClusterJson.Of),
        ["cluster"] = result.Cluster is not { } plan ? null : new JsonObject
        {
            ["name"] = plan.Change.Name,
            ["expectedSeconds"] = ClusterSteps.Expected(plan.Steps).TotalSeconds,
            ["steps"] = Json.Array(plan.Steps, ClusterJson.Of),
            ["cost"] = plan.Cost is { } cost ? ClusterJson.Of(cost) : null,
        },
    };
}

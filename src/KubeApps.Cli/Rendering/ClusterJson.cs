using System.Text.Json.Nodes;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Updates;

namespace KubeApps.Cli.Rendering;

/// <param name="Address">Where the load of its app arrives; null where none is shared.</param>
/// <param name="Share">What of that the cluster gets, in percent; null where it has no part in it.</param>
/// <param name="Update">The full update that is under way, as the cluster knows it.</param>
internal sealed record ClusterLoad(Uri? Address, int? Share, FullUpdate? Update);

/// <summary>Clusters in documents.</summary>
internal static class ClusterJson
{
    public static JsonObject Document(AppCluster cluster, ClusterLoad load, string provider)
    {
        var document = Json.Document("Cluster");
        document["provider"] = provider;
        foreach (var (name, value) in Of(cluster))
            document[name] = value?.DeepClone();
        document["share"] = load.Share;
        document["address"] = load.Address?.ToString();
        document["update"] = UpdateJson.Of(load.Update);
        return document;
    }

    public static JsonObject Of(AppCluster cluster) => new()
    {
        ["name"] = cluster.Name,
        ["app"] = cluster.Owner.App,
        ["environment"] = cluster.Owner.Environment,
        ["state"] = Json.Camel(cluster.State),
        ["version"] = cluster.Version,
        ["identity"] = cluster.Identity,
        ["createdAt"] = cluster.CreatedAt?.UtcDateTime,
        ["problem"] = cluster.Problem,
    };

    public static JsonObject Of(ClusterStep step) => new()
    {
        ["id"] = step.Id,
        ["title"] = step.Title,
        ["action"] = Json.Camel(step.Action),
        ["after"] = Json.Array(step.After, id => (JsonNode?)id),
        ["details"] = Json.Array(step.Details, detail => (JsonNode?)detail),
        ["expectedSeconds"] = step.Expected.TotalSeconds,
        ["timeoutSeconds"] = step.Timeout.TotalSeconds,
    };

    public static JsonObject Of(ClusterCost cost) => new()
    {
        ["currency"] = cost.Currency,
        ["pricesOf"] = cost.PricesOf.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
        ["hourly"] = cost.Hourly,
        ["overlap"] = cost.Overlap,
        ["items"] = Json.Array(cost.Items, item => new JsonObject { ["what"] = item.What, ["hourly"] = item.Hourly, ["shared"] = item.IsShared }),
    };

    public static JsonObject Of(ClusterLeftover leftover) => new()
    {
        ["type"] = leftover.Kind,
        ["id"] = leftover.Id,
        ["cluster"] = leftover.Cluster,
        ["reason"] = leftover.Reason,
    };
}

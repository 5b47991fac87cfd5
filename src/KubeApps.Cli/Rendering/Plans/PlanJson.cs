using System.Text.Json.Nodes;
using KubeApps.Deploy.Planning.Reports;
using KubeApps.Events;

namespace KubeApps.Cli.Rendering.Plans;

/// <summary>A plan for programs.</summary>
internal static class PlanJson
{
    public static JsonObject Document(PlanReport plan)
    {
        var document = Json.Document("Plan");
        foreach (var (name, value) in Of(plan))
            document[name] = value?.DeepClone();
        return document;
    }

    public static JsonObject Of(PlanReport plan) => new()
    {
        ["app"] = plan.App,
        ["environment"] = plan.Environment,
        ["target"] = plan.Target,
        ["namespace"] = plan.Namespace,
        ["commit"] = plan.Commit,
        ["differences"] = plan.HasDifferences,
        ["estimated"] = plan.IsEstimated,
        ["summary"] = new JsonObject
        {
            ["created"] = plan.Count(ResourceChange.Created),
            ["changed"] = plan.Count(ResourceChange.Changed),
            ["replaced"] = plan.Count(ResourceChange.Replaced),
            ["deleted"] = plan.Count(ResourceChange.Deleted),
            ["unchanged"] = plan.Count(ResourceChange.Unchanged),
        },
        ["objects"] = Json.Array(plan.Objects, Of),
        ["images"] = Json.Array(plan.Images, Of),
        ["steps"] = Json.Array(plan.Steps, Json.Of),
        ["warnings"] = Json.Array(plan.Warnings, Json.Of),
        ["obstacles"] = Json.Array(plan.Obstacles, Json.Of),
    };

    public static JsonObject Of(ObjectPlan item) => new()
    {
        ["apiVersion"] = item.Id.ApiVersion,
        ["kind"] = item.Id.Kind,
        ["namespace"] = item.Id.Namespace,
        ["name"] = item.Id.Name,
        ["change"] = Json.Camel(item.Change),
        ["replaces"] = item.Replaces,
        ["note"] = item.Note,
        ["fields"] = Json.Array(item.Fields, field => new JsonObject
        {
            ["path"] = field.Path,
            ["change"] = field.IsOrder ? "reordered" : Json.Camel(field.Kind),
            ["old"] = field.Old?.DeepClone(),
            ["new"] = field.New?.DeepClone(),
            ["hidden"] = field.IsHidden,
        }),
        ["conflicts"] = Json.Array(item.Conflicts, conflict => new JsonObject
        {
            ["path"] = conflict.Path,
            ["manager"] = conflict.Manager,
            ["theirs"] = conflict.Theirs?.DeepClone(),
            ["ours"] = conflict.Ours?.DeepClone(),
            ["hidden"] = conflict.IsHidden,
            ["taken"] = conflict.IsTaken,
        }),
    };

    public static JsonObject Of(ImageChange image) => new()
    {
        ["kind"] = image.Workload.Kind,
        ["namespace"] = image.Workload.Namespace,
        ["workload"] = image.Workload.Name,
        ["container"] = image.Container,
        ["old"] = image.Old,
        ["new"] = image.New,
    };
}

using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Controllers;

/// <summary>The ReplicaSets of a Deployment as its revisions: which one is the new one, their numbers, their annotations.</summary>
internal static class Revisions
{
    public const string HashLabel = "pod-template-hash";
    public const string Revision = "deployment.kubernetes.io/revision";
    public const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    public const string MaxReplicas = "deployment.kubernetes.io/max-replicas";
    private const string History = "deployment.kubernetes.io/revision-history";
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>The oldest ReplicaSet that has the Deployment's template.</summary>
    public static JsonObject? FindNew(JsonObject deployment, IEnumerable<JsonObject> sets) => sets
        .OrderBy(set => set.Created).ThenBy(set => set.Name, StringComparer.Ordinal)
        .FirstOrDefault(set => JsonNode.DeepEquals(WithoutHash(set.Spec.Part("template")), WithoutHash(deployment.Spec.Part("template"))));

    public static long Number(JsonObject set) => long.TryParse(set.Annotation(Revision), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>A ReplicaSet for the Deployment's template, of the given size.</summary>
    public static JsonObject Create(JsonObject deployment, RollingLimits limits, string hash, int size, long revision)
    {
        var template = (JsonObject)deployment.Spec.Part("template").DeepClone();
        template.Editable("metadata").Editable("labels")[HashLabel] = hash;
        template.Metadata.Remove("creationTimestamp");
        var selector = (JsonObject)deployment.Spec.Part("selector").DeepClone();
        selector.Editable("matchLabels")[HashLabel] = hash;
        var set = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{deployment.Name}-{hash}",
                ["namespace"] = deployment.Namespace,
                ["labels"] = template.Labels.DeepClone(),
                ["ownerReferences"] = new JsonArray(ObjectFields.ReferenceTo(deployment, ResourceTypes.Deployment)),
            },
            ["spec"] = new JsonObject { ["replicas"] = size, ["selector"] = selector, ["template"] = template },
            ["status"] = new JsonObject { ["replicas"] = 0 },
        };
        if (deployment.Spec.Count("minReadySeconds") is > 0 and var seconds)
            set.Spec["minReadySeconds"] = seconds;
        CopyAnnotations(deployment, set);
        set.Annotate(Revision, revision.ToString(CultureInfo.InvariantCulture));
        AnnotateSize(set, limits);
        return set;
    }

    /// <summary>Brings annotations, revision and <c>minReadySeconds</c> of the new ReplicaSet up to date.</summary>
    public static void Refresh(JsonObject deployment, JsonObject set, long revision)
    {
        CopyAnnotations(deployment, set);
        var before = Number(set);
        if (before < revision)
        {
            if (before > 0)
                set.Annotate(History, set.Annotation(History) is { } history ? $"{history},{before}" : before.ToString(CultureInfo.InvariantCulture));
            set.Annotate(Revision, revision.ToString(CultureInfo.InvariantCulture));
        }

        if (set.Spec.Count("minReadySeconds") != deployment.Spec.Count("minReadySeconds"))
            set.Spec["minReadySeconds"] = deployment.Spec.Count("minReadySeconds");
    }

    /// <summary>The sizes that the Deployment had when it scaled this ReplicaSet last: from them a later change of size is told.</summary>
    public static void AnnotateSize(JsonObject set, RollingLimits limits)
    {
        set.Annotate(DesiredReplicas, limits.Desired.ToString(CultureInfo.InvariantCulture));
        set.Annotate(MaxReplicas, limits.MaxTotal.ToString(CultureInfo.InvariantCulture));
    }

    private static void CopyAnnotations(JsonObject deployment, JsonObject set)
    {
        foreach (var (key, value) in deployment.Metadata.Part("annotations"))
            if (key is not (LastApplied or Revision or History or DesiredReplicas or MaxReplicas) && value is not null)
                set.Annotate(key, (string)value!);
    }

    private static JsonObject WithoutHash(JsonObject template)
    {
        var bare = (JsonObject)template.DeepClone();
        bare.Labels.Remove(HashLabel);
        bare.Metadata.Remove("creationTimestamp");
        return bare;
    }
}

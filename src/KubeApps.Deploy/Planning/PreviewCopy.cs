using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Planning;

/// <summary>
/// A short-lived copy of a Deployment for its checks: one pod of the new version that no Service selects. Pure.
/// </summary>
internal static class PreviewCopy
{
    /// <summary>Label of everything that a preview is made of, and of what leads to the idle slot: its value is what it is a copy of.</summary>
    public const string Label = "kubeapps.dev/preview-of";

    private const string Suffix = "-preview";
    private const int LongestName = 63;
    private const int ShortGrace = 5;

    public static string NameOf(string name) => Shortened(name) + Suffix;

    /// <summary>The value of <see cref="Label"/>: a name may be longer than a label.</summary>
    public static string LabelOf(string name) => ShortenedValue(name);

    /// <summary>
    /// Why a workload cannot run twice for a moment; null where it can. Recreate is how a specification says that two versions must never
    /// run at once, and a port of the node can be had once.
    /// </summary>
    public static bool CanBeMade(JsonObject workload)
    {
        var pod = workload["spec"]?["template"]?["spec"];
        return (string?)workload["kind"] == "Deployment"
            && (string?)workload["spec"]?["strategy"]?["type"] != "Recreate"
            && (bool?)pod?["hostNetwork"] != true
            && !Items(pod?["containers"]).SelectMany(container => Items(container["ports"])).Any(port => port["hostPort"] is not null);
    }

    /// <summary>The copy. Labels by which a Deployment or a Service finds pods get other values; all others stay: sidecars and identities hang on them.</summary>
    /// <param name="deployment">The new version.</param>
    /// <param name="services">All services of its namespace in the release.</param>
    public static ReleaseObject Of(ReleaseObject deployment, IEnumerable<JsonObject> services)
    {
        var content = deployment.Content;
        var name = NameOf(deployment.Id.Name);
        var metadata = (JsonObject)content["metadata"]!;
        metadata["name"] = name;
        metadata.Remove("annotations");
        Labels(metadata)[Label] = LabelOf(deployment.Id.Name);

        var spec = (JsonObject)content["spec"]!;
        var finding = Keys(spec["selector"]).Concat(services.SelectMany(service => CheckTarget.LabelsOf(service["spec"]?["selector"]).Keys)).ToHashSet(StringComparer.Ordinal);
        spec["replicas"] = 1;
        spec["revisionHistoryLimit"] = 0;
        spec["strategy"] = new JsonObject { ["type"] = "Recreate" };
        spec.Remove("minReadySeconds");
        spec.Remove("paused");

        var template = (JsonObject)spec["template"]!;
        var labels = Labels((JsonObject)(template["metadata"] ??= new JsonObject()));
        foreach (var key in labels.Select(label => label.Key).Where(finding.Contains).ToList())
            labels[key] = ShortenedValue((string?)labels[key] ?? "", Suffix);
        labels[Label] = LabelOf(deployment.Id.Name);
        spec["selector"] = new JsonObject { ["matchLabels"] = PodLabels(content) };

        // There is no traffic to wait for at its end.
        if (template["spec"] is JsonObject pod)
        {
            pod["terminationGracePeriodSeconds"] = Math.Min((int?)pod["terminationGracePeriodSeconds"] ?? 30, ShortGrace);
            foreach (var container in Items(pod["containers"]))
                if (container["lifecycle"] is JsonObject lifecycle && lifecycle["preStop"]?["sleep"] is not null)
                    lifecycle.Remove("preStop");
        }

        return deployment.With(content);

        JsonObject PodLabels(JsonObject copy)
        {
            var found = new JsonObject { [Label] = labels[Label]!.DeepClone() };
            foreach (var key in Keys(deployment.Content["spec"]?["selector"]).Where(labels.ContainsKey))
                found[key] = labels[key]!.DeepClone();
            return found;
        }
    }

    /// <summary>A service beside one that is checked, for what runs in the cluster: it leads to the copy's pod.</summary>
    public static ReleaseObject OfService(ReleaseObject service, IReadOnlyDictionary<string, string> podLabels)
    {
        var second = Previews.Second(service);
        var content = second.Content;
        content["spec"]!["selector"] = new Selector(podLabels).ToJson();
        return second.With(content);
    }

    private static JsonObject Labels(JsonObject metadata) => (JsonObject)(metadata["labels"] ??= new JsonObject());

    private static IEnumerable<string> Keys(JsonNode? selector) => (selector?["matchLabels"] as JsonObject ?? []).Select(label => label.Key)
        .Concat(Items(selector?["matchExpressions"]).Select(expression => (string?)expression["key"]).OfType<string>());

    private static string Shortened(string text) => text.Length + Suffix.Length <= LongestName ? text : text[..(LongestName - Suffix.Length)].TrimEnd('-', '.', '_');

    private static string ShortenedValue(string value, string suffix = "") => value.Length == 0 ? suffix.TrimStart('-') : Shortened(value) + suffix;

    private static IEnumerable<JsonObject> Items(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();
}

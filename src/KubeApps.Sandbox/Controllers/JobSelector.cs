using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Controllers;

/// <summary>How a Job knows its pods: by labels with its UID, which it gets together with a selector when it is created.</summary>
internal static class JobSelector
{
    private const string UidLabel = "batch.kubernetes.io/controller-uid";
    private const string NameLabel = "batch.kubernetes.io/job-name";

    /// <summary>Changes a Job that is about to be stored and has its UID already. One with a selector of its own stays as it is.</summary>
    public static void Generate(JsonObject job)
    {
        if (job.Spec.Flag("manualSelector") || job.Spec["selector"] is JsonObject)
            return;
        var spec = job.Editable("spec");
        foreach (var labels in (ReadOnlySpan<JsonObject>)[job.Editable("metadata").Editable("labels"), spec.Editable("template").Editable("metadata").Editable("labels")])
        {
            // The names without a prefix are from before Kubernetes 1.27: tools still look for them.
            foreach (var name in (ReadOnlySpan<string>)[UidLabel, "controller-uid"])
                labels[name] = job.Uid;
            foreach (var name in (ReadOnlySpan<string>)[NameLabel, "job-name"])
                labels[name] = job.Name;
        }

        spec["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { [UidLabel] = job.Uid } };
    }
}

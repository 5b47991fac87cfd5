using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Controllers;

/// <summary>Says on an object, at once and in plain words, that nothing will come of it here: nobody shall wait for it.</summary>
internal static class NotRun
{
    public const string Annotation = "sandbox.kubeapps.dev/not-run";
    private const string Name = "sandbox";

    public static void Declare(Cluster cluster, JsonObject item, ResourceType type, string words)
    {
        if (item.Annotation(Annotation) == words)
            return;
        cluster.Update(item.Key(type), Name, changed =>
        {
            changed.Annotate(Annotation, words);
            return true;
        });
        cluster.RecordEvent(item, "Warning", "NotSupported", words, Name);
    }
}

/// <summary>The workloads that the sandbox stores, but does not run.</summary>
internal sealed class NotRunController(Cluster cluster) : IReconciler
{
    public IReadOnlyList<Trigger> Triggers { get; } =
        [.. ResourceTypes.NotRun.Select(Trigger.Itself)];

    public Next Reconcile(ObjectKey key)
    {
        if (cluster.Get(key) is { IsTerminating: false } item)
            NotRun.Declare(cluster, item, key.Type, ResourceTypes.WhyNotRun(key.Type, item)!);
        return Next.OnChange;
    }
}

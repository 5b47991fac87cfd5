using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Controllers;

/// <summary>Says on an Ingress that no controller will give it an address here: nobody shall wait for one.</summary>
internal sealed class IngressNotice(Cluster cluster) : IReconciler
{
    public IReadOnlyList<Trigger> Triggers { get; } = [Trigger.Itself(ResourceTypes.Ingress)];

    public Next Reconcile(ObjectKey key)
    {
        if (cluster.Get(key) is { IsTerminating: false } ingress)
            cluster.RecordEvent(
                ingress, "Warning", "NotSupported", "The sandbox has no ingress controller: it has stored this Ingress, and nothing listens for it.", "sandbox");
        return Next.OnChange;
    }
}

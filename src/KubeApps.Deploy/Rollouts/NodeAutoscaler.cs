using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Rollouts;

/// <summary>
/// Whether a cluster has something that adds nodes: then a pod without a node is given time. Cluster Autoscaler keeps its state in a
/// ConfigMap, also where a cloud runs it; Karpenter has kinds of its own.
/// </summary>
internal sealed class NodeAutoscaler(KubeClient client, Func<ObjectId, ResourceType?>? typeOf)
{
    private static readonly ObjectId Karpenter = new("karpenter.sh/v1", "NodePool", null, "");

    private bool _hasLooked;

    /// <summary>Null where nobody looked, or nobody may.</summary>
    public bool? Exists { get; private set; }

    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (_hasLooked || typeOf is null)
            return;
        _hasLooked = true;
        if (typeOf(Karpenter) is not null)
        {
            Exists = true;
            return;
        }

        try
        {
            Exists = await client.GetAsync(ResourceType.ConfigMap, "kube-system", "cluster-autoscaler-status", cancellationToken) is not null;
        }
        catch (ApiException)
        {
            // Who may not look knows nothing: it may well be there.
        }
    }
}

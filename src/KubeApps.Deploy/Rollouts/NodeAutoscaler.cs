using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Rollouts;

/// <summary>
/// Whether a cluster has something that adds nodes: then a pod without a node is given time. Cluster Autoscaler keeps its state in a
/// ConfigMap, also where a cloud runs it; Karpenter has kinds of its own.
/// </summary>
internal sealed class NodeAutoscaler(KubeClient client)
{
    private static readonly string[] Signs = [ResourceType.ConfigMap.ObjectPath("kube-system", "cluster-autoscaler-status"), "/apis/karpenter.sh"];

    private bool _hasLooked;

    /// <summary>Null where nobody looked, or nobody may.</summary>
    public bool? Exists { get; private set; }

    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (_hasLooked)
            return;
        _hasLooked = true;
        var found = await Task.WhenAll(Signs.Select(path => IsThereAsync(path, cancellationToken)));
        Exists = found.Contains(true) ? true : found.All(there => there == false) ? false : null;
    }

    private async Task<bool?> IsThereAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await client.SendAsync(HttpMethod.Get, path, null, cancellationToken);
            return true;
        }
        catch (ApiException refusal)
        {
            // Who may not look knows nothing: it may well be there.
            return refusal.IsNotFound ? false : null;
        }
    }
}

using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Rollouts;

/// <summary>
/// Whether a cluster has something that adds nodes: then a pod without a node is given time. Cluster Autoscaler keeps its state in a
/// ConfigMap of the namespace that it runs in, also where a cloud runs it; Karpenter has kinds of its own.
/// </summary>
internal sealed class NodeAutoscaler(KubeClient client)
{
    private const string Status = "cluster-autoscaler-status";

    private bool _hasLooked;

    /// <summary>Null where nobody looked, or nobody may.</summary>
    public bool? Exists { get; private set; }

    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (_hasLooked)
            return;
        _hasLooked = true;
        var found = await Task.WhenAll(HasStatusAsync(cancellationToken), AnswersAsync("/apis/karpenter.sh", cancellationToken));
        Exists = found.Contains(true) ? true : found.All(there => there == false) ? false : null;
    }

    private async Task<bool?> HasStatusAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await client.ListAsync(ResourceType.ConfigMap, null, ResourceType.SelectorOf(Status), cancellationToken)).Items.Count > 0;
        }
        catch (ApiException)
        {
            // Where it is most often. Who may not look anywhere else knows nothing of these.
            return await AnswersAsync(ResourceType.ConfigMap.ObjectPath("kube-system", Status), cancellationToken) == true ? true : null;
        }
    }

    private async Task<bool?> AnswersAsync(string path, CancellationToken cancellationToken)
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

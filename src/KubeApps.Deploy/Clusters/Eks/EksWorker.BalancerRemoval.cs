using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

// Services and ingresses go while there is somebody who takes their balancers down. Where nobody is, or the cluster does not answer, its end does not wait for
// ever: what has the cluster's tags is deleted in the account, when nothing runs any more that would make it anew.
internal sealed partial class EksWorker
{
    // A balancer is deleted within seconds of its object, by a controller that runs.
    private static readonly TimeSpan ControllerPatience = TimeSpan.FromMinutes(3);

    // A finalizer holds an object until the balancer is gone, with its rules, groups and targets.
    private static readonly TimeSpan FinalizerPatience = TimeSpan.FromMinutes(8);
    private static readonly TimeSpan AbandonedPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromMinutes(3);

    private async Task<string> DeleteLoadBalancersAsync(StepProgress progress, CancellationToken cancellationToken)
    {
        if (await finder.ClusterAsync(cancellationToken) is not { Status: Aws.Eks.ClusterStatus.Active or Aws.Eks.ClusterStatus.Updating } cluster)
            return "the cluster does not answer any more";
        using var connection = connect(cluster);
        var (deleted, began) = (0, clock.GetTimestamp());
        var answered = began;
        var obstacle = await UntilAsync(async () =>
        {
            try
            {
                var rest = await WithBalancersAsync(connection.Client, cancellationToken);
                foreach (var (type, item) in rest.Where(item => item.Object["metadata"]!["deletionTimestamp"] is null))
                {
                    var metadata = item["metadata"]!;
                    await connection.Client.DeleteAsync(type, (string?)metadata["namespace"], (string)metadata["name"]!, (string)metadata["uid"]!, "Background", cancellationToken);
                    deleted++;
                }

                answered = clock.GetTimestamp();
                if (rest.Count == 0)
                    return "";
                progress.Say($"{rest.Count} services and ingresses still have balancers");
                // What EKS itself has made for a Service, it takes down itself: no pod does.
                var hasController = rest.Any(item => (item.Object["metadata"]!["finalizers"] as JsonArray ?? []).Any(finalizer => (string?)finalizer == "service.kubernetes.io/load-balancer-cleanup"))
                    || await HasControllerAsync(connection.Client, cancellationToken);
                return clock.GetElapsedTime(began) < (hasController ? FinalizerPatience : AbandonedPatience) ? null
                    : $"{string.Join(", ", rest.Select(item => ObjectId.Of(item.Object)))} {(rest.Count == 1 ? "stays" : "stay")}{(hasController ? "" : ", for no controller of balancers runs in the cluster")}";
            }
            catch (Exception failure) when (failure is DiagnosticException or ApiException)
            {
                var cause = (failure as DiagnosticException)?.Diagnostics[0].Cause ?? failure.Message;
                progress.Say($"its services and ingresses cannot be deleted yet: {cause.TrimEnd('.')}");
                return clock.GetElapsedTime(answered) < AnswerPatience ? null : $"its services and ingresses stay: {cause.TrimEnd('.')}";
            }
        }, cancellationToken);
        if (obstacle.Length > 0)
        {
            progress.Say(obstacle);
            return $"{obstacle}; balancers that have its tags are deleted after it";
        }

        if (deleted == 0)
            return "there were none";
        // Those whose controller does not run any more have nobody to take them down: they go with the other remains.
        var (left, since) = (0, clock.GetTimestamp());
        await UntilAsync(async () =>
        {
            left = (await new EksAudit(_access).OfAsync(Name, finder.Owner, cancellationToken)).Count(item => item.Kind == EksAudit.LoadBalancer);
            if (left > 0)
                progress.Say($"{left} balancers are still there");
            return left == 0 || clock.GetElapsedTime(since) > ControllerPatience ? "none" : null;
        }, cancellationToken);
        return $"{deleted} deleted{(left == 0 ? "" : $"; {left} balancers are left for now")}";
    }

    private static async Task<List<(ResourceType Type, JsonObject Object)>> WithBalancersAsync(KubeClient client, CancellationToken cancellationToken)
    {
        var services = (await client.ListAsync(ResourceType.Service, null, null, cancellationToken)).Items.Where(item => (string?)item["spec"]?["type"] == "LoadBalancer");
        var ingresses = (await client.ListAsync(ResourceType.Ingress, null, null, cancellationToken)).Items;
        return [.. services.Select(item => (ResourceType.Service, item)), .. ingresses.Select(item => (ResourceType.Ingress, item))];
    }

    // Ours, or one that somebody has put there in our stead.
    private static async Task<bool> HasControllerAsync(KubeClient client, CancellationToken cancellationToken) =>
        (await client.ListAsync(ResourceType.Pod, null, $"app.kubernetes.io/name={EksController.LoadBalancers.Name}", cancellationToken)).Items.Any(pod => pod["metadata"]!["deletionTimestamp"] is null
            && (pod["status"]?["conditions"] as JsonArray ?? []).Any(condition => (string?)condition!["type"] == "Ready" && (string?)condition["status"] == "True"));
}

using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Rollouts;

namespace KubeApps.Deploy.Checks;

/// <summary>A pod and the port of it that a check asks.</summary>
internal sealed record CheckedPod(string Name, int Port, string? Container);

/// <summary>The pods that a check asks: those that are ready when it does.</summary>
internal sealed class CheckedPods(KubeClient client, CheckTarget target, string? portName)
{
    /// <summary>The service's port; null where it has none of that name.</summary>
    public JsonObject? Port { get; } = target.Port(portName);

    public async Task<IReadOnlyList<CheckedPod>> ListAsync(CancellationToken cancellationToken)
    {
        if (Port is not { } port)
            return [];
        var (pods, _) = await client.ListAsync(ResourceType.Pod, target.Namespace, target.LabelSelector, cancellationToken);
        return
        [
            .. from pod in pods
               where pod["metadata"]!["deletionTimestamp"] is null && WorkloadStatus.HasCondition(pod, "Ready")
               let number = CheckTarget.PodPort(port, pod)
               where number is not null
               orderby (string)pod["metadata"]!["name"]!
               select new CheckedPod((string)pod["metadata"]!["name"]!, number.Value, CheckTarget.ContainerOf(pod, number)),
        ];
    }

    public Task<Stream> ConnectAsync(CheckedPod pod, CancellationToken cancellationToken) => client.ForwardAsync(target.Namespace, pod.Name, pod.Port, cancellationToken);
}

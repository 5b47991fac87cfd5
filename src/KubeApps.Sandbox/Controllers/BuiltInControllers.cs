using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Network;

namespace KubeApps.Sandbox.Controllers;

/// <summary>What runs in a sandbox besides the kubelet.</summary>
internal static class BuiltInControllers
{
    public static IReadOnlyList<IReconciler> Of(Cluster cluster, TimeProvider clock, ServiceController services) =>
    [
        new DeploymentController(cluster, clock),
        new ReplicaSetController(cluster, clock),
        new JobController(cluster, clock),
        new AutoscalerController(cluster, clock),
        new NotRunController(cluster),
        new EndpointSliceController(cluster),
        new EndpointsController(cluster),
        services,
    ];
}

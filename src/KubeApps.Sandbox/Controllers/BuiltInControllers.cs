using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Network;

namespace KubeApps.Sandbox.Controllers;

/// <summary>What runs in a sandbox besides the kubelet.</summary>
internal static class BuiltInControllers
{
    /// <summary>Whose fields those are that a controller writes. They are one program in Kubernetes, and have its name; events have each one's own.</summary>
    public const string Manager = "kube-controller-manager";

    public static IReadOnlyList<IReconciler> Of(Cluster cluster, TimeProvider clock, ServiceController services) =>
    [
        new DeploymentController(cluster, clock),
        new ReplicaSetController(cluster, clock),
        new JobController(cluster, clock),
        new AutoscalerController(cluster, clock),
        new NotRunController(cluster),
        new IngressNotice(cluster),
        new EndpointSliceController(cluster),
        new EndpointsController(cluster),
        services,
    ];
}

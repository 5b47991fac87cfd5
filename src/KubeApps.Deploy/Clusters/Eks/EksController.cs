namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>What runs in a cluster and changes something in the account: its pods have a role of the cluster's by the service account that its project gives them.</summary>
/// <param name="Name">The name of its deployment and of its service account, in the cluster's own namespace.</param>
/// <param name="Role">What it may do.</param>
internal sealed record EksController(string Name, EksRole Role)
{
    public const string Namespace = "kube-system";

    /// <summary>Makes balancers for services and ingresses.</summary>
    /// <seealso href="https://kubernetes-sigs.github.io/aws-load-balancer-controller/"/>
    public static readonly EksController LoadBalancers = new("aws-load-balancer-controller", EksRole.LoadBalancers);

    /// <summary>Keeps as many machines as the pods need. EKS tags its node groups for it.</summary>
    /// <seealso href="https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md"/>
    public static readonly EksController Autoscaler = new("cluster-autoscaler", EksRole.Autoscaler);

    public static readonly IReadOnlyList<EksController> All = [LoadBalancers, Autoscaler];

    /// <summary>Those that a cluster shall have. On Fargate there is no agent that would give their pods a role.</summary>
    public static IEnumerable<EksController> Wanted(ClusterSpecification specification)
    {
        if (specification is { HasLoadBalancers: true, Pools.Count: > 0 })
            yield return LoadBalancers;
        if (specification is { HasAutoscaler: true, Pools.Count: > 0 })
            yield return Autoscaler;
    }

    public static bool IsOne(string ns, string serviceAccount) => ns == Namespace && All.Any(controller => controller.Name == serviceAccount);
}

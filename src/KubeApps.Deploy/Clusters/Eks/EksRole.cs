namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>A role that belongs to a cluster.</summary>
/// <param name="Part">What it is for: the last part of its name.</param>
/// <param name="Service">Who takes it on.</param>
/// <param name="Policies">AWS's own policies that it has, without the beginning of their ARNs.</param>
internal sealed record EksRole(string Part, string Service, IReadOnlyList<string> Policies)
{
    public static readonly EksRole Cluster = new("cluster", "eks.amazonaws.com", ["AmazonEKSClusterPolicy"]);

    public static readonly EksRole Nodes = new("nodes", "ec2.amazonaws.com", ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"]);

    public static readonly EksRole Fargate = new("fargate", "eks-fargate-pods.amazonaws.com", ["AmazonEKSFargatePodExecutionRolePolicy"]);

    public static readonly EksRole Network = new("vpc-cni", PodIdentity, ["AmazonEKS_CNI_Policy"]);

    public static readonly EksRole Disks = new("ebs-csi", PodIdentity, ["service-role/AmazonEBSCSIDriverPolicy"]);

    public static readonly EksRole LoadBalancers = new("load-balancers", PodIdentity, []) { Own = new("load-balancers") };

    public static readonly EksRole Autoscaler = new("autoscaler", PodIdentity, []) { Own = new("autoscaler") };

    /// <summary>All that a cluster can have.</summary>
    public static readonly IReadOnlyList<EksRole> All = [Cluster, Nodes, Fargate, Network, Disks, LoadBalancers, Autoscaler];

    private const string PodIdentity = "pods.eks.amazonaws.com";

    /// <summary>A policy that AWS has none of its own for; it stands in the role itself.</summary>
    public EksRolePolicy? Own { get; private init; }

    /// <summary>Whether pods take it on, with what tells them apart.</summary>
    public bool IsOfPods => Service == PodIdentity;
}

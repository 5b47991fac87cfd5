namespace KubeApps;

/// <summary>What an environment's own cluster on EKS is like, besides its machines: who may enter it, from where, and with which key it keeps secrets.</summary>
/// <example><code>Target.Eks("123456789012", "eu-central-1").WithCluster(new ClusterSettings { Administrators = { "arn:aws:iam::123456789012:role/platform" } })</code></example>
public sealed class ClusterSettings
{
    /// <summary>The version of Kubernetes: <c>1.34</c>. Default: a new cluster takes the newest in standard support, and one that is there keeps its own.</summary>
    public string? Version { get; set; }

    /// <summary>The roles and users of IAM that may do everything in the cluster, by their ARNs, besides who makes it. Who is named no more is let in no more from the next <c>cluster update</c> on.</summary>
    public List<string> Administrators { get; set; } = [];

    /// <summary>The key of KMS that encrypts the cluster's secrets, by its ARN. A cluster that has none of yours gets it; what it has once, it keeps. Default: a key that EKS keeps.</summary>
    public string? EncryptionKey { get; set; }

    /// <summary>Whether the cluster's API can be reached from its network alone. Who deploys must be there, too.</summary>
    public bool IsPrivate { get; set; }

    /// <summary>From where the API can be reached, as CIDR ranges: <c>203.0.113.0/24</c>. Default: from everywhere.</summary>
    public List<string> AllowedRanges { get; set; } = [];

    /// <summary>
    /// The network that it is made in: <c>vpc-0a1b2c3d</c>. Nodes are in its subnets that carry <c>kubernetes.io/role/internal-elb</c>; where none does, in those that lead
    /// out of it and not to an internet gateway. Default: one that is tagged to be shared, else one of its own.
    /// </summary>
    /// <seealso href="https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html"/>
    public string? Network { get; set; }

    /// <summary>
    /// Whether the cluster gets the AWS load balancer controller, with the role that it needs: it makes the balancers of public services and of ingresses of
    /// the class <c>alb</c>. Say no where others bring it. Default: where the app has one of these, and does not bring the controller itself.
    /// </summary>
    /// <seealso href="https://kubernetes-sigs.github.io/aws-load-balancer-controller/"/>
    public bool? LoadBalancerController { get; set; }

    /// <summary>
    /// Whether the cluster gets the cluster autoscaler, with the role that it needs: it adds machines to a node pool while pods find no place, and takes away
    /// those that are hardly used, between the pool's Min and Max. Say no where others bring it. Default: where a pool has room between the two.
    /// </summary>
    /// <seealso href="https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler"/>
    public bool? ClusterAutoscaler { get; set; }
}

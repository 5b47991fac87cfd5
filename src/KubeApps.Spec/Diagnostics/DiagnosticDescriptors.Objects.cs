namespace KubeApps.Diagnostics;

// 604x: what keeps pods from being created, and objects without pods that do not become what they should be.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor LoadBalancerPending = new(
        "KUBEAPP6040", "A load balancer gets no address", "Look at the Service's events; a cluster without a load balancer controller needs another exposure.");

    public static readonly DiagnosticDescriptor PodsDenied = new(
        "KUBEAPP6041", "An admission rule of the cluster denies the pods", "Correct what the rule names in the pods' specification, or ask who owns the rule.");

    public static readonly DiagnosticDescriptor PodQuota = new(
        "KUBEAPP6042", "A quota keeps pods from being created", "Ask for a larger quota, or request less (replicas, resources); a surge of a rollout counts, too.");

    public static readonly DiagnosticDescriptor IngressPending = new(
        "KUBEAPP6043", "An Ingress has no address", "Check that its class has a controller; some controllers serve without saying so.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor NoMatchingNode = new(
        "KUBEAPP6044", "No node is meant for a pod", "Correct node selector, affinity and tolerations, or add nodes that have the labels.");

    public static readonly DiagnosticDescriptor AutoscalerBlind = new(
        "KUBEAPP6045", "An autoscaler has no metrics", "Install metrics-server; until then the number of replicas stays as it is.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor ObjectNotReady = new(
        "KUBEAPP6046", "An object does not become ready", "Correct what the message names; its controller's log says more.");
}

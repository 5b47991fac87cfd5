namespace KubeApps.Diagnostics;

// 811x to 813x: making, changing and removing an app's cluster.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor ClusterStepTimedOut = new(
        "KUBEAPP8110", "A step of a cluster's change takes too long",
        "Look at the resource in the provider's console; run it again: what is done is found, and waited for where it goes on.");

    public static readonly DiagnosticDescriptor ClusterQuotaInsufficient = new(
        "KUBEAPP8111", "A quota of the account does not suffice for the cluster",
        "Ask for more under Service Quotas, in this account and region, or delete what is not needed. Nothing was changed.");

    public static readonly DiagnosticDescriptor ClusterQuotaTight = new(
        "KUBEAPP8112", "A quota of the account is below what the cluster can grow to", "Ask for more under Service Quotas before the app needs it.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor ClusterVersionInvalid = new(
        "KUBEAPP8113", "The cluster cannot have this version of Kubernetes", "Choose a version that the provider has, and none that is older than the cluster's.");

    public static readonly DiagnosticDescriptor ClusterInExtendedSupport = new(
        "KUBEAPP8114", "The version of Kubernetes is in extended support", "Upgrade with --kubernetes-version.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor ClusterNotReadyForUpgrade = new(
        "KUBEAPP8115", "Something stands in the way of the cluster's upgrade", "Correct what EKS names (its console shows it under upgrade insights), then run it again. Nothing was changed.");

    public static readonly DiagnosticDescriptor ClusterNetworkUnusable = new(
        "KUBEAPP8116", "A network does not suffice for a cluster", "Give it subnets in two zones at least, or name another one with --network.");

    public static readonly DiagnosticDescriptor ClusterHasNoPlace = new(
        "KUBEAPP8117", "The cluster's own pods could run nowhere", "Add a node pool without taints, or a Fargate profile for kube-system.");

    public static readonly DiagnosticDescriptor ClusterIsNotTheOwners = new(
        "KUBEAPP8118", "A cluster or a role of this name is not the app's", "Choose another name: what the tags do not give to the app is never changed.");

    public static readonly DiagnosticDescriptor ClusterResourceFailed = new(
        "KUBEAPP8119", "A resource of the cluster failed", "Correct what AWS names and run it again; --cleanup-on-failure removes what was made.");

    public static readonly DiagnosticDescriptor ClusterPriceUnknown = new(
        "KUBEAPP8120", "Something has no price in the table", "Look it up at https://calculator.aws.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor ClusterQuotaUnknown = new(
        "KUBEAPP8121", "It is not known whether a quota of the account suffices", "Look under Service Quotas (Amazon EC2) how many of these machines the account may have in the region.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor ClusterControllerHasNoRole = new(
        "KUBEAPP8136", "Nobody would make the load balancers that the app asks for", "Add a node pool: beside Fargate, a small one is enough.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor ClusterPodsWouldBeLost = new(
        "KUBEAPP8137", "Pods would be lost with their machine", "Delete them, or let a Deployment, StatefulSet or Job make them; then run it again.");

    public static readonly DiagnosticDescriptor ClusterNetworkStays = new(
        "KUBEAPP8138", "The app's network stays, for other clusters stand in it", "Nothing is to be done: 'dotnet kubeapp cluster gc' deletes it when they are gone.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor ClusterNetworkInUse = new(
        "KUBEAPP8139", "The app's network cannot be deleted, for something stands in it",
        "Delete what has these interfaces, or move it elsewhere, and run it again. Of the network nothing was deleted.");

    public static readonly DiagnosticDescriptor ClusterKeyDiffers = new(
        "KUBEAPP8135", "A cluster's secrets are encrypted with another key than declared",
        "A key of yours cannot be exchanged in a cluster that has one: a full update (deploy --scope cluster) brings a new one with it.", DiagnosticSeverity.Warning);
}

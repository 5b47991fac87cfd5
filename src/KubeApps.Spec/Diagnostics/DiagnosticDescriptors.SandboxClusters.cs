namespace KubeApps.Diagnostics;

/// <content>Clusters of an app, and those on this machine.</content>
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor ClusterNotFound = new(
        "KUBEAPP0080", "There is no such cluster", "See which there are with 'dotnet kubeapp cluster list'.");

    public static readonly DiagnosticDescriptor ClustersNotProvided = new(
        "KUBEAPP0081", "Clusters are not made there", "Name an environment with a target that clusters are made for: the sandbox.");

    public static readonly DiagnosticDescriptor ClusterNameUnusable = new(
        "KUBEAPP0082", "A cluster cannot have this name", "Choose another one with --name: up to 63 lower-case letters, digits and dashes; or leave the choice to the tool.");

    public static readonly DiagnosticDescriptor ClusterStillServes = new(
        "KUBEAPP8140", "The cluster still gets load", "Give its share to another cluster first, or delete that one.");

    public static readonly DiagnosticDescriptor ClusterHasNoAddress = new(
        "KUBEAPP8141", "The cluster has no address of the app", "Deploy the app to the cluster first; it needs a Service.");

    public static readonly DiagnosticDescriptor EdgeProxyFails = new(
        "KUBEAPP8142", "The edge proxy did not do what it was told", "Look into its log, edge/logs/sandbox.log below KUBEAPPS_HOME. The shares are as they were.");
}

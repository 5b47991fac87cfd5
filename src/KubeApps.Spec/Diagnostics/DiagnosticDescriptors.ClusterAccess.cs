namespace KubeApps.Diagnostics;

// 8130 to 8139: the way to an app's cluster.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor ClusterMissing = new(
        "KUBEAPP8130", "The app has no cluster yet", "Make it with 'dotnet kubeapp cluster create', or check the account and the region of the environment's target.");

    public static readonly DiagnosticDescriptor ClusterNotReady = new(
        "KUBEAPP8131", "The app's cluster is not ready", "Wait for it; where its creation was cut, 'dotnet kubeapp cluster create' goes on with it.");

    public static readonly DiagnosticDescriptor ClusterAmbiguous = new(
        "KUBEAPP8132", "The app has several clusters",
        "Finish or abort its full update; or name one of them: 'dotnet kubeapp cluster kubeconfig NAME --file FILE', then --kubeconfig FILE.");
}

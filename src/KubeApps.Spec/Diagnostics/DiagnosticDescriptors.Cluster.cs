namespace KubeApps.Diagnostics;

// 800x: the cluster and the way to it. 802x and up belong to the sandbox.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor ClusterUnreachable = new(
        "KUBEAPP8001", "The cluster cannot be reached",
        "Check that the cluster runs and that its address is reachable from here (VPN, proxy, firewall); try 'kubectl --context NAME version'.");

    public static readonly DiagnosticDescriptor CredentialsRefused = new(
        "KUBEAPP8002", "The cluster refuses the credentials", "Log in again, or choose another context with --context.");

    public static readonly DiagnosticDescriptor PermissionMissing = new(
        "KUBEAPP8003", "A permission is missing in the cluster", "Ask for a role that allows this, or deploy with another context.");

    public static readonly DiagnosticDescriptor ServerNotTrusted = new(
        "KUBEAPP8004", "The cluster's certificate is not trusted",
        "Fetch the kubeconfig anew: its certificate-authority-data must belong to this cluster.");

    public static readonly DiagnosticDescriptor NotAnApiServer = new(
        "KUBEAPP8005", "What answers is not a Kubernetes API server", "Check the server address in the kubeconfig; a proxy may answer in its place.");

    public static readonly DiagnosticDescriptor CredentialPluginFailed = new(
        "KUBEAPP8006", "The kubeconfig's credential plugin fails", "Run the plugin by hand and log in where it asks for it.");

    public static readonly DiagnosticDescriptor CrdNotEstablished = new(
        "KUBEAPP8007", "A custom resource definition is not established", "Look at its conditions: kubectl describe crd NAME.");
}

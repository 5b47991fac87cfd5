namespace KubeApps.Diagnostics;

// 0089 to 0093: which fleet is meant. 8150 to 8169: many apps at once.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor FleetNotChosen = new(
        "KUBEAPP0089", "It is not clear which clusters are the fleet", "Name contexts with --context (* stands for anything), regions with --eks, or say --sandbox-clusters.");

    public static readonly DiagnosticDescriptor FleetTimedOut = new(
        "KUBEAPP8150", "An app or a cluster of the fleet took too long", "Look at it alone, or give each more time with --timeout.");

    public static readonly DiagnosticDescriptor FleetStopped = new(
        "KUBEAPP8151", "The rest of the fleet was not touched", "Mend what failed and run it again: what is deployed stays as it is. --max-failures lets more of them fail.");

    public static readonly DiagnosticDescriptor FleetNotStarted = new(
        "KUBEAPP8152", "The program that was to run for each app cannot be started", "Install it, or give its whole path. No shell is involved: for pipes and the like run sh -c '…'.");

    public static readonly DiagnosticDescriptor FleetNotScaled = new(
        "KUBEAPP8153", "A workload cannot be scaled", "Change its specification and deploy it, or end what is under way first.");

    public static readonly DiagnosticDescriptor FleetAppDown = new(
        "KUBEAPP8154", "An app is not up after its cluster was upgraded", "Look at it with 'dotnet kubeapp status'. The cluster has its new version; run it again for the rest when the app is up.");
}

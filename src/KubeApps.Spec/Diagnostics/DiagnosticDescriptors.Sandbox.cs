namespace KubeApps.Diagnostics;

/// <content>Starting and stopping the sandbox.</content>
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor SandboxFilesMissing = new(
        "KUBEAPP0020", "The sandbox's program files are not there",
        "Install the tool again, or point KUBEAPPS_SANDBOX_PATH to a folder that holds kubeapps-sandbox.dll.");

    public static readonly DiagnosticDescriptor SandboxDidNotStart = new(
        "KUBEAPP0021", "The sandbox did not start",
        "Read the log in the sandbox's folder; 'dotnet kubeapp sandbox reset' begins with an empty one.");

    public static readonly DiagnosticDescriptor SandboxPortTaken = new(
        "KUBEAPP0022", "A port of the sandbox is taken",
        "Free the port, or choose others with KUBEAPPS_SANDBOX_API_PORT and KUBEAPPS_SANDBOX_REGISTRY_PORT (0: any).");

    public static readonly DiagnosticDescriptor SandboxNotRunning = new(
        "KUBEAPP0023", "The sandbox is not running", "Start it with 'dotnet kubeapp sandbox start'.");

    public static readonly DiagnosticDescriptor SandboxDoesNotAnswer = new(
        "KUBEAPP0024", "The sandbox runs but does not answer",
        "End it with 'dotnet kubeapp sandbox stop' (its state stays) and start it again.");

    public static readonly DiagnosticDescriptor SandboxHomeUnusable = new(
        "KUBEAPP0025", "The sandbox's folder cannot be used", "Set KUBEAPPS_HOME to a folder that you may write to.");

    public static readonly DiagnosticDescriptor SandboxStartIsBusy = new(
        "KUBEAPP0026", "Another start of the sandbox does not end", "Wait for the other command to end, or end it; then try again.");

    public static readonly DiagnosticDescriptor SandboxResetNotConfirmed = new(
        "KUBEAPP0027", "Resetting the sandbox was not confirmed", "Say -y to delete all images, objects and logs of the sandbox.");

    public static readonly DiagnosticDescriptor SandboxPortInvalid = new(
        "KUBEAPP0028", "A port of the sandbox is no number", "Set it to a port from 1 to 65535, or to 0 for any.");
}

namespace KubeApps.Diagnostics;

// 603x: the checks of the specification, and the copies of the new version that they ask.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor CheckFailed = new(
        "KUBEAPP6030", "A check of the new version fails", "Correct the app, or what the check expects of it; the log lines above are the asked pod's.");

    public static readonly DiagnosticDescriptor CheckCommandFailed = new(
        "KUBEAPP6031", "A check's command fails", "Read what the command wrote; run it by hand with KUBEAPP_URL set to the app's address.");

    public static readonly DiagnosticDescriptor CheckWithoutPods = new(
        "KUBEAPP6032", "A check has nothing to ask", "Let the check name a service that selects pods of the app, or a Job of the app.");

    public static readonly DiagnosticDescriptor PreviewSelected = new(
        "KUBEAPP6033", "A Service would send requests to a version that is not checked yet",
        "Give the Service's selector a label that the app's own selectors use, or take it away.");

    public static readonly DiagnosticDescriptor PreviewNameTaken = new(
        "KUBEAPP6034", "The name of a preview is taken", "Rename the object that has the name, or delete it.");
}

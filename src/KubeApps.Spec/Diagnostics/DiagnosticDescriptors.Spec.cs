namespace KubeApps.Diagnostics;

internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor SpecThrew = new(
        "KUBEAPP1010", "The specification threw an exception", "Correct the specification at that line.");

    public static readonly DiagnosticDescriptor NoSpecAndNotWeb = new(
        "KUBEAPP1011", "There is no specification, and the project is not a web project",
        "Add a KubeApp.cs beside the project; only a web project has a default app.");

    public static readonly DiagnosticDescriptor EmptyApp = new(
        "KUBEAPP1012", "The app has nothing to deploy", "Add a workload in Define: app.Add(new Deployment(\"web\")).");

    public static readonly DiagnosticDescriptor ModelUnreadable = new(
        "KUBEAPP1013", "The model cannot be read", "Build the project again with the package version that the tool has.");

    public static readonly DiagnosticDescriptor FileMissing = new(
        "KUBEAPP1014", "A file that the specification names cannot be read", "Correct the path; it is relative to the project's directory.");

    public static readonly DiagnosticDescriptor InvalidName = new(
        "KUBEAPP1020", "A name is not one that Kubernetes takes",
        "Use lower-case letters, digits and hyphens, with a letter or digit at both ends.");

    public static readonly DiagnosticDescriptor DuplicateName = new(
        "KUBEAPP1021", "Two things have the same name", "Give each its own name.");

    public static readonly DiagnosticDescriptor UnknownReference = new(
        "KUBEAPP1022", "Something is named that is not there", "Correct the name, or add what it names.");

    public static readonly DiagnosticDescriptor InvalidPort = new(
        "KUBEAPP1023", "A port is not a port", "Use a number from 1 to 65535.");

    public static readonly DiagnosticDescriptor ProbeOnUndeclaredPort = new(
        "KUBEAPP1024", "A probe asks a port that its container does not declare", "Add the port to the container, or correct the probe.");
}

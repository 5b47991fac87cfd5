namespace KubeApps.Diagnostics;

internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor DotnetHostMissing = new(
        "KUBEAPP0101", "The dotnet host cannot be started",
        "Run the build with 'dotnet publish', or point DOTNET_HOST_PATH at the dotnet executable.");

    public static readonly DiagnosticDescriptor PackagePartMissing = new(
        "KUBEAPP0102", "A part of the KubeApps.MSBuild package is missing",
        "Restore again with 'dotnet restore --force'; if the package comes from a cache, clear it with 'dotnet nuget locals global-packages --clear'.");

    public static readonly DiagnosticDescriptor ToolEndedUnexpectedly = new(
        "KUBEAPP0103", "The KubeApps tool ended without a result",
        "The lines above are all that it said. Publish again with '-v:n'; if it happens again, report it with that log.");

    public static readonly DiagnosticDescriptor FrameworkTooOld = new(
        "KUBEAPP0104", "The project's target framework is too old for a KubeApp specification",
        "Target net10.0 or later, or publish a project of several target frameworks with '-f net10.0'.");

    public static readonly DiagnosticDescriptor PublishInProgress = new(
        "KUBEAPP0105", "Another publish of the same app holds its output",
        "Wait for the other publish to end, then publish again.");

    public static readonly DiagnosticDescriptor OutputNotWritable = new(
        "KUBEAPP0106", "The build's output cannot be written",
        "Look at free space and permissions of the folder, then publish again.");

    public static readonly DiagnosticDescriptor SpecHasSeveralApps = new(
        "KUBEAPP1901", "The specification holds more than one KubeApp",
        "Keep one class that derives from KubeApps.KubeApp, and make what they share an abstract base class or a plain class.");

    public static readonly DiagnosticDescriptor SpecCannotBeCreated = new(
        "KUBEAPP1902", "The specification's class cannot be created",
        "Give it a public constructor without parameters.");

    public static readonly DiagnosticDescriptor SpecTimedOut = new(
        "KUBEAPP1903", "The specification did not end in time",
        "Look for a loop or a wait in it; a specification only describes. The limit is the property KubeAppSpecTimeout, in seconds.");

    public static readonly DiagnosticDescriptor SpecHostEnded = new(
        "KUBEAPP1904", "The specification ended its process",
        "Remove what ends the process (Environment.Exit, an exception on another thread, a recursion without end).");

    public static readonly DiagnosticDescriptor SpecCannotBeLoaded = new(
        "KUBEAPP1905", "The specification, or an assembly that it uses, cannot be loaded",
        "Reference the missing assembly with a KubeAppSpecReference item, or use one version of KubeApps.Spec everywhere.");
}

namespace KubeApps.Diagnostics;

// 905x: what a step of GitHub Actions tells, and comments on pull requests.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor StepFileNotWritable = new(
        "KUBEAPP9050", "What came of a step cannot be told to GitHub Actions",
        "Look at the runner: its disk may be full, or a container may not see the runner's files. The command itself did what it says.", DiagnosticSeverity.Warning);
}

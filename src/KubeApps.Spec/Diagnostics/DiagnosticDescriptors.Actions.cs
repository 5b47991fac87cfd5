namespace KubeApps.Diagnostics;

// 905x, 0071: what a step of GitHub Actions tells, and comments on pull requests.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor StepFileNotWritable = new(
        "KUBEAPP9050", "What came of a step cannot be told to GitHub Actions",
        "Look at the runner: its disk may be full, or a container may not see the runner's files. The command itself did what it says.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor CommentNotWritten = new(
        "KUBEAPP9051", "The plan could not be commented",
        "Give the job the permission pull-requests: write. A pull request from a fork has no such token: its plan stands in the summary of the run.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor CommentImpossible = new(
        "KUBEAPP0071", "There is nothing to comment with", "Give --repository and the token (GITHUB_TOKEN, or --github-token-file), or plan without --comment.");
}

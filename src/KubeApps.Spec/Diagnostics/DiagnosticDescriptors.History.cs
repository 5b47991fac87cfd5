namespace KubeApps.Diagnostics;

// 9xxx: records. 9040 to 9049: the history that they make.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor RepositoryNotKnown = new(
        "KUBEAPP0063", "It is not clear which repository on GitHub is meant, or nothing opens it", "Name it with --repository OWNER/NAME, and set GH_TOKEN or name a file with --github-token-file.");

    public static readonly DiagnosticDescriptor TokenFileUnreadable = new(
        "KUBEAPP0064", "The file with the token for GitHub cannot be read", "Name a file that holds the token alone, and that you may read.");

    public static readonly DiagnosticDescriptor BadgeNotWritten = new(
        "KUBEAPP0065", "A badge cannot be written", "Name a file in a folder that is there and that you may write to, with --out.");

    public static readonly DiagnosticDescriptor HistoryWithoutGitHub = new(
        "KUBEAPP9040", "The history is without what GitHub has", "What the cluster keeps is shown. Try again later, or say --source cluster.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor CommitsNotCompared = new(
        "KUBEAPP9041", "Not all commits were compared", "Run it in a full clone of the repository (git fetch --unshallow), or narrow it with -e and --since.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor CommitNotKnown = new(
        "KUBEAPP9045", "Nobody knows the commit that is looked for", "Compare its digits with what 'git log' shows, and run it in a clone of the repository, or name that with --repository.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor CommitAmbiguous = new(
        "KUBEAPP9046", "The beginning of a hash means more than one commit", "Write more of its digits.");

    public static readonly DiagnosticDescriptor DeploymentNotFound = new(
        "KUBEAPP9042", "There is no such deployment", "Look for its number with 'dotnet kubeapp history --source github'.");

    public static readonly DiagnosticDescriptor DeploymentOfAnother = new(
        "KUBEAPP9043", "A deployment is of something else", "Choose one of this app, environment and cluster: 'dotnet kubeapp history' lists them.");

    public static readonly DiagnosticDescriptor DeploymentNotKept = new(
        "KUBEAPP9044", "The cluster does not keep the revision of a deployment any more", "Deploy that commit again with 'dotnet kubeapp deploy --commit SHA'.");
}

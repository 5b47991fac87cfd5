namespace KubeApps.Diagnostics;

// 7xxx: going back to an older version. 7001 to 7019: revisions. 0073: the order of runs.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor RevisionNotStored = new(
        "KUBEAPP7001", "A revision could not be kept", "Make room (a quota, the size of the configuration) or allow creating ConfigMaps, and deploy the next version.",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor RevisionNotUpdated = new(
        "KUBEAPP7002", "How a revision ended could not be written down", "Look at the app with 'dotnet kubeapp status'; the next deploy corrects the record.",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor RevisionNotDeleted = new(
        "KUBEAPP5062", "An old revision could not be deleted", "Allow deleting ConfigMaps; the next deploy deletes it.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor RevisionNotFound = new(
        "KUBEAPP7003", "There is no such revision", "List the revisions with 'dotnet kubeapp history'.");

    public static readonly DiagnosticDescriptor NothingToReturnTo = new(
        "KUBEAPP7004", "There is no revision to return to", "Correct what failed and deploy again; look at the revisions with 'dotnet kubeapp history'.");

    public static readonly DiagnosticDescriptor RevisionNotRestorable = new(
        "KUBEAPP7005", "A revision cannot be returned to", "Choose one that was deployed, with --to-revision.");

    public static readonly DiagnosticDescriptor OneWayMigration = new(
        "KUBEAPP7006", "A migration cannot be undone", "Correct the new version and deploy it: the old one does not fit the data any more.");

    public static readonly DiagnosticDescriptor RevisionSecretMissing = new(
        "KUBEAPP7007", "A Secret of an old revision is gone", "Deploy the old version from its bundle or commit, with the values of its secrets in the environment.");

    public static readonly DiagnosticDescriptor RolledBack = new(
        "KUBEAPP7008", "A version that failed was taken back", "Correct what failed and deploy again.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor RollbackFailed = new(
        "KUBEAPP7009", "A version that failed could not be taken back",
        "Look at the app with 'dotnet kubeapp status'; then correct the version and deploy it, or choose another with 'dotnet kubeapp rollback --to-revision N'.");

    public static readonly DiagnosticDescriptor Superseded = new(
        "KUBEAPP7010", "A newer run has deployed before this one", "To deploy this version on purpose, start a new run for it, or roll back.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor RunNotRemembered = new(
        "KUBEAPP7011", "An older run is not kept away", "Allow patching ConfigMaps in the app's namespace; until then, cancel runs that are older.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor OtherCommitStands = new(
        "KUBEAPP7012", "Another commit stands than the one to be deployed anew", "Deploy the commit that stands; or leave --same-commit out, to deploy another.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor PullRequestClosed = new(
        "KUBEAPP7013", "The pull request of the run is closed", "Open it again for an environment of its own; or start a run that is not about it.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor PullRequestOpen = new(
        "KUBEAPP7014", "The pull request of the run is open", "Close it; or leave --unless-open out, to destroy the environment all the same.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor PullRequestUnknown = new(
        "KUBEAPP0074", "It is not known whether the pull request of the run is open",
        "In a workflow, run on pull_request and give the job permission (pull-requests: read) and the token (GITHUB_TOKEN); elsewhere leave --unless-closed and --unless-open out.");

    public static readonly DiagnosticDescriptor RunUnknown = new(
        "KUBEAPP0073", "It is not known which run this is", "Leave --unless-newer out: it compares runs of GitHub Actions.");
}

namespace KubeApps.Diagnostics;

// 0xxx: what was asked for cannot be done here.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor UnknownEnvironment = new(
        "KUBEAPP0010", "The environment is not in the bundle", "Choose one of the bundle's environments with -e; publish again where KubeApp.cs declares it since, or push for it where it has a registry of its own.");

    public static readonly DiagnosticDescriptor EnvironmentNotChosen = new(
        "KUBEAPP0011", "It is not clear which environment is meant", "Name it with -e NAME.");

    public static readonly DiagnosticDescriptor TargetNotChosen = new(
        "KUBEAPP0012", "It is not clear which cluster is meant",
        "Name the context with --context NAME; the kubeconfig's current context is never used silently.");

    public static readonly DiagnosticDescriptor ContextNotFound = new(
        "KUBEAPP0013", "The kubeconfig has no such context", "Check the name with 'kubectl config get-contexts', or name the file with --kubeconfig.");

    public static readonly DiagnosticDescriptor KubeconfigUnusable = new(
        "KUBEAPP0014", "The kubeconfig cannot be used", "Check the file that --kubeconfig, KUBECONFIG or the default location names.");

    public static readonly DiagnosticDescriptor SecretVariableMissing = new(
        "KUBEAPP0015", "A secret's environment variable is not set", "Set the variable in the environment of the deploy; nothing was changed.");

    public static readonly DiagnosticDescriptor BundleNotFound = new(
        "KUBEAPP0016", "There is no bundle", "Publish the project first (dotnet publish), or name the folder that holds bundle.json with --bundle.");

    public static readonly DiagnosticDescriptor ProjectNotFound = new(
        "KUBEAPP0017", "There is no project here", "Change to the folder of a .NET project, name it with --project, or name a bundle with --bundle DIR.");

    public static readonly DiagnosticDescriptor AppNotFound = new(
        "KUBEAPP0018", "The app is not deployed there", "Deploy it first, or check -e, --context and -n.");

    public static readonly DiagnosticDescriptor AppNotChosen = new(
        "KUBEAPP0019", "It is not clear which app is meant", "Name the app as the command's argument.");

    public static readonly DiagnosticDescriptor TargetNotSupported = new(
        "KUBEAPP0030", "This kind of target cannot be deployed to yet", "Deploy to the sandbox or to a kubeconfig context with --context.");

    public static readonly DiagnosticDescriptor ToolMissing = new(
        "KUBEAPP0031", "A program that is needed is not there", "Install it and make sure that it stands in PATH.");

    public static readonly DiagnosticDescriptor ConfirmationNeeded = new(
        "KUBEAPP0032", "The command must be confirmed", "Run it in a terminal, or confirm with -y.");

    public static readonly DiagnosticDescriptor SpecExists = new(
        "KUBEAPP0033", "The project has a specification already", "Edit it, or overwrite it with --force.");

    public static readonly DiagnosticDescriptor StrategyNotSupported = new(
        "KUBEAPP0034", "This strategy is not known", "Use the strategy 'rolling' or 'bluegreen'.");

    public static readonly DiagnosticDescriptor NoAddress = new(
        "KUBEAPP0040", "The app has no address", "Add a Service (and an ingress or a load balancer) to KubeApp.cs, or wait until the cluster gave it an address.");

    public static readonly DiagnosticDescriptor PublishFailed = new(
        "KUBEAPP0041", "dotnet publish failed", "Correct the errors that it printed above.");

    public static readonly DiagnosticDescriptor NotAGitRepository = new(
        "KUBEAPP0042", "The project is in no git repository", "Deploy the project as it is, without --commit, or a bundle that was pushed, with --bundle.");

    public static readonly DiagnosticDescriptor CommitUnknown = new(
        "KUBEAPP0043", "The repository has no such commit", "Check the name, write more of the hash, or fetch the commit (git fetch; a CI job may have fetched only the last one).");

    public static readonly DiagnosticDescriptor ProjectNotInCommit = new(
        "KUBEAPP0044", "The commit does not have the project", "Name the project as it was then with --project, from a folder that both have, or choose another commit.");

    public static readonly DiagnosticDescriptor WorktreeFailed = new(
        "KUBEAPP0045", "The commit cannot be checked out beside the working tree", "Correct what git names: room in the temporary folder, credentials of submodules, filters such as Git LFS.");

    public static readonly DiagnosticDescriptor Unexpected = new(
        "KUBEAPP0099", "Something unexpected happened", "Run again with KUBEAPPS_DEBUG=1 for the details, and report it.");
}

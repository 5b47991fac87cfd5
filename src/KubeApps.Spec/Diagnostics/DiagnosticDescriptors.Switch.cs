namespace KubeApps.Diagnostics;

// 7xxx: moving load from one version to another, and back.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor SlotsNotApart = new(
        "KUBEAPP7020", "A Service cannot be switched between these versions", "Give each Deployment a Service of its own, deploy that with the strategy that the app has, and change the strategy then.");

    public static readonly DiagnosticDescriptor SlotNotSettled = new(
        "KUBEAPP7021", "The running version is in the middle of an update", "Finish it first: deploy with the strategy 'rolling', or roll it back. Then deploy again.");

    public static readonly DiagnosticDescriptor MixedService = new(
        "KUBEAPP7022", "A Service leads to workloads that cannot be switched", "Select the Deployment's pods alone: give them a label that the others do not have.");

    public static readonly DiagnosticDescriptor CheckedPodsChanged = new(
        "KUBEAPP7023", "What would serve is not what was checked", "Somebody changed the Deployment. Deploy again: the new version is then checked as it is.");

    public static readonly DiagnosticDescriptor NothingToPromote = new(
        "KUBEAPP7024", "No version waits for its promotion", "Look at 'dotnet kubeapp status'. A deploy that was cut is continued by deploying again.");

    public static readonly DiagnosticDescriptor NothingToAbort = new(
        "KUBEAPP7025", "There is no deploy to abort", "Look at 'dotnet kubeapp status'. Deploy the version that you want.");

    public static readonly DiagnosticDescriptor NothingToResume = new(
        "KUBEAPP7026", "There is no deploy to resume", "Deploy without --resume, or look at 'dotnet kubeapp status'.");

    public static readonly DiagnosticDescriptor SoakFailed = new(
        "KUBEAPP7027", "The new version failed after the switch", "Read the cause above, correct it, and deploy again.");

    public static readonly DiagnosticDescriptor EndedElsewhere = new(
        "KUBEAPP7028", "Somebody else ended this deploy", "Look at 'dotnet kubeapp status' for what stands now.");

    public static readonly DiagnosticDescriptor OldVersionServes = new(
        "KUBEAPP7029", "The deploy was taken back", "The version before serves as it did. Correct the cause, and deploy again.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor OldVersionStays = new(
        "KUBEAPP7040", "The old version could not be deleted", "Deploy again, or run 'dotnet kubeapp promote', as soon as the cause is gone: it goes on from where this stopped.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor SlotStateUnreadable = new(
        "KUBEAPP7041", "The state of the slots cannot be read", "Use the version of the tool that deployed the app last, or a newer one.");

    public static readonly DiagnosticDescriptor ChangedInPlace = new(
        "KUBEAPP7042", "What versions share stays as the new one made it", "Deploy the version that serves again, or another one.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor MigrationStays = new(
        "KUBEAPP7043", "A migration that cannot be undone stays", "See whether the version that serves still works; correct the new one, and deploy it soon.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor PromotedUnchecked = new(
        "KUBEAPP7044", "A version is promoted without its checks", "Deploy the version again instead, where its checks matter; it goes on from what stands.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor SwitchedSmaller = new(
        "KUBEAPP7045", "A version serves that is smaller than the one before it", "See that there is room and quota for both versions at their size; the autoscaler makes it larger as soon as it can.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor NotTakenBack = new(
        "KUBEAPP7030", "The deploy could not be taken back", "Run 'dotnet kubeapp abort' as soon as the cause is gone: it goes on from where this stopped.");
}

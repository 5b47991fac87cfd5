namespace KubeApps.Diagnostics;

// 9xxx: the record of a rollout outside the cluster. 9020 to 9039: what is written there.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor RecordUnknown = new(
        "KUBEAPP0060", "The property KubeAppRecord has no such value", "Set KubeAppRecord to auto, none or github.");

    public static readonly DiagnosticDescriptor RecordNotDelivered = new(
        "KUBEAPP9020", "The record of a rollout does not reach GitHub", "The deploy is not touched by that. The next run for the app delivers the record, or 'dotnet kubeapp record sync' does.",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor RecordRefused = new(
        "KUBEAPP9021", "GitHub refuses the record of a rollout", "Push the commit that was deployed: GitHub records only what it has. The next run for the app delivers the record.",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor RecordImpossible = new(
        "KUBEAPP9022", "A rollout cannot be recorded on GitHub", "Build in a git repository, so that the bundle names its commit; or deploy with --record none.",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor RecordNotKept = new(
        "KUBEAPP9023", "A record cannot be delivered later", "Allow creating ConfigMaps in the app's namespace.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor RecordDeleted = new(
        "KUBEAPP9030", "The record of a rollout was deleted on GitHub", "Nothing need be done: the rollout is not recorded again, and the next one has a record of its own.",
        DiagnosticSeverity.Warning);
}

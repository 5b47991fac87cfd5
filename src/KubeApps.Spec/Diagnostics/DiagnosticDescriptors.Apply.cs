namespace KubeApps.Diagnostics;

// 2xxx: found while planning, before anything is changed. 5xxx: found by the cluster while checking or applying.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor DraftBundle = new(
        "KUBEAPP2001", "A draft bundle cannot be deployed", "Publish with -p:KubeAppDeploy=true, so that images are pushed and named by digest.");

    public static readonly DiagnosticDescriptor EmptyBundle = new(
        "KUBEAPP2002", "The bundle holds no objects", "Add a workload to KubeApp.cs; to take the app away, use 'dotnet kubeapp destroy'.");

    public static readonly DiagnosticDescriptor KindNotServed = new(
        "KUBEAPP2003", "The cluster does not know a kind", "Install what defines the kind, or take the object out of the specification.");

    public static readonly DiagnosticDescriptor NamespaceTerminating = new(
        "KUBEAPP2004", "The namespace is being deleted", "Wait until it is gone, then deploy again.");

    public static readonly DiagnosticDescriptor BadFromEnvironment = new(
        "KUBEAPP2005", "A secret says wrongly where its values come from", "Publish again; if the Secret is raw YAML, write {\"key\":\"VARIABLE\"} into its annotation.");

    public static readonly DiagnosticDescriptor KindAway = new(
        "KUBEAPP2006", "A kind is not served at the moment", "See why with 'kubectl get apiservices'; when it is available again, do it once more.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor OtherEnvironment = new(
        "KUBEAPP2007", "Another environment of the app is in the namespace",
        "Give the environment a namespace of its own, destroy the other one, or (where it was given another name) take over what stands with --adopt.");

    public static readonly DiagnosticDescriptor ObjectRefused = new(
        "KUBEAPP5001", "The cluster refuses an object", "Correct the object in the specification.");

    public static readonly DiagnosticDescriptor FieldConflict = new(
        "KUBEAPP5002", "Another manager owns a field", "Leave the field to its manager (do not set it in the specification), or take it over with --force-conflicts.");

    public static readonly DiagnosticDescriptor ImmutableField = new(
        "KUBEAPP5003", "A field cannot be changed on a living object", "Give the object another name, or delete it by hand and deploy again.");

    public static readonly DiagnosticDescriptor QuotaExceeded = new(
        "KUBEAPP5004", "A quota is exceeded", "Ask for a larger quota, or request less (replicas, resources).");

    public static readonly DiagnosticDescriptor AdmissionDenied = new(
        "KUBEAPP5005", "An admission rule of the cluster denies an object", "Correct what the rule names, or ask who owns the rule.");

    public static readonly DiagnosticDescriptor NotAdopted = new(
        "KUBEAPP5012", "An object exists that the app did not make", "Give the object another name, delete the one that exists, or take it over with --adopt.");

    public static readonly DiagnosticDescriptor Locked = new(
        "KUBEAPP5010", "Another run holds the app's lock", "Wait until it is done, or wait for it with --wait-for-lock.");

    public static readonly DiagnosticDescriptor LockLost = new(
        "KUBEAPP5011", "The app's lock was lost", "See what the other run does; deploy again when it is done. What was applied stays.");

    public static readonly DiagnosticDescriptor DeletedMeanwhile = new(
        "KUBEAPP5060", "A workload was deleted while it was deployed", "Find out who deletes it (the audit log of the cluster says it), then deploy again.");

    public static readonly DiagnosticDescriptor ChangedMeanwhile = new(
        "KUBEAPP5061", "Another manager changed a workload while it was deployed",
        "Stop what writes there, or leave the field to it: out of the specification. Then deploy again.");

    public static readonly DiagnosticDescriptor ServerFailed = new(
        "KUBEAPP5006", "The cluster failed to do what was asked", "Deploy again; what was done already is found equal and left alone.");
}

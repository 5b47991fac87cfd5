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

    public static readonly DiagnosticDescriptor InvalidQuantity = new(
        "KUBEAPP1025", "A quantity is not one that Kubernetes takes",
        "Write it like 250m, 1.5, 128Mi or 1Gi; a promise must not be more than its limit.");

    public static readonly DiagnosticDescriptor ReplicasWithAutoscaling = new(
        "KUBEAPP1026", "Replicas and autoscaling are both set",
        "Remove Replicas: the autoscaler chooses between Min and Max.");

    public static readonly DiagnosticDescriptor ImpossibleDisruptionBudget = new(
        "KUBEAPP1027", "A disruption budget can never be met",
        "Leave at least one pod that may be missing, or nodes can never be drained.");

    public static readonly DiagnosticDescriptor ArchitectureMismatch = new(
        "KUBEAPP1028", "An image and its node pool have different processors",
        "Build the image for the pool's architecture, or place the workload on another pool.");

    public static readonly DiagnosticDescriptor LiteralSecret = new(
        "KUBEAPP1029", "A secret is given as text",
        "Use a Secret: app.Add(new Secret(\"name\", SecretSource.Environment) { Keys = { … } }) and its Key(\"…\").");

    public static readonly DiagnosticDescriptor Cycle = new(
        "KUBEAPP1030", "Environment variables refer to each other in a circle, or to one that comes later",
        "Order the variables so that each only refers to earlier ones.");

    public static readonly DiagnosticDescriptor InvalidSetting = new(
        "KUBEAPP1031", "A setting has a value that is not possible",
        "Correct the value.");

    public static readonly DiagnosticDescriptor GracePeriodTooShort = new(
        "KUBEAPP1032", "Pods are killed before they can end",
        "Make TerminationGracePeriod longer than the sleep before the stop and HostShutdownTimeout together.");

    public static readonly DiagnosticDescriptor InvalidSchedule = new(
        "KUBEAPP1033", "A schedule is not a cron expression",
        "Write five fields: minute, hour, day of month, month, day of week.");

    public static readonly DiagnosticDescriptor ImageConflict = new(
        "KUBEAPP1034", "Two different images have the same key",
        "Give one of them a key of its own.");

    public static readonly DiagnosticDescriptor InvalidTarget = new(
        "KUBEAPP1035", "A target is not complete",
        "Name a kubeconfig context, or an AWS account (12 digits) and a region.");

    public static readonly DiagnosticDescriptor RolloutCannotProgress = new(
        "KUBEAPP1036", "A rolling update could neither add nor remove a pod",
        "Let MaxSurge or MaxUnavailable be more than 0.");
}

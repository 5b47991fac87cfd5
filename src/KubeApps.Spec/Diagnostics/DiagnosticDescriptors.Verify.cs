namespace KubeApps.Diagnostics;

// 6xxx: the new version does not come up. The cause is what a pod, its events and its log say.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor TimedOut = new(
        "KUBEAPP6001", "A step did not finish in time", "Look at what is still pending with 'dotnet kubeapp status', or allow more time with --timeout.");

    public static readonly DiagnosticDescriptor ProgressDeadline = new(
        "KUBEAPP6002", "The rollout makes no progress", "Look at the pods with 'dotnet kubeapp status' and 'dotnet kubeapp logs'.");

    public static readonly DiagnosticDescriptor ImageNotFound = new(
        "KUBEAPP6010", "An image does not exist", "Check the image's name and tag, and that it was pushed to that registry.");

    public static readonly DiagnosticDescriptor ImageDenied = new(
        "KUBEAPP6011", "The registry denies an image", "Give the cluster credentials for the registry (imagePullSecrets, node role).");

    public static readonly DiagnosticDescriptor ImagePullFails = new(
        "KUBEAPP6012", "An image cannot be pulled", "Check that the nodes reach the registry, and that the image fits their architecture.");

    public static readonly DiagnosticDescriptor CrashLoop = new(
        "KUBEAPP6013", "A container crashes again and again", "Read the log lines above: the last ones are the cause.");

    public static readonly DiagnosticDescriptor StartFails = new(
        "KUBEAPP6014", "A container's program cannot be started", "Check command and args: the program must exist in the image and be executable.");

    public static readonly DiagnosticDescriptor OutOfMemory = new(
        "KUBEAPP6015", "A container needs more memory than it may use", "Raise the memory limit, or make the app use less.");

    public static readonly DiagnosticDescriptor ReadinessFails = new(
        "KUBEAPP6016", "A container does not become ready", "Check the readiness probe's path and port, and what the app answers there.");

    public static readonly DiagnosticDescriptor LivenessFails = new(
        "KUBEAPP6017", "A container is killed by its liveness probe", "Check the liveness probe's path, port and limits, and what the app answers there.");

    public static readonly DiagnosticDescriptor StartupTooSlow = new(
        "KUBEAPP6018", "A container is killed by its startup probe", "Allow more time (failureThreshold × periodSeconds), or make the app start faster.");

    public static readonly DiagnosticDescriptor Unschedulable = new(
        "KUBEAPP6019", "No node takes a pod", "Request less, add nodes, or correct node selector, affinity and tolerations.");

    public static readonly DiagnosticDescriptor VolumeClaimMissing = new(
        "KUBEAPP6020", "A pod's volume claim is missing or not bound", "Create the claim, or check its storage class and size.");

    public static readonly DiagnosticDescriptor ConfigMissing = new(
        "KUBEAPP6021", "A container's configuration or secret is missing", "Create what is missing, or correct the name or key in the specification.");

    public static readonly DiagnosticDescriptor SecurityContextRefused = new(
        "KUBEAPP6022", "A container would run as root but must not", "Set a user in the image (USER) or in the container's security context.");

    public static readonly DiagnosticDescriptor ReadOnlyFileSystem = new(
        "KUBEAPP6023", "A container writes to its read-only file system",
        "Mount a volume where it writes, or allow writing with ReadOnlyRootFilesystem = false.");

    public static readonly DiagnosticDescriptor JobFailed = new(
        "KUBEAPP6024", "A Job failed", "Read the log lines above, correct the Job, and deploy again.");

    public static readonly DiagnosticDescriptor PodRefused = new(
        "KUBEAPP6025", "The cluster refuses to create pods", "Correct what the message names: a quota, an admission rule, or the service account.");

    public static readonly DiagnosticDescriptor NotRunnableHere = new(
        "KUBEAPP6026", "The target cannot run this", "Deploy to another target, or leave it out of this environment.");

    public static readonly DiagnosticDescriptor ContainerConfig = new(
        "KUBEAPP6027", "A container cannot be created", "Correct what the message names in the container's specification.");

    public static readonly DiagnosticDescriptor PodsLost = new(
        "KUBEAPP6060", "Pods are evicted or turned away by their node", "Request what the pods really use (memory, disk), and look at the node that the message names.");

    public static readonly DiagnosticDescriptor RolloutPaused = new(
        "KUBEAPP6061", "A rollout is paused", "Let it go on with 'kubectl rollout resume', or leave 'paused' out of the specification.");

    public static readonly DiagnosticDescriptor FormerPodStuck = new(
        "KUBEAPP6062", "A StatefulSet waits for a pod of a former version",
        "Delete the pod that is named with 'kubectl delete pod': its StatefulSet makes it anew. A deploy does so itself where its role may delete pods.");
}

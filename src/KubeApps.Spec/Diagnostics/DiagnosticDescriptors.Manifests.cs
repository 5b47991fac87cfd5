namespace KubeApps.Diagnostics;

internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor YamlInvalid = new(
        "KUBEAPP4001", "A file is not YAML that Kubernetes can take", "Correct the file at that place.");

    public static readonly DiagnosticDescriptor YamlDuplicateKey = new(
        "KUBEAPP4002", "A key stands twice in one map of a YAML file", "Remove one of the two.");

    public static readonly DiagnosticDescriptor BundleUnreadable = new(
        "KUBEAPP4010", "The bundle cannot be read", "Render it again with dotnet publish, or use the tool of the version that wrote it.");

    public static readonly DiagnosticDescriptor ImageNotInSet = new(
        "KUBEAPP4011", "A container runs an image that was not built", "Build the project again; this is a defect of the tool if it stays.");

    public static readonly DiagnosticDescriptor NotAnObject = new(
        "KUBEAPP4003", "YAML that is not a Kubernetes object", "Every document needs apiVersion, kind and metadata.name.");

    public static readonly DiagnosticDescriptor SecretInManifest = new(
        "KUBEAPP4004", "A Secret with its values in a manifest",
        "Use a Secret part: its values come from the deploy's environment or from a secret store, never from the bundle.");

    public static readonly DiagnosticDescriptor ObjectTwice = new(
        "KUBEAPP4005", "An object is rendered twice", "Remove one of the two, or change the rendered one with app.Patch(…).");

    public static readonly DiagnosticDescriptor TemplateInvalid = new(
        "KUBEAPP4006", "A template cannot be rendered", "Correct the template at that place.");

    public static readonly DiagnosticDescriptor PatchFailed = new(
        "KUBEAPP4007", "A patch does not fit the rendered object", "Look at the rendered object in the bundle, and correct the path.");

    public static readonly DiagnosticDescriptor ImageLacksPlatform = new(
        "KUBEAPP4012", "An image was not built for the processors of its node pool",
        "Publish again with the pool's architecture, or place the workload on another pool.");
}

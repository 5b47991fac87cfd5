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
}

namespace KubeApps.Diagnostics;

// 0069 and 0070: the workflow that init writes.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor WorkflowExists = new(
        "KUBEAPP0069", "The repository has such a workflow already", "Edit it, overwrite it with --force, or choose another name with --workflow NAME.yml.");

    public static readonly DiagnosticDescriptor WorkflowNotDetermined = new(
        "KUBEAPP0070", "It is not known what shall stand in the workflow", "Say it with the option that the cause names.");
}

namespace KubeApps.Diagnostics;

// 0066: what is told about a call where not only a person at a terminal reads it.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor WrongUsage = new(
        "KUBEAPP0066", "The command has no such option, word or value", "Look at the inputs of the action, or at the command's --help.");
}

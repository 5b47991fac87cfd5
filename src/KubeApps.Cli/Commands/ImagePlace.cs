using KubeApps.Deploy.Images;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;
using KubeApps.Rendering;

namespace KubeApps.Cli.Commands;

/// <summary>Where the images of an environment go.</summary>
internal static class ImagePlace
{
    /// <summary>
    /// Images for the sandbox go into its registry, and it starts for that. Others go where the environment says; null: it builds none. An environment
    /// of the sandbox that is deployed elsewhere must say it, too.
    /// </summary>
    public static async Task<ImageTarget?> FindAsync(
        KubeAppModel model, BundleUse use, IEventSink sink, TimeProvider clock, CancellationToken cancellationToken)
    {
        var target = model.Environment.Target;
        switch (target.Kind)
        {
            case TargetKind.Sandbox when use.UsesSandbox:
                var endpoint = await new SandboxLauncher(SandboxLocation.FromEnvironment(), clock).EnsureRunningAsync(sink, cancellationToken);
                return new ImageTarget(
                    ImageRegistry.Parse(endpoint.Registry, endpoint.RegistryCredentials),
                    ("kubeapps/host-runtime", Environment.Version.ToString(2)),
                    ImageTarget.HostRuntimeIdentifier);
            case TargetKind.Sandbox or TargetKind.Context:
                if (target.Registry is not null)
                    return new ImageTarget(ImageRegistry.Parse(target.Registry), null, null);
                return !SharedEnvironments.Builds(model) ? null : throw new DiagnosticException(DiagnosticDescriptors.RegistryNotChosen.Because(
                    $"The environment '{model.Environment.Name}' builds images, but names no registry that its cluster can pull from."));
            default:
                throw new DiagnosticException(DiagnosticDescriptors.TargetNotSupported.Because($"The environment '{model.Environment.Name}' lives on {target.Kind}."));
        }
    }
}

using KubeApps.Bundles;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Ecr;
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
            case TargetKind.Eks when target.Registry is null && !use.IsForLater && !SharedEnvironments.Builds(model):
                return null;
            default:
                if (PlaceOf(BundleData.Target(target)) is { } place)
                    return new ImageTarget(await OpenAsync(place, BundleData.Target(target), model.Name, target.Ecr, sink, clock, cancellationToken), null, null);
                return !SharedEnvironments.Builds(model) ? null : throw new DiagnosticException(DiagnosticDescriptors.RegistryNotChosen.Because(
                    $"The environment '{model.Environment.Name}' builds images, but names no registry that its cluster can pull from."));
        }
    }

    /// <summary>The registry of an environment outside the sandbox; null where it has none.</summary>
    public static string? PlaceOf(BundleTarget target) => target.Registry ?? (target.Kind == "eks" ? EcrAddress.Own : null);

    /// <summary>The way to it. Its repositories are to be disposed of.</summary>
    public static async Task<ImageRegistry> OpenAsync(
        string place, BundleTarget target, string app, EcrSettings? ecr, IEventSink sink, TimeProvider clock, CancellationToken cancellationToken) =>
        await EcrRegistry.OpenAsync(place, new AwsSettings { Account = target.Account, Region = target.Region }, app, ecr, sink, clock, cancellationToken) ?? ImageRegistry.Parse(place);
}

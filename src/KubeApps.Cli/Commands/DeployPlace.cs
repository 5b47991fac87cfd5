using System.Security.Cryptography.X509Certificates;
using KubeApps.Deploy.Images;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary>The cluster that a publish deploys to, and where its images go.</summary>
internal sealed record DeployPlace(ClusterConnection Cluster, ImageTarget? Images) : IDisposable
{
    /// <summary>Connects to where the environment lives, or to the context that the user named; images go where the environment says in either case.</summary>
    public static async Task<DeployPlace> PrepareAsync(
        KubeAppModel model, PublishRequest request, IEventSink sink, TimeProvider clock, CancellationToken cancellationToken)
    {
        var target = model.Environment.Target;
        var choice = new TargetChoice(request.Context, request.Kubeconfig);
        switch (target.Kind)
        {
            case TargetKind.Sandbox when !choice.IsExplicit:
                return await SandboxAsync(sink, clock, cancellationToken);
            case TargetKind.Sandbox or TargetKind.Context:
                var builds = model.All<Workload>().SelectMany(workload => workload.AllContainers).Any(container => container.Image.Kind != ImageKind.Reference);
                if (builds && target.Registry is null)
                    throw new DiagnosticException(DiagnosticDescriptors.RegistryNotChosen.Because(
                        $"The environment '{model.Environment.Name}' builds images, but names no registry that its cluster can pull from."));
                return new DeployPlace(
                    await KubeconfigTarget.ConnectAsync(
                        choice.IsExplicit ? choice.Context : target.ContextName, choice.Kubeconfig, clock, cancellationToken),
                    target.Registry is null ? null : new ImageTarget(ImageRegistry.Parse(target.Registry), null, null));
            default:
                throw new DiagnosticException(DiagnosticDescriptors.TargetNotSupported.Because($"The environment '{model.Environment.Name}' lives on {target.Kind}."));
        }
    }

    public void Dispose() => Cluster.Dispose();

    private static async Task<DeployPlace> SandboxAsync(IEventSink sink, TimeProvider clock, CancellationToken cancellationToken)
    {
        var endpoint = await new SandboxLauncher(SandboxLocation.FromEnvironment(), clock).EnsureRunningAsync(sink, cancellationToken);
        X509Certificate2Collection authorities = [X509CertificateLoader.LoadCertificateFromFile(endpoint.CaCertificate)];
        return new DeployPlace(
            ClusterConnection.WithToken("sandbox", endpoint.ApiServer, authorities, endpoint.Token, clock),
            new ImageTarget(
                ImageRegistry.Parse(endpoint.Registry, new RegistryCredentials(SandboxEndpoint.RegistryUser, endpoint.Token)),
                ("kubeapps/host-runtime", Environment.Version.ToString(2)),
                ImageTarget.HostRuntimeIdentifier));
    }
}

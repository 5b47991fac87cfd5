using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using KubeApps.Bundles;
using KubeApps.Deploy;
using KubeApps.Deploy.Images;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;
using KubeApps.Rendering;

namespace KubeApps.Cli.Commands;

/// <summary>
/// What <c>dotnet publish -p:KubeAppDeploy=true</c> calls, and nobody else: images, bundle, deploy. It talks to the build in JSON lines on
/// stdout: <c>{"note":"…"}</c> or <c>{"diagnostics":[…]}</c>.
/// </summary>
internal static class PublishDeployCommand
{
    public static Command Create()
    {
        var request = new Option<FileInfo>("--request") { Description = "What the build wrote.", Required = true };
        var command = new Command("publish-deploy", "Called by the build.") { request };
        command.Hidden = true;
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(parsed.GetValue(request)!.FullName, parsed.InvocationConfiguration.Output, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string requestFile, TextWriter output, CancellationToken cancellationToken)
    {
        var sink = new BuildLog(output);
        try
        {
            return await RunAsync(PublishRequest.Read(requestFile), sink, TimeProvider.System, cancellationToken);
        }
        catch (DiagnosticException exception)
        {
            sink.Write(exception.Diagnostics);
            return ExitCodes.Of(exception.Diagnostics[0]);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Cancelled;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            sink.Write([DiagnosticDescriptors.OutputNotWritable.Because(exception.Message)]);
            return ExitCodes.Failed;
        }
    }

    private static async Task<int> RunAsync(PublishRequest request, BuildLog sink, TimeProvider clock, CancellationToken cancellationToken)
    {
        var document = SpecDocument.FromJson(await File.ReadAllTextAsync(request.ModelFile, cancellationToken));
        var model = document.Environments.FirstOrDefault(item => item.Environment.Is(request.Environment))
            ?? throw new DiagnosticException(DiagnosticDescriptors.UnknownEnvironment.Because(
                $"The specification of {document.App} has no environment '{request.Environment}'. It has: {string.Join(", ", document.Environments.Select(item => item.Environment.Name))}."));
        document = document with { Environments = [model] };

        using var place = await DeployPlace.PrepareAsync(model, sink, clock, cancellationToken);
        var images = place.Images is null
            ? new ImageSet(new Dictionary<string, BundleImage>())
            : await new ImageResolver(place.Images, request, Environment.GetEnvironmentVariable, sink).ResolveAsync(document, cancellationToken);
        var bundle = WithStrategy(BundleRenderer.Render(document, images, request.Commit, model.Environment.Name), request.Strategy);
        BundleFiles.Write(bundle, request.BundleDirectory);

        var result = await new Deployer(place.Cluster, Environment.GetEnvironmentVariable)
            .RunAsync(new DeployRequest(bundle, model.Environment.Name), sink, cancellationToken);
        if (result.ExitCode == ExitCodes.Done)
        {
            var where = result.Urls.Count == 0 ? "" : $": {string.Join(", ", result.Urls)}";
            var what = result.Outcome == DeployOutcome.Unchanged ? "is up to date" : "is ready";
            sink.Publish(new DeployEvent.Note($"{result.App} ({result.Environment}) {what}{where}"));
        }
        else if (!sink.HasErrors && result.Outcome != DeployOutcome.Cancelled)
        {
            sink.Write([.. result.Failures.Select(failure => failure.ToDiagnostic())]);
        }

        return result.ExitCode;
    }

    private static Bundle WithStrategy(Bundle bundle, string? strategy) => string.IsNullOrEmpty(strategy)
        ? bundle
        : bundle with { Environments = [.. bundle.Environments.Select(item => item with { Strategy = item.Strategy with { Kind = strategy } })] };

    /// <summary>The cluster of an environment and where its images go.</summary>
    private sealed record DeployPlace(ClusterConnection Cluster, ImageTarget? Images) : IDisposable
    {
        public static async Task<DeployPlace> PrepareAsync(KubeAppModel model, IEventSink sink, TimeProvider clock, CancellationToken cancellationToken)
        {
            var target = model.Environment.Target;
            switch (target.Kind)
            {
                case TargetKind.Sandbox:
                    var endpoint = await new SandboxLauncher(SandboxLocation.FromEnvironment(), clock).EnsureRunningAsync(sink, cancellationToken);
                    X509Certificate2Collection authorities = [X509CertificateLoader.LoadCertificateFromFile(endpoint.CaCertificate)];
                    return new DeployPlace(
                        ClusterConnection.WithToken("sandbox", endpoint.ApiServer, authorities, endpoint.Token, clock),
                        new ImageTarget(
                            ImageRegistry.Parse(endpoint.Registry, new RegistryCredentials(SandboxEndpoint.RegistryUser, endpoint.Token)),
                            ("kubeapps/host-runtime", Environment.Version.ToString(2)),
                            ImageTarget.HostRuntimeIdentifier));
                case TargetKind.Context:
                    var builds = model.All<Workload>().SelectMany(workload => workload.AllContainers).Any(container => container.Image.Kind != ImageKind.Reference);
                    if (builds && target.Registry is null)
                        throw new DiagnosticException(DiagnosticDescriptors.RegistryNotChosen.Because(
                            $"The environment '{model.Environment.Name}' builds images, but names no registry that its cluster can pull from."));
                    return new DeployPlace(
                        await KubeconfigTarget.ConnectAsync(target.ContextName, null, clock, cancellationToken),
                        target.Registry is null ? null : new ImageTarget(ImageRegistry.Parse(target.Registry), null, null));
                default:
                    throw new DiagnosticException(DiagnosticDescriptors.TargetNotSupported.Because($"The environment '{model.Environment.Name}' lives on {target.Kind}."));
            }
        }

        public void Dispose() => Cluster.Dispose();
    }
}

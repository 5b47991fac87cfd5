using System.CommandLine;
using KubeApps.Bundles;
using KubeApps.Deploy;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Images;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;
using KubeApps.Processes;
using KubeApps.Rendering;

namespace KubeApps.Cli.Commands;

/// <summary>
/// What <c>dotnet publish</c> calls with <c>-p:KubeAppPush=true</c> or <c>-p:KubeAppDeploy=true</c>, and nobody else: images, bundle, and
/// perhaps the deploy. It talks to the build in JSON lines on stdout: <c>{"note":"…"}</c>, <c>{"diagnostics":[…]}</c>, <c>{"url":"…"}</c> or
/// <c>{"bundle":"oci://…"}</c>.
/// </summary>
internal static class PublishBundleCommand
{
    public static Command Create(Terminal terminal)
    {
        var request = new Option<FileInfo>("--request") { Description = "What the build wrote.", Required = true };
        var command = new Command("publish-bundle", "Called by the build.") { request };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            CallersPipe.Watch(ending.Cancel);
            return await RunAsync(terminal, parsed.GetValue(request)!.FullName, ending.Token);
        });
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, string requestFile, CancellationToken cancellationToken)
    {
        var sink = new BuildLog(terminal.Out);
        try
        {
            var request = PublishRequest.Read(requestFile);
            var record = RecordOf(request);
            var document = SpecDocument.FromJson(await File.ReadAllTextAsync(request.ModelFile, cancellationToken));
            return await RunAsync(terminal, request, record, document, sink, cancellationToken);
        }
        catch (DiagnosticException exception)
        {
            sink.Write(exception.Diagnostics);
            terminal.Step?.Fail(DeployOutcome.Failed, exception.Diagnostics);
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
        catch (Exception exception) when (terminal.ReadVariable("KUBEAPPS_DEBUG") is null or "")
        {
            sink.Write([DiagnosticDescriptors.Unexpected.Because($"{exception.GetType().Name}: {exception.Message}")]);
            return ExitCodes.Failed;
        }
    }

    private static async Task<int> RunAsync(
        Terminal terminal, PublishRequest request, RecordOrder record, SpecDocument document, BuildLog sink, CancellationToken cancellationToken)
    {
        var model = document.Environments.FirstOrDefault(item => item.Environment.Is(request.Environment))
            ?? throw new DiagnosticException(DiagnosticDescriptors.UnknownEnvironment.Because(
                $"The specification of {document.App} has no environment '{request.Environment}'. It has: {string.Join(", ", document.Environments.Select(item => item.Environment.Name))}."));
        Redirect(document, request);
        document = request.Use.IsForLater ? SharedBy(document, model, request, sink) : document with { Environments = [model] };

        var place = await ImagePlace.FindAsync(model, request.Use, sink, terminal.Clock, cancellationToken);
        using var repositories = place?.Registry.Repositories;
        // A context that is not there is told before anything is built or pushed.
        using var cluster = request.Use is BundleUse.Deployed or BundleUse.DeployedByCaller
            ? await TargetSelector.ConnectAsync(
                new TargetChoice(), BundleData.Target(model.Environment.Target), new ClusterOwner(document.App, model.Environment.Name), writes: !request.DryRun, startsSandbox: false, sink,
                terminal.Clock, cancellationToken)
            : null;
        var images = place is null
            ? new ImageSet(new Dictionary<string, BundleImage>())
            : await new ImageResolver(place, request, terminal.ReadVariable, sink).ResolveAsync(document, cancellationToken);
        PublishReport.Write(request.WorkDirectory, images.Published);
        var rendered = BundleRenderer.Render(document, images, request.Commit).WithStrategy(request.Strategy);
        var bundle = BundleFiles.Write(rendered, request.BundleDirectory);
        if (request.Use.IsForLater)
            bundle = bundle with { Reference = await BundlePush.RunAsync(bundle, place?.Registry, request.ProjectDirectory, terminal, sink, cancellationToken) };
        bundle = bundle with { Published = images.Published };
        if (!request.DryRun)
            terminal.Step?.Published(bundle, request.BundleDirectory, isAll: request.Use.IsForLater);
        if (cluster is null || request.Use != BundleUse.Deployed)
            return ExitCodes.Done;

        await using var records = request.DryRun ? null : await Recording.OpenAsync(terminal, record, cluster, sink, cancellationToken);
        var result = await new Deployer(cluster, terminal.ReadVariable) { Follower = records }.RunAsync(
            new DeployRequest(bundle, model.Environment.Name, DryRun: request.DryRun) { By = Author.OfThisProcess(terminal.ReadVariable) }, records ?? (IEventSink)sink, cancellationToken);
        if (records is not null)
            result = await records.CompleteAsync(result);
        Tell(result, sink);
        terminal.Step?.End(result);
        return result.ExitCode;
    }

    private static SpecDocument SharedBy(SpecDocument document, KubeAppModel chosen, PublishRequest request, BuildLog sink)
    {
        var shared = SharedEnvironments.Of(document, chosen, request.Use.UsesSandbox);
        foreach (var (name, reason) in shared.LeftOut)
            sink.Publish(new DeployEvent.Note($"The environment '{name}' is not in this bundle: {reason}. It needs a push of its own, with -p:KubeAppEnvironment={name}."));
        return shared.Document;
    }

    // The build's word counts for all environments, but for those whose images never leave this machine.
    private static void Redirect(SpecDocument document, PublishRequest request)
    {
        if (request.Registry is not { } registry)
            return;
        if (!EnvironmentRules.IsRegistry(registry))
            throw new DiagnosticException(DiagnosticDescriptors.RegistryInvalid.Because($"KubeAppRegistry is '{registry}'."));
        foreach (var environment in document.Environments.Select(model => model.Environment))
            if (environment.Target.Kind != TargetKind.Sandbox || !request.Use.UsesSandbox)
                environment.Target = environment.Target.WithRegistry(registry);
    }

    // What a property may hold is for the tool to say.
    private static RecordOrder RecordOf(PublishRequest request)
    {
        if (request.Record is not (null or RecordOrder.Auto or RecordOrder.None or RecordOrder.GitHub))
            throw new DiagnosticException(DiagnosticDescriptors.RecordUnknown.Because($"'{request.Record}' is none of auto, none and github."));
        return new RecordOrder(request.Record ?? RecordOrder.Auto) { Environment = request.GitHubEnvironment, TokenFile = request.GitHubTokenFile };
    }

    // What the deploy itself diagnosed was told as it happened.
    private static void Tell(DeployResult result, BuildLog sink)
    {
        switch (result.Outcome)
        {
            case DeployOutcome.Deployed:
                sink.Publish(new DeployEvent.Note($"{result.App} ({result.Environment}) is ready."));
                break;
            case DeployOutcome.Unchanged:
                sink.Publish(new DeployEvent.Note($"{result.App} ({result.Environment}) is up to date."));
                break;
            case DeployOutcome.Failed or DeployOutcome.TimedOut or DeployOutcome.RolledBack when !sink.HasErrors:
                sink.Write([.. result.Failures.Select(failure => failure.ToDiagnostic())]);
                break;
        }

        foreach (var url in result.Urls)
            sink.WriteUrl(url);
    }
}

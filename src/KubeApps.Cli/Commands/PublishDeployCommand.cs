using System.CommandLine;
using KubeApps.Bundles;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Images;
using KubeApps.Diagnostics;
using KubeApps.Events;
using KubeApps.Processes;
using KubeApps.Rendering;

namespace KubeApps.Cli.Commands;

/// <summary>
/// What <c>dotnet publish -p:KubeAppDeploy=true</c> calls, and nobody else: images, bundle, deploy. It talks to the build in JSON lines on
/// stdout: <c>{"note":"…"}</c>, <c>{"diagnostics":[…]}</c> or <c>{"url":"…"}</c>, and leaves the result in a file when it is asked to.
/// </summary>
internal static class PublishDeployCommand
{
    public static Command Create(Terminal terminal)
    {
        var request = new Option<FileInfo>("--request") { Description = "What the build wrote.", Required = true };
        var command = new Command("publish-deploy", "Called by the build.") { request };
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
        var request = PublishRequest.Read(requestFile);
        var document = SpecDocument.FromJson(await File.ReadAllTextAsync(request.ModelFile, cancellationToken));
        var sink = new BuildLog(terminal.Out);
        var started = terminal.Clock.GetTimestamp();
        var result = DeployResult.Nothing(DeployOutcome.Failed, ExitCodes.Failed, document.App, request.Environment) with
        {
            Namespace = request.Namespace ?? "",
            Commit = request.Commit,
        };
        try
        {
            result = await RunAsync(terminal, request, document, sink, cancellationToken);
            Tell(result, sink);
        }
        catch (DiagnosticException exception)
        {
            result = result with { ExitCode = ExitCodes.Of(exception.Diagnostics[0]), Diagnostics = exception.Diagnostics };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            result = result with { Outcome = DeployOutcome.Cancelled, ExitCode = ExitCodes.Cancelled };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            result = result with { Diagnostics = [DiagnosticDescriptors.OutputNotWritable.Because(exception.Message)] };
        }
        catch (Exception exception) when (terminal.ReadVariable("KUBEAPPS_DEBUG") is null or "")
        {
            result = result with { Diagnostics = [DiagnosticDescriptors.Unexpected.Because($"{exception.GetType().Name}: {exception.Message}")] };
        }

        if (!sink.HasErrors && result.Diagnostics.Count > 0)
            sink.Write(result.Diagnostics);
        if (request.ResultFile is not null)
        {
            using var text = new StringWriter();
            Json.Write(text, Json.Of(result with { Elapsed = terminal.Clock.GetElapsedTime(started) }), "json");
            WholeFile.Write(request.ResultFile, text.ToString());
        }

        return result.ExitCode;
    }

    private static async Task<DeployResult> RunAsync(
        Terminal terminal, PublishRequest request, SpecDocument document, BuildLog sink, CancellationToken cancellationToken)
    {
        var model = document.Environments.FirstOrDefault(item => item.Environment.Is(request.Environment))
            ?? throw new DiagnosticException(DiagnosticDescriptors.UnknownEnvironment.Because(
                $"The specification of {document.App} has no environment '{request.Environment}'. It has: {string.Join(", ", document.Environments.Select(item => item.Environment.Name))}."));
        document = document with { Environments = [model] };

        using var place = await DeployPlace.PrepareAsync(model, request, sink, terminal.Clock, cancellationToken);
        var images = place.Images is null
            ? new ImageSet(new Dictionary<string, BundleImage>())
            : await new ImageResolver(place.Images, request, terminal.ReadVariable, sink).ResolveAsync(document, cancellationToken);
        var rendered = BundleRenderer.Render(document, images, request.Commit, model.Environment.Name).WithStrategy(request.Strategy);
        var bundle = BundleFiles.Write(rendered, request.BundleDirectory);

        return await new Deployer(place.Cluster, terminal.ReadVariable).RunAsync(
            new DeployRequest(bundle, model.Environment.Name, request.Namespace, request.Timeout, request.DryRun), sink, cancellationToken);
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
            case DeployOutcome.Planned:
                sink.Publish(new DeployEvent.Note($"{result.App} ({result.Environment}): a dry run, so nothing was built, pushed or changed."));
                break;
            case DeployOutcome.Failed or DeployOutcome.TimedOut when !sink.HasErrors:
                sink.Write([.. result.Failures.Select(failure => failure.ToDiagnostic())]);
                break;
        }

        foreach (var url in result.Urls)
            sink.WriteUrl(url);
    }
}

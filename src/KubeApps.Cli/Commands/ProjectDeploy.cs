using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary>
/// Deploys a project by publishing it: the build knows what goes into the images. MSBuild ends with 0 or 1 whatever happened, so the build
/// leaves the result, with the true exit code, in a file.
/// </summary>
internal static class ProjectDeploy
{
    /// <summary>Returns the result as <c>deploy -o json</c> shows it. What the build says goes to <paramref name="sink"/>, line by line.</summary>
    public static async Task<JsonObject> RunAsync(
        Terminal terminal, ProjectFolder project, DeployOrder order, IEventSink sink, CancellationToken cancellationToken)
    {
        var started = terminal.Clock.GetTimestamp();
        var folder = Directory.CreateTempSubdirectory("kubeapps-deploy-");
        try
        {
            var file = Path.Combine(folder.FullName, "result.json");
            var exit = ExitCodes.Cancelled;
            // Who looks on sees that something goes on, and for how long.
            if (terminal.Narrative == Narrative.Live)
                sink.Publish(new DeployEvent.StepStarted("publish", $"Publish {project.Name}"));
            try
            {
                (exit, _) = await ProjectFolder.DotnetAsync(
                    Arguments(project, order, file, terminal.Directory), terminal.Directory, line => sink.Publish(new DeployEvent.Note(line)), cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // What the build could still say about it stands in the file.
            }

            if (Read(file) is { } result)
                return result;
            var nothing = DeployResult.Nothing(DeployOutcome.Cancelled, ExitCodes.Cancelled, project.AppName, order.Environment ?? "local");
            if (!cancellationToken.IsCancellationRequested)
            {
                var failure = DiagnosticDescriptors.PublishFailed.Because(exit == 0
                    ? $"dotnet publish of {project.Name} deployed nothing: the project does not reference KubeApps.MSBuild."
                    : $"dotnet publish of {project.Name} ended with {exit}.", nextStep: exit == 0 ? "Run 'dotnet kubeapp init' first." : null);
                sink.Publish(new DeployEvent.DiagnosticRaised(failure));
                nothing = nothing with { Outcome = DeployOutcome.Failed, ExitCode = ExitCodes.Failed, Diagnostics = [failure] };
            }

            return Json.Of(nothing with { Elapsed = terminal.Clock.GetElapsedTime(started) });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static List<string> Arguments(ProjectFolder project, DeployOrder order, string resultFile, string directory)
    {
        // The terminal logger draws; here lines are wanted.
        List<string> arguments = ["publish", project.File, "-nologo", "-tl:off"];
        void Add(string property, string? value)
        {
            if (value is not null)
                arguments.Add($"-p:{property}={Escape(value)}");
        }

        Add("KubeAppDeploy", "true");
        Add("KubeAppEnvironment", order.Environment);
        Add("KubeAppStrategy", order.Strategy);
        Add("_KubeAppResultFile", resultFile);
        Add("_KubeAppDryRun", order.DryRun ? "true" : null);
        Add("_KubeAppNamespace", order.Namespace);
        Add("_KubeAppTimeout", order.Timeout?.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        Add("_KubeAppContext", order.Target.Context);
        Add("_KubeAppKubeconfig", order.Target.Kubeconfig is { } kubeconfig ? Path.GetFullPath(kubeconfig, directory) : null);
        return arguments;
    }

    // What MSBuild would read as the end of a property or as an expression; '%' first.
    // https://learn.microsoft.com/visualstudio/msbuild/msbuild-special-characters
    private static string Escape(string value)
    {
        foreach (var special in "%$@;,'\"()?*")
            value = value.Replace(special.ToString(), $"%{(int)special:X2}", StringComparison.Ordinal);
        return value;
    }

    private static JsonObject? Read(string file)
    {
        try
        {
            return File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file)) as JsonObject : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy;
using KubeApps.Deploy.Images;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary>
/// A project becomes a bundle by being published: the build knows what goes into it. What the build says becomes events, its errors and
/// warnings with their places.
/// </summary>
internal static class ProjectPublish
{
    private const string Step = "publish";

    /// <summary>Publishes and reads the bundle. Failures of the build are in the exception, and were told to <paramref name="sink"/> as they came.</summary>
    /// <exception cref="PublishFailedException">The build failed, or made no bundle.</exception>
    public static async Task<Bundle> RunAsync(
        Terminal terminal, ProjectFolder project, IReadOnlyList<(string Name, string? Value)> properties, IEventSink sink, CancellationToken cancellationToken)
    {
        var started = terminal.Clock.GetTimestamp();
        var title = $"Publish {project.Name}";
        var output = new BuildOutput(line => sink.Publish(new DeployEvent.StepSaid(Step, line)), diagnostic => sink.Publish(new DeployEvent.DiagnosticRaised(diagnostic)));
        using var folder = ScratchFolder.Create("publish");
        var answers = Path.Combine(folder.Path, "properties.json");
        sink.Publish(new DeployEvent.StepStarted(Step, title));
        var exit = await ProjectFolder.DotnetAsync(Arguments(project, properties, answers), terminal.Directory, output.Take, cancellationToken);
        if (exit != 0)
            throw Failed(
                output.Errors, DiagnosticDescriptors.PublishFailed.Because($"dotnet publish of {project.Name} ended with {exit}. It said last: {output.LastLine}"));
        var (enabled, bundleFolder, reference, work) = Read(answers);
        if (!enabled)
            throw Failed([], DiagnosticDescriptors.PublishFailed.Because(
                $"dotnet publish of {project.Name} made no bundle: the project does not reference KubeApps.MSBuild, or is no app.", nextStep: "Run 'dotnet kubeapp init' first."));
        var bundle = BundleSource.Read(bundleFolder) with
        {
            Reference = reference.Length == 0 ? null : reference,
            Published = PublishReport.Read(work),
        };
        sink.Publish(new DeployEvent.StepFinished(Step, title, bundle.Images.Count == 1 ? "1 image" : $"{bundle.Images.Count} images", terminal.Clock.GetElapsedTime(started)));
        return bundle;

        PublishFailedException Failed(IReadOnlyList<Diagnostic> told, Diagnostic otherwise)
        {
            if (told.Count > 0)
                return new PublishFailedException(told);
            sink.Publish(new DeployEvent.DiagnosticRaised(otherwise));
            return new PublishFailedException([otherwise]);
        }
    }

    private static List<string> Arguments(ProjectFolder project, IReadOnlyList<(string Name, string? Value)> properties, string answers) =>
    [
        // The terminal logger draws; here lines are wanted, and each error once.
        "publish", project.File, "-nologo", "-tl:off", "-clp:NoSummary",
        "-getProperty:KubeAppEnabled", "-getProperty:_KubeAppBundleDirectory", "-getProperty:KubeAppBundleReference", "-getProperty:_KubeAppIntermediateDirectory", $"-getResultOutputFile:{answers}",
        .. properties.Where(property => property.Value is not null).Select(property => $"-p:{property.Name}={Escape(property.Value!)}"),
    ];

    // What MSBuild would read as the end of a property or as an expression; '%' first.
    // https://learn.microsoft.com/visualstudio/msbuild/msbuild-special-characters
    private static string Escape(string value)
    {
        foreach (var special in "%$@;,'\"()?*")
            value = value.Replace(special.ToString(), $"%{(int)special:X2}", StringComparison.Ordinal);
        return value;
    }

    private static (bool Enabled, string BundleFolder, string Reference, string Work) Read(string answers)
    {
        var properties = JsonNode.Parse(File.ReadAllText(answers))?["Properties"];
        return ((string?)properties?["KubeAppEnabled"] == "true", (string?)properties?["_KubeAppBundleDirectory"] ?? "", (string?)properties?["KubeAppBundleReference"] ?? "",
            (string?)properties?["_KubeAppIntermediateDirectory"] ?? "");
    }
}

/// <summary>The publish of a project failed; why was told.</summary>
internal sealed class PublishFailedException(IReadOnlyList<Diagnostic> diagnostics) : Exception(diagnostics[0].ToString())
{
    public IReadOnlyList<Diagnostic> Diagnostics { get; } = diagnostics;
}

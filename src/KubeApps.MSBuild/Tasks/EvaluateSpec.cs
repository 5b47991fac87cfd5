using System.ComponentModel;
using System.Text.Json;
using KubeApps.Diagnostics;
using KubeApps.SpecHost;
using Microsoft.Build.Framework;

namespace KubeApps.MSBuild;

/// <summary>
/// Evaluates the compiled specification in a process of its own and writes the model. Without a specification it writes the default
/// app's model, in this process: no user code is involved then.
/// </summary>
public sealed class EvaluateSpec : SpecHostTask
{
    /// <summary>The compiled specification; empty for the default app.</summary>
    public string SpecAssembly { get; set; } = "";

    /// <summary>The app's assembly in the output folder, beside its deps file.</summary>
    [Required]
    public string AppAssembly { get; set; } = "";

    /// <summary>Shared specification libraries.</summary>
    public string[] References { get; set; } = [];

    /// <summary>The project file's name without extension.</summary>
    [Required]
    public string ProjectName { get; set; } = "";

    /// <summary>Whether it is a web project.</summary>
    public bool IsWeb { get; set; }

    /// <summary>How long the specification may take, in seconds.</summary>
    public int TimeoutSeconds { get; set; } = 30;

    /// <summary>Where the list of files goes that the specification named, one a line, relative to the project.</summary>
    [Required]
    public string FilesFile { get; set; } = "";

    /// <summary>Where the patterns go by which it found some of them.</summary>
    [Required]
    public string PatternsFile { get; set; } = "";

    private protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        var modelFile = Path.GetFullPath(ModelFile);
        var folder = Directory.CreateDirectory(Path.GetDirectoryName(modelFile)!).FullName;
        using var _ = await OutputLock.TakeAsync(folder, cancellationToken).ConfigureAwait(false);
        if (SpecAssembly.Length == 0)
            EvaluateDefaultApp(modelFile);
        else
            await EvaluateOutOfProcessAsync(folder, modelFile, cancellationToken).ConfigureAwait(false);
    }

    private void EvaluateDefaultApp(string modelFile)
    {
        var facts = new ProjectFacts { Name = ProjectName, IsWeb = IsWeb, Directory = Path.GetFullPath(ProjectDirectory) };
        var (document, diagnostics) = SpecEvaluation.Evaluate(null, facts);
        Report(diagnostics);
        if (document is null)
            return;
        WholeFile.Write(FilesFile, "");
        WholeFile.Write(PatternsFile, "");
        WholeFile.Write(modelFile, document.ToJson());
    }

    private async Task EvaluateOutOfProcessAsync(string folder, string modelFile, CancellationToken cancellationToken)
    {
        if (!File.Exists(SpecHost))
            throw new DiagnosticException(DiagnosticDescriptors.PackagePartMissing.Because($"'{SpecHost}' is not there."));

        var requestFile = Path.Combine(folder, "request.json");
        var diagnosticsFile = Path.Combine(folder, "diagnostics.json");
        File.Delete(diagnosticsFile);
        new EvaluationRequest
        {
            SpecAssembly = Path.GetFullPath(SpecAssembly),
            AppAssembly = Path.GetFullPath(AppAssembly),
            References = [.. References.Select(Path.GetFullPath)],
            ProjectName = ProjectName,
            ProjectDirectory = Path.GetFullPath(ProjectDirectory),
            IsWeb = IsWeb,
            ModelFile = modelFile,
            FilesFile = Path.GetFullPath(FilesFile),
            PatternsFile = Path.GetFullPath(PatternsFile),
            DiagnosticsFile = diagnosticsFile,
        }.Write(requestFile);

        var lastError = "";
        int exitCode;
        try
        {
            using var host = TakeHost();
            exitCode = await host.EvaluateAsync(
                requestFile,
                TimeSpan.FromSeconds(TimeoutSeconds),
                (line, isError) =>
                {
                    lastError = line.Length > 0 && lastError.Length == 0 && isError ? line : lastError;
                    Log.LogMessage(MessageImportance.High, "{0}", line);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new DiagnosticException(DiagnosticDescriptors.SpecTimedOut.Because(
                $"The specification of {ProjectName} was stopped after {TimeoutSeconds} s."));
        }
        catch (Win32Exception exception)
        {
            throw new DiagnosticException(DiagnosticDescriptors.DotnetHostMissing.Because($"'{DotnetHost}' cannot be started: {exception.Message}."));
        }

        var diagnostics = ReadDiagnostics(diagnosticsFile, exitCode, lastError);
        Report(diagnostics);
    }

    private static IReadOnlyList<Diagnostic> ReadDiagnostics(string file, int exitCode, string lastError)
    {
        try
        {
            return DiagnosticJson.Read(File.ReadAllText(file));
        }
        catch (Exception exception) when (exception is FileNotFoundException or JsonException)
        {
            var detail = lastError.Length == 0 ? "" : $" Its first words were: {lastError}";
            return [DiagnosticDescriptors.SpecHostEnded.Because($"The specification's process ended with code {exitCode} before it was done.{detail}")];
        }
    }
}

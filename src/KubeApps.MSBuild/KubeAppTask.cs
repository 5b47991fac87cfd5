using KubeApps.Diagnostics;
using Microsoft.Build.Framework;

namespace KubeApps.MSBuild;

/// <summary>
/// What our tasks share: MSBuild's Cancel becomes a token, and expected failures become errors with code, file and line. A task only
/// translates its parameters into one call.
/// </summary>
public abstract class KubeAppTask : Microsoft.Build.Utilities.Task, ICancelableTask, IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();

    /// <summary>The project's folder: places in diagnostics are shown as files in it.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <summary>The file that a diagnostic without a place is about; without it, MSBuild names the targets file, which is not the user's.</summary>
    [Required]
    public string Subject { get; set; } = "";

    /// <inheritdoc/>
    public void Cancel() => _cancellation.Cancel();

    /// <inheritdoc/>
    public sealed override bool Execute()
    {
        // While we wait for another process, this node may build other projects: apps of one solution wait for their rollouts together.
        // They may change the current folder meanwhile, so that every path here is a full one.
        BuildEngine3.Yield();
        try
        {
            return Run();
        }
        finally
        {
            BuildEngine3.Reacquire();
        }
    }

    private bool Run()
    {
        try
        {
            RunAsync(_cancellation.Token).GetAwaiter().GetResult();
        }
        catch (DiagnosticException exception)
        {
            Report(exception.Diagnostics);
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Report([DiagnosticDescriptors.OutputNotWritable.Because(exception.Message)]);
        }
        catch (Exception exception)
        {
            // MSBuild would make a stack trace of it (MSB4018); the details are for a detailed log.
            Report([DiagnosticDescriptors.Unexpected.Because($"{exception.GetType().Name}: {exception.Message}", nextStep: "Publish again with '-v:d' for the details, and report it.")]);
            Log.LogMessage(MessageImportance.Low, "{0}", exception);
        }

        return !Log.HasLoggedErrors;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cancellation.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected abstract System.Threading.Tasks.Task RunAsync(CancellationToken cancellationToken);

    private protected void Report(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
        {
            var place = diagnostic.Place;
            var file = Path.GetFullPath(place?.File ?? Subject, Path.GetFullPath(ProjectDirectory));
            // MSBuild makes an error of every line of a message.
            var text = $"{diagnostic.Cause} {diagnostic.NextStep}".ReplaceLineEndings(" ").TrimEnd();
            if (diagnostic.Severity == DiagnosticSeverity.Error)
                Log.LogError(null, diagnostic.Code, null, null, file, place?.Line ?? 0, place?.Column ?? 0, 0, 0, "{0}", text);
            else
                Log.LogWarning(null, diagnostic.Code, null, null, file, place?.Line ?? 0, place?.Column ?? 0, 0, 0, "{0}", text);
        }
    }
}

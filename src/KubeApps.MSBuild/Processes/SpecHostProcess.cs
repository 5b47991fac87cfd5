using System.Text;
using System.Text.Json;

namespace KubeApps.Processes;

/// <summary>
/// The process in which a specification is evaluated. It starts before it is known what it is to evaluate, and gets ready meanwhile; it ends
/// when it is disposed or its build is gone, asked or not.
/// </summary>
internal sealed class SpecHostProcess : IDisposable
{
    private static readonly TimeSpan TimeToKill = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource<string> _request = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<int> _run;
    private Action<string, bool> _onLine = (_, _) => { };

    /// <summary>Starts it; a failure to start comes with the evaluation.</summary>
    public SpecHostProcess(string dotnetHost, string specHost, string runtimeConfigFile, string projectDirectory) =>
        // Without a grace: a specification has nothing to finish, and it may be in a loop.
        _run = new ChildProcess(dotnetHost, ["exec", "--runtimeconfig", runtimeConfigFile, specHost], projectDirectory)
        {
            // The app's own settings (startup hooks, another root) are not meant for the specification.
            Environment = new Dictionary<string, string?> { ["DOTNET_STARTUP_HOOKS"] = null, ["DOTNET_TieredPGO"] = "0" },
            Limit = Timeout.InfiniteTimeSpan,
            WatchesInput = true,
            FirstLine = _request.Task,
        }.RunAsync((line, isError) => _onLine(line, isError), _end.Token);

    /// <summary>Evaluates what the request says, once.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="TimeoutException">It took longer than <paramref name="limit"/>, and was ended.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">It could not be started.</exception>
    public async Task<int> EvaluateAsync(string requestFile, TimeSpan limit, Action<string, bool> onLine, CancellationToken cancellationToken)
    {
        _onLine = onLine;
        _request.TrySetResult(requestFile);
        try
        {
            return await _run.WaitAsync(limit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            await _end.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(_run).ConfigureAwait(false);
            throw;
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        // A kill stops the process first: a build that ended in between would leave it stopped for ever.
        Task.WhenAny(_run).Wait(TimeToKill);
        _request.TrySetCanceled();
        _end.Dispose();
    }

    /// <summary>Its configuration: our own, never the app's. What an app switches off for itself (reflection for JSON, in an AOT app) would break the host.</summary>
    /// <param name="frameworks">Shared frameworks that the app uses.</param>
    /// <param name="version">Of the frameworks: <c>v10.0</c>.</param>
    public static string RuntimeConfig(IEnumerable<string> frameworks, string version)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartObject("runtimeOptions");
            json.WriteString("rollForward", "Major");
            json.WriteStartArray("frameworks");
            foreach (var framework in frameworks.Order(StringComparer.Ordinal))
            {
                json.WriteStartObject();
                json.WriteString("name", framework);
                json.WriteString("version", version.TrimStart('v') + ".0");
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("configProperties");
            json.WriteBoolean("System.GC.Concurrent", false);
            json.WriteBoolean("System.Globalization.Invariant", true);
            json.WriteBoolean("System.Runtime.TieredPGO", false);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}

using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace KubeApps.Processes;

/// <summary>Runs a program to its end, line by line, with a limit. Used by the build tasks and, as a linked file, by the image builder.</summary>
internal static class ChildProcess
{
    // A grandchild (the sandbox, a compiler server) may hold the pipe open after the program itself ended. It must not hold us.
    private static readonly TimeSpan RestOfOutput = TimeSpan.FromSeconds(2);

    /// <summary>Runs <paramref name="program"/>.</summary>
    /// <param name="program">The executable.</param>
    /// <param name="arguments">Passed as they are: no shell is involved.</param>
    /// <param name="workingDirectory">Where it runs.</param>
    /// <param name="environment">Variables to set; null removes one.</param>
    /// <param name="onLine">Gets each line; the flag says that it stood on stderr. Called from one thread at a time.</param>
    /// <param name="limit">After this time the whole process tree is killed and a <see cref="TimeoutException"/> thrown.</param>
    /// <param name="cancellationToken">Kills the whole process tree.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="Win32Exception">It cannot be started.</exception>
    public static async Task<int> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string workingDirectory,
        IReadOnlyDictionary<string, string?>? environment,
        Action<string, bool> onLine,
        TimeSpan limit,
        CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = workingDirectory,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;

        cancellationToken.ThrowIfCancellationRequested();
        using var process = Process.Start(start) ?? throw new Win32Exception($"'{program}' did not start.");
        process.StandardInput.Close();

        // Not disposed on purpose: readers may outlive this call when a grandchild holds the pipe.
        var gate = new Lock();
        var output = ReadAsync(process.StandardOutput, isError: false);
        var error = ReadAsync(process.StandardError, isError: true);

        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(limit);
        try
        {
            // WaitForExitAsync waits for the pipes only where events are used for them; here it ends with the process.
            await process.WaitForExitAsync(limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"'{program}' did not end within {limit.TotalSeconds:0} s.");
        }

        await Task.WhenAny(Task.WhenAll(output, error), Task.Delay(RestOfOutput, cancellationToken)).ConfigureAwait(false);
        return process.ExitCode;

        async Task ReadAsync(StreamReader reader, bool isError)
        {
            try
            {
                while (await reader.ReadLineAsync(CancellationToken.None).ConfigureAwait(false) is { } line)
                {
                    lock (gate)
                        onLine(line, isError);
                }
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // The pipe was closed under the reader, because the call above is over.
            }
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or AggregateException)
        {
            // Already gone.
        }
    }
}

using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace KubeApps.Processes;

/// <summary>
/// A program that is run to its end, line by line, with a limit. Used by the build tasks and, as a linked file, by the image builder.
/// </summary>
/// <param name="Program">The executable.</param>
/// <param name="Arguments">Passed as they are: no shell is involved.</param>
/// <param name="WorkingDirectory">Where it runs.</param>
internal sealed record ChildProcess(string Program, IReadOnlyList<string> Arguments, string WorkingDirectory)
{
    // A grandchild (the sandbox, a compiler server) may hold the pipe open after the program itself ended. It must not hold us.
    private static readonly TimeSpan RestOfOutput = TimeSpan.FromSeconds(2);

    private const int InterruptSignal = 2;

    /// <summary>Variables to set; null removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>After this time it is ended and a <see cref="TimeoutException"/> thrown.</summary>
    public required TimeSpan Limit { get; init; }

    /// <summary>How long it may take to end by itself, once it was told to, before its whole tree is killed. Zero: it is killed at once.</summary>
    public TimeSpan Grace { get; init; }

    /// <summary>
    /// Whether it is one of ours, which ends when its standard input does (<see cref="CallersPipe"/>): so it ends when we die, too. Others
    /// get no input at all, and are told to end by an interrupt where there is such a thing.
    /// </summary>
    public bool WatchesInput { get; init; }

    /// <summary>The line that its standard input begins with, as soon as it is known.</summary>
    public Task<string>? FirstLine { get; init; }

    /// <summary>Runs it.</summary>
    /// <param name="onLine">Gets each line; the flag says that it stood on stderr. Called from one thread at a time.</param>
    /// <param name="cancellationToken">Ends the process: first it is told to, then killed.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="Win32Exception">It cannot be started.</exception>
    public async Task<int> RunAsync(Action<string, bool> onLine, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var process = Process.Start(StartInfo()) ?? throw new Win32Exception($"'{Program}' did not start.");
        if (!WatchesInput)
            process.StandardInput.Close();
        else if (FirstLine is not null)
            _ = SendAsync(process.StandardInput, FirstLine);

        // Not disposed on purpose: readers may outlive this call when a grandchild holds the pipe.
        var gate = new Lock();
        var output = Task.WhenAll(ReadAsync(process.StandardOutput, isError: false), ReadAsync(process.StandardError, isError: true));

        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(Limit);
        try
        {
            // WaitForExitAsync waits for the pipes only where events are used for them; here it ends with the process.
            await process.WaitForExitAsync(limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process).ConfigureAwait(false);
            await Task.WhenAny(output, Task.Delay(RestOfOutput, CancellationToken.None)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"'{Program}' did not end within {Limit.TotalSeconds:0} s.");
        }

        await Task.WhenAny(output, Task.Delay(RestOfOutput, cancellationToken)).ConfigureAwait(false);
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

    private static async Task SendAsync(StreamWriter input, Task<string> line)
    {
        try
        {
            await input.WriteAsync($"{await line.ConfigureAwait(false)}\n").ConfigureAwait(false);
            await input.FlushAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // It ended first; its exit code tells.
        }
    }

    private ProcessStartInfo StartInfo()
    {
        var start = new ProcessStartInfo(Program, Arguments)
        {
            WorkingDirectory = WorkingDirectory,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return start;
    }

    private async Task EndAsync(Process process)
    {
        try
        {
            if (Grace > TimeSpan.Zero && Tell(process))
            {
                using var patience = new CancellationTokenSource(Grace);
                await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // It did not listen.
        }

        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or AggregateException)
        {
            // Already gone.
        }
    }

    // Windows has no signal for a process without a console of its own; there, only our own programs can be told.
    private bool Tell(Process process)
    {
        if (WatchesInput)
        {
            process.StandardInput.Close();
            return true;
        }

        return !OperatingSystem.IsWindows() && Kill(process.Id, InterruptSignal) == 0;
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}

namespace KubeApps.Sandbox.Pods.Processes;

/// <summary>What to run. The program is an absolute path of the host.</summary>
internal sealed record ProcessStart(
    string Program, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string WorkingDirectory);

/// <summary>The program could not be started at all.</summary>
internal sealed class ProcessStartException(string message) : Exception(message);

/// <summary>
/// A process with all that it starts: when the first one ends, the rest is killed, as a container's are. What it writes to its output
/// and error streams goes to one writer, in the order in which it was written.
/// </summary>
internal abstract class ContainerProcess
{
    public abstract int Id { get; }

    /// <summary>The exit code, once all is gone and all output has been passed on; 128 plus the number of the signal that ended it.</summary>
    public abstract Task<int> Exited { get; }

    /// <summary>Asks the process to end. False where there is no way to ask: then it has to be killed.</summary>
    /// <param name="stopSignal">As the image names it, e.g. <c>SIGTERM</c>; null for the usual one.</param>
    public abstract bool RequestStop(string? stopSignal);

    /// <summary>Ends it and its children, without asking.</summary>
    public abstract void Kill();

    /// <param name="start">What to run.</param>
    /// <param name="output">Gets what the process writes, on one thread.</param>
    /// <param name="ledger">Remembers the process until it is gone, for the sandbox that comes after a crash.</param>
    /// <exception cref="ProcessStartException">There is no such program, or it is none.</exception>
    public static ContainerProcess Start(ProcessStart start, Action<ReadOnlySpan<byte>> output, ProcessLedger ledger)
    {
        if (OperatingSystem.IsWindows())
            return new WindowsProcess(start, output, ledger);
        return new UnixProcess(start, output, ledger);
    }
}

using System.Runtime.InteropServices;
using KubeApps.Deploy;

namespace KubeApps.Cli;

/// <summary>
/// Ctrl+C and SIGTERM. The first one asks the command to end, and gives it a while to leave everything in order; the second one, or the end
/// of that while, ends the process.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    // A runner of GitHub Actions sends SIGINT, after 7.5 s SIGTERM, and after 2.5 s more it kills.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _asked = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly TextWriter _error;
    private readonly Timer _end;
    private int _signals;

    public Interrupts(TextWriter error)
    {
        _error = error;
        _end = new Timer(_ => End());
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Take), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Take)];
    }

    /// <summary>Ends with the first signal.</summary>
    public CancellationToken Token => _asked.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _end.Dispose();
        _asked.Dispose();
    }

    private void Take(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) > 1)
            End();
        _end.Change(Grace, Timeout.InfiniteTimeSpan);
        _ = _asked.CancelAsync();
    }

    private void End()
    {
        _error.WriteLine("Ended at once, without waiting for what was under way. Run it again to go on; a lock that is left expires by itself.");
        Environment.Exit(ExitCodes.Cancelled);
    }
}

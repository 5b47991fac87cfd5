using System.IO.Pipes;
using System.Runtime.Versioning;

namespace KubeApps.Sandbox.Pods.Processes;

/// <summary>
/// A process that leads a session of its own, so that a signal to its group reaches its children and a Ctrl+C at the sandbox's terminal
/// does not. <see cref="System.Diagnostics.Process"/> cannot start one.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class UnixProcess : ContainerProcess
{
    // Grandchildren in sessions of their own may keep the pipe open for ever; nobody waits for them.
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private bool _gone;

    public UnixProcess(ProcessStart start, Action<ReadOnlySpan<byte>> output, ProcessLedger ledger)
    {
        var pipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        var lifeline = Lifeline.TryCreate();
        try
        {
            Id = Posix.Spawn(start, (int)pipe.ClientSafePipeHandle.DangerousGetHandle(), lifeline?.Descriptor);
        }
        catch
        {
            lifeline?.Dispose();
            pipe.Dispose();
            throw;
        }

        lifeline?.Tie(Id);
        try
        {
            ledger.Add(Id);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A process that the next sandbox would not know of must not run.
            Posix.Kill(-Id, Posix.SigKill);
            Posix.Reap(Id);
            lifeline?.Dispose();
            pipe.Dispose();
            throw new ProcessStartException(e.Message);
        }

        pipe.DisposeLocalCopyOfClientHandle();
        var reader = Background(() => Read(pipe, output));
        Background(() =>
        {
            Posix.WaitForExit(Id);
            int code;
            lock (_gate)
            {
                // The leader is a zombie still, so the number of its group cannot have been given to others.
                Posix.Kill(-Id, Posix.SigKill);
                code = Posix.Reap(Id);
                _gone = true;
            }

            lifeline?.Dispose();

            ledger.Remove(Id);
            if (!reader.Join(OutputGrace))
                pipe.Dispose();
            _exited.SetResult(code);
        });
    }

    public override int Id { get; }

    public override Task<int> Exited => _exited.Task;

    public override bool RequestStop(string? stopSignal)
    {
        lock (_gate)
            if (!_gone)
                Posix.Kill(Id, Posix.SignalNumber(stopSignal));
        return true;
    }

    public override void Kill()
    {
        lock (_gate)
            if (!_gone)
                Posix.Kill(-Id, Posix.SigKill);
    }

    private static void Read(AnonymousPipeServerStream pipe, Action<ReadOnlySpan<byte>> output)
    {
        using (pipe)
        {
            var buffer = new byte[16 << 10];
            try
            {
                while (pipe.Read(buffer) is var count and > 0)
                    output(buffer.AsSpan(0, count));
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The process is gone and so is who wanted its output.
            }
        }
    }

    // Both block for the process's whole life, which threads of the pool must not.
    private static Thread Background(Action work)
    {
        var thread = new Thread(() => work(), maxStackSize: 256 << 10) { IsBackground = true };
        thread.Start();
        return thread;
    }
}

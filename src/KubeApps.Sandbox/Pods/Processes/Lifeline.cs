using System.IO.Pipes;
using System.Runtime.Versioning;

namespace KubeApps.Sandbox.Pods.Processes;

/// <summary>
/// Ties a process group to this process: however this one ends, the kernel kills that one at once. The group holds the reading end of a pipe on
/// which nothing is ever said; when its only writer is gone, the kernel sends the signal that was asked for on that end (fcntl(2), F_SETSIG). A
/// program that closes descriptors which it does not know is found by the next sandbox instead (<see cref="ProcessLedger"/>).
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class Lifeline : IDisposable
{
    private readonly AnonymousPipeServerStream _pipe = new(PipeDirection.Out, HandleInheritability.None);

    private Lifeline()
    {
    }

    /// <summary>Null where the system has no such thing: it is Linux's own.</summary>
    public static Lifeline? TryCreate() => OperatingSystem.IsLinux() ? new Lifeline() : null;

    /// <summary>The reading end, for the process that is to be started.</summary>
    public int Descriptor => (int)_pipe.ClientSafePipeHandle.DangerousGetHandle();

    /// <summary>From now on the group ends with this process.</summary>
    public void Tie(int group)
    {
        Posix.KillGroupAtEnd(Descriptor, group);
        _pipe.DisposeLocalCopyOfClientHandle();
    }

    /// <summary>To be called when the group is gone: what is left of it is killed.</summary>
    public void Dispose() => _pipe.Dispose();
}

using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace KubeApps.Sandbox.Pods.Processes;

/// <summary>The calls of the C library that start, signal and end processes. Linux (glibc 2.29, musl 1.2) and macOS 10.15 have them.</summary>
[UnsupportedOSPlatform("windows")]
internal static unsafe partial class Posix
{
    public const int SigKill = 9;

    private const int SigTerm = 15;
    private const int Interrupted = 4; // EINTR
    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;
    private const int WithProcessId = 1; // P_PID
    private const int HasExited = 4; // WEXITED

    // Of Linux, the same on all processors that .NET runs on.
    private const int SetStatusFlags = 4; // F_SETFL
    private const int SetOwner = 8; // F_SETOWN
    private const int SetSignal = 10; // F_SETSIG
    private const int Asynchronous = 0x2000; // O_ASYNC
    private const int LifelineDescriptor = 3;

    // More than any system needs for the structures that are handed over as they are (the largest has 336 bytes).
    private const int Opaque = 1024;

    private static readonly short NewSession = (short)(OperatingSystem.IsMacOS() ? 0x0400 : 0x80);
    private static readonly int LeaveUnreaped = OperatingSystem.IsMacOS() ? 0x20 : 0x01000000; // WNOWAIT

    /// <summary>Starts a process in a session of its own, with both output streams on one descriptor and nothing to read.</summary>
    /// <param name="start">What to run.</param>
    /// <param name="output">Where it writes.</param>
    /// <param name="lifeline">A further descriptor that it is to hold, or null.</param>
    /// <exception cref="ProcessStartException">The system refused, with its reason in the words of a container runtime.</exception>
    public static int Spawn(ProcessStart start, int output, int? lifeline)
    {
        var strings = new List<nint>();
        var actions = stackalloc byte[Opaque];
        var attributes = stackalloc byte[Opaque];
        var signals = stackalloc byte[Opaque];
        posix_spawn_file_actions_init(actions);
        posix_spawnattr_init(attributes);
        try
        {
            Check(posix_spawn_file_actions_addopen(actions, 0, "/dev/null", 0, 0));
            Check(posix_spawn_file_actions_adddup2(actions, output, 1));
            Check(posix_spawn_file_actions_adddup2(actions, output, 2));
            if (lifeline is { } descriptor)
                Check(posix_spawn_file_actions_adddup2(actions, descriptor, LifelineDescriptor));
            Check(posix_spawn_file_actions_addchdir_np(actions, start.WorkingDirectory));

            // The runtime ignores SIGPIPE; a program expects what a fresh process has.
            sigfillset(signals);
            Check(posix_spawnattr_setsigdefault(attributes, signals));
            sigemptyset(signals);
            Check(posix_spawnattr_setsigmask(attributes, signals));
            Check(posix_spawnattr_setflags(attributes, (short)(SetSignalDefaults | SetSignalMask | NewSession)));

            fixed (nint* arguments = Strings([start.Program, .. start.Arguments], strings))
            fixed (nint* environment = Strings(start.Environment.Select(pair => $"{pair.Key}={pair.Value}"), strings))
                return posix_spawn(out var id, start.Program, actions, attributes, arguments, environment) is var error and not 0
                    ? throw new ProcessStartException(Marshal.GetPInvokeErrorMessage(error).ToLowerInvariant())
                    : id;
        }
        finally
        {
            posix_spawn_file_actions_destroy(actions);
            posix_spawnattr_destroy(attributes);
            foreach (var text in strings)
                NativeMemory.Free((void*)text);
        }
    }

    /// <summary>Blocks until the process has ended, and leaves it for <see cref="Reap"/>.</summary>
    public static void WaitForExit(int id)
    {
        var info = stackalloc byte[Opaque];
        while (waitid(WithProcessId, id, info, HasExited | LeaveUnreaped) != 0 && Marshal.GetLastPInvokeError() == Interrupted)
        {
        }
    }

    /// <summary>The exit code of a process that has ended; 128 plus the signal if one ended it.</summary>
    public static int Reap(int id)
    {
        int status;
        int result;
        while ((result = waitpid(id, out status, 0)) < 0 && Marshal.GetLastPInvokeError() == Interrupted)
        {
        }

        var signal = status & 0x7f;
        return result < 0 ? 255 : signal == 0 ? (status >> 8) & 0xff : 128 + signal;
    }

    /// <summary>Sends a signal to a process, or to a process group if the id is negative. Whoever is gone already does not matter.</summary>
    public static void Kill(int id, int signal) => _ = kill(id, signal);

    /// <summary>Has the kernel kill a process group when this pipe's last writer is gone. Linux only.</summary>
    public static void KillGroupAtEnd(int readingEnd, int group)
    {
        // Before signals are switched on, so that none of them is another one.
        _ = fcntl(readingEnd, SetSignal, SigKill);
        _ = fcntl(readingEnd, SetOwner, -group);
        _ = fcntl(readingEnd, SetStatusFlags, Asynchronous);
    }

    public static int SignalNumber(string? name) => name?.Replace("SIG", "", StringComparison.Ordinal) switch
    {
        null or "TERM" => SigTerm,
        "HUP" => 1,
        "INT" => 2,
        "QUIT" => 3,
        "KILL" => SigKill,
        "USR1" => OperatingSystem.IsMacOS() ? 30 : 10,
        "USR2" => OperatingSystem.IsMacOS() ? 31 : 12,
        { } other => int.TryParse(other, out var number) && number is > 0 and < 65 ? number : SigTerm,
    };

    private static nint[] Strings(IEnumerable<string> texts, List<nint> allocated)
    {
        var pointers = new List<nint>();
        foreach (var text in texts)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var copy = (byte*)NativeMemory.Alloc((nuint)bytes.Length + 1);
            bytes.CopyTo(new Span<byte>(copy, bytes.Length));
            copy[bytes.Length] = 0;
            allocated.Add((nint)copy);
            pointers.Add((nint)copy);
        }

        return [.. pointers, 0];
    }

    private static void Check(int error)
    {
        if (error != 0)
            throw new ProcessStartException(Marshal.GetPInvokeErrorMessage(error).ToLowerInvariant());
    }

    // The names are the C library's.
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(out int id, string path, byte* actions, byte* attributes, nint* arguments, nint* environment);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addopen(byte* actions, int descriptor, string path, int flags, int mode);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int descriptor, int newDescriptor);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addchdir_np(byte* actions, string path);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int sigfillset(byte* signals);

    [LibraryImport("libc")]
    private static partial int sigemptyset(byte* signals);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitid(int idType, int id, byte* info, int options);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitpid(int id, out int status, int options);

    [LibraryImport("libc")]
    private static partial int kill(int id, int signal);

    [LibraryImport("libc")]
    private static partial int fcntl(int descriptor, int command, nint argument);
}

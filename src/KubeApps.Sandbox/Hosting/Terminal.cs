using System.Runtime.InteropServices;

namespace KubeApps.Sandbox.Hosting;

/// <summary>Leaves the terminal and the output of whoever started the sandbox, so that neither holds on to the other.</summary>
internal static partial class Terminal
{
    private const int ReadWrite = 0x2;
    private const int GetDescriptorFlags = 1;
    private const int CloseOnExec = 1;

    /// <summary>
    /// A session of its own (no Ctrl+C, no hang-up from the starter's terminal); standard output goes to a file. On Windows the starter
    /// gives the process a hidden console and no handle; nothing is left to do.
    /// </summary>
    public static void Leave(string outputFile)
    {
        if (OperatingSystem.IsWindows())
            return;
        SetSession(); // Fails only where the process leads a session already.
        // Kept for the life of the process; a hang-up would end it otherwise.
        _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
        CloseInherited();
        Redirect("/dev/null", 0);
        if (!Make(outputFile) || !Redirect(outputFile, 1))
            Redirect("/dev/null", 1);
        Duplicate(1, 2);
    }

    private static PosixSignalRegistration? _hangUp;

    /// <summary>
    /// Whatever a starter's starter left open (a shell's pipe on descriptor 3) came through exec without the close-on-exec mark, which
    /// everything that this runtime opens has. A pipe held open here would keep its reader waiting for as long as the sandbox runs.
    /// </summary>
    private static void CloseInherited()
    {
        if (!Directory.Exists("/proc/self/fd"))
            return;
        foreach (var entry in new DirectoryInfo("/proc/self/fd").GetFileSystemInfos())
        {
            if (!int.TryParse(entry.Name, out var descriptor) || descriptor < 3 || entry.LinkTarget is not { } target)
                continue;
            var flags = Control(descriptor, GetDescriptorFlags, 0);
            if (flags >= 0 && (flags & CloseOnExec) == 0 && (target.StartsWith("pipe:", StringComparison.Ordinal) || target.StartsWith("/dev/pts/", StringComparison.Ordinal)))
                Close(descriptor);
        }
    }

    // By itself, since the mode of a file that open makes is a variadic argument, which macOS on arm64 looks for elsewhere.
    private static bool Make(string path)
    {
        try
        {
            new FileStream(path, AtomicFile.PrivateFile(FileMode.Append)).Dispose();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool Redirect(string path, int descriptor)
    {
        var opened = Open(path, ReadWrite | (OperatingSystem.IsLinux() ? 0x400 : 0x8)); // O_APPEND
        if (opened < 0)
            return false;
        Duplicate(opened, descriptor);
        if (opened > 2)
            Close(opened);
        return true;
    }

    [LibraryImport("libc", EntryPoint = "setsid")]
    private static partial int SetSession();

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Duplicate(int from, int to);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command, int argument);
}

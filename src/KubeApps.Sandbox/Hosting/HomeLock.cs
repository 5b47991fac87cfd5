using System.Globalization;
using System.Text;

namespace KubeApps.Sandbox.Hosting;

/// <summary>One sandbox for each home. The operating system frees the lock when the process ends, however it ends.</summary>
internal sealed class HomeLock : IDisposable
{
    private readonly FileStream _file;

    private HomeLock(FileStream file) => _file = file;

    public static HomeLock Take(SandboxHome home)
    {
        FileStream file;
        try
        {
            file = new FileStream(home.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException))
        {
            var holder = File.Exists(home.LockHolder) ? File.ReadAllText(home.LockHolder) : "unknown";
            throw new SandboxException(
                "already-running", $"A sandbox runs for {home.Root} already (process {holder}). Stop it with 'dotnet kubeapp sandbox stop'.", e);
        }

        // The lock file itself cannot be read by others while it is held, at least not on Windows.
        AtomicFile.Write(home.LockHolder, Encoding.UTF8.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)), durable: false);
        return new HomeLock(file);
    }

    public void Dispose() => _file.Dispose();
}

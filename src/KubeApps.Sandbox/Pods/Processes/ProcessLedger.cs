using System.Diagnostics;
using System.Globalization;

namespace KubeApps.Sandbox.Pods.Processes;

/// <summary>
/// The processes that run, one file each: named by the process id, holding when the process started. After a crash the next sandbox
/// kills what is left, and nothing else: a process id alone may have been given to somebody else since.
/// </summary>
internal sealed class ProcessLedger(string folder)
{
    public void Add(int id)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(PathOf(id), StartTime(id) ?? "");
    }

    public void Remove(int id) => File.Delete(PathOf(id));

    /// <summary>Kills what an earlier sandbox left behind, and returns how many those were.</summary>
    public int Reap()
    {
        Directory.CreateDirectory(folder);
        var killed = 0;
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            if (int.TryParse(Path.GetFileName(file), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && File.ReadAllText(file) is { Length: > 0 } recorded && recorded == StartTime(id))
            {
                Kill(id);
                killed++;
            }

            File.Delete(file);
        }

        return killed;
    }

    private static void Kill(int id)
    {
        if (!OperatingSystem.IsWindows())
        {
            Posix.Kill(-id, Posix.SigKill);
            return;
        }

        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It is gone already.
        }
    }

    /// <summary>When a process started, exact, and different after the machine was booted again; null if it is gone.</summary>
    private static string? StartTime(int id)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // Ticks since the boot, the 22nd field; the name before it is in parentheses and may hold anything.
                var stat = File.ReadAllText($"/proc/{id}/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                return $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {fields[19]}";
            }

            using var process = Process.GetProcessById(id);
            return process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private string PathOf(int id) => Path.Combine(folder, id.ToString(CultureInfo.InvariantCulture));
}

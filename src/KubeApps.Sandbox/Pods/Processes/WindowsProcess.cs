using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace KubeApps.Sandbox.Pods.Processes;

/// <summary>
/// The same on Windows, where no signals are: a process is asked to end with Ctrl+Break (which .NET's hosts take for SIGQUIT and shut
/// down in order), and if that cannot be sent, because the sandbox has no console, it is killed. Nobody has run this yet.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed partial class WindowsProcess : ContainerProcess
{
    private const uint CtrlBreak = 1;

    private readonly Process _process;

    public WindowsProcess(ProcessStart start, Action<ReadOnlySpan<byte>> output, ProcessLedger ledger)
    {
        var info = new ProcessStartInfo(start.Program, start.Arguments)
        {
            WorkingDirectory = start.WorkingDirectory,
            UseShellExecute = false,
            CreateNewProcessGroup = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment.Clear();
        foreach (var (name, value) in start.Environment)
            info.Environment[name] = value;
        // Without the first no socket opens; without the others the temporary folder is the system's own.
        info.Environment.TryAdd("SystemRoot", Environment.GetFolderPath(Environment.SpecialFolder.Windows));
        if (start.Environment.TryGetValue("TMPDIR", out var temporary))
            foreach (var name in (string[])["TEMP", "TMP"])
                info.Environment.TryAdd(name, temporary);
        try
        {
            _process = Process.Start(info)!;
        }
        catch (Win32Exception e)
        {
            throw new ProcessStartException(e.Message);
        }

        ledger.Add(_process.Id);
        _process.StandardInput.Close();
        Exited = WaitAsync(output, ledger);
    }

    public override int Id => _process.Id;

    public override Task<int> Exited { get; }

    public override bool RequestStop(string? stopSignal) => GenerateConsoleCtrlEvent(CtrlBreak, (uint)Id);

    public override void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It is gone already.
        }
    }

    private async Task<int> WaitAsync(Action<ReadOnlySpan<byte>> output, ProcessLedger ledger)
    {
        var gate = new Lock();
        await Task.WhenAll(ReadAsync(_process.StandardOutput.BaseStream), ReadAsync(_process.StandardError.BaseStream), _process.WaitForExitAsync());
        ledger.Remove(Id);
        return _process.ExitCode;

        async Task ReadAsync(Stream stream)
        {
            var buffer = new byte[16 << 10];
            while (await stream.ReadAsync(buffer) is var count and > 0)
                lock (gate)
                    output(buffer.AsSpan(0, count));
        }
    }

    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GenerateConsoleCtrlEvent(uint controlEvent, uint processGroup);
}

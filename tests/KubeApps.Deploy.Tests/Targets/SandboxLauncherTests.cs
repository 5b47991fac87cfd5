using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Targets;

/// <summary>With the real sandbox, as a process of its own.</summary>
public sealed class SandboxLauncherTests : IAsyncDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("kubeapps-test-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await Launcher().StopAsync(CancellationToken.None);
        Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task EnsureRunning_Twice_StartsOne()
    {
        var notes = new Notes();

        var first = await Launcher().EnsureRunningAsync(notes, Token);
        var second = await Launcher().EnsureRunningAsync(notes, Token);

        Assert.Equal(first, second);
        Assert.Single(notes.Texts, text => text.StartsWith("Started the sandbox", StringComparison.Ordinal));
    }

    [Fact]
    public async Task EnsureRunning_FiveTimesAtOnce_StartsOne()
    {
        var endpoints = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Launcher().EnsureRunningAsync(new Notes(), Token)));

        Assert.Single(endpoints.Distinct());
    }

    [Fact]
    public async Task EnsureRunning_RunsFromACopy()
    {
        var endpoint = await Launcher().EnsureRunningAsync(new Notes(), Token);

        Assert.True(File.Exists(Path.Combine(_home, "sandbox", "bin", endpoint.Build!, "kubeapps-sandbox.dll")));
    }

    [Fact]
    public async Task EnsureRunning_AfterKill_StartsAnewWithWhatItHeld()
    {
        var before = await Launcher().EnsureRunningAsync(new Notes(), Token);
        Process.GetProcessById(before.Pid).Kill();

        var after = await Launcher().EnsureRunningAsync(new Notes(), Token);

        Assert.NotEqual(before.Pid, after.Pid);
        Assert.Equal((before.Token, before.ApiServer, before.Registry), (after.Token, after.ApiServer, after.Registry));
    }

    [Fact]
    public async Task EnsureRunning_WithOtherProgramFiles_RestartsIt()
    {
        var before = await Launcher().EnsureRunningAsync(new Notes(), Token);
        var newer = Path.Combine(_home, "newer");
        Directory.CreateDirectory(newer);
        foreach (var file in Directory.EnumerateFiles(SandboxFolder))
            File.Copy(file, Path.Combine(newer, Path.GetFileName(file)));
        await File.WriteAllTextAsync(Path.Combine(newer, "added.txt"), "another build", Token);

        var after = await Launcher(newer).EnsureRunningAsync(new Notes(), Token);

        Assert.NotEqual(before.Build, after.Build);
        Assert.NotEqual(before.Pid, after.Pid);
        Assert.Equal(before.ApiServer, after.ApiServer);
        Assert.Single(Directory.EnumerateDirectories(Path.Combine(_home, "sandbox", "bin")));
    }

    [Fact]
    public async Task EnsureRunning_CancelledWhileItStarts_LeavesNoProcessBehind()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        // It looks once and then waits for a clock that stands still: it sees nothing but the cancellation.
        var launcher = new SandboxLauncher(new SandboxLocation(_home, SandboxFolder) { ApiPort = 0, RegistryPort = 0 }, new StoppedClock());
        var start = launcher.EnsureRunningAsync(new Notes(), cancel.Token);
        var holder = Path.Combine(_home, "sandbox", "lock.holder");
        while (!File.Exists(holder))
            await Task.Delay(10, Token);
        var pid = int.Parse(await File.ReadAllTextAsync(holder, Token), CultureInfo.InvariantCulture);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(pid));
        Assert.Equal(SandboxState.Stopped, (await Launcher().StatusAsync(Token)).State);
    }

    [Fact]
    public async Task EnsureRunning_OnAPortThatIsTaken_GivesOneDiagnosticThatNamesIt()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var launcher = new SandboxLauncher(new SandboxLocation(_home, SandboxFolder) { ApiPort = (ushort)port, RegistryPort = 0 }, TimeProvider.System);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => launcher.EnsureRunningAsync(new Notes(), Token));

        var diagnostic = Assert.Single(failure.Diagnostics);
        Assert.Equal("KUBEAPP0022", diagnostic.Code);
        Assert.Contains($"127.0.0.1:{port}", diagnostic.Cause, StringComparison.Ordinal);
        Assert.Contains("KUBEAPPS_SANDBOX_API_PORT", diagnostic.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnsureRunning_OnADiskThatIsFull_SaysThatTheFolderCannotBeWritten()
    {
        var small = Directory.CreateDirectory(Path.Combine(_home, "small")).FullName;
        Assert.SkipUnless(OperatingSystem.IsLinux() && await RunAsync("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", small), "mounting a file system is not allowed here");
        try
        {
            var launcher = new SandboxLauncher(new SandboxLocation(small, SandboxFolder) { ApiPort = 0, RegistryPort = 0 }, TimeProvider.System);
            await launcher.EnsureRunningAsync(new Notes(), Token);
            await launcher.StopAsync(Token);
            await FillAsync(Path.Combine(small, "filling"));

            var failure = await Assert.ThrowsAsync<DiagnosticException>(() => launcher.EnsureRunningAsync(new Notes(), Token));

            var diagnostic = Assert.Single(failure.Diagnostics);
            Assert.Equal(("KUBEAPP0025", $"The sandbox cannot write to {small}/sandbox."), (diagnostic.Code, diagnostic.Cause));
        }
        finally
        {
            await RunAsync("umount", small);
        }
    }

    private static async Task FillAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
                await file.WriteAsync(new byte[1024], Token);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(Token);
        return process.ExitCode == 0;
    }

    [Fact]
    public async Task EnsureRunning_WithProgramFilesThatDoNotRun_ShowsWhatTheySaid()
    {
        var broken = Path.Combine(_home, "broken");
        Directory.CreateDirectory(broken);
        await File.WriteAllTextAsync(Path.Combine(broken, "kubeapps-sandbox.dll"), "no program", Token);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => Launcher(broken).EnsureRunningAsync(new Notes(), Token));

        Assert.Equal("KUBEAPP0021", Assert.Single(failure.Diagnostics).Code);
        Assert.Contains("exit code", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnsureRunning_WithoutProgramFiles_SaysWhereTheyWereSought()
    {
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => Launcher(_home).EnsureRunningAsync(new Notes(), Token));

        Assert.Equal("KUBEAPP0020", Assert.Single(failure.Diagnostics).Code);
        Assert.Contains(_home, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_OfAnEndpointWhoseProcessIsAnother_IsStopped()
    {
        var endpoint = await Launcher().EnsureRunningAsync(new Notes(), Token);
        await Launcher().StopAsync(Token);
        using var self = Process.GetCurrentProcess();
        var stale = $$"""
            {"pid":{{self.Id}},"processStart":"2001-01-01T00:00:00Z","version":"1","build":null,"apiServer":"{{endpoint.ApiServer}}",
            "caCertificate":"{{endpoint.CaCertificate}}","token":"{{endpoint.Token}}","registry":"{{endpoint.Registry}}","kubeconfig":""}
            """;
        await File.WriteAllTextAsync(Path.Combine(_home, "sandbox", "endpoint.json"), stale, Token);

        var status = await Launcher().StatusAsync(Token);

        Assert.Equal(SandboxState.Stopped, status.State);
    }

    [Fact]
    public async Task Stop_EndsTheProcess_AndSaysWhetherOneRan()
    {
        var endpoint = await Launcher().EnsureRunningAsync(new Notes(), Token);

        Assert.True(await Launcher().StopAsync(Token));
        Assert.False(await Launcher().StopAsync(Token));
        Assert.Equal(SandboxState.Stopped, (await Launcher().StatusAsync(Token)).State);
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(endpoint.Pid));
    }

    [Fact]
    public async Task Stop_WhereNothingWasEverStarted_LeavesNothingBehind()
    {
        Assert.False(await Launcher().StopAsync(Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_home));
    }

    [Fact]
    public async Task Reset_LeavesNothingButTheProgram()
    {
        var before = await Launcher().EnsureRunningAsync(new Notes(), Token);

        await Launcher().ResetAsync(Token);

        Assert.Equal(["bin", "launch.lock"], Directory.EnumerateFileSystemEntries(Path.Combine(_home, "sandbox")).Select(Path.GetFileName).Order());
        var after = await Launcher().EnsureRunningAsync(new Notes(), Token);
        Assert.NotEqual(before.Token, after.Token);
    }

    [Fact]
    public async Task Endpoint_AsText_HidesTheToken()
    {
        var endpoint = await Launcher().EnsureRunningAsync(new Notes(), Token);

        Assert.DoesNotContain(endpoint.Token, endpoint.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sandbox_DoesNotKeepItsStartersSecrets()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Reads the process's environment from /proc.");
        Environment.SetEnvironmentVariable("DOTNET_CONTAINER_REGISTRY_PWORD", "a-secret-of-the-build");
        try
        {
            var endpoint = await Launcher().EnsureRunningAsync(new Notes(), Token);

            Assert.DoesNotContain("a-secret-of-the-build", await File.ReadAllTextAsync($"/proc/{endpoint.Pid}/environ", Token), StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("DOTNET_CONTAINER_REGISTRY_PWORD", null);
        }
    }

    private static string SandboxFolder => typeof(SandboxLauncherTests).Assembly.GetCustomAttributes(typeof(System.Reflection.AssemblyMetadataAttribute), false)
        .Cast<System.Reflection.AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "SandboxFolder").Value!;

    // Any port: other tests run beside this one.
    private SandboxLauncher Launcher(string? program = null) =>
        new(new SandboxLocation(_home, program ?? SandboxFolder) { ApiPort = 0, RegistryPort = 0 }, TimeProvider.System);

    private sealed class StoppedClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private sealed class Notes : IEventSink
    {
        public List<string> Texts { get; } = [];

        public void Publish(DeployEvent deployEvent)
        {
            if (deployEvent is DeployEvent.Note note)
                Texts.Add(note.Text);
        }
    }
}

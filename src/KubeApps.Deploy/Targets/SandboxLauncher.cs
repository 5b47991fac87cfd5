using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Targets;

internal enum SandboxState
{
    Stopped,
    Running,

    /// <summary>The process is there but does not answer.</summary>
    Unresponsive,
}

/// <param name="State">What was found.</param>
/// <param name="Endpoint">Unless it is stopped.</param>
/// <param name="Home">KUBEAPPS_HOME.</param>
internal sealed record SandboxStatus(SandboxState State, SandboxEndpoint? Endpoint, string Home);

/// <summary>
/// Starts, finds and stops the sandbox, a process that outlives the command that started it. Whether it runs is asked of the process
/// (number and start time) and of the API, never believed from the endpoint file alone.
/// </summary>
internal sealed class SandboxLauncher(SandboxLocation location, TimeProvider clock)
{
    // What the sandbox ends with when it cannot even write down why.
    private const int FolderRefusesFiles = 74;

    // How an interrupted process ends (SIGINT, SIGTERM).
    private static readonly int[] InterruptedCodes = [130, 143];

    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan InterruptLimit = TimeSpan.FromMilliseconds(500);

    // Two readings of one process's start may differ by the clock's resolution.
    private static readonly TimeSpan StartTolerance = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Returns the running sandbox, and starts it first if there is none or if it runs other program files. What it holds stays; its pods
    /// start again with it.
    /// </summary>
    public async Task<SandboxEndpoint> EnsureRunningAsync(IEventSink sink, CancellationToken cancellationToken)
    {
        var program = SandboxProgram.Find(location);
        if (await FindCurrentAsync(program, cancellationToken) is { } running)
            return running;

        using var launch = await TakeLaunchLockAsync(cancellationToken);
        // Whoever held the lock may have started it.
        if (await FindCurrentAsync(program, cancellationToken) is { } started)
            return started;
        var status = await StatusAsync(cancellationToken);
        // One that is just ending or was just killed looks like this for a moment.
        for (var asked = clock.GetTimestamp(); status.State == SandboxState.Unresponsive && clock.GetElapsedTime(asked) < ProbeLimit;)
        {
            await Task.Delay(Poll, clock, cancellationToken);
            status = await StatusAsync(cancellationToken);
        }

        if (status.State == SandboxState.Unresponsive)
            throw new DiagnosticException(DiagnosticDescriptors.SandboxDoesNotAnswer.Because(
                $"Process {status.Endpoint!.Pid} runs the {location.What} of {location.Home}, but {status.Endpoint.ApiServer} does not answer."));
        if (status.State == SandboxState.Running)
        {
            sink.Publish(new DeployEvent.Note($"The {location.What} is of another version; starting it anew."));
            await EndAsync(status.Endpoint!, cancellationToken);
        }

        var began = clock.GetTimestamp();
        var endpoint = await StartAsync(program, cancellationToken);
        sink.Publish(new DeployEvent.Note(
            $"Started the {location.What} in {clock.GetElapsedTime(began).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s: API {endpoint.ApiServer}{(location.ImagesOf is null && !location.IsEdge ? $", registry {endpoint.Registry}" : "")}."));
        return endpoint;
    }

    public async Task<SandboxStatus> StatusAsync(CancellationToken cancellationToken)
    {
        if (SandboxEndpoint.Read(location.EndpointFile) is not { } endpoint || FindProcess(endpoint) is not { } process)
            return new SandboxStatus(SandboxState.Stopped, null, location.Home);
        process.Dispose();
        return await IsReadyAsync(endpoint, cancellationToken)
            ? new SandboxStatus(SandboxState.Running, endpoint, location.Home)
            : new SandboxStatus(SandboxState.Unresponsive, endpoint, location.Home);
    }

    /// <summary>Stops the sandbox with its pods; false if none ran. One that does not stop in time is killed: it loses nothing by that.</summary>
    public async Task<bool> StopAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(location.Folder))
            return false;
        using var launch = await TakeLaunchLockAsync(cancellationToken);
        return await StopLockedAsync(cancellationToken);
    }

    /// <summary>Stops the sandbox and deletes what it holds: images, objects, logs, its certificates and its token.</summary>
    public async Task ResetAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(location.Folder))
            return;
        using var launch = await TakeLaunchLockAsync(cancellationToken);
        await StopLockedAsync(cancellationToken);
        foreach (var entry in new DirectoryInfo(location.Folder).EnumerateFileSystemInfos())
        {
            if (entry.FullName == location.LaunchLock || entry.FullName == location.Copies)
                continue;
            if (entry is DirectoryInfo folder)
                folder.Delete(recursive: true);
            else
                entry.Delete();
        }
    }

    private async Task<bool> StopLockedAsync(CancellationToken cancellationToken)
    {
        var status = await StatusAsync(cancellationToken);
        if (status.Endpoint is not { } endpoint)
            return false;
        await EndAsync(endpoint, cancellationToken);
        return true;
    }

    private async Task<SandboxEndpoint?> FindCurrentAsync(SandboxProgram program, CancellationToken cancellationToken)
    {
        var status = await StatusAsync(cancellationToken);
        // One that was started by hand is its user's business.
        return status.State == SandboxState.Running && (status.Endpoint!.Build is null || status.Endpoint.Build == program.Build)
            ? status.Endpoint
            : null;
    }

    private async Task<SandboxEndpoint> StartAsync(SandboxProgram program, CancellationToken cancellationToken)
    {
        using var process = StartProcess(program);
        try
        {
            return await ReadyAsync(process, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Nobody waits for it any more: it would appear after the command that was to start it has said that it was cancelled.
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
    }

    private async Task<SandboxEndpoint> ReadyAsync(Process process, CancellationToken cancellationToken)
    {
        var errors = process.StartInfo.RedirectStandardError ? process.StandardError.ReadToEndAsync(cancellationToken) : Task.FromResult("");
        var began = clock.GetTimestamp();
        while (true)
        {
            if (SandboxEndpoint.Read(location.EndpointFile) is { } endpoint && endpoint.Pid == process.Id && await IsReadyAsync(endpoint, cancellationToken))
                return endpoint;
            if (process.HasExited)
            {
                // Ctrl+C goes to all processes of a terminal: our own notice of it may be a moment later.
                if (InterruptedCodes.Contains(process.ExitCode))
                    await Task.Delay(InterruptLimit, clock, cancellationToken);
                throw new DiagnosticException(ExplainExit(process, await errors));
            }

            if (clock.GetElapsedTime(began) > location.StartLimit)
            {
                process.Kill(entireProcessTree: true);
                throw new DiagnosticException(DiagnosticDescriptors.SandboxDidNotStart.Because(
                    $"The {location.What} was not ready after {location.StartLimit.TotalSeconds:0} s. Its log is {location.LogFile}."));
            }

            await Task.Delay(Poll, clock, cancellationToken);
        }
    }

    private Process StartProcess(SandboxProgram program)
    {
        try
        {
            File.Delete(location.FailureFile);
            return program.Start(location);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(
                DiagnosticDescriptors.SandboxHomeUnusable.Because($"{location.Folder} cannot be written to: {e.Message}"), e);
        }
        catch (Win32Exception e)
        {
            throw new DiagnosticException(DiagnosticDescriptors.SandboxDidNotStart.Because(
                $"'dotnet' could not be started: {e.Message}.", nextStep: "Install the .NET runtime, or set DOTNET_ROOT."), e);
        }
    }

    private Diagnostic ExplainExit(Process process, string errors)
    {
        if (SandboxFailure.Read(location.FailureFile) is { } failure && failure.Pid == process.Id)
        {
            var descriptor = failure.Reason == "port-taken" ? DiagnosticDescriptors.SandboxPortTaken : DiagnosticDescriptors.SandboxDidNotStart;
            // The sandbox's own words name the next step where it knows one.
            return failure.Reason == "failed"
                ? descriptor.Because($"{failure.Message} More stands in {location.OutputFile}.")
                : descriptor.Because(failure.Message, nextStep: "");
        }

        if (process.ExitCode == FolderRefusesFiles)
            return DiagnosticDescriptors.SandboxHomeUnusable.Because(
                $"The {location.What} cannot write to {location.Folder}.", nextStep: "Free space on its disk, or set KUBEAPPS_HOME to another folder.");

        var words = errors.Trim();
        return DiagnosticDescriptors.SandboxDidNotStart.Because(
            $"The {location.What} ended with exit code {process.ExitCode}.{(words.Length > 0 ? Environment.NewLine + words : $" What it said stands in {location.OutputFile}.")}");
    }

    private async Task EndAsync(SandboxEndpoint endpoint, CancellationToken cancellationToken)
    {
        using var process = FindProcess(endpoint);
        if (process is null)
            return;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(location.StopLimit);
        try
        {
            using var client = endpoint.CreateApiClient();
            using var response = await client.PostAsync("/sandbox/stop", null, limit.Token);
            if (response.IsSuccessStatusCode)
                await process.WaitForExitAsync(limit.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (process.HasExited)
            return;
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(cancellationToken);
    }

    private static Process? FindProcess(SandboxEndpoint endpoint)
    {
        try
        {
            var process = Process.GetProcessById(endpoint.Pid);
            if (!process.HasExited && !IsZombie(process.Id) && (process.StartTime.ToUniversalTime() - endpoint.ProcessStart).Duration() < StartTolerance)
                return process;
            process.Dispose();
            return null;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null; // No such process, or somebody else's.
        }
    }

    // Killed, and its parent (in a container often nothing that cares) has not asked for its exit code yet.
    private static bool IsZombie(int pid)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 1)..].TrimStart() is ['Z' or 'X', ..];
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static async Task<bool> IsReadyAsync(SandboxEndpoint endpoint, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ProbeLimit);
        try
        {
            using var client = endpoint.CreateApiClient();
            using var response = await client.GetAsync("/readyz", limit.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or CryptographicException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    private async Task<FileStream> TakeLaunchLockAsync(CancellationToken cancellationToken)
    {
        try
        {
            // The token lies in there.
            PrivateFiles.CreateFolder(location.Folder);
            PrivateFiles.CreateFolder(location.Copies);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(DiagnosticDescriptors.SandboxHomeUnusable.Because($"{location.Copies} cannot be made: {e.Message}"), e);
        }

        var began = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(location.LaunchLock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e)
            {
                if (clock.GetElapsedTime(began) > location.StartLimit + location.StopLimit)
                    throw new DiagnosticException(DiagnosticDescriptors.SandboxStartIsBusy.Because(
                        $"{location.LaunchLock} is held by another process: {e.Message}"), e);
                await Task.Delay(Poll, clock, cancellationToken);
            }
            catch (UnauthorizedAccessException e)
            {
                throw new DiagnosticException(DiagnosticDescriptors.SandboxHomeUnusable.Because(e.Message), e);
            }
        }
    }
}

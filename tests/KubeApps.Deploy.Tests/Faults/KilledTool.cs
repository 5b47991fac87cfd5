using System.Diagnostics;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>The real tool, as a process that a proxy kills at one of its writes, or that is told to end.</summary>
internal sealed class KilledTool(SandboxCluster cluster)
{
    // While one waits for the lock of the dead, another starts its tool.
    private const int AtOnce = 2;

    private static int _runs;

    /// <summary>Kills one run after the other, each at its next write, until one has no further write.</summary>
    /// <param name="attempt">Runs the tool to its n-th write and has the next run go on; the write, or null where there was none.</param>
    /// <returns>The writes at which it was killed.</returns>
    public static Task<IReadOnlyList<string>> AtEachWriteAsync(Func<int, Task<string?>> attempt) => EachInTurn.RunAsync(AtOnce, attempt);

    /// <summary>Deploys a bundle; the write at which it was killed, or null where it ended before (with that exit code).</summary>
    public Task<string?> DeployAsync(Bundle bundle, KillPoint point, CancellationToken cancellationToken, int exitCode = 0) =>
        RunAsync(bundle.App, proxy => StartAsync(bundle, proxy, cancellationToken), point, exitCode, cancellationToken);

    /// <summary>Runs a command for an app that stands; the write at which it was killed, or null where it ended before.</summary>
    public Task<string?> RunAsync(string app, string command, KillPoint point, CancellationToken cancellationToken) =>
        RunAsync(app, proxy => StartAsync(proxy, [command, app], cancellationToken), point, 0, cancellationToken);

    private async Task<string?> RunAsync(
        string app, Func<KillingProxy, Task<Process>> start, KillPoint point, int exitCode, CancellationToken cancellationToken)
    {
        using var server = cluster.ServerClient();
        await using var proxy = await KillingProxy.StartAsync(server, cluster.ApiServer, point);
        using var process = await start(proxy);
        var ended = await ToolEnd.OfAsync(process, cancellationToken);
        if (proxy.KilledAt is null)
            Assert.True(ended.ExitCode == exitCode, ended.Output + ended.Error);
        else
            await LetTimePassAsync(cluster.Client, app, cancellationToken);
        return proxy.KilledAt;
    }

    /// <summary>A deploy of a bundle through a proxy; dispose it.</summary>
    public async Task<Process> StartAsync(Bundle bundle, KillingProxy proxy, CancellationToken cancellationToken, params string[] options)
    {
        var folder = Path.Combine(cluster.Home, $"bundle-{bundle.App}-{Interlocked.Increment(ref _runs)}");
        BundleFiles.Write(bundle, folder);
        return await StartAsync(proxy, ["deploy", "--bundle", folder, .. options], cancellationToken);
    }

    /// <summary>A command for an app that stands, through a proxy; dispose it.</summary>
    public async Task<Process> StartAsync(KillingProxy proxy, string[] arguments, CancellationToken cancellationToken)
    {
        var process = Process.Start(ToolProgram.Start([.. arguments, .. await proxy.NameAsync(cluster.Home, cancellationToken)], cluster.Home))!;
        proxy.Victim = process;
        return process;
    }

    /// <summary>Makes the lock of the killed one last a second more, not half a minute.</summary>
    public static async Task LetTimePassAsync(KubeClient client, string app, CancellationToken cancellationToken)
    {
        if (await client.GetAsync(ResourceType.Lease, app, LockLease.NameOf(app), cancellationToken) is not { } lease)
            return;
        lease["spec"]!["leaseDurationSeconds"] = 1;
        await client.ReplaceAsync(ResourceType.Lease, lease, cancellationToken);
    }
}

/// <summary>How a process ended, and what it said.</summary>
internal sealed record ToolEnd(int ExitCode, string Output, string Error, TimeSpan Elapsed)
{
    /// <summary>The last line of what it told.</summary>
    public string Last => Error.TrimEnd().Split('\n')[^1];

    public static async Task<ToolEnd> OfAsync(Process process, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        return new ToolEnd(process.ExitCode, await output, await error, TimeProvider.System.GetElapsedTime(started));
    }
}

internal static class ProcessSignals
{
    /// <summary>Sends a signal, and does not wait for what comes of it.</summary>
    public static async Task SendAsync(this Process process, Signal signal)
    {
        if (signal == Signal.Kill)
        {
            process.Kill();
            return;
        }

        using var kill = Process.Start("kill", [$"-{signal.ToString().ToUpperInvariant()}", $"{process.Id}"]);
        await kill.WaitForExitAsync();
    }
}

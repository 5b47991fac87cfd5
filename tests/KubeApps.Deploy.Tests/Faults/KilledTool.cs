using System.Diagnostics;
using System.Reflection;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>The real tool, as a process that a proxy kills at one of its writes.</summary>
internal sealed class KilledTool(SandboxCluster cluster)
{
    private static readonly string Tool = typeof(KilledTool).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "Tool").Value!;

    /// <summary>Deploys a bundle through a proxy that may kill it; its exit code.</summary>
    public async Task<int> DeployAsync(Bundle bundle, KillingProxy proxy, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(cluster.Home, $"bundle-{bundle.App}");
        BundleFiles.Write(bundle, folder);
        var kubeconfig = Path.Combine(folder, "kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, $$"""
            apiVersion: v1
            kind: Config
            clusters: [{name: proxy, cluster: {server: "{{proxy.Address}}" } }]
            users: [{name: proxy, user: {token: of-the-proxy} }]
            contexts: [{name: proxy, context: {cluster: proxy, user: proxy} }]
            """, cancellationToken);
        var start = new ProcessStartInfo(
            Path.GetFullPath("../../../dotnet", System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory()),
            [Tool, "deploy", "--bundle", folder, "--kubeconfig", kubeconfig, "--context", "proxy"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = cluster.Home,
        };
        using var process = Process.Start(start)!;
        proxy.Victim = process;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        Assert.True(proxy.KilledAt is not null || process.ExitCode == 0, await output + await error);
        return process.ExitCode;
    }

    /// <summary>Makes the lock of the killed one last a second more, not half a minute.</summary>
    public async Task LetTimePassAsync(string app, CancellationToken cancellationToken)
    {
        if (await cluster.Client.GetAsync(ResourceType.Lease, app, LockLease.NameOf(app), cancellationToken) is not { } lease)
            return;
        lease["spec"]!["leaseDurationSeconds"] = 1;
        await cluster.Client.ReplaceAsync(ResourceType.Lease, lease, cancellationToken);
    }
}

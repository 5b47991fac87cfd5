using System.Diagnostics;
using System.Reflection;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Revisions;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>The real tool is killed (SIGKILL) at each write of a deploy; the next deploy finishes the work.</summary>
public sealed class KilledProcessTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private const int Many = 60;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // After each write, which is before the next one.
    [Fact]
    public async Task Deploy_KilledAfterEachWrite_IsFinishedByTheNextOne()
    {
        var killed = new List<string>();
        for (var index = 0; index < Many; index++)
        {
            var app = $"killed-{index}";
            var bundle = BundleOf(app);
            using var server = cluster.ServerClient();
            await using var proxy = new KillingProxy(server, cluster.ApiServer, index);
            var exit = await RunToolAsync(bundle, proxy);
            if (proxy.KilledAt is not { } at)
            {
                Assert.Equal(0, exit);
                break;
            }

            killed.Add(at);
            await LetTimePassAsync(app);

            var finished = await new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), new EventLog(), Token);

            Assert.True(
                finished.Outcome == DeployOutcome.Deployed || (finished.Outcome == DeployOutcome.Unchanged && killed.Count > 6),
                $"{at}: {finished.Outcome} {string.Join(' ', finished.Diagnostics)}");
            await VerifyAsync(app, at);
        }

        foreach (var part in (string[])["namespaces/", "leases", "inventory", "revision", "deployments/web", "services/web"])
            Assert.Contains(killed, request => request.Contains(part, StringComparison.Ordinal));
    }

    private async Task<int> RunToolAsync(Bundle bundle, KillingProxy proxy)
    {
        var folder = Path.Combine(cluster.Home, $"bundle-{bundle.App}");
        BundleFiles.Write(bundle, folder);
        var kubeconfig = Path.Combine(folder, "kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, $$"""
            apiVersion: v1
            kind: Config
            clusters: [{name: proxy, cluster: {server: "{{proxy.Address}}" } }]
            users: [{name: proxy, user: {token: "{{cluster.Token}}" } }]
            contexts: [{name: proxy, context: {cluster: proxy, user: proxy} }]
            """, Token);
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
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
        await process.WaitForExitAsync(Token);
        Assert.True(proxy.KilledAt is not null || process.ExitCode == 0, await output + await error);
        return process.ExitCode;
    }

    /// <summary>Makes the lock of the killed one last a second more, not half a minute.</summary>
    private async Task LetTimePassAsync(string app)
    {
        if (await cluster.Client.GetAsync(ResourceType.Lease, app, LockLease.NameOf(app), Token) is not { } lease)
            return;
        lease["spec"]!["leaseDurationSeconds"] = 1;
        await cluster.Client.ReplaceAsync(ResourceType.Lease, lease, Token);
    }

    private async Task VerifyAsync(string app, string at)
    {
        var stands = new List<string>();
        foreach (var type in (ResourceType[])[ResourceType.ConfigMap, ResourceType.Service, ResourceType.Deployment, ResourceType.Lease])
            stands.AddRange((await cluster.Client.ListAsync(type, app, null, Token)).Items.Select(item => $"{type.Kind} {item["metadata"]!["name"]}"));
        stands.RemoveAll(item => item.Contains("kubeapp-revision-", StringComparison.Ordinal));
        string[] wanted = ["ConfigMap kube-root-ca.crt", $"ConfigMap kubeapp-inventory-{app}", "ConfigMap settings", "Deployment web", "Service web"];
        // A lock whose release was cut is over by itself.
        Assert.True(wanted.SequenceEqual(stands.Where(item => !item.StartsWith("Lease", StringComparison.Ordinal)).Order(StringComparer.Ordinal)), $"{at}: {string.Join(", ", stands)}");
        var inventory = await new AppLocator(cluster.Client).FindAsync(app, null, null, null, "sandbox", Token);
        Assert.True(inventory.IsComplete, at);
        // What was cut is known to be over; of one that was cut at its very end, it is known that it ended well.
        Assert.All(
            (await new RevisionStore(cluster.Client).ListAsync(app, app, Token)).Where(revision => revision.State.Outcome == RevisionOutcome.Deploying),
            revision => Assert.Equal(RevisionOutcome.Deployed, RevisionRules.Settled(revision, inventory)));
    }

    private static Bundle BundleOf(string app) => Bundle(app, TimeSpan.FromSeconds(60), Config("settings"), WebService, ("main", Parse("""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":0,
         "selector":{"matchLabels":{"app":"web"} },"template":{"metadata":{"labels":{"app":"web"} },"spec":{"containers":[{"name":"web","image":"registry.example/web:1"}]} } } }
        """)));

    private static string Tool => typeof(KilledProcessTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "Tool").Value!;
}

using System.Diagnostics;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Pods.Processes;

namespace KubeApps.Sandbox.Tests.Pods;

public sealed class SandboxRestartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kubeapps-restart-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task OrderlyStop_EndsAllProcessesAndTheNextStartRunsThePodsAgain()
    {
        JsonObject before;
        KubeApps.Sandbox.Api.Cluster cluster;
        await using (var node = new TestNode(folder: _folder))
        {
            cluster = node.Cluster;
            var container = node.Container();
            container["readinessProbe"] = JsonNode.Parse("""{"httpGet": {"path": "/healthz", "port": 8080}}""");
            node.Create("pod", container);
            before = await node.WhenReadyAsync("pod");
        }

        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_folder, "processes")));
        await using var next = new TestNode(cluster: cluster, folder: _folder);
        var id = (string)TestNode.Status(before)["containerID"]!;
        var after = await next.WhenAsync("pod", pod => (string?)TestNode.Status(pod)["containerID"] != id && (bool)TestNode.Status(pod)["ready"]!);

        Assert.Equal((string?)before["metadata"]!["uid"], (string?)after["metadata"]!["uid"]);
        Assert.Equal(1, (int)TestNode.Status(after)["restartCount"]!);
        Assert.Equal("ContainerStatusUnknown", (string?)TestNode.Status(after)["lastState"]!["terminated"]!["reason"]);
        Assert.Contains("listening on", await next.LogAsync(after, previous: true), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PodThatHasEnded_IsNotStartedAgain()
    {
        KubeApps.Sandbox.Api.Cluster cluster;
        JsonObject before;
        await using (var node = new TestNode(folder: _folder))
        {
            cluster = node.Cluster;
            node.Create("pod", node.Container("exit", "0", "once"), spec => spec["restartPolicy"] = "Never");
            before = await node.WhenPhaseAsync("pod", "Succeeded");
        }

        await using var next = new TestNode(cluster: cluster, folder: _folder);
        next.Create("other", next.Container("exit", "0"), spec => spec["restartPolicy"] = "Never");
        await next.WhenPhaseAsync("other", "Succeeded");

        Assert.Equal(before["status"]!.ToJsonString(), next.Pod("pod")["status"]!.ToJsonString());
        Assert.Equal("once\n", await next.LogAsync(next.Pod("pod")));
        next.Delete("pod");
        await next.WhenGoneAsync("pod");
    }

    [Fact]
    public async Task Reap_KillsWhatWasLeftWithItsChildren()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "uses the system's sleep");
        var ledger = new ProcessLedger(Path.Combine(_folder, "processes"));
        // A session of its own as containers have it; what was written of it is what a sandbox leaves behind that is killed.
        var orphan = ContainerProcess.Start(
            new ProcessStart("/bin/sleep", ["600"], new Dictionary<string, string>(), "/"), _ => { }, ledger);

        var killed = new ProcessLedger(Path.Combine(_folder, "processes")).Reap();

        Assert.Equal(1, killed);
        Assert.Equal(137, await orphan.Exited.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Reap_ProcessIdOfSomebodyElse_IsLeftAlone()
    {
        var processes = Path.Combine(_folder, "processes");
        Directory.CreateDirectory(processes);
        using var mine = Process.GetCurrentProcess();
        File.WriteAllText(Path.Combine(processes, $"{mine.Id}"), "another boot 12345");

        Assert.Equal(0, new ProcessLedger(processes).Reap());
        Assert.Empty(Directory.EnumerateFiles(processes));
    }
}

using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Tests.Pods;
using KubeApps.Sandbox.Tests.Registry;

namespace KubeApps.Sandbox.Tests.Hosting;

/// <summary>What is left when the sandbox is killed in the middle of its work.</summary>
public class CrashTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kill_OfARunningSandbox_LosesNoImageAndNoObjectAndLeavesNoProcess()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Counts processes in /proc.");
        await using var sandbox = new SandboxProcess();
        await sandbox.StartAsync();
        await sandbox.ApplyAsync(Workload(await PushAppAsync(sandbox)));
        await sandbox.KubectlAsync("rollout", "status", "deployment/app", "--timeout=60s");
        var url = await UrlAsync(sandbox);
        var uid = await sandbox.KubectlAsync("get", "deployment", "app", "-o", "jsonpath={.metadata.uid}");
        Assert.Equal(2, sandbox.CountPodProcesses());

        await sandbox.KillAsync();
        await sandbox.StartAsync();
        await sandbox.KubectlAsync("rollout", "status", "deployment/app", "--timeout=60s");

        Assert.Equal(uid, await sandbox.KubectlAsync("get", "deployment", "app", "-o", "jsonpath={.metadata.uid}"));
        Assert.Equal(url, await UrlAsync(sandbox));
        await WhenAnsweringAsync(url);
        await SandboxProcess.UntilAsync(() => sandbox.CountPodProcesses() == 2, "two processes run, those of now");
        using (var registry = sandbox.RegistryClient())
        {
            var tags = JsonNode.Parse(await registry.GetStringAsync("/v2/tests/podapp/tags/list", Token))!["tags"]!.AsArray();
            Assert.Equal(["v1"], tags.Select(tag => (string)tag!));
        }

        await sandbox.StopAsync();
        Assert.Equal(0, sandbox.CountPodProcesses());
    }

    [Fact]
    public async Task Kill_OfARunningSandbox_EndsItsPodsAndWhatTheyStarted()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Only Linux ties processes together; elsewhere the next sandbox ends them.");
        await using var sandbox = new SandboxProcess();
        await sandbox.StartAsync();
        var parents = Workload(await PushAppAsync(sandbox))
            .Replace("readinessProbe:", "args: [children] #", StringComparison.Ordinal);
        await sandbox.ApplyAsync(parents);
        await SandboxProcess.UntilAsync(() => sandbox.CountPodProcesses() == 4, "two pods run with a child each");

        await sandbox.KillAsync();

        await SandboxProcess.UntilAsync(() => sandbox.CountPodProcesses() == 0, "nothing of them runs");
    }

    [Fact]
    public async Task Kill_DuringAPush_LeavesWholeBlobsOnly()
    {
        await using var sandbox = new SandboxProcess();
        await sandbox.StartAsync();
        var killed = false;
        var pushes = Enumerable.Range(0, 4).Select(async writer =>
        {
            using var registry = sandbox.RegistryClient();
            for (var i = 0; !killed; i++)
            {
                var content = Encoding.UTF8.GetBytes($"{writer}/{i} {new string('x', 200_000)}");
                try
                {
                    using var response = await registry.PostAsync(
                        $"/v2/crash/app/blobs/uploads/?digest={KubeApps.Sandbox.Registry.ContentStore.DigestOf(content)}", new ByteArrayContent(content), Token);
                }
                catch (HttpRequestException)
                {
                    return;
                }
            }
        }).ToList();
        var blobs = Path.Combine(sandbox.Home, "sandbox", "registry", "blobs", "sha256");
        await SandboxProcess.UntilAsync(() => Directory.EnumerateFiles(blobs).Take(20).Count() == 20, "pushes are under way");

        await sandbox.KillAsync();
        killed = true;
        await Task.WhenAll(pushes);
        await sandbox.StartAsync();

        Assert.All(
            Directory.EnumerateFiles(blobs),
            file => Assert.Equal("sha256:" + Path.GetFileName(file), KubeApps.Sandbox.Registry.ContentStore.DigestOf(File.ReadAllBytes(file))));
        using var client = sandbox.RegistryClient();
        await client.PushImageAsync("crash/app", "after");
    }

    private static async Task<string> PushAppAsync(SandboxProcess sandbox)
    {
        using var registry = sandbox.RegistryClient();
        var layer = PodAppImage.Layer.Content;
        var layerDigest = KubeApps.Sandbox.Registry.ContentStore.DigestOf(layer);
        using var pushed = await registry.PostAsync($"/v2/tests/podapp/blobs/uploads/?digest={layerDigest}", new ByteArrayContent(layer), Token);
        pushed.EnsureSuccessStatusCode();
        var config = await registry.PushBlobAsync("tests/podapp", new JsonObject
        {
            ["architecture"] = KubeApps.Sandbox.Pods.Images.HostPlatform.Architecture,
            ["os"] = KubeApps.Sandbox.Pods.Images.HostPlatform.System,
            ["config"] = new JsonObject { ["Entrypoint"] = new JsonArray("/app/PodApp"), ["WorkingDir"] = "/app" },
        }.ToJsonString());
        var manifest = JsonNode.Parse(RegistrySteps.ImageManifest(config, layerDigest))!;
        manifest["layers"]![0]!["mediaType"] = PodAppImage.Layer.MediaType;
        using var response = await registry.PutManifestAsync("tests/podapp", "v1", manifest.ToJsonString());
        response.EnsureSuccessStatusCode();
        return $"{sandbox.Registry}/tests/podapp:v1";
    }

    private static async Task<string> UrlAsync(SandboxProcess sandbox) =>
        await sandbox.KubectlAsync("get", "service", "app", "-o", "jsonpath={.metadata.annotations.kubeapps\\.dev/url}");

    private static async Task WhenAnsweringAsync(string url)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                using var response = await client.GetAsync(url + "/healthz", limit.Token);
                if (response.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // The endpoints of the pods of before are about to be replaced.
            }

            await Task.Delay(50, limit.Token);
        }
    }

    private static string Workload(string image) =>
        $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: app, namespace: default }
        spec:
          replicas: 2
          selector: { matchLabels: { app: app } }
          template:
            metadata: { labels: { app: app } }
            spec:
              containers:
              - name: app
                image: {{image}}
                ports: [ { name: http, containerPort: 8080 } ]
                readinessProbe: { httpGet: { path: /healthz, port: http }, periodSeconds: 1 }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: app, namespace: default }
        spec:
          selector: { app: app }
          ports: [ { name: http, port: 80, targetPort: http } ]
        """;
}

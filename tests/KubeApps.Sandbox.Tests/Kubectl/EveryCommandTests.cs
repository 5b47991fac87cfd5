using System.Diagnostics;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Registry;
using KubeApps.Sandbox.Tests.Api;
using KubeApps.Sandbox.Tests.Hosting;
using KubeApps.Sandbox.Tests.Pods;

namespace KubeApps.Sandbox.Tests.Kubectl;

/// <summary>One day with each version of kubectl that the sandbox promises to work with: every promised command, on pods that really run.</summary>
public sealed class EveryCommandTests(RunningSandbox sandbox) : IClassFixture<RunningSandbox>
{
    public static TheoryData<string> Versions => Kubectl.All;

    private string Image => $"{sandbox.Endpoint.Registry}/{HostRuntimeImage.Repository}:{HostRuntimeImage.Tag}";

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task EveryPromisedCommand_WorksOnPodsThatRun(string version)
    {
        var kubectl = Kubectl.Named(sandbox, version);
        var ns = version.Replace('.', '-');
        Task<string> RunAsync(string command, string? input = null) => kubectl.RunAsync($"-n {ns} {command}", input);

        // create, api-resources
        await kubectl.RunAsync($"create namespace {ns}");
        Assert.Equal("configmap/settings created\n", await RunAsync("create configmap settings --from-literal=color=blue"));
        Assert.Matches("(?m)^deployments +deploy +apps/v1 +true +Deployment$", await kubectl.RunAsync("api-resources"));

        // apply, diff, rollout status, wait, get
        Assert.Equal("deployment.apps/web created\n", await RunAsync("apply -f -", Deployment(Image)));
        Assert.Equal("deployment.apps/web unchanged\n", await RunAsync("apply -f -", Deployment(Image)));
        Assert.Contains("successfully rolled out", await RunAsync("rollout status deployment/web --timeout=60s"), StringComparison.Ordinal);
        Assert.Contains("condition met", await RunAsync("wait deployment/web --for=condition=Available --timeout=60s"), StringComparison.Ordinal);
        Assert.Matches("(?m)^web-\\S+ +1/1 +Running +0 .* sandbox ", await RunAsync("get pods -o wide"));
        Assert.Contains("kind: Deployment", await RunAsync("get deployment web -o yaml"), StringComparison.Ordinal);
        Assert.Equal(1, (int?)JsonNode.Parse(await RunAsync("get deployment web -o json"))!["status"]!["readyReplicas"]);
        Assert.Equal(0, (await kubectl.TryAsync($"diff -n {ns} -f -", Deployment(Image))).Code);
        var (different, changes, _) = await kubectl.TryAsync($"diff -n {ns} -f -", Deployment(Image, replicas: 2));
        Assert.True(different == 1 && changes.Contains("+  replicas: 2", StringComparison.Ordinal), changes);
        Assert.Equal("deployment.apps/web configured\n", await RunAsync("apply -f -", Deployment(Image, replicas: 2)));
        Assert.Equal("deployment.apps/web serverside-applied\n", await RunAsync("apply --server-side -f -", Deployment(Image)));

        // port-forward: kubectl wraps SPDY into it, and is told where the pod listens instead
        var (forwarded, _, refusal) = await kubectl.TryAsync($"port-forward -n {ns} deployment/web 0:8080");
        Assert.True(forwarded == 1 && refusal.Contains("the pod already listens on 127.0.0.1", StringComparison.Ordinal), refusal);

        // scale, patch, get -w
        using (var watch = kubectl.Start($"get deployment web -n {ns} -w --no-headers -o custom-columns=REPLICAS:.spec.replicas"))
        {
            Assert.Equal("1", await LineAsync(watch));
            await RunAsync("scale deployment web --replicas=2");
            await UntilLineAsync(watch, "2");
            await RunAsync("""patch deployment web -p '{"spec":{"replicas":1}}'""");
            await UntilLineAsync(watch, "1");
            watch.Kill();
        }

        // set image, rollout history, undo, restart
        await RunAsync($"set image deployment/web web={await PinnedImageAsync()}");
        await RunAsync("rollout status deployment/web --timeout=60s");
        Assert.Matches("1 +<none>\n2 +<none>", await RunAsync("rollout history deployment/web"));
        Assert.Equal("deployment.apps/web rolled back\n", await RunAsync("rollout undo deployment/web"));
        await RunAsync("rollout status deployment/web --timeout=60s");
        Assert.Equal(Image, await RunAsync("get deployment web -o jsonpath={.spec.template.spec.containers[0].image}"));
        Assert.Equal("deployment.apps/web restarted\n", await RunAsync("rollout restart deployment/web"));
        await RunAsync("rollout status deployment/web --timeout=60s");

        // logs, events, describe
        await RunAsync($"run crash --image={Image} --command -- dotnet {PodAppImage.Program} exit 3 'told before the end'");
        await RunAsync("wait pod/crash --for=jsonpath={.status.containerStatuses[0].restartCount}=1 --timeout=60s");
        Assert.Equal("told before the end\n", await RunAsync("logs crash --previous"));
        await RunAsync("wait pod/crash --for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=CrashLoopBackOff --timeout=60s");
        Assert.Contains("Back-off restarting failed container", await RunAsync("describe pod crash"), StringComparison.Ordinal);
        Assert.Matches("Warning +BackOff +pod/crash", await RunAsync("get events"));
        await RunAsync($"create job once --image={Image} -- dotnet {PodAppImage.Program} count 3");
        // A container that is not there yet has no log, and kubectl does not wait for it.
        await RunAsync("wait job/once --for=condition=Complete --timeout=60s");
        Assert.Equal("line 1\nline 2\nline 3\n", await RunAsync("logs -f job/once --pod-running-timeout=60s"));

        // delete
        await RunAsync("delete deployment/web pod/crash job/once --timeout=60s");
        await RunAsync("wait pod -l app=web --for=delete --timeout=60s");
        await kubectl.RunAsync($"delete namespace {ns} --timeout=60s");
        Assert.Equal(1, (await kubectl.TryAsync($"get namespace {ns}")).Code);
    }

    /// <summary>The same image under another name: by its digest.</summary>
    private async Task<string> PinnedImageAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, $"/v2/{HostRuntimeImage.Repository}/manifests/{HostRuntimeImage.Tag}");
        using var response = await sandbox.Registry.SendAsync(request, TestApi.Token);
        return $"{sandbox.Endpoint.Registry}/{HostRuntimeImage.Repository}@{response.Headers.GetValues("Docker-Content-Digest").Single()}";
    }

    private static string Deployment(string image, int replicas = 1) =>
        $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: web
        spec:
          replicas: {{replicas}}
          selector:
            matchLabels: {app: web}
          template:
            metadata:
              labels: {app: web}
            spec:
              terminationGracePeriodSeconds: 2
              containers:
              - name: web
                image: {{image}}
                command: [dotnet, {{PodAppImage.Program}}, sleep]
        """;

    private static async Task UntilLineAsync(Process process, string wanted)
    {
        while (await LineAsync(process) != wanted)
        {
            // What the controllers wrote meanwhile shows the number of before.
        }
    }

    private static async Task<string> LineAsync(Process process)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestApi.Token);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        return await process.StandardOutput.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException(await process.StandardError.ReadToEndAsync(limit.Token));
    }
}

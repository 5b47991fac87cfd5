using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeApps.Bench;

/// <summary>Start, memory, API and services of the sandbox, with real processes.</summary>
internal static class SandboxFigures
{
    private const int Objects = 1000;
    private const int Watches = 100;
    private const int Pods = 10;

    /// <summary>From the start of the process to the first answer, in a home that is new each time.</summary>
    public static async Task<IEnumerable<Figure>> StartAsync()
    {
        const int Runs = 7;
        List<double> starts = [], runtimes = [];
        for (var i = 0; i < Runs; i++)
        {
            await using (var home = new BenchHome())
                starts.Add(await Programs.SecondsAsync(home.StartAsync));
            // The same runtime loading the same program, which says how it is used and ends.
            runtimes.Add(await Programs.SecondsAsync(() => Programs.RunAsync("dotnet", [BenchHome.Program], expected: 64)));
        }

        return
        [
            Figure.Below($"Sandbox: cold start to ready (median of {Runs})", Figure.Median(starts), 1, "s"),
            Figure.Only("… the .NET runtime alone, in the same run", Figure.Median(runtimes), "s"),
        ];
    }

    public static async Task<IEnumerable<Figure>> ApiAsync()
    {
        await using var home = new BenchHome();
        await home.StartAsync();
        using var api = home.Endpoint.CreateApiClient();
        var manifest = Path.Combine(home.Folder, "configmaps.yaml");
        await File.WriteAllTextAsync(manifest, string.Join("---\n", Enumerable.Range(0, Objects).Select(i => ConfigMap("kubectl", i))));

        var client = await Programs.SecondsAsync(async () =>
        {
            for (var i = 0; i < Objects; i++)
            {
                using var content = new StringContent(ConfigMap("client", i), Encoding.UTF8, "application/yaml");
                using var response = await api.PostAsync("/api/v1/namespaces/default/configmaps", content);
                response.EnsureSuccessStatusCode();
            }
        });
        var kubectl = await Programs.SecondsAsync(() => home.KubectlAsync("create", "--validate=false", "-f", manifest));
        var listed = 0;
        var list = await Programs.SecondsAsync(async () =>
            listed = (await api.GetFromJsonAsync<JsonObject>("/api/v1/namespaces/default/configmaps"))!["items"]!.AsArray().Count);
        var kubectlList = await Programs.SecondsAsync(() => home.KubectlAsync("get", "configmaps", "-o", "name"));
        if (listed < 2 * Objects)
            throw new InvalidOperationException($"Only {listed} objects came back.");
        return
        [
            Figure.AtMost($"API: {Objects} ConfigMaps created one by one, over kubectl creating as many ({kubectl.ToString("0.00", CultureInfo.InvariantCulture)} s)", client / kubectl, 1, "×"),
            Figure.AtMost($"API: {listed} ConfigMaps listed, over kubectl doing it ({kubectlList.ToString("0.00", CultureInfo.InvariantCulture)} s)", list / kubectlList, 1, "×"),
            .. await WatchAsync(api),
        ];
    }

    /// <summary>Ten pods that answer, their processes not counted; then a rolling update of them under load.</summary>
    public static async Task<IEnumerable<Figure>> PodsAsync()
    {
        await using var home = new BenchHome();
        await home.StartAsync();
        var image = await home.PushAsync("HelloWeb");
        var manifest = Path.Combine(home.Folder, "workload.yaml");
        await File.WriteAllTextAsync(manifest, Workload(image));
        await home.KubectlAsync("apply", "--server-side", "--validate=false", "-f", manifest);
        await home.KubectlAsync("rollout", "status", "deployment/bench", "--timeout=120s");
        using var process = Process.GetProcessById(home.Endpoint.Pid);
        var memory = process.WorkingSet64 / 1e6;

        await home.KubectlAsync("scale", "deployment/bench", "--replicas=2");
        await home.KubectlAsync("rollout", "status", "deployment/bench", "--timeout=120s");
        var url = (await home.KubectlAsync("get", "service", "bench", "-o", "jsonpath={.metadata.annotations.kubeapps\\.dev/url}")).Trim();
        using var wrk = Programs.Start("wrk", ["-t1", "-c8", "-d15s", url + "/"]);
        var output = wrk.StandardOutput.ReadToEndAsync();
        await Task.Delay(TimeSpan.FromSeconds(1)); // Load on the old pods first.
        await home.KubectlAsync("rollout", "restart", "deployment/bench");
        await home.KubectlAsync("rollout", "status", "deployment/bench", "--timeout=120s");
        await wrk.WaitForExitAsync();
        return
        [
            Figure.Below($"Sandbox: resident memory with {Pods} pods", memory, 150, "MB"),
            Figure.AtMost($"Rolling update under wrk ({Wrk.Requests(await output)} requests): failed requests", Wrk.Failures(await output), 0, ""),
        ];
    }

    private static async Task<IEnumerable<Figure>> WatchAsync(HttpClient api)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var streams = await Task.WhenAll(Enumerable.Range(0, Watches).Select(async _ =>
        {
            var response = await api.GetAsync(
                "/api/v1/namespaces/default/configmaps?watch=1&fieldSelector=metadata.name%3Dwatched-0", HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return new StreamReader(await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(limit.Token));
        }));
        var seconds = await Programs.SecondsAsync(async () =>
        {
            using var content = new StringContent(ConfigMap("watched", 0), Encoding.UTF8, "application/yaml");
            using var response = await api.PostAsync("/api/v1/namespaces/default/configmaps", content, limit.Token);
            response.EnsureSuccessStatusCode();
            foreach (var line in await Task.WhenAll(streams.Select(stream => stream.ReadLineAsync(limit.Token).AsTask())))
                if (line is null || !line.Contains("watched-0", StringComparison.Ordinal))
                    throw new InvalidOperationException("A watch did not see the object.");
        });
        foreach (var stream in streams)
            stream.Dispose();
        return [Figure.Only($"API: {Watches} watches at once; a change reaches all of them after", seconds * 1000, "ms")];
    }

    private static string ConfigMap(string prefix, int number) =>
        $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: {{prefix}}-{{number}}, namespace: default, labels: { made-by: bench } }
        data: { key: "value {{number}}", file.json: "{ \"setting\": true }" }

        """;

    private static string Workload(string image) =>
        $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: bench, namespace: default }
        spec:
          replicas: {{Pods}}
          selector: { matchLabels: { app: bench } }
          template:
            metadata: { labels: { app: bench } }
            spec:
              containers:
              - name: app
                image: {{image}}
                ports: [ { name: http, containerPort: 8080 } ]
                readinessProbe: { httpGet: { path: /, port: http }, periodSeconds: 1 }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: bench, namespace: default }
        spec:
          selector: { app: bench }
          ports: [ { name: http, port: 80, targetPort: http } ]
        """;
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Targets;

namespace KubeApps.Bench;

/// <summary>A blue/green deploy of an app with two services, under load and looked at with new connections all the time.</summary>
internal static class SwitchFigures
{
    private static readonly string[] Services = ["web", "api"];

    public static async Task<IEnumerable<Figure>> SwitchAsync()
    {
        await InstalledTool.PrepareAsync();
        await using var home = new BenchHome();
        await home.StartAsync();
        var image = await home.PushAsync("Storefront");
        await home.KubectlAsync("create", "namespace", "switch");
        await InstalledTool.RunAsync(Deploy(home, image, "blue"), home.Environment);
        var urls = new Dictionary<string, string>();
        foreach (var service in Services)
            urls[service] = (await home.KubectlAsync("-n", "switch", "get", "service", service, "-o", "jsonpath={.metadata.annotations.kubeapps\\.dev/url}")).Trim() + "/";

        using var end = new CancellationTokenSource();
        var loads = urls.Values.Select(url => Programs.Start("wrk", ["-t1", "-c4", "-d120s", url])).ToList();
        var outputs = loads.Select(wrk => wrk.StandardOutput.ReadToEndAsync()).ToList();
        var answers = new ConcurrentQueue<(long Began, bool IsNew)>();
        var looks = urls.Values.Select(url => LookAsync(url, answers, end.Token)).ToList();
        await Task.Delay(TimeSpan.FromSeconds(1)); // Load on the old version first.

        var passed = 0L;
        await InstalledTool.RunAsync([.. Deploy(home, image, "green"), "-o", "jsonl"], home.Environment, deployEvent =>
        {
            if ((string?)deployEvent["event"] == "stepFinished" && (string?)deployEvent["step"] == "checks")
                passed = Stopwatch.GetTimestamp();
        });
        await Task.Delay(TimeSpan.FromSeconds(1)); // And on the new one alone.
        await end.CancelAsync();
        await Task.WhenAll(looks);
        foreach (var wrk in loads)
            await Programs.RunAsync("kill", ["-INT", wrk.Id.ToString(CultureInfo.InvariantCulture)]);
        var results = await Task.WhenAll(outputs);
        foreach (var wrk in loads)
            wrk.Dispose();
        if (passed == 0 || !answers.Any(answer => answer.IsNew))
            throw new InvalidOperationException("There was no switch.");
        var last = answers.Where(answer => !answer.IsNew).Max(answer => answer.Began);
        return
        [
            Figure.Below("Blue/green of two services: from \"checks passed\" to all new connections on the new version", Math.Max(0, Stopwatch.GetElapsedTime(passed, last).TotalSeconds), 1, "s"),
            Figure.AtMost($"… failed requests under wrk ({results.Sum(Wrk.Requests)} requests, and {answers.Count} new connections)", results.Sum(Wrk.Failures), 0, ""),
        ];
    }

    // One connection after the other; a failed one ends the benchmark.
    private static async Task LookAsync(string url, ConcurrentQueue<(long, bool)> answers, CancellationToken end)
    {
        using var http = new HttpClient { DefaultRequestHeaders = { ConnectionClose = true } };
        while (!end.IsCancellationRequested)
        {
            var began = Stopwatch.GetTimestamp();
            answers.Enqueue((began, (await http.GetStringAsync(url, CancellationToken.None)).Contains("green", StringComparison.Ordinal)));
            await Task.Delay(2, CancellationToken.None);
        }
    }

    private static string[] Deploy(BenchHome home, string image, string version)
    {
        var folder = Path.Combine(home.Folder, version);
        BundleFiles.Write(
            new Bundle(Bundle.CurrentSchemaVersion, "switch", null, false, new Dictionary<string, BundleImage>(),
            [
                new BundleEnvironment("local", new BundleTarget("sandbox"), "switch", new BundleStrategy("blueGreen", TimeSpan.FromMinutes(2)) { KeepOld = TimeSpan.Zero },
                [
                    .. Services.SelectMany(name => (BundleObject[])
                    [
                        new($"env/local/{name}.yaml", BundleConventions.MainPhase, Workload(name, image, version)),
                        new($"env/local/service-{name}.yaml", BundleConventions.MainPhase, Service(name)),
                    ]),
                ])
                {
                    EntryService = Services[0],
                    Checks = [.. Services.Select(name => new BundleCheck("http", name, TimeSpan.FromSeconds(30)) { Service = name, Path = "/", Status = 200, BodyContains = version })],
                },
            ]),
            folder);
        return ["deploy", "--bundle", folder, "--context", SandboxEndpoint.Context, "--kubeconfig", home.Endpoint.Kubeconfig];
    }

    private static JsonObject Workload(string name, string image, string version) => (JsonObject)JsonNode.Parse(
        $$"""
        {
          "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "{{name}}", "namespace": "switch" },
          "spec": {
            "replicas": 2, "selector": { "matchLabels": { "app": "{{name}}" } },
            "template": {
              "metadata": { "labels": { "app": "{{name}}" } },
              "spec": {
                "containers": [
                  {
                    "name": "web", "image": "{{image}}", "env": [ { "name": "STOREFRONT_GREETING", "value": "{{version}}" } ],
                    "ports": [ { "name": "http", "containerPort": 8080 } ], "readinessProbe": { "httpGet": { "path": "/", "port": "http" }, "periodSeconds": 1 }
                  }
                ]
              }
            }
          }
        }
        """)!;

    private static JsonObject Service(string name) => (JsonObject)JsonNode.Parse(
        $$"""
        {
          "apiVersion": "v1", "kind": "Service", "metadata": { "name": "{{name}}", "namespace": "switch" },
          "spec": { "selector": { "app": "{{name}}" }, "ports": [ { "name": "http", "port": 80, "targetPort": "http" } ] }
        }
        """)!;
}

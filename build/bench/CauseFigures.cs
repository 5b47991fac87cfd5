using System.Diagnostics;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Targets;

namespace KubeApps.Bench;

/// <summary>
/// How long after the cluster first showed what decides a failure the tool says its cause. A first crash decides nothing, nor does a pod that is
/// not ready yet: there it is the second restart that ends, and the end of the Deployment's own deadline. Looked for beside the deploy.
/// </summary>
internal static class CauseFigures
{
    private const double Limit = 10;

    /// <summary>A way to fail.</summary>
    /// <param name="Name">In words.</param>
    /// <param name="Container">What the container has besides its name and image.</param>
    /// <param name="IsSign">Whether a container's status, or a condition of the Deployment, decides it.</param>
    /// <param name="Tag">The image's.</param>
    private sealed record Failing(string Name, string Container, Func<JsonNode, bool> IsSign, string Tag = "v1");

    private static readonly Failing[] Failures =
    [
        new("image not found", "", status => Waiting(status) is "ErrImagePull" or "ImagePullBackOff", "none"),
        new("crash at the start", """, "command": [ "dotnet" ], "args": [ "none.dll" ] """, status => Waiting(status) == "CrashLoopBackOff" && (int?)status["restartCount"] >= 2),
        new("missing ConfigMap", """, "env": [ { "name": "A", "valueFrom": { "configMapKeyRef": { "name": "none", "key": "a" } } } ] """, status => Waiting(status) == "CreateContainerConfigError"),
        new("failing readiness", """, "readinessProbe": { "httpGet": { "path": "/none", "port": 8080 }, "periodSeconds": 1 } """, status => (string?)status["reason"] == "ProgressDeadlineExceeded"),
    ];

    public static async Task<IEnumerable<Figure>> CauseAsync()
    {
        await InstalledTool.PrepareAsync();
        await using var home = new BenchHome();
        await home.StartAsync();
        var image = await home.PushAsync("HelloWeb");
        var figures = new List<Figure>();
        for (var index = 0; index < Failures.Length; index++)
        {
            var seconds = await MeasureAsync(home, Failures[index], $"failing-{index}", image);
            figures.Add(Figure.Below($"{(index == 0 ? "From what decides a failure, in the cluster, to the report: " : "… ")}{Failures[index].Name}", seconds, Limit, "s"));
        }

        return figures;
    }

    private static async Task<double> MeasureAsync(BenchHome home, Failing failing, string ns, string image)
    {
        await home.KubectlAsync("create", "namespace", ns);
        using var end = new CancellationTokenSource();
        var sign = FindSignAsync(home, ns, failing.IsSign, end.Token);
        var reported = 0L;
        await InstalledTool.RunAsync(Deploy(home, failing, ns, image), home.Environment, deployEvent =>
        {
            if (reported == 0 && (string?)deployEvent["event"] == "workloadFailed")
                reported = Stopwatch.GetTimestamp();
        }, expected: null);
        await end.CancelAsync();
        return reported != 0 && await sign is { } first
            ? Math.Max(0, Stopwatch.GetElapsedTime(first, reported).TotalSeconds)
            : throw new InvalidOperationException($"{failing.Name}: nothing was reported, or nothing failed.");
    }

    private static async Task<long?> FindSignAsync(BenchHome home, string ns, Func<JsonNode, bool> isSign, CancellationToken end)
    {
        using var api = home.Endpoint.CreateApiClient();
        while (!end.IsCancellationRequested)
        {
            foreach (var (path, field) in ((string, string)[])[("/api/v1/namespaces/{0}/pods", "containerStatuses"), ("/apis/apps/v1/namespaces/{0}/deployments", "conditions")])
            {
                var list = JsonNode.Parse(await api.GetStringAsync(path.Replace("{0}", ns, StringComparison.Ordinal), CancellationToken.None))!["items"]!.AsArray();
                if (list.SelectMany(item => item!["status"]?[field] as JsonArray ?? []).Any(status => isSign(status!)))
                    return Stopwatch.GetTimestamp();
            }

            await Task.Delay(20, CancellationToken.None);
        }

        return null;
    }

    private static string? Waiting(JsonNode status) => (string?)status["state"]?["waiting"]?["reason"];

    private static string[] Deploy(BenchHome home, Failing failing, string ns, string image)
    {
        var folder = Path.Combine(home.Folder, ns);
        var workload = (JsonObject)JsonNode.Parse(
            $$"""
            {
              "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web", "namespace": "{{ns}}" },
              "spec": {
                "progressDeadlineSeconds": 20, "selector": { "matchLabels": { "app": "web" } },
                "template": {
                  "metadata": { "labels": { "app": "web" } },
                  "spec": { "containers": [ { "name": "web", "image": "{{image.Replace(":v1", $":{failing.Tag}", StringComparison.Ordinal)}}", "ports": [ { "containerPort": 8080 } ]{{failing.Container}} } ] }
                }
              }
            }
            """)!;
        BundleFiles.Write(
            new Bundle(Bundle.CurrentSchemaVersion, ns, null, false, new Dictionary<string, BundleImage>(),
            [
                new BundleEnvironment(
                    "local", new BundleTarget("sandbox"), ns, new BundleStrategy("rolling", TimeSpan.FromMinutes(2)), [new BundleObject("env/local/web.yaml", BundleConventions.MainPhase, workload)]),
            ]),
            folder);
        return ["deploy", "--bundle", folder, "--no-rollback", "--context", SandboxEndpoint.Context, "--kubeconfig", home.Endpoint.Kubeconfig, "-o", "jsonl"];
    }
}

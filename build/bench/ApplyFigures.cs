using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Targets;
using KubeApps.Yaml;

namespace KubeApps.Bench;

/// <summary>
/// A deploy of many objects beside <c>kubectl apply --server-side</c> and <c>kubectl diff</c> of the same ones on the same server, and beside
/// the bare requests. Whole processes, ours with its start. Once through a proxy that answers as fast as a real API server does, once straight
/// to the sandbox, which answers at once: there only the processes themselves are compared.
/// </summary>
internal static class ApplyFigures
{
    private const int Objects = 200;
    private const int ManyObjects = 2000;
    private const int ManyRevisions = 11;
    private const int Connections = 8;
    private const int Rounds = 3;

    // On a real API server 1.34, 200 patches over 8 connections took 0.5 s.
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(20);

    public static async Task<IEnumerable<Figure>> ApplyAsync()
    {
        await InstalledTool.PrepareAsync();
        await using var home = new BenchHome();
        await home.StartAsync();
        await using var proxy = await DelayingProxy.StartAsync(home, Latency);
        // A server that has run for a while is what all of them meet in life: what the sandbox and the proxy compile is not theirs.
        await CompareAsync(home, proxy.Kubeconfig, proxy.Server, "warm-up", new Times(), proxy.Count);
        var delayed = new Times();
        (int Requests, int Watches) first = default, again = default;
        for (var round = 0; round < Rounds; round++)
            (first, again) = await CompareAsync(home, proxy.Kubeconfig, proxy.Server, $"delayed-{round}", delayed, proxy.Count);
        var straight = new Times();
        for (var round = 0; round < Rounds; round++)
            await CompareAsync(home, home.Endpoint.Kubeconfig, home.Endpoint.ApiServer, $"straight-{round}", straight, () => default);
        var (few, many) = (await PeakAsync(home, "few", Objects), await PeakAsync(home, "many", ManyObjects));
        var (theirFew, theirMany) = (await PeakOfKubectlAsync(home, "their-few", Objects), await PeakOfKubectlAsync(home, "their-many", ManyObjects));
        var changed = 0L;
        for (var revision = 2; revision <= ManyRevisions; revision++)
            changed = await PeakOfChangeAsync(home, "many", revision);

        return
        [
            Figure.AtMost($"Deploy of {Objects} objects ({Seconds(delayed.Deploys)}), each answer after {Latency.TotalMilliseconds:0} ms as on a real server, over kubectl apply --server-side ({Seconds(delayed.Applies)}; medians of {Rounds})", Ratio(delayed.Deploys, delayed.Applies), 0.15, "×"),
            Figure.Only("… over what kubectl took on that server itself (13.8 s)", Figure.Median(delayed.Deploys) / 13.8, "×"),
            Figure.Only("… which the bare requests are of kubectl here", Ratio(delayed.Bares, delayed.Applies), "×"),
            Figure.AtMost($"… over the bare requests, dry run and apply, on {Connections} connections ({Seconds(delayed.Bares)})", Ratio(delayed.Deploys, delayed.Bares), 2, "×"),
            Figure.AtMost($"… when they are there ({Seconds(delayed.Unchanged)}), over kubectl diff --server-side ({Seconds(delayed.Diffs)})", Ratio(delayed.Unchanged, delayed.Diffs), 0.15, "×"),
            Figure.Only("… over what kubectl took on that server itself (10.1 s)", Figure.Median(delayed.Unchanged) / 10.1, "×"),
            Figure.Only($"… straight to the sandbox ({Seconds(straight.Deploys)}), over kubectl apply --server-side ({Seconds(straight.Applies)})", Ratio(straight.Deploys, straight.Applies), "×"),
            Figure.Only($"… over the bare requests ({Seconds(straight.Bares)})", Ratio(straight.Deploys, straight.Bares), "×"),
            Figure.Only($"… when they are there ({Seconds(straight.Unchanged)}), over kubectl diff --server-side ({Seconds(straight.Diffs)})", Ratio(straight.Unchanged, straight.Diffs), "×"),
            Figure.AtMost("Requests of the deploy, for each object, all of them new", (double)first.Requests / Objects, 2.2, ""),
            Figure.AtMost("… for each object, all of them unchanged", (double)again.Requests / Objects, 2, ""),
            Figure.AtMost("… watches among them, for all objects together", first.Watches + again.Watches, 5, ""),
            Figure.Below($"Resident memory of a deploy of {ManyObjects} objects, at its largest", many / 1e6, 200, "MB"),
            Figure.AtMost($"… over one of {Objects} ({few / 1e6:0} MB)", (double)many / few, 1.5, "×"),
            Figure.Only($"… which for kubectl apply --server-side is ({theirMany / 1e6:0} MB over {theirFew / 1e6:0} MB)", (double)theirMany / theirFew, "×"),
            Figure.AtMost($"… where it changes one of them, and {ManyRevisions - 1} revisions are kept ({changed / 1e6:0} MB)", (double)changed / few, 1.6, "×"),
        ];
    }

    /// <summary>In turn, so that a slower moment of the machine is not one side's alone.</summary>
    private static async Task<((int, int) First, (int, int) Again)> CompareAsync(
        BenchHome home, string kubeconfig, string server, string name, Times times, Func<(int, int)> count)
    {
        var (ours, theirs, bare) = ($"ours-{name}", $"kubectl-{name}", $"bare-{name}");
        foreach (var ns in (string[])[ours, theirs, bare])
            await home.KubectlAsync("create", "namespace", ns);
        var deploy = Deploy(Write(home, ours, Objects), kubeconfig);
        var manifests = Path.Combine(Write(home, theirs, Objects), "env", "local");

        count();
        times.Deploys.Add(await Programs.SecondsAsync(() => InstalledTool.RunAsync(deploy, home.Environment)));
        var first = count();
        times.Applies.Add(await Programs.SecondsAsync(() => Programs.RunAsync("kubectl", ["--kubeconfig", kubeconfig, "apply", "--server-side", "-f", manifests])));
        times.Bares.Add(await Programs.SecondsAsync(() => BareAsync(home, server, bare)));
        count();
        times.Unchanged.Add(await Programs.SecondsAsync(() => InstalledTool.RunAsync(deploy, home.Environment)));
        var again = count();
        times.Diffs.Add(await Programs.SecondsAsync(() => Programs.RunAsync("kubectl", ["--kubeconfig", kubeconfig, "diff", "--server-side", "-f", manifests])));
        return (first, again);
    }

    private static async Task<long> PeakAsync(BenchHome home, string ns, int objects)
    {
        await home.KubectlAsync("create", "namespace", ns);
        return await InstalledTool.RunAsync(Deploy(Write(home, ns, objects), home.Endpoint.Kubeconfig), home.Environment);
    }

    private static async Task<long> PeakOfKubectlAsync(BenchHome home, string ns, int objects)
    {
        await home.KubectlAsync("create", "namespace", ns);
        var manifests = Path.Combine(Write(home, ns, objects), "env", "local");
        return await Programs.PeakAsync("kubectl", ["--kubeconfig", home.Endpoint.Kubeconfig, "apply", "--server-side", "-f", manifests]);
    }

    private static async Task<long> PeakOfChangeAsync(BenchHome home, string ns, int revision)
    {
        var bundle = Path.Combine(home.Folder, $"bundle-{ns}");
        var file = Path.Combine(bundle, "env", "local", "object-2.yaml");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("key: value 2", $"key: value 2 {new string('x', revision)}", StringComparison.Ordinal));
        return await InstalledTool.RunAsync(Deploy(bundle, home.Endpoint.Kubeconfig), home.Environment);
    }

    private static string[] Deploy(string bundle, string kubeconfig) => ["deploy", "--bundle", bundle, "--context", SandboxEndpoint.Context, "--kubeconfig", kubeconfig];

    /// <summary>The same patches that a deploy sends, by a client that does nothing else.</summary>
    private static async Task BareAsync(BenchHome home, string server, string ns)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = Connections, SslOptions = { RemoteCertificateValidationCallback = delegate { return true; } } };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(server) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", home.Endpoint.Token);
        foreach (var dryRun in (string[])["&dryRun=All", ""])
            await Parallel.ForAsync(0, Objects, new ParallelOptions { MaxDegreeOfParallelism = Connections }, async (index, token) =>
            {
                var (path, content) = (PathOf(ns, index), Content(ns, index).ToJsonString());
                using var request = new HttpRequestMessage(HttpMethod.Patch, $"{path}?fieldManager=kubeapp&fieldValidation=Strict{dryRun}") { Version = HttpVersion.Version11 };
                request.Content = new StringContent(content, Encoding.UTF8, new MediaTypeHeaderValue("application/apply-patch+yaml"));
                using var response = await client.SendAsync(request, token);
                response.EnsureSuccessStatusCode();
                await response.Content.ReadAsByteArrayAsync(token);
            });

        static string PathOf(string ns, int index) => index % 4 == 0
            ? $"/apis/apps/v1/namespaces/{ns}/deployments/web-{index}"
            : $"/api/v1/namespaces/{ns}/{(index % 4 == 1 ? "services" : index % 4 == 2 ? "configmaps" : "serviceaccounts")}/web-{index}";
    }

    private static string Write(BenchHome home, string ns, int count)
    {
        var folder = Path.Combine(home.Folder, $"bundle-{ns}");
        var objects = Enumerable.Range(0, count).Select(index => new BundleObject($"env/local/object-{index}.yaml", BundleConventions.MainPhase, Content(ns, index))).ToList();
        BundleFiles.Write(
            new Bundle(Bundle.CurrentSchemaVersion, ns, null, false, new Dictionary<string, BundleImage>(),
            [
                new BundleEnvironment("local", new BundleTarget("sandbox"), ns, new BundleStrategy("rolling", TimeSpan.FromMinutes(2)), objects),
            ]),
            folder);
        return folder;
    }

    // Deployments of no pods: what is measured is the API.
    private static JsonObject Content(string ns, int index) => (JsonObject)YamlReader.Read((index % 4) switch
    {
        0 => $$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: { name: web-{{index}}, namespace: {{ns}}, labels: { app: web-{{index}} } }
            spec:
              replicas: 0
              selector: { matchLabels: { app: web-{{index}} } }
              template:
                metadata: { labels: { app: web-{{index}} } }
                spec:
                  containers:
                  - name: web
                    image: example.org/web:1
                    env: [ { name: A, value: "{{index}}" }, { name: B, value: two } ]
                    ports: [ { name: http, containerPort: 8080 } ]
                    resources: { requests: { cpu: 100m, memory: 64Mi }, limits: { memory: 128Mi } }
                    readinessProbe: { httpGet: { path: /healthz, port: http } }
            """,
        1 => $$"""
            apiVersion: v1
            kind: Service
            metadata: { name: web-{{index}}, namespace: {{ns}} }
            spec: { selector: { app: web-{{index - 1}} }, ports: [ { name: http, port: 80, targetPort: http } ] }
            """,
        2 => $$"""
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: web-{{index}}, namespace: {{ns}} }
            data: { key: "value {{index}}", appsettings.json: "{ \"Logging\": { \"LogLevel\": \"Information\" } }" }
            """,
        _ => $$"""
            apiVersion: v1
            kind: ServiceAccount
            metadata: { name: web-{{index}}, namespace: {{ns}} }
            """,
    }, "bench")!;

    private static double Ratio(List<double> ours, List<double> theirs) => Figure.Median(ours) / Figure.Median(theirs);

    private static string Seconds(List<double> values) => $"{Figure.Median(values).ToString("0.00", CultureInfo.InvariantCulture)} s";

    /// <summary>What was measured on one server, in seconds.</summary>
    private sealed class Times
    {
        public List<double> Deploys { get; } = [];

        public List<double> Applies { get; } = [];

        public List<double> Bares { get; } = [];

        public List<double> Unchanged { get; } = [];

        public List<double> Diffs { get; } = [];
    }
}

using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Yaml;

namespace KubeApps.Bench;

/// <summary>
/// A deploy of many objects beside <c>kubectl apply --server-side</c> and <c>kubectl diff</c> of the same ones on the same server, and beside
/// the bare requests. Whole processes, ours with its start.
/// </summary>
internal static class ApplyFigures
{
    private const int Objects = 200;
    private const int Connections = 8;
    private const int Rounds = 3;

    public static async Task<IEnumerable<Figure>> ApplyAsync()
    {
        await using var home = new BenchHome();
        await home.StartAsync();
        List<double> applies = [], kubectlApplies = [], bares = [], unchanged = [], diffs = [];
        for (var round = 0; round < Rounds; round++)
        {
            var (ours, theirs, bare) = ($"ours-{round}", $"kubectl-{round}", $"bare-{round}");
            foreach (var ns in (string[])[ours, theirs, bare])
                await home.KubectlAsync("create", "namespace", ns);
            var bundle = Write(home, ours);
            var manifests = Path.Combine(Write(home, theirs), "env", "local");
            string[] deploy = [Tool, "deploy", "--bundle", bundle, "--context", "kubeapps-sandbox", "--kubeconfig", home.Endpoint.Kubeconfig];

            // In turn, so that a slower moment of the machine is not one side's alone.
            applies.Add(await Programs.SecondsAsync(() => Programs.RunAsync("dotnet", deploy, home.Environment)));
            kubectlApplies.Add(await Programs.SecondsAsync(() => home.KubectlAsync("apply", "--server-side", "-f", manifests)));
            bares.Add(await Programs.SecondsAsync(() => BareAsync(home, bare)));
            unchanged.Add(await Programs.SecondsAsync(() => Programs.RunAsync("dotnet", deploy, home.Environment)));
            diffs.Add(await Programs.SecondsAsync(() => home.KubectlAsync("diff", "--server-side", "-f", manifests)));
        }

        return
        [
            Figure.AtMost($"Deploy of {Objects} objects, over kubectl apply --server-side ({Seconds(kubectlApplies)}; median of {Rounds})", Ratio(applies, kubectlApplies), 0.15, "×"),
            Figure.AtMost($"… over the bare requests, dry run and apply, on {Connections} connections ({Seconds(bares)})", Ratio(applies, bares), 2, "×"),
            Figure.AtMost($"Deploy of {Objects} objects that are there, over kubectl diff --server-side ({Seconds(diffs)})", Ratio(unchanged, diffs), 0.15, "×"),
        ];
    }

    private static string Tool => Path.Combine(Programs.ToolFolder, "dotnet-kubeapp.dll");

    /// <summary>The same patches that a deploy sends, by a client that does nothing else.</summary>
    private static async Task BareAsync(BenchHome home, string ns)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = Connections, SslOptions = { RemoteCertificateValidationCallback = delegate { return true; } } };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(home.Endpoint.ApiServer) };
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

    private static string Write(BenchHome home, string ns)
    {
        var folder = Path.Combine(home.Folder, $"bundle-{ns}");
        var objects = Enumerable.Range(0, Objects).Select(index => new BundleObject($"env/local/object-{index}.yaml", BundleConventions.MainPhase, Content(ns, index))).ToList();
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
}

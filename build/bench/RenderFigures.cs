using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Rendering;
using KubeApps.Yaml;

namespace KubeApps.Bench;

/// <summary>
/// A model of 1,000 Deployments to YAML, warm and in-process, beside what others need for the same objects: cdk8s (also warm and in-process,
/// in Node.js) and kustomize (the whole process, since it has no other form).
/// </summary>
internal static class RenderFigures
{
    private const int Deployments = 1000;
    private const int WarmUps = 15;
    private const int Runs = 15;

    // The same objects as constructs; prints the median of the runs in milliseconds.
    private const string Cdk8sScript =
        """
        const { App, Chart, ApiObject } = require('cdk8s');
        const objects = JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8'));
        const times = [];
        for (let run = -Number(process.argv[3]); run < Number(process.argv[4]); run++) {
          const start = process.hrtime.bigint();
          const app = new App();
          const chart = new Chart(app, 'chart');
          objects.forEach((object, i) => new ApiObject(chart, 'object' + i, object));
          if (app.synthYaml().length < objects.length) throw new Error('nothing rendered');
          if (run >= 0) times.push(Number(process.hrtime.bigint() - start) / 1e6);
        }
        times.sort((a, b) => a - b);
        console.log(times[times.length >> 1]);
        """;

    public static async Task<IEnumerable<Figure>> RenderAsync()
    {
        var facts = new ProjectFacts { Name = "Bench", IsWeb = true, Directory = Path.GetTempPath() };
        var document = SpecEvaluation.Evaluate(new Many(), facts).Document!;
        var images = new ImageSet(document.Images().ToDictionary(
            image => image.Key!, _ => new BundleImage("registry.example.com/bench", "1", $"sha256:{new string('a', 64)}", []), StringComparer.Ordinal));

        List<double> times = [];
        for (var i = 0; i < WarmUps + Runs; i++)
            times.Add(await Programs.SecondsAsync(() =>
            {
                _ = Render(document, images).Sum(yaml => yaml.Length);
                return Task.CompletedTask;
            }) * 1000);
        var ours = Figure.Median(times[WarmUps..]);

        var folder = Directory.CreateTempSubdirectory("kubeapps-bench-render-").FullName;
        try
        {
            var objects = BundleRenderer.Render(document, images).Environments[0].Objects;
            await File.WriteAllTextAsync(Path.Combine(folder, "objects.yaml"), string.Join("---\n", objects.Select(item => YamlWriter.Write(item.Content))));
            await File.WriteAllTextAsync(Path.Combine(folder, "objects.json"), new JsonArray([.. objects.Select(item => item.Content.DeepClone())]).ToJsonString());
            var cdk8s = await Cdk8sAsync(folder);
            var kustomize = await KustomizeAsync(folder);
            return
            [
                Figure.Below($"{Deployments} Deployments to YAML, in-process and warm (median of {Runs})", ours, 100, "ms"),
                Figure.Below($"… over cdk8s, in-process and warm ({Show(cdk8s)} ms)", ours / cdk8s, 1, "×"),
                Figure.Below($"… over kubectl kustomize, which only reads and writes them ({Show(kustomize)} ms)", ours / kustomize, 1, "×"),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<string> Render(SpecDocument document, ImageSet images) =>
        BundleRenderer.Render(document, images).Environments[0].Objects.Select(item => YamlWriter.Write(item.Content));

    private static async Task<double> Cdk8sAsync(string folder)
    {
        await Programs.RunAsync("npm", ["install", "--prefix", folder, "--silent", "--no-audit", "--no-fund", "cdk8s@2.70.106", "constructs@10.8.1"]);
        var script = Path.Combine(folder, "synth.js");
        await File.WriteAllTextAsync(script, Cdk8sScript);
        var output = await Programs.RunAsync("node", [script, Path.Combine(folder, "objects.json"), $"{WarmUps}", $"{Runs}"]);
        return double.Parse(output.Trim(), CultureInfo.InvariantCulture);
    }

    private static async Task<double> KustomizeAsync(string folder)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "kustomization.yaml"), "resources: [objects.yaml]\n");
        return Figure.Median([await Once(), await Once(), await Once()]);

        async Task<double> Once() => await Programs.SecondsAsync(() => Programs.RunAsync("kubectl", ["kustomize", folder])) * 1000;
    }

    private static string Show(double milliseconds) => milliseconds.ToString("0", CultureInfo.InvariantCulture);

    private sealed class Many : KubeApp
    {
        public override void Define(KubeAppModel app)
        {
            app.Defaults.NetworkPolicy = null;
            for (var i = 0; i < Deployments; i++)
                app.Add(new Deployment($"web-{i}")).Containers.Add(new Container("web", Image.ThisProject)
                {
                    Ports = { new ContainerPort("http", 8080) },
                    Environment = { ["NUMBER"] = $"{i}", ["GREETING"] = "Hello" },
                });
        }
    }
}

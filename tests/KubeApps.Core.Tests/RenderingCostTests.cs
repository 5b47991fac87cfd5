using KubeApps.Rendering;
using KubeApps.Yaml;

namespace KubeApps.Core.Tests;

/// <summary>
/// Rendering is no reason to wait. How long it takes stands in the benchmarks; here is held what it takes on every machine alike, and what most of the
/// time goes into: memory.
/// </summary>
public class RenderingCostTests
{
    [Fact]
    public void Render_ThousandDeployments_NeedsLittleMemoryForEach()
    {
        var document = SpecEvaluation.Evaluate(new Rendered.Spec(Define), Rendered.Project).Document!;
        var images = Rendered.Images(document);
        Render();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var length = Render();
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / 1_000;

        Assert.InRange(length, 1_000_000, int.MaxValue);
        Assert.InRange(each, 0, 30_000);

        int Render() => BundleRenderer.Render(document, images).Environments[0].Objects.Sum(item => YamlWriter.Write(item.Content).Length);

        static void Define(KubeAppModel app)
        {
            app.Defaults.NetworkPolicy = null;
            for (var i = 0; i < 1_000; i++)
                app.Add(new Deployment($"web-{i}")).Containers.Add(new Container("web", Image.ThisProject)
                {
                    Ports = { new ContainerPort("http", 8080) },
                    Environment = { ["NUMBER"] = $"{i}", ["GREETING"] = "Hello" },
                });
        }
    }
}

using System.Diagnostics;
using KubeApps.Rendering;
using KubeApps.Yaml;

namespace KubeApps.Core.Tests;

/// <summary>
/// Rendering is no reason to wait. The exact figure stands in the benchmarks; this test only finds what became slower by an order of magnitude.
/// </summary>
public class RenderingSpeedTests(ITestOutputHelper output)
{
    [Fact]
    public void Render_ThousandDeployments_TakesAMomentWhenWarm()
    {
        var document = SpecEvaluation.Evaluate(new Rendered.Spec(Define), Rendered.Project).Document!;
        var images = Rendered.Images(document);
        var best = TimeSpan.MaxValue;
        var length = 0;
        for (var i = 0; i < 8; i++)
        {
            var start = Stopwatch.GetTimestamp();
            length = BundleRenderer.Render(document, images).Environments[0].Objects.Sum(item => YamlWriter.Write(item.Content).Length);
            best = TimeSpan.FromTicks(Math.Min(best.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
        }

        output.WriteLine($"1,000 deployments: {best.TotalMilliseconds:0} ms, {length} characters");
        Assert.True(best < TimeSpan.FromSeconds(1), $"It took {best.TotalMilliseconds:0} ms.");

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

using KubeApps.Deploy.Images;
using KubeApps.Rendering;

namespace KubeApps.MSBuild.Tests;

/// <summary>Images of published projects, against a real registry.</summary>
public sealed class ImageTests(PackageFeed feed, Registry registry) : IClassFixture<Registry>
{
    private const string Spec = """
        using KubeApps;

        public sealed class Shop : KubeApp
        {
            public override void Define(KubeAppModel app)
            {
                app.Add(new Deployment("web")).Containers.Add(new Container("web", Image.ThisProject));
                app.Add(new Deployment("worker")).Containers.Add(new Container("worker", Image.Project("../worker/worker.csproj")));
            }
        }
        """;

    [Fact]
    public async Task Resolve_ProjectAndAnotherProject_PushesOnceAndFindsThemAfterwards()
    {
        registry.RequirePresent();
        var folder = WithWorker();
        // Without a tool the build describes the images, and ends where it would deploy.
        (await folder.PublishAsync("web", "-p:KubeAppDeploy=true", "-p:_KubeAppTool=none")).Failed().Error("KUBEAPP0102");

        var (first, firstNotes) = await ResolveAsync(folder);
        var (second, secondNotes) = await ResolveAsync(folder);

        Assert.Equal(["web", "worker"], first.Images.Keys.Order(StringComparer.Ordinal));
        Assert.All(first.Images.Values, image => Assert.Matches("^sha256:[0-9a-f]{64}$", image.Digest));
        Assert.Equal(2, firstNotes.Count(note => note.Contains("pushed", StringComparison.Ordinal)));
        Assert.Equal(2, secondNotes.Count(note => note.Contains("the registry has it", StringComparison.Ordinal)));
        Assert.Equal(first.Images["web"].Digest, second.Images["web"].Digest);

        folder.Write("web/bin/Release/net10.0/publish/more.txt", "more");
        var (third, _) = await ResolveAsync(folder);

        Assert.NotEqual(first.Images["web"].Tag, third.Images["web"].Tag);
        Assert.Equal(first.Images["worker"].Tag, third.Images["worker"].Tag);
        await AssertIndexAsync(folder);
    }

    private ThrowAway WithWorker() => feed.NewFolder().WriteWeb(spec: Spec)
        .WriteProject("worker/worker.csproj", "Microsoft.NET.Sdk", "<OutputType>Exe</OutputType>", withPackage: false)
        .Write("worker/Program.cs", "Console.WriteLine(1);");

    // A portable app becomes one image for each architecture, and an index that names both.
    private async Task AssertIndexAsync(ThrowAway folder)
    {
        var (images, _) = await ResolveAsync(folder, Architecture.Amd64, Architecture.Arm64);

        using var client = new RegistryClient(ImageRegistry.Parse(registry.Host), _ => null, TimeSpan.FromSeconds(30));
        var index = await client.GetAsync("shop/worker", images.Images["worker"].Tag!, TestContext.Current.CancellationToken);
        Assert.Equal(RegistryClient.OciIndex, index!.Value.MediaType);
        Assert.Equal(["linux/amd64", "linux/arm64"], images.Images["worker"].Platforms);
        Assert.Equal(2, System.Text.Json.Nodes.JsonNode.Parse(index.Value.Content)!["manifests"]!.AsArray().Count);
    }

    private async Task<(ImageSet Images, IReadOnlyList<string> Notes)> ResolveAsync(ThrowAway folder, params Architecture[] architectures)
    {
        var work = folder.PathOf("web", "obj", "Release", "net10.0", "kubeapp");
        var document = SpecDocument.FromJson(await File.ReadAllTextAsync(Path.Combine(work, "model.json"), TestContext.Current.CancellationToken)) with { App = "shop" };
        foreach (var container in document.Environments[0].All<Workload>().SelectMany(workload => workload.AllContainers))
            container.Image.Architectures = [.. architectures];
        var request = new PublishRequest
        {
            ModelFile = "",
            BundleDirectory = "",
            WorkDirectory = work,
            ProjectDirectory = folder.PathOf("web"),
            Environment = "local",
            Commit = "0123456789012345678901234567890123456789",
            ImageTargets = Path.Combine(PackageFeed.RepositoryRoot, "src", "KubeApps.MSBuild", "build", "KubeApps.Images.targets"),
            ImageFiles = new Dictionary<string, string> { ["web"] = Path.Combine(work, "image.txt"), ["worker"] = Path.Combine(work, "image.worker.txt") },
        };
        var notes = new Notes();
        var target = new ImageTarget(ImageRegistry.Parse(registry.Host), Registry.BaseImage, architectures.Length == 0 ? "linux-x64" : null);
        var images = await new ImageResolver(target, request, _ => null, notes).ResolveAsync(document, TestContext.Current.CancellationToken);
        return (images, notes.Texts);
    }
}

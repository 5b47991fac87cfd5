using System.Text.RegularExpressions;
using Amazon.Runtime;
using KubeApps.Aws.StandIn;
using KubeApps.Bundles;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Ecr;
using KubeApps.Deploy.Images;
using KubeApps.Diagnostics;
using KubeApps.Events;

[assembly: AssemblyFixture(typeof(AwsStandIn))]

namespace KubeApps.MSBuild.Tests;

/// <summary>Images go into ECR: AWS's stand-in around a real registry, and the SDK that pushes.</summary>
public sealed class EcrImageTests(PackageFeed feed, AwsStandIn aws, GuardedRegistry registry) : IClassFixture<GuardedRegistry>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Resolve_IntoEcr_MakesTheRepositoryAndPushesWithTheTokenOfTheRun()
    {
        registry.RequirePresent();
        using var account = await aws.NewAccountAsync();
        account.Registry = new StandInRegistry(registry.Host, GuardedRegistry.Password);
        var folder = feed.NewFolder().WriteWeb();
        (await folder.PublishAsync("web", "-p:KubeAppDeploy=true", "-p:_KubeAppTool=none")).Failed().Error("KUBEAPP0102");

        var (planned, _, _) = await ResolveAsync(account, folder, isDry: true);
        Assert.Empty(account.Ledger.Ever);
        var (pushed, notes, sent) = await ResolveAsync(account, folder);
        var (found, later, there) = await ResolveAsync(account, folder);

        var repository = Assert.Single(account.Ledger.EverOf("ecr:repository"));
        Assert.Equal("team/shop/web", repository.Key);
        Assert.Equal((string)repository.Content["repositoryUri"]!, pushed.Repository);
        Assert.Equal((planned.Tag, null, pushed.Digest), (pushed.Tag, planned.Digest, found.Digest));
        Assert.Contains(notes, note => Regex.IsMatch(note, @"^Image web: pushed \(sha256:[0-9a-f]{12}, [0-9]+ layers?, [0-9.]+ [kM]B, [0-9.]+ s; sent [0-9.]+ [kM]B in [0-9.]+ s\)\.$"));
        Assert.Contains(later, note => note.StartsWith("Image web: the registry has it", StringComparison.Ordinal));
        await AssertToldAsync(account, pushed, sent!, there!);
        // The token is nowhere on the disk, and nobody tells it.
        Assert.DoesNotContain(Directory.EnumerateFiles(folder.PathOf(), "*", SearchOption.AllDirectories), file => File.ReadAllText(file).Contains(GuardedRegistry.Password, StringComparison.Ordinal));
        Assert.DoesNotContain(notes, note => note.Contains(GuardedRegistry.Password, StringComparison.Ordinal));
        await AssertEqualTagIsSuccessAsync(account, pushed);
    }

    [Fact]
    public async Task Resolve_WithABaseImageOfAnOpenRegistry_PullsItThroughTheCacheWithTheTokenOfTheRun()
    {
        registry.RequirePresent();
        using var account = await aws.NewAccountAsync();
        account.Registry = new StandInRegistry(registry.Host, GuardedRegistry.Password);
        // What the cache would have in its repository stands in the registry already.
        using (var access = await AwsAccess.OpenAsync(SettingsOf(account), Token))
            await access.Ecr.CreatePullThroughCacheRuleAsync(new("kubeapps", "public.ecr.aws"), Token);
        var folder = feed.NewFolder().WriteWeb(properties: "<ContainerBaseImage>public.ecr.aws/host-runtime:10.0</ContainerBaseImage>");
        (await folder.PublishAsync("web", "-p:KubeAppDeploy=true", "-p:_KubeAppTool=none")).Failed().Error("KUBEAPP0102");

        var (planned, _, _) = await ResolveAsync(account, folder, isDry: true, hasOwnBase: false, settings: new EcrSettings { CacheBaseImages = true });
        var (pushed, _, _) = await ResolveAsync(account, folder, hasOwnBase: false, settings: new EcrSettings { CacheBaseImages = true });

        Assert.NotNull(pushed.Digest);
        Assert.Equal(planned.Tag, pushed.Tag);
    }

    [Fact]
    public async Task Resolve_DockerfileOnAnImageOfAnOpenRegistry_IsBuiltOnWhatTheCacheHas()
    {
        registry.RequirePresent();
        string[] builders = ["docker", "podman", "buildah"];
        Assert.SkipUnless(
            builders.Any(builder => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(part => File.Exists(Path.Combine(part, builder)))), "Nothing can build a Dockerfile (apt-get install podman).");
        using var account = await aws.NewAccountAsync();
        account.Registry = new StandInRegistry(registry.Host, GuardedRegistry.Password);
        using (var access = await AwsAccess.OpenAsync(SettingsOf(account), Token))
            await access.Ecr.CreatePullThroughCacheRuleAsync(new("kubeapps", "public.ecr.aws"), Token);
        var folder = feed.NewFolder().WriteWeb(spec: DockerfileImageTests.Spec)
            .Write("web/docker/Dockerfile", "FROM public.ecr.aws/host-runtime:10.0\nCOPY hello.txt /\n").Write("web/docker/hello.txt", "hello");
        (await folder.PublishAsync("web", "-p:KubeAppDeploy=true", "-p:_KubeAppTool=none")).Failed().Error("KUBEAPP0102");

        var (pushed, notes, _) = await ResolveAsync(account, folder, settings: new EcrSettings { CacheBaseImages = true });

        Assert.NotNull(pushed.Digest);
        Assert.DoesNotContain(notes, note => note.Contains(GuardedRegistry.Password, StringComparison.Ordinal));
        Assert.Equal("FROM public.ecr.aws/host-runtime:10.0\nCOPY hello.txt /\n", folder.Read("web", "docker", "Dockerfile"));
    }

    private async Task AssertToldAsync(StandInAccount account, BundleImage image, PublishedImage sent, PublishedImage there)
    {
        Assert.Equal(("web", image.Reference, false), (sent.Name, sent.Image, sent.WasThere));
        Assert.Equal(("web", image.Reference, true, null), (there.Name, there.Image, there.WasThere, there.PushSeconds));
        Assert.True(sent.PushSeconds > 0);
        Assert.NotEmpty(sent.Layers);
        Assert.All(sent.Layers, layer => Assert.True(layer.Sent));
        Assert.Equal(sent.Layers.Select(layer => layer with { Sent = false }), there.Layers);
        var place = await OpenAsync(account, new Notes());
        using var repositories = place.Repositories;
        using var client = new RegistryClient(place, _ => null, TimeSpan.FromSeconds(30));
        foreach (var layer in sent.Layers)
            Assert.Equal(layer.Size, (await client.GetBlobAsync("team/shop/web", layer.Digest, Token))!.Length);
    }

    // Where tags do not change, who comes second is refused.
    private async Task AssertEqualTagIsSuccessAsync(StandInAccount account, BundleImage image)
    {
        var place = await OpenAsync(account, new Notes());
        using var repositories = place.Repositories;
        using var client = new RegistryClient(place, _ => null, TimeSpan.FromSeconds(30));
        var refusal = new DiagnosticException(DiagnosticDescriptors.ImagePushFailed.Because("The tag exists, and is immutable."));

        Assert.Equal(image.Digest, await ImageResolver.PushAsync(client, "team/shop/web", image.Tag!, () => throw refusal, Token));
        Assert.Same(refusal, await Assert.ThrowsAsync<DiagnosticException>(() => ImageResolver.PushAsync(client, "team/shop/web", "other", () => throw refusal, Token)));
    }

    private static async Task<(BundleImage Image, IReadOnlyList<string> Notes, PublishedImage? Published)> ResolveAsync(StandInAccount account, ThrowAway folder, bool isDry = false, bool hasOwnBase = true, EcrSettings? settings = null)
    {
        var notes = new Notes();
        var place = await OpenAsync(account, notes, settings);
        using var repositories = place.Repositories;
        var work = folder.PathOf("web", "obj", "Release", "net10.0", "kubeapp");
        var document = SpecDocument.FromJson(await File.ReadAllTextAsync(Path.Combine(work, "model.json"), Token)) with { App = "shop" };
        var request = new PublishRequest
        {
            ModelFile = "",
            BundleDirectory = "",
            WorkDirectory = work,
            ProjectDirectory = folder.PathOf("web"),
            Environment = "local",
            DryRun = isDry,
            ImageTargets = Path.Combine(PackageFeed.RepositoryRoot, "src", "KubeApps.MSBuild", "build", "KubeApps.Images.targets"),
            ImageFiles = new Dictionary<string, string> { ["web"] = Path.Combine(work, "image.txt") },
        };
        var images = await new ImageResolver(new ImageTarget(place, hasOwnBase ? Registry.BaseImage : null, "linux-x64"), request, _ => null, notes).ResolveAsync(document, Token);
        return (images.Images.Values.Single(), notes.Texts, images.Published.SingleOrDefault());
    }

    private static async Task<ImageRegistry> OpenAsync(StandInAccount account, IEventSink sink, EcrSettings? settings = null) =>
        (await EcrRegistry.OpenAsync("ecr/team", SettingsOf(account), "shop", settings, sink, TimeProvider.System, Token))!;

    private static AwsSettings SettingsOf(StandInAccount account) => new()
    {
        Account = account.Id,
        Region = account.Region,
        Credentials = new BasicAWSCredentials(account.User.AccessKey, account.User.SecretKey),
        Endpoint = account.Endpoint,
    };
}

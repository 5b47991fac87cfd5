using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Images;

namespace KubeApps.MSBuild.Tests;

/// <summary>
/// Who keeps a base image moves its tag to each version with fixes. The same app published again is built on what the tag names then, and not built at all where it names
/// the same: that is what a deploy on schedule is for.
/// </summary>
public sealed class MovedBaseImageTests(PackageFeed feed, Registry registry) : IClassFixture<Registry>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Publish_AfterTheTagOfTheBaseImageWasMoved_BuildsOnTheNewOne()
    {
        registry.RequirePresent();
        var folder = feed.NewFolder().WriteWeb(
            spec: Failing.SpecWithRegistry(registry.Host), properties: $"<ContainerBaseImage>{registry.Host}/{Registry.BaseImage.Path}:{Registry.BaseImage.Tag}</ContainerBaseImage>");

        await AssertFollowsTheTagAsync(folder, "BASE_IMAGE=of a project");
    }

    [Fact]
    public async Task Publish_AfterTheTagOfADockerfilesBaseWasMoved_BuildsOnTheNewOne()
    {
        registry.RequirePresent();
        string[] builders = ["docker", "podman", "buildah"];
        Assert.SkipUnless(
            builders.Any(builder => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(part => File.Exists(Path.Combine(part, builder)))), "Nothing can build a Dockerfile (apt-get install podman).");
        var folder = feed.NewFolder()
            .WriteWeb(spec: Failing.SpecWithRegistry(registry.Host).Replace("Image.ThisProject", "Image.Dockerfile(\"docker/Dockerfile\")", StringComparison.Ordinal))
            .Write("web/docker/Dockerfile", $"FROM {registry.Host}/{Registry.BaseImage.Path}:{Registry.BaseImage.Tag}\nCOPY hello.txt /\n").Write("web/docker/hello.txt", "hello");

        await AssertFollowsTheTagAsync(folder, "BASE_IMAGE=of a Dockerfile");
    }

    // Most projects name no base image: the tag of the SDK's choice is moved each month.
    [Theory]
    [InlineData("", "", "mcr.microsoft.com/dotnet/aspnet:10.0")]
    [InlineData("<ContainerFamily>noble-chiseled</ContainerFamily>", "", "mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra")]
    [InlineData("<ContainerBaseImage>registry.example.com/base:1</ContainerBaseImage>", "registry.example.com/base:1", "")]
    [InlineData("<RuntimeIdentifiers>linux-x64;linux-musl-x64</RuntimeIdentifiers>", "", "")]
    public async Task Describe_BaseImage_IsTheProjectsChoiceOrThatOfTheSdk(string properties, string own, string sdk)
    {
        var folder = feed.NewFolder().WriteWeb(properties: properties);

        (await folder.PublishAsync("web", "-p:KubeAppDeploy=true", "-p:_KubeAppTool=none")).Failed().Error("KUBEAPP0102");

        var image = ProjectImage.Read(folder.PathOf("web", "obj", "Release", "net10.0", "kubeapp", "image.txt"));
        Assert.Equal((own, sdk), (image.BaseImage, image.SdkBaseImage));
    }

    private async Task AssertFollowsTheTagAsync(ThrowAway folder, string variable)
    {
        var first = await PublishAsync(folder, "pushed (");
        var same = await PublishAsync(folder, "the registry has it (");
        await registry.MoveBaseImageAsync(variable);
        var moved = await PublishAsync(folder, "pushed (");
        var again = await PublishAsync(folder, "the registry has it (");

        Assert.Equal((first, moved), (same, again));
        Assert.NotEqual(first.Digest, moved.Digest);
        Assert.Equal((false, true), (await HasAsync(first, variable), await HasAsync(moved, variable)));
    }

    private static async Task<BundleImage> PublishAsync(ThrowAway folder, string said)
    {
        var result = (await folder.PublishAsync("web", "-p:KubeAppPush=true")).Succeeded();

        Assert.Contains($": {said}", Assert.Single(result.Lines, line => line.Contains("Image ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(said == "pushed (", result.Text.Contains("Building ", StringComparison.Ordinal));
        return BundleFiles.Read(folder.PathOf("web", "bin", "Release", "net10.0", "kubeapp")).Images.Values.Single() with { Platforms = [] };
    }

    private async Task<bool> HasAsync(BundleImage image, string variable)
    {
        using var client = new RegistryClient(ImageRegistry.Parse(registry.Host), _ => null, TimeSpan.FromSeconds(30));
        var manifest = JsonNode.Parse((await client.GetAsync(image.Repository[(registry.Host.Length + 1)..], image.Digest!, Token))!.Value.Content)!;
        using var http = new HttpClient();
        var config = JsonNode.Parse(await http.GetStringAsync(new Uri($"http://{registry.Host}/v2/{image.Repository[(registry.Host.Length + 1)..]}/blobs/{manifest["config"]!["digest"]}"), Token))!;
        return config["config"]!["Env"]!.AsArray().Any(item => (string?)item == variable);
    }
}

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

        var first = await PublishAsync(folder, "pushed (");
        var same = await PublishAsync(folder, "the registry has it (");
        await registry.MoveBaseImageAsync("BASE_IMAGE=second");
        var moved = await PublishAsync(folder, "pushed (");
        var again = await PublishAsync(folder, "the registry has it (");

        Assert.Equal((first, moved), (same, again));
        Assert.NotEqual(first.Digest, moved.Digest);
        Assert.Equal((false, true), (await IsOnTheSecondAsync(first), await IsOnTheSecondAsync(moved)));
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

    private static async Task<BundleImage> PublishAsync(ThrowAway folder, string said)
    {
        var result = (await folder.PublishAsync("web", "-p:KubeAppPush=true")).Succeeded();

        Assert.Contains($"Image web: {said}", result.Text, StringComparison.Ordinal);
        Assert.Equal(said == "pushed (", result.Text.Contains("Building the image of web", StringComparison.Ordinal));
        return BundleFiles.Read(folder.PathOf("web", "bin", "Release", "net10.0", "kubeapp")).Images["web"] with { Platforms = [] };
    }

    private async Task<bool> IsOnTheSecondAsync(BundleImage image)
    {
        using var client = new RegistryClient(ImageRegistry.Parse(registry.Host), _ => null, TimeSpan.FromSeconds(30));
        var manifest = JsonNode.Parse((await client.GetAsync("web/web", image.Digest!, Token))!.Value.Content)!;
        using var http = new HttpClient();
        var config = JsonNode.Parse(await http.GetStringAsync(new Uri($"http://{registry.Host}/v2/web/web/blobs/{manifest["config"]!["digest"]}"), Token))!;
        return config["config"]!["Env"]!.AsArray().Any(variable => (string?)variable == "BASE_IMAGE=second");
    }
}

using KubeApps.Bundles;

namespace KubeApps.Cli.Tests;

/// <summary>Which app a project is, for the commands that are run in its folder.</summary>
public sealed class ProjectFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void PublishedAppName_BeforeAPublish_IsMadeFromTheProject()
    {
        _folder.Write("My.Shop.csproj", "<Project />");

        Assert.Equal("my-shop", ProjectFolder.Find(_folder.Path).PublishedAppName());
    }

    [Fact]
    public void PublishedAppName_AfterAPublish_IsWhatTheSpecificationSays()
    {
        _folder.Write("My.Shop.csproj", "<Project />");
        BundleFiles.Write(
            new Bundle(1, "storefront", null, false, new Dictionary<string, BundleImage>(), []), Path.Combine(_folder.Path, "bin/Release/net10.0/kubeapp"));

        Assert.Equal("storefront", ProjectFolder.Find(_folder.Path).PublishedAppName());
    }

    [Fact]
    public void PublishedAppName_OfADamagedBundle_IsMadeFromTheProject()
    {
        _folder.Write("My.Shop.csproj", "<Project />");
        _folder.Write("bin/Release/net10.0/kubeapp/bundle.json", "{");

        Assert.Equal("my-shop", ProjectFolder.Find(_folder.Path).PublishedAppName());
    }
}

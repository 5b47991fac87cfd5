namespace KubeApps.MSBuild.Tests;

public sealed class PublishOutputTests(PackageFeed feed)
{
    [Fact]
    public async Task Publish_WithOurPackage_LeavesNoTraceInTheOutput()
    {
        var with = feed.NewFolder().WriteWeb().Write("web/KubeApp/settings.json", "{}");
        var without = feed.NewFolder().WriteWeb(spec: null, withPackage: false);

        (await with.PublishAsync("web", "-p:PathMap=/nowhere=/")).Succeeded();
        (await without.PublishAsync("web", "-p:PathMap=/nowhere=/")).Succeeded();

        string[] publish = ["web", "bin", "Release", "net10.0", "publish"];
        Assert.Equal(without.Snapshot(publish).Keys, with.Snapshot(publish).Keys);
        Assert.Equal(without.Read([.. publish, "web.deps.json"]), with.Read([.. publish, "web.deps.json"]));
        Assert.Equal(without.Read([.. publish, "web.runtimeconfig.json"]), with.Read([.. publish, "web.runtimeconfig.json"]));
    }

    [Fact]
    public async Task Publish_BundleFolderBesideTheSources_GetsTheBundleAndTheOutputNothingOfIt()
    {
        var folder = feed.NewFolder().WriteWeb();

        (await folder.PublishAsync("web", "-p:KubeAppBundleDirectory=out")).Succeeded();
        (await folder.PublishAsync("web", "-p:KubeAppBundleDirectory=out")).Succeeded();

        Assert.Equal(["bundle.json", "env"], Directory.EnumerateFileSystemEntries(folder.PathOf("web", "out")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(["KubeApp.cs", "Program.cs", "web.csproj"], Directory.EnumerateFiles(folder.PathOf("web")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(folder.Snapshot("web", "bin", "Release", "net10.0", "publish").Keys, file => file.Contains("bundle.json", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Microsoft.NET.Sdk", "")]
    [InlineData("Microsoft.NET.Sdk", "<OutputType>Exe</OutputType><IsTestProject>true</IsTestProject>")]
    public async Task Publish_LibraryOrTestProject_DoesNothing(string sdk, string properties)
    {
        var folder = feed.NewFolder().WriteProject("lib/lib.csproj", sdk, properties).Write("lib/Program.cs", "namespace Lib; public static class Program { public static void Main() { } }");

        (await folder.PublishAsync("lib")).Succeeded();

        Assert.False(Directory.Exists(folder.PathOf("lib", "obj", "Release", "net10.0", "kubeapp")));
    }

    [Fact]
    public async Task Publish_RenderTurnedOff_EvaluatesNothing()
    {
        var folder = feed.NewFolder().WriteWeb();

        (await folder.PublishAsync("web", "-p:KubeAppRender=false")).Succeeded();

        Assert.False(Directory.Exists(folder.PathOf("web", "obj", "Release", "net10.0", "kubeapp")));
    }
}

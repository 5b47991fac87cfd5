namespace KubeApps.Cli.Tests;

public class InitCommandTests
{
    private const string Web = """
        <Project Sdk="Microsoft.NET.Sdk.Web">

          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
          </PropertyGroup>

        </Project>
        """;

    [Fact]
    public async Task Init_WebProjectWithHealthChecks_WritesSpecAndReference()
    {
        using var folder = new TemporaryFolder();
        folder.Write("My.Shop.csproj", Web);
        folder.Write("Program.cs", """app.MapHealthChecks("/healthz");""");

        var (exit, _, error) = await Tool.RunInAsync(folder.Path, "", "init", "--package-version", "1.2.3");

        Assert.Equal((0, true), (exit, error.Contains("Wrote KubeApp.cs.", StringComparison.Ordinal)));
        var spec = folder.Read("KubeApp.cs");
        Assert.Contains("public sealed class MyShopApp : KubeApp", spec, StringComparison.Ordinal);
        Assert.Contains("ReadinessProbe = Probe.Http(\"/healthz\")", spec, StringComparison.Ordinal);
        Assert.Contains(
            "<PackageReference Include=\"KubeApps.MSBuild\" Version=\"1.2.3\" PrivateAssets=\"all\" />", folder.Read("My.Shop.csproj"), StringComparison.Ordinal);
        Assert.DoesNotContain("<?xml", folder.Read("My.Shop.csproj"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_CentralPackageManagement_PutsTheVersionThere()
    {
        using var folder = new TemporaryFolder();
        folder.Write("Directory.Packages.props", "<Project><PropertyGroup><ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally></PropertyGroup></Project>");
        folder.Write("web/Web.csproj", Web);

        await Tool.RunInAsync(folder.Path, "", "init", "--project", "web", "--package-version", "1.2.3", "-y");

        Assert.Contains("<PackageVersion Include=\"KubeApps.MSBuild\" Version=\"1.2.3\" />", folder.Read("Directory.Packages.props"), StringComparison.Ordinal);
        Assert.Contains("<PackageReference Include=\"KubeApps.MSBuild\" PrivateAssets=\"all\" />", folder.Read("web/Web.csproj"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_SpecIsThere_LeavesAllAsItIs()
    {
        using var folder = new TemporaryFolder();
        folder.Write("Web.csproj", Web);
        folder.Write("KubeApp.cs", "// mine");

        var (exit, _, error) = await Tool.RunInAsync(folder.Path, "", "init", "-y");

        Assert.Equal(64, exit);
        Assert.Contains("KUBEAPP0033", error, StringComparison.Ordinal);
        Assert.Equal(("// mine", Web), (folder.Read("KubeApp.cs"), folder.Read("Web.csproj")));
    }

    [Fact]
    public async Task Init_OnATerminal_AsksAndTakesTheAnswers()
    {
        using var folder = new TemporaryFolder();
        folder.Write("Jobs.csproj", Web.Replace(".Web", "", StringComparison.Ordinal));

        await Tool.RunInAsync(folder.Path, "nightly\n5\n", "init");

        var spec = folder.Read("KubeApp.cs");
        Assert.Contains("Name => \"nightly\"", spec, StringComparison.Ordinal);
        Assert.Contains("new Deployment(\"worker\") { Replicas = 5 }", spec, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_AnswersThatCannotBe_AreAskedForAgain()
    {
        using var folder = new TemporaryFolder();
        folder.Write("Shop.csproj", Web);

        var (_, _, error) = await Tool.RunInAsync(folder.Path, "My Shop\nshop-eu\nmany\n-1\n3\nhealthz\n/healthz\n", "init");

        Assert.Equal(2, error.Split("Name of the app [shop]: ").Length - 1);
        Assert.Equal(3, error.Split("Pods [2]: ").Length - 1);
        var spec = folder.Read("KubeApp.cs");
        Assert.Contains("Name => \"shop-eu\"", spec, StringComparison.Ordinal);
        Assert.Contains("Replicas = 3", spec, StringComparison.Ordinal);
        Assert.Contains("Probe.Http(\"/healthz\")", spec, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--name", "My Shop")]
    [InlineData("--replicas", "-1")]
    [InlineData("--health", "healthz")]
    public async Task Init_OptionsThatCannotBe_Exit64AndWriteNothing(string option, string value)
    {
        using var folder = new TemporaryFolder();
        folder.Write("Shop.csproj", Web);

        var (exit, _, error) = await Tool.RunInAsync(folder.Path, "", "init", option, value);

        Assert.Equal(64, exit);
        Assert.Contains(option, error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder.Path, "KubeApp.cs")));
    }

    [Fact]
    public async Task Init_ProjectFile_KeepsItsForm()
    {
        using var folder = new TemporaryFolder();
        folder.Write("Shop.csproj", Web + "\n");

        await Tool.RunInAsync(folder.Path, "", "init", "--package-version", "1.2.3", "-y");

        Assert.EndsWith(
            "  </PropertyGroup>\n\n  <ItemGroup>\n    <PackageReference Include=\"KubeApps.MSBuild\" Version=\"1.2.3\" PrivateAssets=\"all\" />\n  </ItemGroup>\n\n</Project>",
            folder.Read("Shop.csproj").TrimEnd(), StringComparison.Ordinal);
    }
}

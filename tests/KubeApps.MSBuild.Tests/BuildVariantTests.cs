namespace KubeApps.MSBuild.Tests;

/// <summary>The ways in which people publish.</summary>
public sealed class BuildVariantTests(PackageFeed feed)
{
    [Fact]
    public async Task Publish_PathWithSpacesAndUnicode_Renders()
    {
        var folder = feed.NewFolder("mein Läden 店").WriteWeb("web");

        (await folder.PublishAsync("web")).Succeeded();
        (await folder.PublishAsync("web", "--no-build")).Succeeded();

        Assert.True(File.Exists(folder.PathOf("web", "bin", "Release", "net10.0", "kubeapp", "bundle.json")));
    }

    [Fact]
    public async Task Publish_SelfContainedForARuntime_EvaluatesOnTheMachinesOwnRuntime()
    {
        var folder = feed.NewFolder().WriteWeb(properties: "<InvariantGlobalization>true</InvariantGlobalization>");

        (await folder.PublishAsync("web", "-r", "linux-x64", "--self-contained", "-c", "Debug")).Succeeded();

        Assert.True(File.Exists(folder.PathOf("web", "bin", "Debug", "net10.0", "linux-x64", "kubeapp", "bundle.json")));
        Assert.True(File.Exists(folder.PathOf("web", "bin", "Debug", "net10.0", "linux-x64", "publish", "libcoreclr.so")));
    }

    // What the app switches off for itself in its runtimeconfig (reflection for JSON) is not switched off for the specification.
    [Fact]
    public async Task RenderBundle_AheadOfTimeCompiledApp_EvaluatesTheSpecificationAsUsual()
    {
        var folder = feed.NewFolder().WriteWeb(
            spec: ThrowAway.Spec.Replace("var web =", "Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(new[] { 1 })); var web =", StringComparison.Ordinal),
            properties: "<PublishAot>true</PublishAot>");

        // Up to the native compiler, which needs a linker that not every machine has.
        var result = await folder.DotnetAsync("build", "web", "-c", "Release", "-t:Build;KubeAppRenderBundle");

        Assert.True(result.ExitCode == 0, result.Text);
        Assert.True(File.Exists(folder.PathOf("web", "bin", "Release", "net10.0", "kubeapp", "bundle.json")));
    }

    [Fact]
    public async Task Publish_OneOfSeveralTargetFrameworks_Renders()
    {
        var folder = feed.NewFolder()
            .WriteProject("web/web.csproj", framework: "<TargetFrameworks>net10.0;netstandard2.1</TargetFrameworks>", properties: "<EnableDefaultCompileItems>false</EnableDefaultCompileItems>",
                items: """<Compile Include="Program.cs" Condition="'$(TargetFramework)' == 'net10.0'" />""", sdk: "Microsoft.NET.Sdk.Web")
            .Write("web/Program.cs", ThrowAway.WebProgram)
            .Write("web/KubeApp.cs", ThrowAway.Spec);

        (await folder.PublishAsync("web", "-f", "net10.0")).Succeeded();

        Assert.True(File.Exists(folder.PathOf("web", "bin", "Release", "net10.0", "kubeapp", "bundle.json")));
    }

    [Fact]
    public async Task Publish_SolutionWithTwoAppsAndASharedSpecification_RendersBoth()
    {
        var spec = ThrowAway.Spec.Replace("new Deployment(\"web\")", "Shared.Standards.Web()", StringComparison.Ordinal);
        var reference = """<KubeAppSpecReference Include="../shared/shared.csproj" />""";
        var folder = feed.NewFolder()
            .WriteWeb("one", spec, items: reference)
            .WriteWeb("two", spec, items: reference)
            .WriteProject("shared/shared.csproj", "Microsoft.NET.Sdk", withPackage: false, items: $"""<PackageReference Include="KubeApps.Spec" Version="{feed.Version}" />""")
            .Write("shared/Standards.cs", """
                namespace Shared;

                public static class Standards
                {
                    public static KubeApps.Deployment Web() => new("web") { Replicas = 7 };
                }
                """)
            .Write("all.slnx", """<Solution><Project Path="one/one.csproj" /><Project Path="two/two.csproj" /><Project Path="shared/shared.csproj" /></Solution>""");

        (await folder.PublishAsync("all.slnx", "-m:2")).Succeeded();

        foreach (var name in (string[])["one", "two"])
        {
            Assert.Contains("replicas: 7", folder.Read(name, "bin", "Release", "net10.0", "kubeapp", "env", "local", "deployment-web.yaml"), StringComparison.Ordinal);
            Assert.DoesNotContain(folder.Snapshot(name, "bin", "Release", "net10.0", "publish").Keys, file => file.Contains("shared", StringComparison.OrdinalIgnoreCase) || file.Contains("KubeApp", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Publish_SolutionOfMoreAppsThanNodes_WaitsForAllTogether()
    {
        // Each specification ends only when all have begun.
        var spec = ThrowAway.Spec.Replace("var web =", """
            var folder = Path.GetDirectoryName(Environment.CurrentDirectory)!;
                    File.WriteAllText(Path.Combine(folder, Path.GetFileName(Environment.CurrentDirectory) + ".begun"), "");
                    while (Directory.GetFiles(folder, "*.begun").Length < 3)
                        Thread.Sleep(20);
                    var web =
            """, StringComparison.Ordinal);
        var folder = feed.NewFolder()
            .WriteWeb("one", spec)
            .WriteWeb("two", spec)
            .WriteWeb("three", spec)
            .Write("all.slnx", """<Solution><Project Path="one/one.csproj" /><Project Path="two/two.csproj" /><Project Path="three/three.csproj" /></Solution>""");

        (await folder.PublishAsync("all.slnx", "-m:2", "-p:KubeAppSpecTimeout=300")).Succeeded();
    }

    [Fact]
    public async Task Publish_FreshCloneOfOneAppWithASpecificationProject_RestoresThatToo()
    {
        var folder = feed.NewFolder()
            .WriteWeb(spec: ThrowAway.Spec.Replace("new Deployment(\"web\")", "Shared.Standards.Web()", StringComparison.Ordinal), items: """<KubeAppSpecReference Include="../shared/shared.csproj" />""")
            .WriteProject("shared/shared.csproj", "Microsoft.NET.Sdk", withPackage: false, items: $"""<PackageReference Include="KubeApps.Spec" Version="{feed.Version}" />""")
            .Write("shared/Standards.cs", """
                namespace Shared;

                public static class Standards
                {
                    public static KubeApps.Deployment Web() => new("web") { Replicas = 7 };
                }
                """);

        (await folder.PublishAsync("web")).Succeeded();

        Assert.Contains("replicas: 7", folder.Read("web", "bin", "Release", "net10.0", "kubeapp", "env", "local", "deployment-web.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_TwiceAtOnce_GivesOneWholeBundle()
    {
        var folder = feed.NewFolder().WriteWeb();
        (await folder.PublishAsync("web", "-p:KubeAppRender=false")).Succeeded();

        var results = await Task.WhenAll(folder.PublishAsync("web", "--no-build"), folder.PublishAsync("web", "--no-build"));

        Assert.Contains(results, result => result.ExitCode == 0);
        Assert.All(results.Where(result => result.ExitCode != 0), result => result.Failed());
        Assert.True(File.Exists(folder.PathOf("web", "bin", "Release", "net10.0", "kubeapp", "env", "local", "deployment-web.yaml")));
    }
}

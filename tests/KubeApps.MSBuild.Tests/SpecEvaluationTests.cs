namespace KubeApps.MSBuild.Tests;

public sealed class SpecEvaluationTests(PackageFeed feed)
{
    private const string Model = "web/obj/Release/net10.0/kubeapp/model.json";
    private const string EmptySpec = """
        using KubeApps;

        public sealed class Web : KubeApp
        {
            public override void Define(KubeAppModel app)
            {
                BODY
            }
        }
        """;

    [Fact]
    public async Task Publish_SpecDoesNotCompile_GivesTheCompilersErrorUntilItIsCorrected()
    {
        var folder = feed.NewFolder().WriteWeb(spec: ThrowAway.Spec.Replace("Facts.Port", "Facts.Prot", StringComparison.Ordinal));

        var result = (await folder.PublishAsync("web")).Failed();

        Assert.Contains("KubeApp.cs(9,", result.Error("CS0117"), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.PathOf(Model)));

        folder.Write("web/KubeApp.cs", ThrowAway.Spec);
        (await folder.PublishAsync("web")).Succeeded();
        Assert.True(File.Exists(folder.PathOf(Model)));
    }

    [Fact]
    public async Task Publish_SpecThrows_NamesExceptionFileAndLine()
    {
        var folder = feed.NewFolder().WriteWeb(spec: EmptySpec.Replace("BODY", "var ports = new int[1]; Console.WriteLine(ports[Facts.Port]);", StringComparison.Ordinal));

        var error = (await folder.PublishAsync("web")).Failed().Error("KUBEAPP1010");

        Assert.Contains(folder.PathOf("web", "KubeApp.cs") + "(7", error, StringComparison.Ordinal);
        Assert.Contains("IndexOutOfRangeException", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_SpecThrowsWithTwoLines_IsOneErrorThatEndsWithoutSpace()
    {
        var folder = feed.NewFolder().WriteWeb(spec: EmptySpec.Replace("BODY", "throw new InvalidOperationException(\"first\\nsecond\");", StringComparison.Ordinal));

        var error = (await folder.PublishAsync("web")).Failed().Error("KUBEAPP1010");

        Assert.Contains("first second", error, StringComparison.Ordinal);
        Assert.DoesNotContain("  [", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_OfOneProjectSeveralTimesAtOnce_CompilesItsSpecificationUnderNobodysFeet()
    {
        var folder = feed.NewFolder().WriteWeb();
        (await folder.PublishAsync("web", "-p:KubeAppRender=false")).Succeeded();

        for (var round = 0; round < 3; round++)
        {
            folder.Write("web/KubeApp.cs", $"// {round}\n{ThrowAway.Spec}");
            var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => folder.PublishAsync("web", "--no-build")));

            // The SDK warns where it copies a file that another publish copies.
            Assert.All(results, result => Assert.True(result.ExitCode == 0, result.Text));
        }

        Assert.Empty(Directory.GetDirectories(Path.GetDirectoryName(folder.PathOf(Model))!));
    }

    [Fact]
    public async Task Publish_SpecLoopsForEver_IsStoppedAfterTheLimit()
    {
        var folder = feed.NewFolder().WriteWeb(spec: EmptySpec.Replace("BODY", "while (app.Environment.Name.Length > 0) ;", StringComparison.Ordinal));

        var error = (await folder.PublishAsync("web", "-p:KubeAppSpecTimeout=2")).Failed().Error("KUBEAPP1903");

        Assert.Contains("KubeAppSpecTimeout", error, StringComparison.Ordinal);
        Assert.StartsWith(folder.PathOf("web", "KubeApp.cs"), error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_TwoSpecs_NamesBoth()
    {
        var folder = feed.NewFolder().WriteWeb().Write("web/KubeApp/Other.cs", """
            public sealed class Other : KubeApps.KubeApp
            {
                public override void Define(KubeApps.KubeAppModel app) { }
            }
            """);

        var error = (await folder.PublishAsync("web")).Failed().Error("KUBEAPP1901");

        Assert.Contains("Other, Web", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_SpecFileWithoutApp_SaysSo()
    {
        var folder = feed.NewFolder().WriteWeb(spec: "public static class Nothing { }");

        (await folder.PublishAsync("web")).Failed().Error("KUBEAPP1001");
    }

    [Fact]
    public async Task Publish_SpecWithNothingInIt_NamesTheSpec()
    {
        var folder = feed.NewFolder().WriteWeb(spec: EmptySpec.Replace("BODY", "", StringComparison.Ordinal));

        (await folder.PublishAsync("web")).Failed().Error("KUBEAPP1012");
    }

    [Fact]
    public async Task Publish_SpecEndsTheProcess_SaysSo()
    {
        var folder = feed.NewFolder().WriteWeb(spec: EmptySpec.Replace("BODY", "Environment.Exit(3);", StringComparison.Ordinal));

        var error = (await folder.PublishAsync("web")).Failed().Error("KUBEAPP1904");

        Assert.Contains("code 3", error, StringComparison.Ordinal);
    }

    // The programs of the package stand in one folder; a specification sees none of what the others bring along.
    [Fact]
    public async Task Publish_AppHasALibraryOfANameThatThePackageUsesToo_EvaluatesWithTheApps()
    {
        var folder = feed.NewFolder()
            .WriteWeb(
                spec: ThrowAway.Spec.Replace("{Facts.Greeting}", "{YamlDotNet.Own.Word}", StringComparison.Ordinal),
                items: """<ProjectReference Include="../library/YamlDotNet.csproj" />""")
            .WriteProject("library/YamlDotNet.csproj", "Microsoft.NET.Sdk", withPackage: false)
            .Write("library/Own.cs", """
                namespace YamlDotNet;

                public static class Own
                {
                    public static string Word => "the app's";
                }
                """);

        Assert.Contains("evaluated for local: the app's", (await folder.PublishAsync("web")).Succeeded().Text, StringComparison.Ordinal);
    }
}

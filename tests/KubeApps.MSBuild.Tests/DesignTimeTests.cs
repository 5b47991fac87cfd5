using System.Text.Json.Nodes;

namespace KubeApps.MSBuild.Tests;

/// <summary>What an IDE asks the build for: there the specification belongs to the project, so that it is completed and checked.</summary>
public sealed class DesignTimeTests(PackageFeed feed)
{
    [Fact]
    public async Task DesignTimeBuild_OfAProjectWithASpec_CompilesItWithItsReferences_AndAnOrdinaryOneDoesNot()
    {
        var folder = feed.NewFolder()
            .WriteWeb(items: """<KubeAppSpecReference Include="../shared/shared.csproj" />""")
            .Write("web/KubeApp/More.cs", "internal static class More { }")
            .WriteProject("shared/shared.csproj", "Microsoft.NET.Sdk", withPackage: false)
            .Write("shared/Standards.cs", "namespace Shared; public static class Standards { }");

        (await folder.DotnetAsync("restore", "web")).Succeeded();

        var ide = await AskAsync(folder, "-p:DesignTimeBuild=true", "-p:SkipCompilerExecution=true", "-p:ProvideCommandLineArgs=true", "-p:BuildProjectReferences=false");
        var ordinary = await AskAsync(folder, "-p:ProvideCommandLineArgs=true");

        foreach (var name in (string[])["KubeApp.cs", "KubeApp/More.cs"])
        {
            Assert.Contains(name, ide["Compile"]);
            Assert.Contains(name, ide["CscCommandLineArgs"]);
            Assert.DoesNotContain(name, ordinary["Compile"]);
            Assert.DoesNotContain(name, ordinary["CscCommandLineArgs"]);
        }

        foreach (var name in (string[])["KubeApps.Spec.dll", "shared.dll"])
        {
            Assert.Contains(ide["CscCommandLineArgs"], item => item.StartsWith("/reference:", StringComparison.Ordinal) && item.Contains(name, StringComparison.Ordinal));
            Assert.DoesNotContain(ordinary["CscCommandLineArgs"], item => item.StartsWith("/reference:", StringComparison.Ordinal) && item.Contains(name, StringComparison.Ordinal));
        }
    }

    private static async Task<Dictionary<string, List<string>>> AskAsync(ThrowAway folder, params string[] properties)
    {
        var result = await folder.DotnetAsync(["msbuild", "web", "-t:Compile", "-getItem:Compile", "-getItem:CscCommandLineArgs", .. properties]);
        Assert.True(result.ExitCode == 0, result.Text);
        return JsonNode.Parse(result.Text)!["Items"]!.AsObject().ToDictionary(
            item => item.Key, item => item.Value!.AsArray().Select(value => ((string?)value!["Identity"])!.Replace('\\', '/')).ToList());
    }
}

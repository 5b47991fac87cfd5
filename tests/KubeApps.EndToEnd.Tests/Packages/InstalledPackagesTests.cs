using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeApps.GitHub.StandIn;

namespace KubeApps.EndToEnd.Tests;

/// <summary>The tool and the build integration as their users install them, and the two together.</summary>
[Collection(nameof(ReleaseBuild))]
public sealed partial class InstalledPackagesTests(PackedPackages packages, GitHubStandIn github)
{
    [Fact]
    public async Task Tool_FreshMachine_FindsItselfWellAndMakesASpecificationThatRenders()
    {
        await using var machine = await new FreshMachine(packages)
            .Write("Shop/Shop.csproj", """
                <Project Sdk="Microsoft.NET.Sdk.Web">
                  <PropertyGroup>
                    <TargetFramework>net10.0</TargetFramework>
                    <ImplicitUsings>enable</ImplicitUsings>
                  </PropertyGroup>
                </Project>
                """)
            .Write("Shop/Program.cs", """WebApplication.CreateBuilder(args).Build().Run();""")
            .InstallTool();

        Assert.StartsWith(machine.Version, (await machine.DotNet("Shop", "kubeapp", "--version")).Output, StringComparison.Ordinal);
        var doctor = JsonNode.Parse((await machine.DotNet("Shop", "kubeapp", "doctor", "-o", "json")).Output)!;
        Assert.True((bool)doctor["healthy"]!, doctor.ToJsonString());
        await machine.DotNet("Shop", "kubeapp", "init", "--non-interactive");
        var rendered = await machine.DotNet("Shop", "kubeapp", "render");

        Assert.Contains("kind: Deployment", rendered.Output, StringComparison.Ordinal);
        Assert.Contains("kind: Service", rendered.Output, StringComparison.Ordinal);
    }

    // A library with a reference to KubeApps.Spec, an app with one to KubeApps.MSBuild, and the tool: one sandbox serves all.
    [Fact]
    public async Task Publish_WithDeployOfAnAppWithASharedSpecification_AnswersAndIsRecorded()
    {
        using var repository = await github.NewRepositoryAsync();
        await using var machine = await new FreshMachine(packages, repository.Variables).InstallTool();
        machine
            .Write("Platform/Platform.csproj", $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <TargetFramework>net10.0</TargetFramework>
                  </PropertyGroup>
                  <ItemGroup>
                    <PackageReference Include="KubeApps.Spec" Version="{machine.Version}" />
                  </ItemGroup>
                </Project>
                """)
            .Write("Platform/PlatformApp.cs", """
                using KubeApps;

                public abstract class PlatformApp : KubeApp
                {
                    protected abstract string Greeting { get; }

                    public override void Define(KubeAppModel app)
                    {
                        var web = app.Add(new Deployment("web"));
                        web.Containers.Add(new Container("web", Image.ThisProject)
                        {
                            Ports = { new ContainerPort("http", 8080) },
                            Environment = { ["GREETING"] = Greeting },
                            ReadinessProbe = Probe.Http("/", "http"),
                        });
                        app.Add(new Service("web", web) { Ports = { new ServicePort("http", 80) } });
                    }
                }
                """)
            .Write("Shop/Shop.csproj", $"""
                <Project Sdk="Microsoft.NET.Sdk.Web">
                  <PropertyGroup>
                    <TargetFramework>net10.0</TargetFramework>
                    <ImplicitUsings>enable</ImplicitUsings>
                  </PropertyGroup>
                  <ItemGroup>
                    <PackageReference Include="KubeApps.MSBuild" Version="{machine.Version}" />
                    <KubeAppSpecReference Include="../Platform/Platform.csproj" />
                  </ItemGroup>
                </Project>
                """)
            .Write("Shop/KubeApp.cs", """public sealed class Shop : PlatformApp { protected override string Greeting => "from the platform"; }""")
            .Write("Shop/Program.cs", """
                var app = WebApplication.CreateBuilder(args).Build();
                app.MapGet("/", () => Environment.GetEnvironmentVariable("GREETING"));
                app.Run();
                """);

        var commit = await machine.Commit();

        var published = await machine.DotNet("", "publish", "Shop", "-p:KubeAppDeploy=true", "-p:KubeAppRecord=github", "-tl:off");

        using var http = new HttpClient();
        var url = UrlPattern().Match(published.All).Value;
        Assert.Equal("from the platform", await http.GetStringAsync(new Uri(url), TestContext.Current.CancellationToken));
        var record = Assert.Single(repository.Deployments);
        Assert.Equal((commit, "local", "deploy", "success"), (record.Sha, record.Environment, record.Task, record.State));
        Assert.Equal(url, record.Statuses[^1].EnvironmentUrl.TrimEnd('/'));
        Assert.DoesNotContain(repository.Token, published.All, StringComparison.Ordinal);
        Assert.DoesNotContain(
            Directory.EnumerateFiles(machine.PathOf("Shop", "bin", "Release", "net10.0", "publish")).Select(file => Path.GetFileName(file)),
            file => file.StartsWith("KubeApp", StringComparison.Ordinal) || file.StartsWith("Platform", StringComparison.Ordinal));

        var before = JsonNode.Parse((await machine.DotNet("", "kubeapp", "sandbox", "status", "-o", "json")).Output)!;
        var status = JsonNode.Parse((await machine.DotNet("", "kubeapp", "status", "shop", "-o", "json")).Output)!;
        Assert.True((bool)status["healthy"]!, status.ToJsonString());
        // The tool's sandbox is the one that the build started.
        var after = JsonNode.Parse((await machine.DotNet("", "kubeapp", "sandbox", "start", "-o", "json")).Output)!;
        Assert.Equal((int)before["pid"]!, (int)after["pid"]!);
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex UrlPattern();
}

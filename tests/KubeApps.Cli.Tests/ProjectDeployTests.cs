using System.Text.Json.Nodes;

namespace KubeApps.Cli.Tests;

/// <summary>
/// A deploy from a project: what the tool asks of the build, what it makes of what the build says, and that the bundle which the build leaves is
/// deployed as any other is. The project's publish is played by a target; the real one is tested with the package (KubeApps.MSBuild.Tests).
/// </summary>
public sealed class ProjectDeployTests(ToolProcess tool) : IClassFixture<ToolProcess>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Deploy_OfProject_AsksTheBuildToPushForTheEnvironmentAndNoMore()
    {
        Project("""<WriteLinesToFile File="passed.txt" Lines="$(KubeAppPush)|$(KubeAppDeploy)|$(KubeAppEnvironment)|$(KubeAppStrategy)|$(_KubeAppBundleUse)|$(_KubeAppDryRun)" /><Error Text="enough" />""");

        await RunAsync("deploy", "-e", "eu,west;x=$(y)%41'");

        Assert.Equal("true||eu,west;x=$(y)%41'||DeployedByCaller|", _folder.Read("passed.txt").Trim());
    }

    [Fact]
    public async Task Deploy_OfProjectDryToANamedCluster_SaysSoToTheBuild()
    {
        Project("""<WriteLinesToFile File="passed.txt" Lines="$(KubeAppPush)|$(_KubeAppBundleUse)|$(_KubeAppDryRun)" /><Error Text="enough" />""");
        var kubeconfig = _folder.Write("config", UsageTests.Kubeconfig);

        await RunAsync("deploy", "--dry-run", "--context", "two", "--kubeconfig", kubeconfig);

        Assert.Equal("true|DeployedElsewhere|true", _folder.Read("passed.txt").Trim());
    }

    [Fact]
    public async Task Deploy_OfProjectToAClusterOfItsOwn_AsksTheBuildForNoClusterThatIsThereAlready()
    {
        Project("""<WriteLinesToFile File="passed.txt" Lines="$(KubeAppPush)|$(_KubeAppBundleUse)" /><Error Text="enough" />""");

        await RunAsync("deploy", "--scope", "cluster");

        Assert.Equal("true|DeployedToNewCluster", _folder.Read("passed.txt").Trim());
    }

    [Fact]
    public async Task Deploy_OfProjectToAContextThatIsNotThere_BuildsNothing()
    {
        Project("""<WriteLinesToFile File="passed.txt" Lines="built" />""");
        var kubeconfig = _folder.Write("config", UsageTests.Kubeconfig);

        var (exit, _, error) = await RunAsync("deploy", "--context", "three", "--kubeconfig", kubeconfig);

        Assert.Equal(64, exit);
        Assert.Contains("KUBEAPP0013", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder.Path, "passed.txt")));
    }

    [Fact]
    public async Task Deploy_OfProject_DeploysItsBundleLikeAnyOther()
    {
        var registry = (string)JsonNode.Parse((await tool.RunAsync("sandbox", "start", "-o", "json")).Out)!["registry"]!;
        var bundle = tool.WriteBundle("shop", registry);
        Project("""<Message Importance="high" Text="Image web: pushed" />""", bundle);
        string[] deploy = ["deploy", "--project", _folder.Path];

        var (exit, output, error) = await tool.RunAsync([.. deploy, "--dry-run"]);
        Assert.Equal(0, exit);
        Assert.Contains("+ created Namespace shop\n+ created Deployment shop/web\n+ created Service shop/web\n", output, StringComparison.Ordinal);
        Assert.Contains("Apply workloads (at most 2m)\n", output, StringComparison.Ordinal);
        Assert.Equal(output, (await tool.RunAsync("plan", "--project", _folder.Path)).Out);

        (exit, output, error) = await tool.RunAsync([.. deploy, "--timeout", "90s"]);
        Assert.Equal(0, exit);
        Assert.Matches(@"\Ahttp://127\.0\.0\.1:\d+\n\z", output);
        Assert.All(
            ["Image web: pushed", "shop (local) on sandbox:", "Deployment web: 1/1 ready", "shop is deployed on sandbox, namespace shop ("],
            part => Assert.Contains(part, error, StringComparison.Ordinal));

        (exit, output, _) = await tool.RunAsync([.. deploy, "-o", "jsonl"]);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        Assert.All(lines.SkipLast(1), line => DocumentReference.Verify(line, "Event"));
        Assert.Contains(lines, line => (string?)line["event"] == "note" && ((string?)line["text"])!.Contains("Image web: pushed", StringComparison.Ordinal));
        Assert.Equal((0, "unchanged", false), (exit, (string?)lines[^1]["outcome"], (bool?)lines[^1]["applied"]));
    }

    [Fact]
    public async Task Deploy_OfProjectWithAnErrorInItsSpecification_AnnotatesItsFileAndLine()
    {
        var spec = Path.Combine(_folder.Path, "KubeApp.cs");
        Project($"""<Message Importance="high" Text="{spec}(21): error KUBEAPP1020: The name 'Web' is wrong. Mend it. [My.Shop.csproj]" /><Error Text="enough" />""");

        var (exit, _, error) = await RunAsync(Narrative.GitHub, "deploy");

        Assert.Equal(1, exit);
        Assert.Contains($"::error file={spec},line=21,title=KUBEAPP1020::The name 'Web' is wrong. Mend it.\n", error, StringComparison.Ordinal);
        Assert.DoesNotContain("(21)", error, StringComparison.Ordinal);
        Assert.Contains("line=3,", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("KUBEAPP0010", 64)]
    [InlineData("KUBEAPP3004", 1)]
    [InlineData("CS1002", 1)]
    public async Task Deploy_OfProjectWhoseBuildFails_ExitsAsItsErrorSaysAndTellsItOnce(string code, int expected)
    {
        Project($"""<Error Code="{code}" Text="It is wrong." />""");

        var (exit, output, error) = await RunAsync("deploy", "-o", "json", "-e", "prod");

        var document = DocumentReference.Verify(output, "DeployResult");
        Assert.Equal((expected, expected), (exit, (int)document["exitCode"]!));
        Assert.Equal(("failed", "my-shop", "prod"), ((string?)document["outcome"], (string?)document["app"], (string?)document["environment"]));
        var diagnostic = Assert.Single(document["diagnostics"]!.AsArray())!;
        Assert.Equal((code, "It is wrong."), ((string?)diagnostic["code"], (string?)diagnostic["cause"]));
        Assert.Single(error.Split('\n'), line => line.EndsWith($"error {code}: It is wrong.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Deploy_OfProjectWhoseBuildDiesWithoutAWord_SaysWhatItSaidLast()
    {
        Project("""<Exec Command="echo nearly there; kill -9 $PPID" />""");
        if (OperatingSystem.IsWindows())
            Assert.Skip("A shell is needed.");

        var (exit, _, error) = await RunAsync("deploy");

        Assert.Equal(1, exit);
        Assert.Single(error.Split('\n'), line => line.Contains("KUBEAPP0041", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("<Project><Target Name=\"Publish\" /></Project>")]
    [InlineData("<Project><PropertyGroup><KubeAppEnabled>false</KubeAppEnabled><_KubeAppBundleDirectory>x</_KubeAppBundleDirectory></PropertyGroup><Target Name=\"Publish\" /></Project>")]
    public async Task Deploy_OfProjectThatIsNoApp_SaysSoInsteadOfDone(string project)
    {
        _folder.Write("My.Shop.csproj", project);

        var (exit, _, error) = await RunAsync("deploy");

        Assert.Equal(1, exit);
        Assert.Contains("does not reference KubeApps.MSBuild, or is no app. Run 'dotnet kubeapp init' first.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_OfProject_AsksTheBuildToPushWithThePropertiesThatItIsGiven()
    {
        Project("""<WriteLinesToFile File="passed.txt" Lines="$(KubeAppPush)|$(KubeAppDeploy)|$(KubeAppEnvironment)|$(Configuration)|$(Other)|$(_KubeAppBundleUse)" /><Error Text="enough" />""");

        await RunAsync("publish", "-e", "eu,west;x=$(y)%41'", "-p", "Configuration=Debug", "--property=Other=a=b;KubeAppDeploy=true");

        Assert.Equal("true||eu,west;x=$(y)%41'|Debug|a=b;KubeAppDeploy=true|", _folder.Read("passed.txt").Trim());
    }

    [Fact]
    public async Task Publish_OfProject_PrintsWhereTheBundleIsAndNothingElse()
    {
        var bundle = tool.WriteBundle("shop", "localhost:1");
        Project("", bundle, "oci://localhost:1/shop@sha256:1");

        var (exit, output, told) = await RunAsync("publish");
        var document = DocumentReference.Verify((await RunAsync("publish", "-o", "json")).Out, "PublishResult");

        Assert.Equal((0, "oci://localhost:1/shop@sha256:1\n"), (exit, output.ReplaceLineEndings("\n")));
        Assert.Contains("shop is published for local.", told, StringComparison.Ordinal);
        Assert.Equal(("oci://localhost:1/shop@sha256:1", bundle), ((string?)document["bundle"], (string?)document["folder"]));
    }

    [Theory]
    [InlineData("Configuration")]
    [InlineData("=Debug")]
    [InlineData("a;b=c")]
    public async Task Publish_PropertyThatIsNone_IsWrongUsage(string property)
    {
        Project("");

        var (exit, _, error) = await RunAsync("publish", "-p", property);

        Assert.Equal(64, exit);
        Assert.Contains($"'{property}' is no property. Write NAME=VALUE.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_OfProject_PrintsItsBundleAndTellsErrorsOnce()
    {
        var bundle = tool.WriteBundle("shop", "localhost:1");
        Project("", bundle);
        var (exit, output, told) = await RunAsync("render");
        Assert.True(exit == 0, told);
        Assert.StartsWith("---\n# env/local/deployment-web.yaml\n", output, StringComparison.Ordinal);

        Project("""<Error Code="CS1002" Text="; expected" />""");
        (exit, output, told) = await RunAsync("render");
        Assert.Equal((1, ""), (exit, output));
        Assert.Single(told.Split('\n'), line => line.Contains("CS1002", StringComparison.Ordinal));
    }

    private Task<(int Exit, string Out, string Error)> RunAsync(params string[] args) => RunAsync(Narrative.Plain, args);

    private Task<(int Exit, string Out, string Error)> RunAsync(Narrative narrative, params string[] args) => Tool.RunInAsync(_folder.Path, "", narrative, args);

    private void Project(string tasks, string bundle = "nowhere", string reference = "") => _folder.Write(
        "My.Shop.csproj",
        $"""
        <Project>
          <PropertyGroup><KubeAppEnabled>true</KubeAppEnabled><_KubeAppBundleDirectory>{bundle}</_KubeAppBundleDirectory></PropertyGroup>
          <Target Name="Publish">{tasks}</Target>
          <PropertyGroup><KubeAppBundleReference>{reference}</KubeAppBundleReference></PropertyGroup>
        </Project>
        """);
}

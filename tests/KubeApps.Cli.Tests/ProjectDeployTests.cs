using System.Text.Json.Nodes;

namespace KubeApps.Cli.Tests;

/// <summary>
/// The tool's side of a deploy from a project: what it passes to the build, and what it makes of the result. The project's publish is played
/// by a target; the real one's side is tested with the package (KubeApps.MSBuild.Tests).
/// </summary>
public sealed class ProjectDeployTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Deploy_OfProjectWithEveryOption_PassesAllToTheBuild()
    {
        Project("""<WriteLinesToFile File="passed.txt" Lines="$(KubeAppDeploy)|$(KubeAppEnvironment)|$(KubeAppStrategy)|$(_KubeAppDryRun)|$(_KubeAppNamespace)|$(_KubeAppTimeout)|$(_KubeAppContext)|$(_KubeAppKubeconfig)" />""");

        await RunAsync(
            "deploy", "-e", "prod", "--strategy", "rolling", "--dry-run", "-n", "shop", "--timeout", "1.5m", "--context", "arn:aws,eu;x=$(y)%41'", "--kubeconfig", "a b/config");

        Assert.Equal(
            $"true|prod|rolling|true|shop|90|arn:aws,eu;x=$(y)%41'|{Path.Combine(_folder.Path, "a b/config")}", _folder.Read("passed.txt").Trim());
    }

    [Fact]
    public async Task Deploy_OfProject_PrintsTheAddressAloneOnStdout()
    {
        Project(Result("""{"outcome":"deployed","exitCode":0,"app":"shop","target":"sandbox","namespace":"shop-local","urls":["http://127.0.0.1:1"],"elapsedSeconds":1.5}"""));

        var (exit, output, error) = await RunAsync("deploy");

        Assert.Equal((0, "http://127.0.0.1:1\n"), (exit, output));
        Assert.Contains("shop is deployed on sandbox, namespace shop-local (1.5 s).", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_OfProjectDry_PrintsTheChanges()
    {
        Project(Result(
            """{"outcome":"planned","exitCode":0,"app":"shop","changes":[{"kind":"Service","namespace":"s","name":"web","change":"created"}],"steps":[{"id":"1","title":"Apply services","timeoutSeconds":null}],"elapsedSeconds":1}"""));

        var (exit, output, error) = await RunAsync("deploy", "--dry-run");

        Assert.Equal((0, "created   Service s/web\n"), (exit, output));
        Assert.Contains("step: Apply services", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("failed", 1)]
    [InlineData("failed", 64)]
    [InlineData("timedOut", 70)]
    [InlineData("cancelled", 130)]
    public async Task Deploy_OfProjectWhoseBuildFails_ExitsAsTheResultSays(string outcome, int code)
    {
        Project($"""{Result($$"""{"outcome":"{{outcome}}","exitCode":{{code}},"app":"shop","elapsedSeconds":1}""")}<Error Text="it said why" />""");

        var (exit, output, error) = await RunAsync("deploy");

        Assert.Equal((code, ""), (exit, output));
        Assert.Contains("it said why", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_OfProjectThatDoesNotCompile_StillGivesTheDocument()
    {
        Project("""<Error Text="it does not compile" />""");

        var (exit, output, error) = await RunAsync("deploy", "-o", "json", "-e", "prod");

        var document = JsonNode.Parse(output)!;
        Assert.Equal(1, exit);
        Assert.Equal(("DeployResult", "failed", "my-shop", "prod"), ((string?)document["kind"], (string?)document["outcome"], (string?)document["app"], (string?)document["environment"]));
        Assert.Equal("KUBEAPP0041", (string?)document["diagnostics"]![0]!["code"]);
        Assert.Contains("it does not compile", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_OfProjectWithoutThePackage_SaysSoInsteadOfDone()
    {
        Project("");

        var (exit, _, error) = await RunAsync("deploy");

        Assert.Equal(1, exit);
        Assert.Contains("does not reference KubeApps.MSBuild. Run 'dotnet kubeapp init' first.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_OfProjectAsJsonLines_GivesWhatTheBuildSaysAsNotesAndTheResultLast()
    {
        Project($"""<Message Importance="high" Text="Image shop: pushed" />{Result("""{"schemaVersion":1,"kind":"DeployResult","outcome":"unchanged","exitCode":0}""")}""");

        var (exit, output, error) = await RunAsync("deploy", "-o", "jsonl");

        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal((0, ""), (exit, error));
        Assert.Contains(lines, line => (string?)line["event"] == "note" && ((string?)line["text"])!.Contains("Image shop: pushed", StringComparison.Ordinal));
        Assert.Equal("DeployResult", (string?)lines[^1]["kind"]);
    }

    private Task<(int Exit, string Out, string Error)> RunAsync(params string[] args) => Tool.RunInAsync(_folder.Path, "", args);

    private void Project(string tasks) => _folder.Write("My.Shop.csproj", $"""<Project><Target Name="Publish">{tasks}</Target></Project>""");

    private static string Result(string json) =>
        $"""<WriteLinesToFile File="$(_KubeAppResultFile)" Lines="{json.Replace(";", "%3B", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal)}" />""";
}

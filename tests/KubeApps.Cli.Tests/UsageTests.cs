using System.CommandLine;

namespace KubeApps.Cli.Tests;

public class UsageTests
{
    [Theory]
    [InlineData("nosuch")]
    [InlineData("deploy", "--nosuch")]
    [InlineData("deploy", "--timeout", "soon")]
    [InlineData("deploy", "--strategy", "magic")]
    [InlineData("deploy", "--no-rollback", "--rollback-on-failure")]
    [InlineData("rollback", "--to-revision", "last")]
    [InlineData("rollback", "--to-deployment", "0")]
    [InlineData("rollback", "--to-deployment", "1", "--to-revision", "1")]
    [InlineData("history", "--status", "fine")]
    [InlineData("history", "--since", "yesterday")]
    [InlineData("history", "--limit", "0")]
    [InlineData("history", "--source", "gitlab")]
    [InlineData("history", "--repository", "shop")]
    [InlineData("history", "--sha", "HEAD")]
    [InlineData("history", "shop", "--app", "other")]
    [InlineData("promote", "--github-environment", "eu")]
    [InlineData("abort", "--production")]
    [InlineData("record", "sync", "--github-environment", "eu")]
    [InlineData("destroy", "--github-environment", " ")]
    [InlineData("badge", "-o", "png")]
    [InlineData("history", "show")]
    [InlineData("history", "show", "0")]
    [InlineData("history", "diff", "1")]
    [InlineData("status", "-o", "xml")]
    [InlineData("cluster", "token")]
    [InlineData("cluster", "token", "shop-prod-1", "--account", "12345")]
    [InlineData("completion", "tcsh")]
    [InlineData("init", "--port", "70000")]
    [InlineData("fleet")]
    [InlineData("fleet", "list", "--selector", "tier=web")]
    [InlineData("fleet", "status", "--parallel", "0")]
    [InlineData("fleet", "drift", "--eks", "frankfurt")]
    [InlineData("fleet", "deploy", "--context", "*")]
    [InlineData("fleet", "deploy", "--context", "*", "--bundle", "out", "--waves", "0")]
    [InlineData]
    public async Task Run_WrongUsage_Exits64AndNamesTheHelp(params string[] args)
    {
        var (exit, output, error) = await Tool.RunAsync(args);

        Assert.Equal(64, exit);
        Assert.Equal("", output);
        Assert.Contains("Try 'dotnet kubeapp", error, StringComparison.Ordinal);
    }

    public static TheoryData<string> Commands => [.. PathsOf(CommandLine.Root(Tool.Terminal(Path.GetTempPath(), "")), "")];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_OfEveryCommand_HasExamplesThatAreValid(string command)
    {
        var (exit, output, _) = await Tool.RunAsync([.. command.Split(' '), "--help"]);

        Assert.Equal(0, exit);
        var examples = output.Split("Examples:")[1].Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(examples, example => example.Contains($"dotnet kubeapp {command}", StringComparison.Ordinal));
    }

    private static IEnumerable<string> PathsOf(Command parent, string path) => parent.Subcommands.Where(command => !command.Hidden)
        .SelectMany(command => PathsOf(command, $"{path}{command.Name} ").Prepend($"{path}{command.Name}"));

    [Fact]
    public async Task Help_OfTool_ListsEveryCommandInOneLine()
    {
        var (_, output, _) = await Tool.RunAsync("--help");

        Assert.DoesNotContain("Examples:", output, StringComparison.Ordinal);
        Assert.Contains("dotnet kubeapp [command]", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_WithoutBundleInFolder_SaysSoAndExits64()
    {
        using var folder = new TemporaryFolder();

        var (exit, _, error) = await Tool.RunAsync("deploy", "--bundle", folder.Path);

        Assert.Equal(64, exit);
        Assert.Contains("KUBEAPP0016", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("KUBEAPP0017", "deploy")]
    [InlineData("KUBEAPP0016", "deploy", "--bundle", ".")]
    public async Task Deploy_OfNothing_SaysSoAsADocumentToo(string code, params string[] args)
    {
        using var folder = new TemporaryFolder();

        var (exit, output, error) = await Tool.RunInAsync(folder.Path, "", [.. args, "-o", "json"]);

        Assert.Equal(64, exit);
        Assert.Contains(code, error, StringComparison.Ordinal);
        var document = DocumentReference.Verify(output, "DeployResult");
        Assert.Equal((64, null, code), ((int)document["exitCode"]!, (string?)document["app"], (string?)document["diagnostics"]![0]!["code"]));
    }

    [Fact]
    public async Task Status_OfKubeconfigWithSeveralContexts_NeverPicksTheCurrentOne()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("config", Kubeconfig);

        var (exit, _, error) = await Tool.RunAsync("status", "--kubeconfig", file);

        Assert.Equal(64, exit);
        Assert.Contains("KUBEAPP0012", error, StringComparison.Ordinal);
        Assert.Contains("Its contexts are: one, two.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_OfUnknownContext_ListsThoseThatAreThere()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("config", Kubeconfig);

        var (exit, _, error) = await Tool.RunAsync("status", "--kubeconfig", file, "--context", "three");

        Assert.Equal(64, exit);
        Assert.Contains("KUBEAPP0013", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_OfEmptyKubeconfig_SaysThatItHasNoContexts()
    {
        using var folder = new TemporaryFolder();

        var (exit, _, error) = await Tool.RunAsync("status", "--kubeconfig", folder.Write("config", ""), "--context", "one");

        Assert.Equal(64, exit);
        Assert.Contains("KUBEAPP0013", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_OfClusterThatIsDown_SaysSoWithoutStackTrace()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("config", Kubeconfig);

        var (exit, _, error) = await Tool.RunAsync("status", "--kubeconfig", file, "--context", "one");

        Assert.Equal(1, exit);
        Assert.Contains("KUBEAPP8001", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    internal const string Kubeconfig = """
        apiVersion: v1
        kind: Config
        current-context: one
        clusters:
        - {name: c, cluster: {server: "https://127.0.0.1:1"}}
        users:
        - {name: u, user: {token: t}}
        contexts:
        - {name: one, context: {cluster: c, user: u}}
        - {name: two, context: {cluster: c, user: u}}
        """;

    [Theory]
    [InlineData("'statsu' is neither a command nor an option here. Try 'dotnet kubeapp --help'.", "statsu")]
    [InlineData("'--nosuch' is neither a command nor an option here. Try 'dotnet kubeapp deploy --help'.", "deploy", "--nosuch")]
    [InlineData("--all is true or false, not 'no'. Try 'dotnet kubeapp destroy --help'.", "destroy", "-y", "--all=no")]
    [InlineData("--hold is true or false, not ''. Try 'dotnet kubeapp deploy --help'.", "deploy", "--hold=")]
    [InlineData("'halt' is neither a command nor an option here. Try 'dotnet kubeapp sandbox --help'.", "sandbox", "halt")]
    public async Task Run_UnknownWord_IsToldInOneLine(string expected, params string[] args)
    {
        var (exit, _, error) = await Tool.RunAsync(args);

        Assert.Equal((64, expected + "\n"), (exit, error));
    }
}

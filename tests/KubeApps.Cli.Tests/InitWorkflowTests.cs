using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Cli.Workflows;
using KubeApps.Testing;

namespace KubeApps.Cli.Tests;

/// <summary><c>init --github</c>: the workflow that a team adds. What it writes is held against GitHub's checkers by the tests of the actions.</summary>
public sealed class InitWorkflowTests
{
    private const string Tooling = "example/tooling@0123456789abcdef0123456789abcdef01234567";

    [Fact]
    public async Task Init_GitHubWithAllThatThereIs_WritesTheReviewedWorkflow()
    {
        using var repository = await RepositoryAsync("src/Shop/Shop.csproj");

        var (exit, output, error) = await InitAsync(
            repository, "src/Shop", "--environments", "staging,prod", "--previews", "preview", "--plans", "--schedule", "--registry", "registry.example.com:5000");

        Assert.Equal((0, ""), (exit, output));
        Snapshot.Matches(repository.Read(".github/workflows/kubeapp.yml"), "kubeapp.yml");
        Snapshot.Matches(error, "init-github.txt");
    }

    [Fact]
    public async Task Init_GitHubWithLittle_LeavesTheRestOut()
    {
        using var repository = await RepositoryAsync("Shop.csproj");

        Assert.Equal(0, (await InitAsync(repository, ".", "--environments", "staging", "prod")).Exit);

        Snapshot.Matches(repository.Read(".github/workflows/kubeapp.yml"), "kubeapp-small.yml");
    }

    [Fact]
    public async Task Init_GitHubInAProjectThatWasPublished_TakesItsEnvironmentsAndRegistry()
    {
        using var repository = await RepositoryAsync("Shop.csproj");
        BundleEnvironment In(string name, BundleTarget target) =>
            new(name, target, "shop", new BundleStrategy("rolling", TimeSpan.FromMinutes(2)), [new BundleObject($"env/{name}/configmap-a.yaml", "main", Config())]);
        BundleFiles.Write(
            new Bundle(1, "storefront", null, false, new Dictionary<string, BundleImage>(),
            [
                In("local", new BundleTarget("sandbox")), In("Preview", new BundleTarget("context", "dev")),
                In("staging", new BundleTarget("context", "dev") { Registry = "registry.example.com/shop" }), In("prod", new BundleTarget("context", "prod")),
            ]),
            Path.Combine(repository.Root, "bin/Release/net10.0/publish/kubeapp"));

        Assert.Equal(0, (await InitAsync(repository, ".")).Exit);

        var workflow = repository.Read(".github/workflows/kubeapp.yml");
        Assert.Contains("environments: '[\"staging\",\"prod\"]'", workflow, StringComparison.Ordinal);
        Assert.Contains("environment: Preview", workflow, StringComparison.Ordinal);
        Assert.Contains("app: storefront", workflow, StringComparison.Ordinal);
        Assert.Contains("registry: registry.example.com\n", workflow, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_GitHubOnATerminal_AsksWhatItDoesNotKnow()
    {
        using var repository = await RepositoryAsync("Shop.csproj");

        await Tool.RunInAsync(repository.Root, "my stage!\nstaging, prod\npreview\nmaybe\ny\nnightly\n0 4 * * 1\n", "init", "--github", "--tooling", Tooling);

        var workflow = repository.Read(".github/workflows/kubeapp.yml");
        Assert.Contains("environments: '[\"staging\",\"prod\"]'", workflow, StringComparison.Ordinal);
        Assert.Contains("plans: '[\"staging\",\"prod\"]'", workflow, StringComparison.Ordinal);
        Assert.Contains("- cron: '0 4 * * 1'", workflow, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_GitHubWhereAWorkflowIs_LeavesItUnlessToldOtherwise()
    {
        using var repository = await RepositoryAsync("Shop.csproj");
        repository.Write(".github/workflows/kubeapp.yml", "# mine");

        var (exit, _, error) = await InitAsync(repository, ".", "--environments", "prod");
        Assert.Equal(64, exit);
        Assert.Contains("KUBEAPP0069", error, StringComparison.Ordinal);

        var (dry, text, _) = await InitAsync(repository, ".", "--environments", "prod", "--dry-run");
        Assert.Equal((0, "# mine"), (dry, repository.Read(".github/workflows/kubeapp.yml")));
        Assert.Equal(0, (await InitAsync(repository, ".", "--environments", "prod", "--workflow", "shop.yml")).Exit);
        Assert.Equal(text, repository.Read(".github/workflows/shop.yml"));
        Assert.Equal(0, (await InitAsync(repository, ".", "--environments", "prod", "--force")).Exit);
        Assert.Equal(text, repository.Read(".github/workflows/kubeapp.yml"));
    }

    [Fact]
    public async Task Init_GitHubInAClone_DeploysTheBranchThatIsTheRemotesDefault()
    {
        using var repository = await RepositoryAsync("Shop.csproj");
        await repository.CommitAsync();
        await repository.GitAsync("update-ref", "refs/remotes/origin/trunk", "HEAD");
        await repository.GitAsync("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk");

        var (_, text, _) = await InitAsync(repository, ".", "--environments", "prod", "--dry-run");

        Assert.Contains("branches: [trunk]", text, StringComparison.Ordinal);
        Assert.Contains("github.ref == 'refs/heads/trunk'", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_GitHubInARepositoryThatWasNeverCloned_DeploysTheBranchThatIsCheckedOutAndSaysSo()
    {
        using var repository = await RepositoryAsync("Shop.csproj");
        await repository.GitAsync("symbolic-ref", "HEAD", "refs/heads/master");

        var (_, _, error) = await InitAsync(repository, ".", "--environments", "prod");

        Assert.Contains("branches: [master]", repository.Read(".github/workflows/kubeapp.yml"), StringComparison.Ordinal);
        Assert.Contains("from the next merge into master on", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_GitHubOfAProjectThatIsReachedByALink_NamesItsPlaceInTheRepository()
    {
        using var repository = await RepositoryAsync("src/Shop/Shop.csproj");
        using var elsewhere = new TemporaryFolder();
        var link = Path.Combine(elsewhere.Path, "link");
        Directory.CreateSymbolicLink(link, Path.Combine(repository.Root, "src"));

        await InitAsync(repository, Path.Combine(link, "Shop"), "--environments", "prod");

        Assert.Contains("project: src/Shop\n", repository.Read(".github/workflows/kubeapp.yml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_GitHubOutsideARepositoryOrWithoutEnvironments_SaysWhatIsMissing()
    {
        using var folder = new TemporaryFolder();
        folder.Write("Shop.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Web\" />");
        using var repository = await RepositoryAsync("Shop.csproj");

        Assert.Contains("KUBEAPP0042", (await Tool.RunInAsync(folder.Path, "", "init", "--github", "--tooling", Tooling)).Error, StringComparison.Ordinal);
        var (exit, _, error) = await InitAsync(repository, ".");
        Assert.Equal(64, exit);
        Assert.Contains("KUBEAPP0070", error, StringComparison.Ordinal);
        Assert.Contains("--environments staging,prod", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_GitHubAsJson_NamesTheFile()
    {
        using var repository = await RepositoryAsync("Shop.csproj");

        var (_, output, _) = await InitAsync(repository, ".", "--environments", "prod", "-o", "json");

        Assert.EndsWith("kubeapp.yml", (string?)DocumentReference.Verify(output, "InitResult")["workflow"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--environments", "prod,$(whoami)")]
    [InlineData("--environments", "a,b,c,d,e,f")]
    [InlineData("--previews", "p'r")]
    [InlineData("--schedule", "daily")]
    [InlineData("--branch", "a' || true || 'b")]
    [InlineData("--registry", "https://ghcr.io/x")]
    [InlineData("--tooling", "tooling")]
    [InlineData("--workflow", "../../ci.yml")]
    public async Task Init_GitHubWithAValueThatCannotStandThere_IsAUsageError(string option, string value)
    {
        var (exit, _, error) = await Tool.RunAsync("init", "--github", option, value);

        Assert.Equal(64, exit);
        Assert.Contains($"{option}: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_DetailOfAWorkflowWithoutGitHub_IsAUsageError() =>
        Assert.Contains("--previews goes with --github.", (await Tool.RunAsync("init", "--previews", "preview")).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("https://github.com/example/tooling.git", "1.2.3+0123456789abcdef0123456789abcdef01234567", "example/tooling/.github/workflows/a.yml@0123456789abcdef0123456789abcdef01234567 # v1.2.3")]
    [InlineData("https://github.com/example/tooling", "1.2.3+0123456", null)]
    [InlineData("https://github.com/example/tooling", "1.2.3", null)]
    [InlineData(null, "1.2.3+0123456789abcdef0123456789abcdef01234567", null)]
    public void Uses_OfTheToolsOwnWorkflows_NamesTheCommitThatItWasBuiltFrom(string? repository, string version, string? expected) =>
        Assert.Equal(expected, ToolingReference.Of(repository, version)?.Uses("a"));

    private static JsonObject Config() => JsonNode.Parse("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"} }""")!.AsObject();

    private static async Task<GitFolder> RepositoryAsync(string project) =>
        (await GitFolder.CreateAsync()).Write(project, "<Project Sdk=\"Microsoft.NET.Sdk.Web\" />");

    private static Task<(int Exit, string Out, string Error)> InitAsync(GitFolder repository, string project, params string[] arguments) =>
        Tool.RunInAsync(repository.Root, "", ["init", "--github", "--project", project, "--tooling", Tooling, .. arguments]);
}

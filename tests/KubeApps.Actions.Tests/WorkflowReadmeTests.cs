using System.Text.RegularExpressions;
using KubeApps.Actions.Tests.Checking;

namespace KubeApps.Actions.Tests;

/// <summary>What is written about the workflows is so.</summary>
public sealed partial class WorkflowReadmeTests
{
    private static readonly IReadOnlyDictionary<string, string> Files = RepositoryFiles.Read();

    [Fact]
    public void Readme_OfTheRepository_ShowsWhatInitWrites()
    {
        var section = Section(Read("README.md"), "## Continuous delivery");
        var written = Read("tests/KubeApps.Cli.Tests/Snapshots/kubeapp-small.yml").Split('\n').Where(line => !line.StartsWith('#'));

        Assert.Equal(
            Remote().Replace(string.Join('\n', written).Trim(), "OWNER/KubeApps.Tooling/${file}@COMMIT # vX.Y.Z"),
            Fence().Match(section).Groups["yaml"].Value.Trim());
    }

    [Fact]
    public void Readme_OfTheWorkflows_NamesThePermissionsThatTheyNeed()
    {
        var readme = Read(".github/workflows/README.md");
        var documented = Permissions.Of(new YamlFile("README.md", Fence().Match(readme).Groups["yaml"].Value).Root.Find("permissions")).Scopes.OrderBy(scope => scope.Key, StringComparer.Ordinal);

        Assert.Equal(documented, Permissions.NeededBy(Workflow("kubeapp-preview"), Files));
        foreach (var name in (string[])["kubeapp-deploy", "kubeapp-scheduled"])
            Assert.Equal(documented.Where(scope => scope.Key != "pull-requests"), Permissions.NeededBy(Workflow(name), Files));
        Assert.Equal(["deployments: write", "id-token: write", "packages: read"], Permissions.NeededBy(Workflow("kubeapp-environment"), Files).Select(need => $"{need.Key}: {need.Value}"));
    }

    [Fact]
    public void Readme_OfTheWorkflows_NamesEachOfThem() => Assert.All(
        Files.Keys.Where(path => path.StartsWith(".github/workflows/", StringComparison.Ordinal)),
        path => Assert.Contains($"({Path.GetFileName(path)})", Read(".github/workflows/README.md"), StringComparison.Ordinal));

    [Fact]
    public void Dependabot_OfEveryLockFileOfNpm_KnowsItsFolder() => Assert.All(
        Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, "tests"), "package-lock.json", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(RepositoryFiles.Root, Path.GetDirectoryName(file)!).Replace('\\', '/')).Where(folder => !folder.Contains("node_modules", StringComparison.Ordinal)),
        folder => Assert.Contains($"'/{folder}'", Read(".github/dependabot.yml"), StringComparison.Ordinal));

    // A job may be cancelled, and its runner lost: what it may do, and for how long, stands in the file.
    [Fact]
    public void Jobs_OfEveryWorkflow_EndInTimeAndTakeTheirOwnRights() => Assert.All(
        Files.Where(file => file.Key.StartsWith(".github/workflows/", StringComparison.Ordinal)).Select(file => new YamlFile(file.Key, file.Value)),
        workflow =>
        {
            Assert.Empty(workflow.Root.Pairs("permissions"));
            Assert.NotNull(workflow.Root.Find("permissions"));
            Assert.All(workflow.Jobs, job => Assert.NotNull(job.Job.Find("permissions")));
            Assert.All(workflow.Jobs.Where(job => job.Job.Find("uses") is null), job => Assert.NotNull(job.Job.Find("timeout-minutes")));
            Assert.All(workflow.Jobs.Where(job => job.Job.Find("environment") is not null && workflow.Path.Contains("kubeapp-", StringComparison.Ordinal)), job => Assert.Equal("false", job.Job.Value("environment", "deployment")));
        });

    // Whatever lets a job in is gone when it ends, and only what needs the repository's files has them.
    [Fact]
    public void Jobs_WithAWayToACluster_CheckNothingOutAndForgetTheirCredentials()
    {
        var connected = 0;
        foreach (var (path, text) in Files.Where(file => file.Key.StartsWith(".github/workflows/kubeapp-", StringComparison.Ordinal)))
            foreach (var (id, job) in new YamlFile(path, text).Jobs)
            {
                var steps = (job.Find("steps") as YamlDotNet.RepresentationModel.YamlSequenceNode)?.ToList() ?? [];
                var connects = steps.FirstOrDefault(step => step.Value("uses") == "$/actions/connect");
                if (connects is null)
                    continue;
                connected++;
                Assert.Equal(("${{ always() }}", "rm -rf \"$RUNNER_TEMP/kubeapp-credentials\""), (steps[^1].Value("if"), steps[^1].Value("run")));
                if (connects.Value("with", "cluster") != "false")
                    Assert.DoesNotContain(steps, step => step.Value("uses")?.StartsWith("actions/checkout@", StringComparison.Ordinal) == true);
                else
                    Assert.Null(job.Find("environment"));
            }

        Assert.Equal(8, connected);
    }

    private static YamlFile Workflow(string name) => new($".github/workflows/{name}.yml", Files[$".github/workflows/{name}.yml"]);

    private static string Read(string path) => File.ReadAllText(Path.Combine(RepositoryFiles.Root, path)).ReplaceLineEndings("\n");

    private static string Section(string text, string title)
    {
        var from = text.IndexOf($"{title}\n", StringComparison.Ordinal);
        return text[from..text.IndexOf("\n## ", from + 1, StringComparison.Ordinal)];
    }

    [GeneratedRegex("```yaml\n(?<yaml>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"example/tooling/(?<file>\S+)@[0-9a-f]{40}")]
    private static partial Regex Remote();
}

using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Cli.Git;
using KubeApps.Deploy.Artifacts;
using KubeApps.Deploy.Images;
using KubeApps.Deploy.Targets;

namespace KubeApps.Cli.Tests;

/// <summary>
/// <c>--commit</c>: what git says, and the working tree of a commit. The build is played by a target; the real one, and the registry, are
/// tested with the package (KubeApps.MSBuild.Tests).
/// </summary>
public sealed class CommitDeployTests(ToolProcess tool) : IClassFixture<ToolProcess>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_OfACommit_PublishesItsFilesElsewhereAndLeavesNothingBehind()
    {
        using var folder = await GitFolder.CreateAsync();
        var passed = Path.Combine(folder.Root, "passed.txt");
        var first = await folder.Write("app/Shop.csproj", Project(passed)).Write("app/version.txt", "one").CommitAsync();
        await folder.GitAsync("tag", "v1");
        await folder.Write("app/version.txt", "two").CommitAsync();
        folder.Write("app/version.txt", "three").Write("app/new.txt", "mine");

        var (exit, _, error) = await RunAsync(folder, "deploy", "--project", "app", "--commit", "v1", "-e", "prod");

        Assert.Equal(1, exit);
        Assert.Contains("enough", error, StringComparison.Ordinal);
        var lines = (await File.ReadAllTextAsync(passed, Token)).Trim().Split('|');
        Assert.Equal(["one", first, "true", "prod", "Kept", ""], lines[..6]);
        // The folder in which it was published is gone, and git has forgotten it.
        Assert.False(Directory.Exists(lines[6]));
        Assert.StartsWith(Path.GetTempPath(), lines[6], StringComparison.Ordinal);
        Assert.Equal(1, await folder.WorktreesAsync());
        Assert.Equal(("three", "mine"), (folder.Read("app/version.txt"), folder.Read("app/new.txt")));
    }

    // Its specification of then had no staging; if it has none when it is built, the build says so.
    [Fact]
    public async Task Deploy_OfACommitWhoseBundleLacksTheEnvironment_SaysWhichItHasAndBuildsItForThatOne()
    {
        using var folder = await GitFolder.CreateAsync();
        var passed = Path.Combine(folder.Root, "passed.txt");
        var commit = await folder.Write("Shop.csproj", Project(passed)).Write("version.txt", "one").CommitAsync();
        var registry = (string)JsonNode.Parse((await tool.RunAsync("sandbox", "start", "-o", "json")).Out)!["registry"]!;
        var pushed = BundleFiles.Read(tool.WriteBundle("shop", registry, commit: commit));
        var endpoint = SandboxEndpoint.Read(Path.Combine(tool.Home, "sandbox", "endpoint.json"))!;
        using (var client = RemoteBundle.Client(new ImageRegistry(endpoint.Registry, "", endpoint.RegistryCredentials), _ => null, isReadOnly: false))
            Assert.NotNull((await new BundleRegistry(client, endpoint.Registry, "shop").PushAsync(pushed, true, Token)).OfCommit);
        // By what was published last it is known where to look.
        BundleFiles.Write(pushed with { Environments = [pushed.Environments[0] with { Name = "staging" }] }, Path.Combine(folder.Root, "bin", "kubeapp"));

        var (exit, _, error) = await tool.RunAsync("deploy", "--project", folder.Root, "--commit", commit, "-e", "staging");

        Assert.Equal(1, exit);
        Assert.Matches($@"The bundle of commit {commit} in the registry, oci://\S+, has no environment 'staging'\. It has: local\.", error);
        Assert.Contains($"No bundle of commit {commit} for this environment was found: it is built", error, StringComparison.Ordinal);
        Assert.Equal(["one", commit, "true", "staging"], (await File.ReadAllTextAsync(passed, Token)).Trim().Split('|')[..4]);

        // For the environment that it has, it is taken as it is.
        BundleFiles.Write(pushed, Path.Combine(folder.Root, "bin", "kubeapp"));
        (_, _, error) = await tool.RunAsync("deploy", "--project", folder.Root, "--commit", commit, "--dry-run");
        Assert.Matches($@"The bundle of commit {commit} is in the registry: oci://\S+\.", error);
    }

    [Theory]
    [InlineData("deploy", "--dry-run", "DeployedByCaller", "true")]
    [InlineData("plan", "--detailed-exitcode", "DeployedByCaller", "true")]
    [InlineData("deploy", "--dry-run", "DeployedToNewCluster", "true", "--scope", "cluster")]
    public async Task Plan_OfACommit_PushesNothing(string command, string option, string use, string dry, params string[] others)
    {
        using var folder = await GitFolder.CreateAsync();
        var passed = Path.Combine(folder.Root, "passed.txt");
        await folder.Write("Shop.csproj", Project(passed)).Write("version.txt", "one").CommitAsync();

        await RunAsync(folder, [command, option, "--commit", "HEAD", .. others]);

        Assert.Equal([use, dry], (await File.ReadAllTextAsync(passed, Token)).Trim().Split('|')[4..6]);
    }

    [Theory]
    [InlineData("v2", "KUBEAPP0043", "has no commit 'v2'")]
    [InlineData("--exec=x", "KUBEAPP0043", "has no commit '--exec=x'")]
    [InlineData("HEAD:Shop.csproj", "KUBEAPP0043", "has no commit 'HEAD:Shop.csproj'")]
    [InlineData("HEAD~1", "KUBEAPP0044", " has no app/Shop.csproj")]
    public async Task Deploy_OfACommitThatIsNotMeant_SaysWhatIsMissing(string commit, string code, string words)
    {
        using var folder = await GitFolder.CreateAsync();
        await folder.Write("README.md", "nothing yet").CommitAsync();
        await folder.Write("app/Shop.csproj", Project("nowhere")).CommitAsync();

        var (exit, _, error) = await RunAsync(folder, "deploy", "--project", "app", $"--commit={commit}");

        Assert.Equal(64, exit);
        Assert.Contains($"error {code}:", error, StringComparison.Ordinal);
        Assert.Contains(words, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_OfACommitThatAShallowCloneLacks_SaysHowToGetIt()
    {
        using var folder = await GitFolder.CreateAsync();
        var first = await folder.Write("Shop.csproj", Project("nowhere")).CommitAsync();
        await folder.Write("version.txt", "two").CommitAsync();
        await folder.GitAsync("clone", "--quiet", "--depth", "1", $"file://{folder.Root}", "shallow");

        var (exit, _, error) = await RunAsync(folder, "deploy", "--project", "shallow", "--commit", first);

        Assert.Equal(64, exit);
        Assert.Contains("error KUBEAPP0043:", error, StringComparison.Ordinal);
        Assert.Contains("git fetch --unshallow", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_OfACommitWithoutARepositoryOrGit_SaysSo()
    {
        using var folder = new TemporaryFolder();
        folder.Write("Shop.csproj", "<Project />");

        var (exit, _, error) = await Tool.RunInAsync(folder.Path, "", "deploy", "--commit", "HEAD");
        Assert.Equal(64, exit);
        Assert.Contains("error KUBEAPP0042:", error, StringComparison.Ordinal);

        (exit, _, error) = await tool.RunAsync(new Dictionary<string, string?> { ["PATH"] = folder.Path }, "deploy", "--project", folder.Path, "--commit", "HEAD");
        Assert.Equal(64, exit);
        Assert.Contains("error KUBEAPP0031: 'git' cannot be started", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_OfACommitWhoseSubmoduleIsGone_SaysWhatGitSaysAndCleansUp()
    {
        using var folder = await GitFolder.CreateAsync();
        var head = await folder.Write("Shop.csproj", Project("nowhere")).CommitAsync();
        await folder.GitAsync("update-index", "--add", "--cacheinfo", $"160000,{head},library");
        folder.Write(".gitmodules", $"[submodule \"library\"]\n\tpath = library\n\turl = {folder.Root}/nowhere\n");
        await folder.GitAsync("add", ".gitmodules");
        await folder.GitAsync("commit", "--quiet", "-m", "a library");

        var (exit, _, error) = await RunAsync(folder, "deploy", "--commit", "HEAD");

        Assert.Equal(1, exit);
        Assert.Contains("error KUBEAPP0045: git submodule failed:", error, StringComparison.Ordinal);
        Assert.Equal(1, await folder.WorktreesAsync());
    }

    [Fact]
    public async Task Deploy_OfACommitWithASubmodule_HasItsFilesAndRunsNoHook()
    {
        using var library = await GitFolder.CreateAsync();
        await library.Write("version.txt", "of the library").CommitAsync();
        using var folder = await GitFolder.CreateAsync();
        folder.Write("Shop.csproj", Project(Path.Combine(folder.Root, "passed.txt")).Replace("\"version.txt\"", "\"library/version.txt\"", StringComparison.Ordinal));
        await folder.GitAsync("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library.Root, "library");
        await folder.CommitAsync();
        var ran = Path.Combine(folder.Root, "hook-ran");
        folder.Write(".git/hooks/post-checkout", $"#!/bin/sh\ntouch {ran}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.Combine(folder.Root, ".git/hooks/post-checkout"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        await tool.RunAsync(new Dictionary<string, string?> { ["GIT_ALLOW_PROTOCOL"] = "file" }, "deploy", "--project", folder.Root, "--commit", "HEAD");

        Assert.Equal(["of the library", "true"], (await File.ReadAllTextAsync(Path.Combine(folder.Root, "passed.txt"), Token)).Trim().Split('|').Where((_, index) => index is 0 or 2));
        Assert.False(File.Exists(ran));
        Assert.Equal(1, await folder.WorktreesAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deploy_OfACommitInterruptedOrKilled_CleansUpNowOrTheNextTime(bool isKilled)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows cannot interrupt another process without its console.");
        using var folder = await GitFolder.CreateAsync();
        var project = Project("passed.txt").Replace("<Error", "<Exec Command=\"echo under way; sleep 600\" Condition=\"'$(KubeAppPush)' == 'true'\" /><Error", StringComparison.Ordinal);
        await folder.Write("Shop.csproj", project).Write("version.txt", "one").CommitAsync();
        using var process = tool.Start("deploy", "--project", folder.Root, "--commit", "HEAD");
        while (!(await process.StandardError.ReadLineAsync(Token) ?? throw new EndOfStreamException()).Contains("under way", StringComparison.Ordinal))
        {
        }

        Assert.Equal(2, await folder.WorktreesAsync());
        if (isKilled)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(Token);
            var left = (await folder.GitAsync("worktree", "list")).Split('\n')[1].Split(' ')[0];
            // Long ago.
            File.SetLastWriteTimeUtc(Path.Combine(Path.GetDirectoryName(left)!, "lock"), DateTime.UnixEpoch);
            await folder.Write("Shop.csproj", Project("passed.txt")).CommitAsync();
            await RunAsync(folder, "deploy", "--commit", "HEAD");
            Assert.False(Directory.Exists(left));
        }
        else
        {
            await ToolProcess.InterruptAsync(process);
            Assert.Equal(130, (await ToolProcess.EndAsync(process)).Exit);
        }

        Assert.Equal(1, await folder.WorktreesAsync());
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("ignored.log", null)]
    [InlineData("app/bin/Release/app.dll", null)]
    [InlineData("app/obj/model.json", null)]
    [InlineData("app/new.cs", "the working tree has a change (app/new.cs)")]
    [InlineData("version.txt", "the working tree has a change (version.txt)")]
    public async Task Difference_OfAWorkingTree_CountsWhatCouldBeBuilt(string changed, string? expected)
    {
        using var folder = await GitFolder.CreateAsync();
        var commit = await folder.Write("version.txt", "one").Write("app/app.cs", "").Write(".gitignore", "*.log\n").CommitAsync();
        if (changed.Length > 0)
            folder.Write(changed, "changed");

        // From within, as a project is.
        Assert.Equal(expected, await GitRepository.DifferenceAsync(Path.Combine(folder.Root, "app"), commit, Token));
    }

    [Theory]
    [InlineData("tools/bin/run.sh", "the working tree has a change (tools/bin/run.sh)")]
    [InlineData("obj/model.cs", "the working tree has a change (obj/model.cs)")]
    public async Task Difference_OfWhatTheCommitHasInABuildsFolder_Counts(string file, string expected)
    {
        using var folder = await GitFolder.CreateAsync();
        var commit = await folder.Write(file, "one").CommitAsync();
        folder.Write(file, "two");

        Assert.Equal(expected, await GitRepository.DifferenceAsync(folder.Root, commit, Token));
    }

    [Fact]
    public async Task Difference_OfARepositoryThatShowsNoNewFiles_StillSeesThem()
    {
        using var folder = await GitFolder.CreateAsync();
        await folder.GitAsync("config", "status.showUntrackedFiles", "no");
        var commit = await folder.Write("app.cs", "").CommitAsync();
        folder.Write("new/new.cs", "");

        Assert.Equal("the working tree has a change (new/new.cs)", await GitRepository.DifferenceAsync(folder.Root, commit, Token));
    }

    [Fact]
    public async Task Difference_OfAnotherCommitOrSeveralFilesOrNoRepository_SaysWhich()
    {
        using var folder = await GitFolder.CreateAsync();
        var first = await folder.Write("version.txt", "one").CommitAsync();
        var second = await folder.Write("version.txt", "two").CommitAsync();
        folder.Write("a.txt", "").Write("b.txt", "");

        Assert.Equal($"{second[..12]} is checked out", await GitRepository.DifferenceAsync(folder.Root, first, Token));
        Assert.Equal("the working tree has 2 changes (a.txt and more)", await GitRepository.DifferenceAsync(folder.Root, second, Token));
        Assert.StartsWith("git does not know what stands here (not a git repository", await GitRepository.DifferenceAsync(Path.GetTempPath(), first, Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_OfABundleAndACommit_IsNotUnderstood()
    {
        var (exit, _, error) = await Tool.RunAsync("deploy", "--bundle", "out", "--commit", "HEAD");

        Assert.Equal(64, exit);
        Assert.Contains("--bundle goes with neither --commit nor --project", error, StringComparison.Ordinal);
    }

    private static Task<(int Exit, string Out, string Error)> RunAsync(GitFolder folder, params string[] arguments) => Tool.RunInAsync(folder.Root, "", arguments);

    // The first publish only looks where the registry is; it says nothing and fails.
    private static string Project(string passed) => $"""
        <Project>
          <Target Name="Publish">
            <ReadLinesFromFile File="version.txt"><Output TaskParameter="Lines" PropertyName="Version" /></ReadLinesFromFile>
            <WriteLinesToFile File="{passed}" Lines="$(Version)|$(KubeAppCommit)|$(KubeAppPush)|$(KubeAppEnvironment)|$(_KubeAppBundleUse)|$(_KubeAppDryRun)|$(MSBuildProjectDirectory)" Overwrite="true" />
            <Error Text="enough" />
          </Target>
        </Project>
        """;
}

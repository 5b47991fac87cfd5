using System.Text.Json.Nodes;
using KubeApps.Processes;

namespace KubeApps.MSBuild.Tests;

/// <summary><c>deploy --commit</c>, with a real repository, real builds and the sandbox's registry.</summary>
public sealed class CommitBundleTests(PackageFeed feed, SandboxHome sandbox) : IClassFixture<SandboxHome>
{
    [Fact]
    public async Task Deploy_OfACommitThatWasPushed_TakesItsBundleAndOfOneThatWasNotBuildsIt()
    {
        var folder = feed.NewFolder().WriteWeb("web", Greeting("one")).Write(".gitignore", "bin/\nobj/\n");
        await GitAsync(folder, "init", "--quiet", "--initial-branch=main");
        var first = await CommitAsync(folder);
        var pushed = (await folder.PublishAsync("web", sandbox.Variables, "-p:KubeAppPush=true")).Succeeded();
        Assert.DoesNotContain("no tag of a commit", pushed.Text, StringComparison.Ordinal);
        var reference = pushed.Lines.Single(line => line.Contains(" -> oci://", StringComparison.Ordinal)).Split(" -> ")[1].Trim();

        folder.Write("web/KubeApp.cs", Greeting("two"));
        var second = await CommitAsync(folder);
        await GitAsync(folder, "tag", "second");
        // Broken, and not committed: what stands here plays no part.
        folder.Write("web/KubeApp.cs", "broken").Write("web/Program.cs", "broken");

        var (said, result) = await DeployAsync(folder, first[..9]);
        Assert.Contains(said, line => line.Contains($"The bundle of commit {first} is in the registry: {reference}.", StringComparison.Ordinal));
        Assert.DoesNotContain(said, line => line.Contains("Publish", StringComparison.Ordinal));
        Assert.Equal(("deployed", first, reference), ((string?)result["outcome"], (string?)result["commit"], (string?)result["bundle"]));

        (said, result) = await DeployAsync(folder, "second");
        Assert.Contains(said, line => line.Contains($"No bundle of commit {second} for this environment was found", StringComparison.Ordinal));
        Assert.Equal(("deployed", second), ((string?)result["outcome"], (string?)result["commit"]));
        var built = (string?)result["bundle"];
        Assert.StartsWith("oci://", built, StringComparison.Ordinal);

        // The next time it is there; and the one after that, too.
        (said, result) = await DeployAsync(folder, "main");
        Assert.Contains(said, line => line.Contains($"The bundle of commit {second} is in the registry: {built}.", StringComparison.Ordinal));
        Assert.Equal("unchanged", (string?)result["outcome"]);
        Assert.Equal("deployed", (string?)(await DeployAsync(folder, "HEAD~1")).Result["outcome"]);

        Assert.Equal("broken", folder.Read("web", "KubeApp.cs"));
        Assert.Equal("M web/KubeApp.cs\n M web/Program.cs", await GitAsync(folder, "status", "--porcelain"));
        Assert.DoesNotContain('\n', await GitAsync(folder, "worktree", "list"));
    }

    [Fact]
    public async Task Push_OfAChangedWorkingTree_IsNotTheCommits()
    {
        var folder = feed.NewFolder().WriteWeb("dirty", Greeting("one"));
        await GitAsync(folder, "init", "--quiet", "--initial-branch=main");
        var commit = await CommitAsync(folder);
        folder.Write("dirty/KubeApp.cs", Greeting("two"));

        var pushed = (await folder.PublishAsync("dirty", sandbox.Variables, "-p:KubeAppPush=true")).Succeeded();

        Assert.Contains("The bundle has no tag of a commit: the working tree has a change (dirty/KubeApp.cs).", pushed.Text, StringComparison.Ordinal);
        var plan = await sandbox.RunToolAsync("plan", "--project", folder.PathOf("dirty"), "--commit", commit);
        Assert.Contains($"No bundle of commit {commit}", plan.Text, StringComparison.Ordinal);
        Assert.Equal(0, plan.ExitCode);
    }

    private static string Greeting(string value) => ThrowAway.Spec.Replace(
        "var web =", $"app.Add(new Config(\"greeting\") {{ Values = {{ [\"text\"] = \"{value}\" }} }}); var web =", StringComparison.Ordinal);

    private async Task<(List<string> Said, JsonNode Result)> DeployAsync(ThrowAway folder, string commit)
    {
        var run = await sandbox.RunToolAsync("deploy", "--project", folder.PathOf("web"), "--commit", commit, "-o", "jsonl");
        Assert.True(run.ExitCode == 0, run.Text);
        var lines = run.Lines.Select(line => JsonNode.Parse(line)!).ToList();
        return ([.. lines.Select(line => (string?)line["text"] ?? (string?)line["title"]).OfType<string>()], lines[^1]);
    }

    private static async Task<string> CommitAsync(ThrowAway folder)
    {
        await GitAsync(folder, "add", "--all");
        await GitAsync(folder, "commit", "--quiet", "-m", "a change");
        return await GitAsync(folder, "rev-parse", "HEAD");
    }

    private static async Task<string> GitAsync(ThrowAway folder, params string[] arguments)
    {
        List<string> lines = [];
        var git = new ChildProcess(
            "git", ["-c", "user.name=Kim", "-c", "user.email=kim@example.com", "-c", "commit.gpgsign=false", .. arguments], folder.Root)
        { Limit = TimeSpan.FromMinutes(1) };
        var exit = await git.RunAsync((line, _) => lines.Add(line), TestContext.Current.CancellationToken);
        Assert.True(exit == 0, string.Join('\n', lines));
        return string.Join('\n', lines).Trim();
    }
}

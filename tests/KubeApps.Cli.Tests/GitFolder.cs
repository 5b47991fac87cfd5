using System.Diagnostics;

namespace KubeApps.Cli.Tests;

/// <summary>A git repository of a test's own, whatever the person who runs it has configured.</summary>
internal sealed class GitFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Root => _folder.Path;

    public static async Task<GitFolder> CreateAsync()
    {
        var folder = new GitFolder();
        await folder.GitAsync("init", "--quiet", "--initial-branch=main");
        return folder;
    }

    public GitFolder Write(string name, string content)
    {
        _folder.Write(name, content);
        return this;
    }

    public string Read(string name) => _folder.Read(name);

    /// <summary>Commits everything that stands there, and returns the commit.</summary>
    public async Task<string> CommitAsync(string message = "a change")
    {
        await GitAsync("add", "--all");
        await GitAsync("commit", "--quiet", "--allow-empty", "-m", message);
        return await GitAsync("rev-parse", "HEAD");
    }

    /// <summary>How many working trees the repository knows.</summary>
    public async Task<int> WorktreesAsync() => (await GitAsync("worktree", "list")).Split('\n').Length;

    public async Task<string> GitAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["-c", "user.name=Kim", "-c", "user.email=kim@example.com", "-c", "commit.gpgsign=false", .. arguments])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);
        return (await output).Trim();
    }

    public void Dispose() => _folder.Dispose();
}

using KubeApps.Cli.Git;

namespace KubeApps.Cli.Tests;

/// <summary>Where the repository of a folder comes from.</summary>
public sealed class GitRemoteTests
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Remote_CalledOriginOrTheOnlyOne_IsFound()
    {
        using var folder = await GitFolder.CreateAsync();
        Assert.Null(await GitRepository.FindRemoteAsync(folder.Root, Token));

        await folder.GitAsync("remote", "add", "upstream", "git@github.com:acme/upstream.git");
        Assert.Equal("git@github.com:acme/upstream.git", await GitRepository.FindRemoteAsync(folder.Root, Token));

        await folder.GitAsync("remote", "add", "fork", "git@github.com:me/fork.git");
        Assert.Null(await GitRepository.FindRemoteAsync(folder.Root, Token));

        await folder.GitAsync("remote", "add", "origin", "https://github.com/acme/shop");
        Assert.Equal("https://github.com/acme/shop", await GitRepository.FindRemoteAsync(folder.Root, Token));
    }

    [Fact]
    public async Task Remote_OfNoRepository_IsNone()
    {
        var folder = Directory.CreateTempSubdirectory("kubeapps no git ");

        Assert.Null(await GitRepository.FindRemoteAsync(folder.FullName, Token));
        folder.Delete();
        Assert.Null(await GitRepository.FindRemoteAsync(folder.FullName, Token));
    }
}

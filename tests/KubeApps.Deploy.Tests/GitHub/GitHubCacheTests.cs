using KubeApps.Deploy.GitHub;
using KubeApps.GitHub.StandIn;
using static KubeApps.Deploy.Tests.GitHub.GitHubRefusalTests;

namespace KubeApps.Deploy.Tests.GitHub;

/// <summary>Answers that are kept: GitHub says that they still hold, and nobody else can make use of them.</summary>
public sealed class GitHubCacheTests(GitHubStandIn github) : IDisposable
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    private readonly string _home = Directory.CreateTempSubdirectory("kubeapps github ").FullName;

    private string Folder => Path.Combine(_home, "cache", "github");

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task Pages_ThatStillHold_AreNotSentAgainAndCostNothing()
    {
        using var repository = await github.NewRepositoryAsync();
        for (var number = 0; number < 150; number++)
            repository.Add(new StandInDeployment($"{number:x40}", "staging"));
        repository.RateLimit = (2, DateTimeOffset.UtcNow.AddHours(1));

        var first = await ListAsync(repository);
        repository.RateLimit = (2, DateTimeOffset.UtcNow.AddHours(1));
        var second = await ListAsync(repository);

        Assert.Equal(first, second);
        Assert.Equal([200, 200, 304, 304], repository.Requests.Select(request => request.Status));
        Assert.Equal(2, repository.RateLimit!.Value.Remaining);
    }

    [Fact]
    public async Task Page_ThatChanged_IsReadAnew()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Add(new StandInDeployment($"{1:x40}", "staging"));
        await ListAsync(repository);
        repository.Add(new StandInDeployment($"{2:x40}", "staging"));

        Assert.Equal(2, (await ListAsync(repository)).Count);
        Assert.Equal(2, (await ListAsync(repository)).Count);

        Assert.Equal([200, 200, 304], repository.Requests.Select(request => request.Status));
    }

    [Fact]
    public async Task Answer_OfAnotherToken_IsNotUsed()
    {
        using var repository = await github.NewRepositoryAsync();
        await ListAsync(repository);
        var other = Access(repository) with { Token = repository.NewToken(TokenRights.ReadOnly) };

        await ListAsync(other);

        Assert.Equal([200, 200], repository.Requests.Select(request => request.Status));
        Assert.DoesNotContain("If-None-Match", repository.Requests[1].Headers.Keys);
    }

    [Fact]
    public async Task Files_OfTheCache_AreTheirOwnersAndShowNoToken()
    {
        using var repository = await github.NewRepositoryAsync();
        await ListAsync(repository);

        var file = Assert.Single(Directory.GetFiles(Folder));

        Assert.DoesNotContain(repository.Token, await File.ReadAllTextAsync(file, Token), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        }
    }

    public static TheoryData<string> Damages => ["cut", "changed", "empty", "nonsense", "folder", "link"];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task File_ThatIsDamaged_IsAsIfItWereNotThere(string damage)
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Add(new StandInDeployment($"{1:x40}", "staging"));
        await ListAsync(repository);
        Damage(Assert.Single(Directory.GetFiles(Folder)), damage);

        var listed = await ListAsync(repository);

        Assert.Single(listed);
        Assert.Equal([200, 200], repository.Requests.Select(request => request.Status));
    }

    [Fact]
    public async Task Folder_ThatCannotBeWritten_BreaksNothing()
    {
        using var repository = await github.NewRepositoryAsync();
        await File.WriteAllTextAsync(Path.Combine(_home, "cache"), "in the way", Token);

        Assert.Empty(await ListAsync(repository));
        Assert.Empty(await ListAsync(repository));
    }

    [Fact]
    public async Task Cache_ThatIsFull_ForgetsWhatWasNotUsedForLongest()
    {
        using var repository = await github.NewRepositoryAsync();
        for (var number = 0; number < 8; number++)
            repository.Add(new StandInDeployment($"{number:x40}", $"pr-{number}") { Payload = new string('x', 4000) });
        using var client = new GitHubClient(Access(repository), TimeProvider.System, cache: new GitHubCache(Folder) { Limit = 30_000 });

        for (var number = 0; number < 8; number++)
            await client.ListDeploymentsAsync(new GitHubDeploymentFilter($"pr-{number}"), Token).ToListAsync(Token);

        Assert.InRange(new DirectoryInfo(Folder).GetFiles().Sum(file => file.Length), 1, 30_000);
        await client.ListDeploymentsAsync(new GitHubDeploymentFilter("pr-7"), Token).ToListAsync(Token);
        await client.ListDeploymentsAsync(new GitHubDeploymentFilter("pr-0"), Token).ToListAsync(Token);
        Assert.Equal([304, 200], repository.Requests.TakeLast(2).Select(request => request.Status));
    }

    private static void Damage(string file, string damage)
    {
        var content = File.ReadAllBytes(file);
        File.Delete(file);
        switch (damage)
        {
            case "cut":
                File.WriteAllBytes(file, content[..^10]);
                break;
            case "changed":
                content[^20] ^= 1;
                File.WriteAllBytes(file, content);
                break;
            case "empty":
                File.WriteAllBytes(file, []);
                break;
            case "nonsense":
                File.WriteAllText(file, new string('x', 500));
                break;
            case "folder":
                Directory.CreateDirectory(file);
                break;
            case "link":
                File.WriteAllBytes(file + ".target", content);
                File.CreateSymbolicLink(file, file + ".target");
                break;
        }
    }

    private Task<List<long>> ListAsync(StandInRepository repository) => ListAsync(Access(repository));

    private async Task<List<long>> ListAsync(GitHubAccess access)
    {
        using var client = new GitHubClient(access, TimeProvider.System, cache: GitHubCache.Below(_home));
        return await client.ListDeploymentsAsync(new GitHubDeploymentFilter(), Token).Select(item => item.Id).ToListAsync(Token);
    }
}

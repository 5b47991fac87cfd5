using KubeApps.Actions.Tests.Checking;

namespace KubeApps.Actions.Tests;

public sealed class RepositoryCheckTests
{
    [Fact]
    public async Task Check_EveryActionAndWorkflowOfTheRepository_FindsNothing()
    {
        var files = RepositoryFiles.Read();

        Assert.Contains(".github/workflows/ci.yml", files.Keys);
        var found = await Checkers.CheckAsync(new FileSet(files));
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}

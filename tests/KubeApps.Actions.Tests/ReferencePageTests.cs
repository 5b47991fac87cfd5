using KubeApps.Testing;

namespace KubeApps.Actions.Tests;

public sealed class ReferencePageTests
{
    private const string Mark = "<!-- What follows is made from the files by KubeApps.Actions.Tests, with KUBEAPPS_UPDATE_SNAPSHOTS=1. -->\n";

    [Fact]
    public void ReadmeOfTheActions_OfEveryFile_NamesEveryInputOutputAndPermission()
    {
        var file = Path.Combine(RepositoryFiles.Root, "actions", "README.md");
        var written = File.ReadAllText(file).ReplaceLineEndings("\n").Split(Mark);

        Assert.Equal(2, written.Length);
        Snapshot.MatchesFile($"{written[0]}{Mark}\n{ReferencePage.Of(RepositoryFiles.Read())}", file);
    }
}

using System.Runtime.CompilerServices;

namespace KubeApps.Testing;

/// <summary>
/// Compares a text with the reviewed one in <c>Snapshots/NAME</c> beside the test. <c>KUBEAPPS_UPDATE_SNAPSHOTS=1</c> writes it instead; the change
/// is then reviewed like code.
/// </summary>
internal static class Snapshot
{
    public static void Matches(string actual, string name, [CallerFilePath] string testFile = "") =>
        MatchesFile(actual, Path.Join(Path.GetDirectoryName(testFile), "Snapshots", name));

    public static void MatchesFile(string actual, string file)
    {
        actual = actual.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("KUBEAPPS_UPDATE_SNAPSHOTS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
            return;
        }

        Assert.True(File.Exists(file), $"There is no {file}. Review and add it with KUBEAPPS_UPDATE_SNAPSHOTS=1.");
        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), actual);
    }
}

namespace KubeApps.Actions.Tests;

/// <summary>The action and workflow files of this repository, by their paths in it.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string TestFolder { get; } = Path.Combine(Root, "tests", "KubeApps.Actions.Tests");

    public static IReadOnlyDictionary<string, string> Read() =>
        Under("actions", "action.y*ml", SearchOption.AllDirectories).Concat(Under(Path.Combine(".github", "workflows"), "*.y*ml", SearchOption.TopDirectoryOnly))
            .ToDictionary(file => Path.GetRelativePath(Root, file).Replace('\\', '/'), File.ReadAllText, StringComparer.Ordinal);

    private static IEnumerable<string> Under(string folder, string pattern, SearchOption depth) =>
        Directory.Exists(Path.Combine(Root, folder)) ? Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, depth).Order(StringComparer.Ordinal) : [];

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "KubeApps.Tooling.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("The tests must run inside the repository.");
    }
}

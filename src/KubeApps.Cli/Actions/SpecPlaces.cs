using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Actions;

/// <summary>
/// Where the checkout's specification defines an object that a failure is about. A bundle does not know: it may be of another commit, and what a run annotates
/// is the commit that it runs for. So it is looked for in the text, and where there is more than one such place, or none, nothing is said.
/// </summary>
/// <param name="directory">Where the command runs.</param>
/// <param name="workspace">The checkout; null where it is not known.</param>
internal sealed partial class SpecPlaces(string directory, string? workspace)
{
    private const string SpecFile = "KubeApp.cs";
    private const string SpecFolder = "KubeApp";
    private const int MostFiles = 500;
    private const int MostFolders = 20_000;

    private static readonly HashSet<string> NotSearched = new(StringComparer.OrdinalIgnoreCase) { "bin", "obj", "node_modules", "artifacts" };

    private IReadOnlyList<string>? _files;

    /// <summary>The first object in a text that is defined in one place.</summary>
    public SourceLocation? Find(string text) =>
        Named().Matches(text).Select(match => Find(match.Groups["kind"].Value, match.Groups["name"].Value)).FirstOrDefault(place => place is not null);

    private SourceLocation? Find(string kind, string name)
    {
        var type = kind switch { "ConfigMap" => "Config", "PersistentVolumeClaim" => "PersistentClaim", _ => kind };
        // Names may carry a hash or a slot.
        foreach (var written in (string[])[name, .. name.LastIndexOf('-') is > 0 and var end ? (string[])[name[..end]] : []])
        {
            var definition = new Regex($"""\bnew\s+(?:KubeApps\.)?{type}\s*\(\s*"{Regex.Escape(written)}["]""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            var found = Files().SelectMany(file => Places(file, definition)).Take(2).ToList();
            if (found.Count > 0)
                return found.Count == 1 ? found[0] : null;
        }

        return null;
    }

    private static IEnumerable<SourceLocation> Places(string file, Regex definition)
    {
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            yield break;
        }

        foreach (Match match in definition.Matches(text))
            yield return new SourceLocation(file, text.AsSpan(0, match.Index).Count('\n') + 1);
    }

    // The project that the command stands in, else all of the checkout.
    private IReadOnlyList<string> Files() => _files ??= File.Exists(Path.Combine(directory, SpecFile))
        ? [.. FilesOf(directory)]
        : string.IsNullOrEmpty(workspace) ? [] : [.. Folders(workspace).Where(folder => File.Exists(Path.Combine(folder, SpecFile))).SelectMany(FilesOf).Take(MostFiles)];

    // A folder that cannot be read is none: what a deploy is about is something else.
    private static IEnumerable<string> FilesOf(string project) =>
        Folders(Path.Combine(project, SpecFolder)).SelectMany(folder => Entries(() => Directory.EnumerateFiles(folder, "*.cs"))).Prepend(Path.Combine(project, SpecFile));

    private static IReadOnlyList<T> Entries<T>(Func<IEnumerable<T>> read)
    {
        try
        {
            return [.. read()];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static IEnumerable<string> Folders(string root)
    {
        var waiting = new Queue<string>([root]);
        for (var count = 0; count < MostFolders && waiting.TryDequeue(out var folder); count++)
        {
            yield return folder;
            foreach (var below in Entries(new DirectoryInfo(folder).EnumerateDirectories))
                if (!NotSearched.Contains(below.Name) && !below.Name.StartsWith('.') && below.LinkTarget is null)
                    waiting.Enqueue(below.FullName);
        }
    }

    [GeneratedRegex(
        @"\b(?<kind>Deployment|StatefulSet|DaemonSet|Job|CronJob|Service|ServiceAccount|NetworkPolicy|Secret|ConfigMap|PersistentVolumeClaim) (?:[a-z0-9-]+/)?(?<name>[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)",
        RegexOptions.CultureInvariant)]
    private static partial Regex Named();
}

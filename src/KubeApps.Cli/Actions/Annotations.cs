using System.Globalization;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Actions;

/// <summary>
/// What is wrong, where GitHub shows it: on the page of the run, and in the changes of a pull request at the file and line that it is about. GitHub shows
/// ten of a kind for a step; the rest stands in the log. Nothing is said twice.
/// </summary>
/// <param name="log">The log that the runner reads.</param>
/// <param name="workspace">The checkout, to which GitHub's paths are relative; null where it is not known.</param>
/// <param name="directory">What relative paths are relative to.</param>
internal sealed class Annotations(WorkflowLog log, string? workspace, string directory)
{
    private const int Most = 10;

    private readonly Dictionary<DiagnosticSeverity, int> _counts = [];
    private readonly HashSet<Diagnostic> _said = [];
    private readonly SpecPlaces _specification = new(directory, workspace);

    public void Write(Diagnostic diagnostic)
    {
        lock (_said)
        {
            if (!_said.Add(diagnostic))
                return;
            var count = _counts[diagnostic.Severity] = _counts.GetValueOrDefault(diagnostic.Severity) + 1;
            if (count > Most)
            {
                log.WriteLine(diagnostic.ToString());
                return;
            }
        }

        // A file of a bundle has no lines that anybody wrote.
        var place = (diagnostic.Place is null or { Line: 0 } ? _specification.Find(diagnostic.Cause) : null) ?? diagnostic.Place;
        place = place is null ? null : InRepository(place);
        // A file that GitHub cannot show is told in words.
        var from = place is null && diagnostic.Place is { } elsewhere ? $"{elsewhere}: " : "";
        log.Command(Rendering.Words.Severity(diagnostic), $"{from}{diagnostic.Cause} {diagnostic.NextStep}".TrimEnd(), Properties(diagnostic.Code, place));
    }

    private SourceLocation? InRepository(SourceLocation place)
    {
        if (string.IsNullOrEmpty(workspace))
            return place;
        try
        {
            var path = Path.GetRelativePath(Path.GetFullPath(workspace), Path.GetFullPath(place.File, directory)).Replace('\\', '/');
            return path.StartsWith("../", StringComparison.Ordinal) || path == ".." || Path.IsPathRooted(path) ? null : place with { File = path };
        }
        catch (ArgumentException)
        {
            // No path at all.
            return null;
        }
    }

    private static IEnumerable<(string Name, string Value)> Properties(string code, SourceLocation? place)
    {
        if (place is not null)
        {
            yield return ("file", place.File);
            if (place.Line > 0)
                yield return ("line", place.Line.ToString(CultureInfo.InvariantCulture));
            if (place.Column > 0)
                yield return ("col", place.Column.ToString(CultureInfo.InvariantCulture));
        }

        yield return ("title", code);
    }
}

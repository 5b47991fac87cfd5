using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Collects what is wrong with a specification; places become relative to the project, and what every environment repeats is said once.</summary>
internal sealed class SpecDiagnostics(string projectDirectory)
{
    private readonly List<Diagnostic> _all = [];

    public IReadOnlyList<Diagnostic> All => _all;

    public bool HasErrors => _all.Exists(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

    public void Add(DiagnosticDescriptor descriptor, string cause, SourceLocation? place = null, string? nextStep = null) =>
        Add(descriptor.Because(cause, Relative(place), nextStep));

    public void Add(Diagnostic diagnostic)
    {
        if (!_all.Contains(diagnostic))
            _all.Add(diagnostic);
    }

    public static bool IsBelow(string file, string directory) =>
        Path.GetRelativePath(directory, file) is var relative && !relative.StartsWith("..", StringComparison.Ordinal) && !Path.IsPathRooted(relative);

    /// <summary>The place as a user of the project would write it; null when it is none.</summary>
    public SourceLocation? Relative(SourceLocation? place)
    {
        if (place is null || place.File.Length == 0)
            return null;
        return projectDirectory.Length > 0 && IsBelow(place.File, projectDirectory)
            ? place with { File = Path.GetRelativePath(projectDirectory, place.File) }
            : place;
    }
}

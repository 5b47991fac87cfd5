using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Reads the files that a specification names, and remembers which they were: they are inputs of the build.</summary>
internal sealed class SpecFiles(string projectDirectory, SpecDiagnostics diagnostics)
{
    private readonly SortedSet<string> _read = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Read() => [.. _read];

    public void Read(Config config)
    {
        // One that cannot be read has its key all the same: who names that makes no second mistake.
        foreach (var file in config.Files)
            if (!config.Values.TryAdd(Path.GetFileName(file), ReadText(file, config.Location) ?? ""))
                diagnostics.Add(
                    DiagnosticDescriptors.DuplicateName, $"The configuration '{config.Name}' has the key '{Path.GetFileName(file)}' twice.", config.Location);
        config.Files.Clear();
    }

    public List<ManifestFile> Read(List<ManifestFile> manifests)
    {
        List<ManifestFile> result = [];
        foreach (var manifest in manifests)
        {
            if (manifest.Path.Length == 0)
            {
                var (file, line) = PlaceOf(manifest.Location);
                result.Add(new ManifestFile(file ?? "", manifest.Text.ReplaceLineEndings("\n"), manifest.Location) { LineOffset = line });
                continue;
            }

            var files = Expand(manifest.Path);
            if (files.Count == 0)
                diagnostics.Add(DiagnosticDescriptors.FileMissing, $"No file is named {manifest.Path}.", manifest.Location);
            foreach (var file in files)
                if (ReadText(file, manifest.Location) is { } text)
                    result.Add(new ManifestFile(file, text, manifest.Location));
        }

        return result;
    }

    /// <summary>A place in the specification, to stand in the model for errors that only rendering finds.</summary>
    public (string? File, int Line) PlaceOf(SourceLocation? location) =>
        diagnostics.Relative(location) is { } place ? (place.File.Replace('\\', '/'), place.Line) : (null, 0);

    private IReadOnlyList<string> Expand(string pattern)
    {
        var name = pattern[(pattern.LastIndexOf('/') + 1)..];
        if (!name.AsSpan().ContainsAny('*', '?'))
            return [pattern];
        var directory = pattern[..(pattern.Length - name.Length)];
        var full = Path.Join(projectDirectory, directory);
        return Directory.Exists(full)
            ? [.. Directory.EnumerateFiles(full, name).Select(file => directory + Path.GetFileName(file)).Order(StringComparer.Ordinal)]
            : [];
    }

    private string? ReadText(string file, SourceLocation? place)
    {
        try
        {
            var text = File.ReadAllText(Path.Join(projectDirectory, file));
            _read.Add(file.Replace('\\', '/'));
            // The same bytes from a checkout with other line ends.
            return text.ReplaceLineEndings("\n");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            diagnostics.Add(DiagnosticDescriptors.FileMissing, $"{file} cannot be read.", place);
            return null;
        }
    }
}

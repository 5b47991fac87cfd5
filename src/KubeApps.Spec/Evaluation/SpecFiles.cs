using System.Text;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Reads the files that a specification names, and remembers which they were: they are inputs of the build.</summary>
internal sealed class SpecFiles(string projectDirectory, SpecDiagnostics diagnostics)
{
    /// <summary>What is no text would change in silence.</summary>
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly SortedSet<string> _read = new(StringComparer.Ordinal);

    private readonly SortedSet<string> _patterns = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Read() => [.. _read];

    /// <summary>The patterns that were looked for: a new file that fits one is a new input.</summary>
    public IReadOnlyList<string> Patterns() => [.. _patterns];

    public void Read(Config config)
    {
        // One that cannot be read has its key all the same: who names that makes no second mistake.
        foreach (var file in config.Files.Select(file => file.Replace('\\', '/')))
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
    public (string? File, int Line) PlaceOf(SourceLocation? location)
    {
        if (diagnostics.Relative(location) is not { } place)
            return (null, 0);
        // A specification library that was built here lies beside the project: the model must not say where both are.
        var file = projectDirectory.Length > 0 && Path.IsPathRooted(place.File) && File.Exists(place.File) ? Path.GetRelativePath(projectDirectory, place.File) : place.File;
        return (file.Replace('\\', '/'), place.Line);
    }

    private IReadOnlyList<string> Expand(string pattern)
    {
        var name = pattern[(pattern.LastIndexOf('/') + 1)..];
        if (!name.AsSpan().ContainsAny('*', '?'))
            return [pattern];
        _patterns.Add(pattern);
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
            using var reader = new StreamReader(Path.Join(projectDirectory, file), StrictUtf8);
            var text = reader.ReadToEnd();
            _read.Add(file);
            if (text.Contains('\0'))
                throw new DecoderFallbackException();
            // The same bytes from a checkout with other line ends.
            return text.ReplaceLineEndings("\n");
        }
        catch (DecoderFallbackException)
        {
            diagnostics.Add(
                DiagnosticDescriptors.FileMissing, $"{file} is no text (UTF-8).", place, "Put other files into the image, into a persistent claim, or as base64 into a manifest.");
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            diagnostics.Add(DiagnosticDescriptors.FileMissing, $"{file} cannot be read.", place);
            return null;
        }
    }
}

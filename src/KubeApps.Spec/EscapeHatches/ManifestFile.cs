using System.Text.Json.Serialization;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>YAML that goes into the bundle as it is, or a Scriban template of such; see <see cref="KubeAppModel.AddManifests"/>.</summary>
public sealed class ManifestFile
{
    [JsonConstructor]
    internal ManifestFile()
    {
    }

    internal ManifestFile(string path, string text, SourceLocation? location) => (Path, Text, Location) = (path, text, location);

    /// <summary>The file, relative to the project's directory; for YAML in the specification itself, the specification's file.</summary>
    [JsonInclude]
    public string Path { get; internal set; } = "";

    /// <summary>What stands in it.</summary>
    [JsonInclude]
    public string Text { get; internal set; } = "";

    /// <summary>The line of <see cref="Path"/> before the text; 0 for a file.</summary>
    [JsonInclude]
    public int LineOffset { get; internal set; }

    /// <summary>Whether it is a Scriban template.</summary>
    [JsonIgnore]
    public bool IsTemplate => Path.EndsWith(".sbn", StringComparison.OrdinalIgnoreCase);

    internal SourceLocation? Location { get; }
}

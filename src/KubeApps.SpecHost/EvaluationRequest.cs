using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeApps.SpecHost;

/// <summary>What the build asks for: one specification, evaluated for all its environments.</summary>
internal sealed record EvaluationRequest
{
    /// <summary>The compiled specification.</summary>
    public required string SpecAssembly { get; init; }

    /// <summary>The app's own assembly in the build's output folder, beside its deps file.</summary>
    public required string AppAssembly { get; init; }

    /// <summary>Further assemblies that the specification may use: shared specification libraries.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>The project file's name without extension.</summary>
    public required string ProjectName { get; init; }

    /// <summary>The project's folder; places in diagnostics are relative to it, and it is the working directory.</summary>
    public required string ProjectDirectory { get; init; }

    /// <summary>Whether it is a web project.</summary>
    public bool IsWeb { get; init; }

    /// <summary>Where the model goes. Not written when there is an error.</summary>
    public required string ModelFile { get; init; }

    /// <summary>Where the list of files goes that the evaluation read: a change of one asks for another evaluation.</summary>
    public required string FilesFile { get; init; }

    /// <summary>Where the patterns go by which it found some of them: a new file that fits one asks for another evaluation, too.</summary>
    public required string PatternsFile { get; init; }

    /// <summary>Where the diagnostics go. Always written when the host ends by itself.</summary>
    public required string DiagnosticsFile { get; init; }

    public static EvaluationRequest Read(string file)
    {
        using var stream = File.OpenRead(file);
        return JsonSerializer.Deserialize(stream, EvaluationRequestContext.Default.EvaluationRequest)
            ?? throw new InvalidDataException($"'{file}' is empty.");
    }

    public void Write(string file) => File.WriteAllBytes(
        file, JsonSerializer.SerializeToUtf8Bytes(this, EvaluationRequestContext.Default.EvaluationRequest));
}

[JsonSerializable(typeof(EvaluationRequest))]
internal sealed partial class EvaluationRequestContext : JsonSerializerContext;

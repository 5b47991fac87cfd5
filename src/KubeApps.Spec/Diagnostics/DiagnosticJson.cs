using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeApps.Diagnostics;

/// <summary>
/// How diagnostics travel between our processes (specification host → build, tool → build): a JSON array, or one object for each line.
/// </summary>
internal static class DiagnosticJson
{
    public static string Write(IReadOnlyList<Diagnostic> diagnostics) =>
        JsonSerializer.Serialize(diagnostics, DiagnosticJsonContext.Default.IReadOnlyListDiagnostic);

    /// <exception cref="JsonException">The text is not an array of diagnostics.</exception>
    public static IReadOnlyList<Diagnostic> Read(string json) =>
        JsonSerializer.Deserialize(json, DiagnosticJsonContext.Default.IReadOnlyListDiagnostic) ?? [];
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<Diagnostic>))]
internal sealed partial class DiagnosticJsonContext : JsonSerializerContext;

using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Planning.Saved;

/// <summary>A saved plan as a file: JSON with its version and a checksum, so that half of one, an edited one and anything else are told at once.</summary>
internal static class SavedPlanFile
{
    private const string Checksum = "checksum";

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Text(SavedPlan plan)
    {
        var content = (JsonObject)JsonSerializer.SerializeToNode(plan, SavedPlanJson.Default.SavedPlan)!;
        var document = new JsonObject { ["schemaVersion"] = SavedPlan.SchemaVersion, ["kind"] = SavedPlan.Kind, [Checksum] = ChecksumOf(content) };
        foreach (var (name, value) in content)
            document[name] = value?.DeepClone();
        return document.ToJsonString(Indented) + "\n";
    }

    /// <exception cref="DiagnosticException">The file cannot be written.</exception>
    public static void Write(SavedPlan plan, string file)
    {
        try
        {
            WholeFile.Write(file, Text(plan));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(DiagnosticDescriptors.PlanNotSaved.Because($"The plan cannot be written to '{file}': {failure.Message}"), failure);
        }
    }

    /// <exception cref="DiagnosticException">There is no plan in the file, or not the one that was written there.</exception>
    public static SavedPlan Read(string file)
    {
        try
        {
            return Parse(File.ReadAllText(file), file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(failure.Message, file, failure);
        }
    }

    public static SavedPlan Parse(string text, string file)
    {
        try
        {
            if (JsonNode.Parse(text) is not JsonObject document || (string?)document["kind"] != SavedPlan.Kind)
                throw Unreadable("It is no saved plan.", file);
            if ((int?)document["schemaVersion"] is not SavedPlan.SchemaVersion)
                throw Unreadable($"It has the schema version {document["schemaVersion"]?.ToJsonString() ?? "none"}; this version of the tool reads {SavedPlan.SchemaVersion}.", file);
            var checksum = (string?)document[Checksum];
            foreach (var name in (string[])["schemaVersion", "kind", Checksum])
                document.Remove(name);
            if (checksum != ChecksumOf(document))
                throw Unreadable("It was changed since it was written.", file);
            return document.Deserialize(SavedPlanJson.Default.SavedPlan) ?? throw Unreadable("It is no saved plan.", file);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw Unreadable($"It is cut off, or no saved plan: {failure.Message}", file, failure);
        }
    }

    private static string ChecksumOf(JsonObject content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content.ToJsonString())));

    private static DiagnosticException Unreadable(string cause, string file, Exception? inner = null) =>
        new(DiagnosticDescriptors.PlanUnreadable.Because(cause, new SourceLocation(file)), inner);
}

using System.Text;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects.Ownership;

/// <summary>
/// The annotation in which client-side <c>kubectl apply</c> remembers what it applied: lets kubectl change over to server-side apply
/// without conflicts with its former self, and is kept up to date from then on.
/// </summary>
internal static class LastApplied
{
    public const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";

    public static string? Of(JsonObject? value) =>
        value?["metadata"]?["annotations"] is JsonObject annotations && Json.Text(annotations[Annotation]) is { Length: > 0 } text ? text : null;

    /// <summary>The fields that still are as client-side apply left them: whoever manages them lost nothing.</summary>
    public static FieldSet Unchanged(JsonObject live, SchemaType type, string apiVersion)
    {
        if (Of(live) is not { } text)
            return FieldSet.Empty;
        JsonObject? last;
        try
        {
            last = JsonReading.Parse(Encoding.UTF8.GetBytes(text)) as JsonObject;
        }
        catch (FormatException)
        {
            return FieldSet.Empty;
        }

        if (last is null || Json.Text(last["apiVersion"]) != apiVersion || AppliedConfiguration.Check(last, type) is not null)
            return FieldSet.Empty;
        var comparison = Typed.Compare(last, live, type);
        return Typed.Fields(last, type).Except(comparison.Modified).Except(comparison.Added).Except(comparison.Removed);
    }

    /// <summary>Puts the applied configuration into the annotation of an object that has one.</summary>
    public static void Refresh(JsonObject result, JsonObject applied)
    {
        if (Of(result) is null)
            return;
        var remembered = (JsonObject)applied.DeepClone();
        if (remembered["metadata"]?["annotations"] is JsonObject annotations)
            annotations.Remove(Annotation);
        result["metadata"]!["annotations"]![Annotation] = FieldError.Show(remembered) + "\n";
    }
}

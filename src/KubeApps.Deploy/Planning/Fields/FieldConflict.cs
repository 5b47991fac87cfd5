using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Planning.Fields;

/// <summary>A field that another manager owns, and has otherwise than the deploy wants it.</summary>
/// <param name="Path">See <see cref="FieldPath"/>.</param>
/// <param name="Manager">Who owns it.</param>
/// <param name="Theirs">What it is; null where that is hidden or not known.</param>
/// <param name="Ours">What the deploy wants; null as well.</param>
/// <param name="IsHidden">Whether the values are none of a reader's business.</param>
/// <param name="IsTaken">Whether the deploy takes it: <c>--force-conflicts</c>.</param>
internal sealed record FieldConflict(string Path, string Manager, JsonNode? Theirs, JsonNode? Ours, bool IsHidden, bool IsTaken)
{
    /// <summary>What the server's refusal says, with the values on both sides.</summary>
    public static IReadOnlyList<FieldConflict> Of(ApiException refusal, JsonObject? live, JsonObject wanted, bool isTaken)
    {
        var isHidden = (string?)wanted["kind"] == "Secret";
        var (theirs, ours) = (FieldTree.Of(live ?? []), FieldTree.Of(wanted));
        return
        [
            .. from cause in refusal.Causes
               let path = ServerPath.ToFieldPath(cause.Field, wanted)
               select new FieldConflict(
                   path, cause.ConflictingManager ?? "another manager", isHidden ? null : theirs.GetValueOrDefault(path)?.DeepClone(),
                   isHidden ? null : ours.GetValueOrDefault(path)?.DeepClone(), isHidden, isTaken),
        ];
    }

    /// <summary>For those that are not taken; null where there are none.</summary>
    public static Diagnostic? DiagnosticOf(ObjectId id, IReadOnlyList<FieldConflict> conflicts, SourceLocation? place) =>
        conflicts.Where(conflict => !conflict.IsTaken).Select(conflict => conflict.Sentence()).ToList() is { Count: > 0 } texts
            ? DiagnosticDescriptors.FieldConflict.Because($"{id}: {string.Join("; ", texts)}.", place)
            : null;

    private string Sentence() => $"{Path} belongs to {Manager}{(IsHidden ? "" : $", is {FieldValue.Text(Theirs)} and would become {FieldValue.Text(Ours)}")}";
}

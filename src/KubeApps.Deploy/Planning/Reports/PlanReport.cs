using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Planning.Reports;

/// <summary>What becomes of one object.</summary>
/// <param name="Id">What names it.</param>
/// <param name="Change">What is done to it.</param>
/// <param name="Fields">What differs: of a changed object, or of the configuration that this one takes the place of.</param>
/// <param name="Replaces">The name of the object that this one takes the place of, whose name carried another hash; null where there is none.</param>
/// <param name="Note">What the fields do not say, in a few words; null where they say all.</param>
internal sealed record ObjectPlan(ObjectId Id, ResourceChange Change, IReadOnlyList<FieldChange> Fields, string? Replaces = null, string? Note = null)
{
    /// <summary>The fields that other managers own: taken from them, or the reason why the deploy stops.</summary>
    public IReadOnlyList<FieldConflict> Conflicts { get; init; } = [];
}

/// <summary>A container that gets another image, or its first.</summary>
internal sealed record ImageChange(ObjectId Workload, string Container, string? Old, string New);

/// <summary>A plan as people and pipelines read it: the steps, and what they do to every object and field.</summary>
internal sealed record PlanReport(
    string App,
    string Environment,
    string Target,
    string Namespace,
    string? Commit,
    IReadOnlyList<ObjectPlan> Objects,
    IReadOnlyList<ImageChange> Images,
    IReadOnlyList<PlannedStep> Steps)
{
    /// <summary>What stops a deploy before its first write: it would touch what others have a hand in, or change what cannot be changed.</summary>
    public IReadOnlyList<Diagnostic> Obstacles { get; init; } = [];

    /// <summary>What may get in the way: missing permissions, quotas, a plan that could only be estimated.</summary>
    public IReadOnlyList<Diagnostic> Warnings { get; init; } = [];

    /// <summary>Whether the server could not be asked for the result of each object, because the role may not write.</summary>
    public bool IsEstimated { get; init; }

    public bool HasDifferences => Steps.Count > 0;

    /// <summary>The same without the fields.</summary>
    public IReadOnlyList<ObjectChange> Changes => [.. Objects.Select(item => new ObjectChange(item.Id.Kind, item.Id.Namespace, item.Id.Name, item.Change))];

    public int Count(ResourceChange change) => Objects.Count(item => item.Change == change);
}

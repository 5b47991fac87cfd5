using KubeApps.Deploy.Artifacts;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.History;

/// <summary>What an app returns to where a deployment on GitHub is named.</summary>
internal abstract record DeploymentTarget
{
    private DeploymentTarget()
    {
    }

    /// <summary>A revision that the cluster keeps.</summary>
    public sealed record OfRevision(int Number) : DeploymentTarget;

    /// <summary>A bundle in a registry, of a revision that the cluster does not keep any more.</summary>
    public sealed record OfBundle(OciReference Bundle, RecordedDeployment Record) : DeploymentTarget;

    /// <summary>The revision whose record it is, as far as the cluster itself knows that; null: GitHub must say it.</summary>
    public static OfRevision? Find(long deployment, IReadOnlyList<Revision> revisions) =>
        revisions.FirstOrDefault(revision => revision.Record?.Id == deployment) is { } found ? new OfRevision(found.Number) : null;

    /// <summary>What a deployment names. Pure.</summary>
    /// <exception cref="DiagnosticException">It is of something else, or nothing of it is left.</exception>
    public static DeploymentTarget Of(RecordedDeployment record, Inventory inventory, IReadOnlyList<Revision> revisions)
    {
        var id = record.Deployment.Id;
        if (record.Payload is not { } payload)
            throw Foreign($"Deployment {id} was recorded by another tool (task {Line(record.Deployment.Task)}, environment {Line(record.Deployment.Environment)}).");
        if (payload.App != inventory.App)
            throw Foreign($"Deployment {id} is of the app {Line(payload.App)}, not of {inventory.App}.");
        if (!string.Equals(payload.Environment, inventory.Environment, StringComparison.OrdinalIgnoreCase) || (payload.Namespace is { } ns && ns != inventory.Namespace))
        {
            throw Foreign(
                $"Deployment {id} is of the environment {Line(payload.Environment)}, namespace {Line(payload.Namespace ?? "unknown")}: not of {inventory.Environment}, namespace {inventory.Namespace}.");
        }

        if (payload.ClusterUid is { } uid && revisions.Select(revision => revision.Record?.Cluster.Uid).FirstOrDefault(known => known is not null) is { } own && own != uid)
            throw Foreign($"Deployment {id} was made on another cluster ({Line(payload.ClusterName ?? uid)}).");
        if (record.Deployment.Task == RecordRules.DestroyTask)
            throw Foreign($"Deployment {id} took {inventory.App} away: there is nothing to return to.");
        if (revisions.FirstOrDefault(revision => revision.Uid is not null && revision.Uid == payload.Rollout) is { } kept)
            return new OfRevision(kept.Number);
        return payload.Bundle is { } text && OciReference.TryParse(text) is { Digest: not null } bundle
            ? new OfBundle(bundle, record)
            : throw new DiagnosticException(DiagnosticDescriptors.DeploymentNotKept.Because(
                $"The cluster does not keep revision {payload.Revision} of {inventory.App} any more, and deployment {id} names no bundle in a registry.",
                nextStep: $"Deploy its commit again: dotnet kubeapp deploy --commit {Line(record.Deployment.Sha)}"));
    }

    private static DiagnosticException Foreign(string cause) => new(DiagnosticDescriptors.DeploymentOfAnother.Because(cause));

    // What others wrote, in a message.
    private static string Line(string text) => Events.Printable.Line(text, 80);
}

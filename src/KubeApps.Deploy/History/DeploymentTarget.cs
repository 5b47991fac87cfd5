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
    /// <param name="Bundle">The bundle.</param>
    /// <param name="Record">What names it.</param>
    /// <param name="Number">How far back that goes, at least: no revision with a greater number is as old.</param>
    public sealed record OfBundle(OciReference Bundle, RecordedDeployment Record, int Number) : DeploymentTarget;

    /// <summary>The revision whose record it is, as far as the cluster itself knows that; null: GitHub must say it.</summary>
    public static OfRevision? Find(long deployment, IReadOnlyList<Revision> revisions) =>
        revisions.FirstOrDefault(revision => revision.Record?.Id == deployment) is { } found ? new OfRevision(found.Number) : null;

    /// <summary>What a deployment names. Pure.</summary>
    /// <exception cref="DiagnosticException">It is of something else, or nothing of it is left.</exception>
    public static DeploymentTarget Of(RecordedDeployment record, Inventory inventory, IReadOnlyList<Revision> revisions)
    {
        var (id, payload) = (record.Deployment.Id, RequireOwn(record, inventory, revisions));
        if (record.Deployment.Task == RecordRules.DestroyTask)
            throw Foreign($"Deployment {id} took {inventory.App} away: there is nothing to return to.");
        if (Kept(payload, revisions) is { } kept)
            return new OfRevision(kept.Number);
        if (payload.Bundle is not { } text || OciReference.TryParse(text) is not { Digest: not null } bundle)
        {
            throw new DiagnosticException(DiagnosticDescriptors.DeploymentNotKept.Because(
                $"The cluster does not keep revision {payload.Revision} of {inventory.App} any more, and deployment {id} names no bundle in a registry.",
                nextStep: $"Deploy its commit again: dotnet kubeapp deploy --commit {Line(record.Deployment.Sha)}"));
        }

        // Whoever may write records does not decide where what is deployed comes from.
        if (!revisions.Select(revision => revision.Bundle).Append(inventory.Bundle).OfType<string>().Select(OciReference.TryParse)
            .Any(known => (known?.Host, known?.Repository) == (bundle.Host, bundle.Repository)))
        {
            throw Foreign(
                $"Deployment {id} names the bundle {bundle}, and the cluster knows of no revision of {inventory.App} that came from {bundle.Host}/{bundle.Repository}.",
                $"If you trust it, deploy it by hand: dotnet kubeapp deploy --bundle {bundle} -e {Line(inventory.Environment)}");
        }

        // What is gone is older than all that is kept, whatever the record says: the numbers begin anew when an app was destroyed.
        return new OfBundle(bundle, record, Math.Min(payload.Revision ?? 0, revisions.Select(revision => revision.Number - 1).DefaultIfEmpty(0).Min()));
    }

    /// <summary>The revision of a record, where the cluster keeps it.</summary>
    public static Revision? Kept(RecordedPayload payload, IReadOnlyList<Revision> revisions) =>
        revisions.FirstOrDefault(revision => revision.Rollout is not null && revision.Rollout == payload.Rollout);

    /// <summary>What a deployment says, which is one of the app that stands.</summary>
    /// <exception cref="DiagnosticException">It is of something else.</exception>
    public static RecordedPayload RequireOwn(RecordedDeployment record, Inventory inventory, IReadOnlyList<Revision> revisions)
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
        return payload;
    }

    private static DiagnosticException Foreign(string cause, string? nextStep = null) => new(DiagnosticDescriptors.DeploymentOfAnother.Because(cause, nextStep: nextStep));

    // What others wrote, in a message.
    private static string Line(string text) => Events.Printable.Line(text, 80);
}

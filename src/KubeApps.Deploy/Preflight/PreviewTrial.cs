using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Preflight;

/// <summary>
/// Has the server try what exists for the checks alone (copies, and Jobs): a rule of the cluster that refuses it would end the deploy half-way.
/// Nothing is written.
/// </summary>
internal sealed class PreviewTrial(KubeClient client, ResourceCatalog catalog)
{
    public async Task<IReadOnlyList<Diagnostic>> RunAsync(ReleasePlan plan, LiveState live, CancellationToken cancellationToken)
    {
        var objects = plan.Steps.OfType<ReleaseStep.StartPreview>().SelectMany(step => step.Objects)
            .Concat(plan.Steps.OfType<ReleaseStep.RunChecks>().SelectMany(step => step.Checks).Select(check => check.Job).OfType<ReleaseObject>())
            .Where(item => item.Id.Namespace is not { } ns || !live.MissingNamespaces.Contains(ns))
            .DistinctBy(item => item.Id);
        return [.. (await Task.WhenAll(objects.Select(item => TryAsync(item, cancellationToken)))).OfType<Diagnostic>()];
    }

    private async Task<Diagnostic?> TryAsync(ReleaseObject item, CancellationToken cancellationToken)
    {
        try
        {
            if (catalog.Find(item.Id.ApiVersion, item.Id.Kind) is { } type)
                await client.ApplyAsync(type, item.Content, dryRun: true, cancellationToken, force: true);
            return null;
        }
        catch (ApiException refusal) when (refusal.IsMissingPermission || refusal.IsImmutable || refusal.IsNotFound)
        {
            // The first is told with all other permissions. One that a deploy left behind is deleted first. A namespace may come with the deploy.
            return null;
        }
        catch (ApiException refusal)
        {
            return ApiDiagnostics.For(refusal, $"{item.Id} (for the checks)", item.Path.Length == 0 ? null : new SourceLocation(item.Path));
        }
    }
}

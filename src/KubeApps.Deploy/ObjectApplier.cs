using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Switching;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy;

/// <summary>Brings one object to what was planned for it. Each part can be cut and done again.</summary>
internal sealed class ObjectApplier(KubeClient client, ResourceCatalog catalog, ApplyPolicy policy, IEventSink sink)
{
    /// <summary>The object as the server stored it.</summary>
    public async Task<JsonObject> ApplyAsync(PlannedObject planned, CancellationToken cancellationToken)
    {
        var id = planned.Object.Id;
        var type = catalog.Find(id.ApiVersion, id.Kind)
            ?? throw new DiagnosticException(DiagnosticDescriptors.KindNotServed.Because($"The cluster does not serve {id.ApiVersion} {id.Kind}."));
        if (planned.Replacement is { } replacement)
            await client.DeleteAsync(type, id.Namespace, id.Name, replacement.Uid, replacement.Propagation, cancellationToken);
        if (planned.Replacement is not null || planned.IsTerminating)
            await new Deletion(client).AwaitGoneAsync(type, id.Namespace, [id.Name], cancellationToken);
        else if (planned.MigratesFrom.Count > 0)
            await MigrateAsync(type, planned, cancellationToken);
        try
        {
            return await client.ApplyAsync(type, planned.Object.Content, dryRun: false, cancellationToken);
        }
        catch (ApiException refusal) when (refusal.IsFieldConflict && (policy.ForceConflicts || !Foreign(refusal).IsFieldConflict))
        {
            var stored = await client.ApplyAsync(type, planned.Object.Content, dryRun: false, cancellationToken, force: true);
            foreach (var taken in FieldConflict.Of(Foreign(refusal), null, planned.Object.Content, isTaken: true).GroupBy(conflict => conflict.Manager))
                sink.Publish(new DeployEvent.Note($"Took {string.Join(", ", taken.Select(conflict => conflict.Path))} of {id} from {taken.Key}."));
            return stored;
        }
    }

    // The size that we gave a slot ourselves is nobody else's.
    private static ApiException Foreign(ApiException refusal) => refusal.Without([SlotSizes.Manager]);

    private async Task MigrateAsync(ResourceType type, PlannedObject planned, CancellationToken cancellationToken)
    {
        var id = planned.Object.Id;
        while (await client.GetAsync(type, id.Namespace, id.Name, cancellationToken) is { } live && ClientSideFields.Patch(live, planned.Object.Content) is { } patch)
        {
            try
            {
                await client.PatchAsync(type, id.Namespace, id.Name, patch, cancellationToken);
                sink.Publish(new DeployEvent.Note($"Took over what {string.Join(", ", planned.MigratesFrom)} wrote to {id}."));
                return;
            }
            catch (ApiException refusal) when (refusal.Status == HttpStatusCode.Conflict)
            {
                // Somebody wrote since we looked: look again.
            }
        }
    }
}

using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Records;

namespace KubeApps.Deploy.Revisions;

/// <summary>The revisions of an app in the cluster.</summary>
internal sealed class RevisionStore(KubeClient client)
{
    /// <summary>All that can be read, the oldest first: one request.</summary>
    public async Task<IReadOnlyList<Revision>> ListAsync(string app, string ns, CancellationToken cancellationToken)
    {
        var (items, _) = await client.ListAsync(ResourceType.ConfigMap, ns, SelectorOf(app), cancellationToken);
        return [.. items.Select(RevisionObject.Read).OfType<Revision>().Where(item => item.App == app).OrderBy(item => item.Number)];
    }

    /// <summary>The revisions of an app that stands, with what its inventory knows of them.</summary>
    public async Task<IReadOnlyList<Revision>> ListAsync(Inventory inventory, CancellationToken cancellationToken) =>
        RevisionRules.WithInventory(await ListAsync(inventory.App, inventory.Namespace, cancellationToken), inventory);

    /// <summary>Null: its number is taken by another revision.</summary>
    /// <exception cref="ApiException">The server refuses it, or its name is taken by something else.</exception>
    public async Task<Revision?> TryCreateAsync(Revision revision, byte[]? content, CancellationToken cancellationToken)
    {
        var wanted = RevisionObject.Of(revision, content);
        try
        {
            var stored = await client.CreateAsync(ResourceType.ConfigMap, wanted, cancellationToken);
            return revision with { Uid = (string?)stored["metadata"]?["uid"] };
        }
        catch (ApiException refusal) when (refusal.IsAlreadyExists)
        {
            // Perhaps by ourselves: an answer that was lost on its way makes us send again.
            var stored = await client.GetAsync(ResourceType.ConfigMap, revision.Namespace, RevisionObject.NameOf(revision.App, revision.Number), cancellationToken);
            if (stored is not null && RevisionObject.Read(stored) is null)
                throw;
            return JsonNode.DeepEquals(stored?["data"], wanted["data"]) ? revision with { Uid = (string?)stored!["metadata"]!["uid"] } : null;
        }
    }

    /// <summary>Says how far it is; the data stay as they are.</summary>
    public Task SetStateAsync(Revision revision, RevisionState state, CancellationToken cancellationToken) =>
        AnnotateAsync(revision, RevisionObject.AnnotationsOf(state), cancellationToken);

    /// <summary>Says how a revision ended whose run was killed before it could.</summary>
    public async Task SettleAsync(Revision cut, Inventory? inventory, CancellationToken cancellationToken)
    {
        try
        {
            await SetStateAsync(cut, cut.State with { Outcome = RevisionRules.Settled(cut, inventory) }, cancellationToken);
        }
        catch (ApiException refusal) when (refusal.IsNotFound)
        {
            // Somebody deleted it: it needs no last word.
        }
    }

    /// <summary>Says what GitHub has of it; how far it is stays as it is.</summary>
    public Task SetRecordAsync(Revision revision, RecordMark record, CancellationToken cancellationToken) =>
        AnnotateAsync(revision, new JsonObject { [RevisionObject.RecordAnnotation] = record.Write() }, cancellationToken);

    /// <summary>Says that a run wanted just this.</summary>
    public Task ConfirmAsync(Revision revision, WorkflowRun run, CancellationToken cancellationToken) =>
        AnnotateAsync(revision, new JsonObject { [RevisionObject.ConfirmedAnnotation] = run.Url }, cancellationToken);

    public Task<bool> DeleteAsync(Revision revision, CancellationToken cancellationToken) => client.DeleteAsync(
        ResourceType.ConfigMap, revision.Namespace, RevisionObject.NameOf(revision.App, revision.Number), revision.Uid!, "Background", cancellationToken);

    /// <summary>Forgets an app's whole history, also what a later version of the tool wrote of it.</summary>
    public async Task DeleteAllAsync(string app, string ns, CancellationToken cancellationToken)
    {
        foreach (var item in (await client.ListAsync(ResourceType.ConfigMap, ns, SelectorOf(app), cancellationToken)).Items)
            await client.DeleteAsync(ResourceType.ConfigMap, ns, (string)item["metadata"]!["name"]!, (string)item["metadata"]!["uid"]!, "Background", cancellationToken);
    }

    private async Task AnnotateAsync(Revision revision, JsonObject annotations, CancellationToken cancellationToken)
    {
        var change = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = revision.Uid, ["annotations"] = annotations } };
        await client.SendAsync(
            HttpMethod.Patch, ResourceType.ConfigMap.ObjectPath(revision.Namespace, RevisionObject.NameOf(revision.App, revision.Number)) + $"?fieldManager={KubeClient.FieldManager}",
            change, cancellationToken, "application/merge-patch+json");
    }

    private static string SelectorOf(string app) => "labelSelector=" + Uri.EscapeDataString($"{RevisionObject.AppLabel}={app}");
}

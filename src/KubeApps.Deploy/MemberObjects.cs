using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy;

/// <summary>
/// The objects of an app as they stand, read with one request for each kind and namespace in place of one for each object. What is not
/// among them may stand all the same: it is asked for by its name.
/// </summary>
internal sealed class MemberObjects
{
    /// <summary>For fewer, asking by name costs no more.</summary>
    public const int WorthListing = 3;

    private readonly ConcurrentDictionary<(string Group, string Kind, string? Namespace, string Name), JsonObject> _objects = [];

    /// <summary>Reads what the inventory names of the kinds that are asked about.</summary>
    public static async Task<MemberObjects> ReadAsync(
        KubeClient client, ResourceCatalog catalog, Inventory? inventory, string applySet, IEnumerable<ObjectId> asked, CancellationToken cancellationToken)
    {
        var members = new MemberObjects();
        // In the version in which they will be compared, whatever they were applied in before.
        var wanted = asked.GroupBy(id => (id.Group, id.Kind)).ToDictionary(ids => ids.Key, ids => catalog.Find(ids.First().ApiVersion, ids.Key.Kind));
        var groups = (inventory?.Items ?? [])
            .GroupBy(item => (Type: wanted.GetValueOrDefault((item.Id.Group, item.Id.Kind)), item.Id.Namespace))
            .Where(group => group.Key.Type is not null && group.Count() >= WorthListing);
        await Task.WhenAll(groups.Select(group => members.ListAsync(client, group.Key.Type!, group.Key.Namespace, ApplySet.SelectorOf(applySet), cancellationToken)));
        return members;
    }

    /// <summary>An object of the app; null where it is none, or is not known to be one.</summary>
    public JsonObject? Find(ObjectId id) => _objects.GetValueOrDefault((id.Group, id.Kind, id.Namespace, id.Name));

    private async Task ListAsync(KubeClient client, ResourceType type, string? ns, string selector, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var item in (await client.ListAsync(type, ns, selector, cancellationToken)).Items)
            {
                var id = ObjectId.Of(item);
                _objects[(id.Group, id.Kind, id.Namespace, id.Name)] = item;
            }
        }
        catch (ApiException refusal) when (refusal.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            // A role that may only get and patch: every object is asked for by its name.
        }
    }
}

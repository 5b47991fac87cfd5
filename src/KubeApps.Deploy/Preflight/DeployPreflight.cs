using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Preflight;

/// <summary>What would stop a plan half-way, found before its first write: permissions, quotas, and what exists for its checks alone.</summary>
internal sealed class DeployPreflight(KubeClient client, ResourceCatalog catalog)
{
    private static readonly ResourceType Quota = new("", "v1", "ResourceQuota", "resourcequotas", true);
    private static readonly ResourceType LimitRange = new("", "v1", "LimitRange", "limitranges", true);

    private readonly AccessReviews _reviews = new(client);
    private readonly Dictionary<string, Task<IReadOnlyList<JsonObject>>> _quotas = [];

    /// <summary>Asks at once what does not depend on the plan: the rules and quotas of the namespaces of these objects.</summary>
    public void Begin(IEnumerable<ReleaseObject> objects, CancellationToken cancellationToken)
    {
        foreach (var ns in NamespacesOf(objects))
        {
            _reviews.Begin(ns, cancellationToken);
            _quotas.TryAdd(ns, ListAsync(Quota, ns, cancellationToken));
        }
    }

    public async Task<IReadOnlyList<Diagnostic>> RunAsync(ReleasePlan plan, LiveState live, CancellationToken cancellationToken)
    {
        var permissions = PermissionsAsync(RequiredPermissions.Of(plan, Find), cancellationToken);
        var forecast = new QuotaForecast(plan, live, Find);
        var trial = new PreviewTrial(client, catalog).RunAsync(plan, live, cancellationToken);
        var found = new List<Diagnostic>();
        foreach (var ns in NamespacesOf(live.Objects.Select(item => item.Object)).Except(live.MissingNamespaces))
        {
            var quotas = await (_quotas.GetValueOrDefault(ns) ?? ListAsync(Quota, ns, cancellationToken));
            if (quotas.Count > 0)
                found.AddRange(forecast.Of(ns, quotas, await ListAsync(LimitRange, ns, cancellationToken)));
        }

        return [.. await permissions, .. await trial, .. found];
    }

    private ResourceType? Find(ObjectId id) => catalog.Find(id.ApiVersion, id.Kind);

    private IEnumerable<string> NamespacesOf(IEnumerable<ReleaseObject> objects) =>
        objects.Where(item => Find(item.Id) is { Namespaced: true }).Select(item => item.Id.Namespace).OfType<string>().Distinct();

    private async Task<IReadOnlyList<Diagnostic>> PermissionsAsync(IReadOnlyList<Permission> needed, CancellationToken cancellationToken)
    {
        var missing = await _reviews.MissingAsync(needed, cancellationToken);
        if (missing.Count == 0)
            return [];
        var texts = missing
            .GroupBy(item => (item.Namespace, item.Group, item.Resource))
            .Select(group => $"{string.Join(", ", group.Select(item => item.Verb).Distinct())} {group.Key.Resource}{(group.Key.Group.Length == 0 ? "" : $".{group.Key.Group}")}"
                + (group.Key.Namespace is { } ns ? $" in the namespace {ns}" : " (of the cluster)"));
        return [DiagnosticDescriptors.PermissionsMissing.Because($"The plan needs what the role does not allow: {string.Join("; ", texts)}.")];
    }

    private async Task<IReadOnlyList<JsonObject>> ListAsync(ResourceType type, string ns, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.ListAsync(type, ns, null, cancellationToken)).Items;
        }
        catch (ApiException)
        {
            // A role need not show quotas; then the server tells of them when the time comes.
            return [];
        }
    }
}

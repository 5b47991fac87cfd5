using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy;

/// <summary>Where a user reaches an app: what the target says itself, then ingress hosts, then load balancers.</summary>
internal static class AppAddresses
{
    /// <param name="servicesAndIngresses">As they stand.</param>
    /// <param name="entry">The service whose address comes first, where the app names one.</param>
    public static IReadOnlyList<string> Of(IEnumerable<JsonObject> servicesAndIngresses, string? entry = null) =>
        AllOf(servicesAndIngresses.Where(item => !IsPreview(item)), entry);

    /// <summary>Where a user reaches the version that does not serve.</summary>
    public static IReadOnlyList<string> PreviewsOf(IEnumerable<JsonObject> servicesAndIngresses, string? entry = null) =>
        AllOf(servicesAndIngresses.Where(IsPreview), entry is null ? null : PreviewCopy.NameOf(entry));

    /// <summary>The addresses of what stands. Of a deploy that is done: one that is cancelled meanwhile, or may not read them, has been done all the same.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(KubeClient client, IEnumerable<ObjectId> objects, string? entry, CancellationToken cancellationToken) =>
        Of(await FindAsync(client, objects, cancellationToken), entry);

    /// <summary>The addresses of the version that does not serve.</summary>
    public static async Task<IReadOnlyList<string>> PreviewsAsync(KubeClient client, Inventory inventory, CancellationToken cancellationToken) =>
        PreviewsOf(await FindAsync(client, inventory.Items.Select(item => item.Id), cancellationToken), inventory.EntryService);

    private static async Task<List<JsonObject>> FindAsync(KubeClient client, IEnumerable<ObjectId> objects, CancellationToken cancellationToken)
    {
        var groups = objects.Where(id => id.Kind is "Service" or "Ingress").DistinctBy(id => (id.Kind, id.Namespace, id.Name)).GroupBy(id => (id.Kind, id.Namespace));
        var found = await Task.WhenAll(groups.Select(group => FindAsync(
            client, group.Key.Kind == "Service" ? ResourceType.Service : ResourceType.Ingress, group.Key.Namespace, [.. group.Select(id => id.Name)], cancellationToken)));
        return [.. found.SelectMany(group => group)];
    }

    private static async Task<IEnumerable<JsonObject>> FindAsync(
        KubeClient client, ResourceType type, string? ns, HashSet<string> names, CancellationToken cancellationToken)
    {
        try
        {
            if (names.Count >= MemberObjects.WorthListing)
                return (await client.ListAsync(type, ns, null, cancellationToken)).Items.Where(item => names.Contains((string)item["metadata"]!["name"]!));
        }
        catch (ApiException refusal) when (refusal.Status == HttpStatusCode.Forbidden)
        {
            // A role that may only get and patch.
        }
        catch (Exception failure) when (IsTolerated(failure))
        {
            return [];
        }

        return (await Task.WhenAll(names.Select(GetAsync))).OfType<JsonObject>();

        async Task<JsonObject?> GetAsync(string name)
        {
            try
            {
                return await client.GetAsync(type, ns, name, cancellationToken);
            }
            catch (Exception failure) when (IsTolerated(failure))
            {
                return null;
            }
        }

        // Then fewer addresses are told.
        static bool IsTolerated(Exception failure) => failure is OperationCanceledException or ApiException or DiagnosticException;
    }

    private static bool IsPreview(JsonObject item) => item["metadata"]!["labels"]?[PreviewCopy.Label] is not null;

    private static IReadOnlyList<string> AllOf(IEnumerable<JsonObject> servicesAndIngresses, string? entry)
    {
        var objects = servicesAndIngresses
            .OrderByDescending(item => (string?)item["kind"] == "Service" && (string?)item["metadata"]!["name"] == entry)
            .ThenBy(item => (string?)item["metadata"]!["name"], StringComparer.Ordinal)
            .ToList();
        var announced = objects.Select(item => (string?)item["metadata"]!["annotations"]?[BundleConventions.Url]).OfType<string>();
        var hosts = objects.Where(item => (string?)item["kind"] == "Ingress").SelectMany(OfIngress);
        var balancers = objects.Where(item => (string?)item["kind"] == "Service" && (string?)item["spec"]?["type"] == "LoadBalancer").SelectMany(OfBalancer);
        return [.. announced.Concat(hosts).Concat(balancers).Distinct()];
    }

    private static IEnumerable<string> OfIngress(JsonObject ingress)
    {
        var secure = Items(ingress["spec"]?["tls"]).SelectMany(tls => (tls["hosts"] as JsonArray ?? []).Select(host => (string?)host)).ToHashSet();
        foreach (var rule in Items(ingress["spec"]?["rules"]))
            if ((string?)rule["host"] is { } host)
                yield return $"{(secure.Contains(host) ? "https" : "http")}://{host}{Path(rule)}";
    }

    private static string Path(JsonObject rule)
    {
        var path = (string?)Items(rule["http"]?["paths"]).FirstOrDefault()?["path"];
        return path is null or "/" ? "" : path;
    }

    private static IEnumerable<string> OfBalancer(JsonObject service)
    {
        var port = (int?)Items(service["spec"]?["ports"]).FirstOrDefault()?["port"] ?? 80;
        foreach (var address in Items(service["status"]?["loadBalancer"]?["ingress"]))
            if (((string?)address["hostname"] ?? (string?)address["ip"]) is { } host)
                yield return port == 443 ? $"https://{host}" : port == 80 ? $"http://{host}" : $"http://{host}:{port}";
    }

    private static IEnumerable<JsonObject> Items(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();
}

using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Where users enter an app in a cluster.</summary>
/// <param name="Address">What they call: a name of the app, whichever cluster it leads to.</param>
/// <param name="Balancer">The host of the balancer that it shall lead to; null where AWS has not made it yet.</param>
internal sealed record EksEntry(Uri Address, string? Balancer)
{
    private const string DnsNames = "external-dns.alpha.kubernetes.io/hostname";
    private const string ServiceCertificate = "service.beta.kubernetes.io/aws-load-balancer-ssl-cert";
    private const string ServiceScheme = "service.beta.kubernetes.io/aws-load-balancer-scheme";
    private const string IngressScheme = "alb.ingress.kubernetes.io/scheme";
    private const string IngressCertificate = "alb.ingress.kubernetes.io/certificate-arn";

    /// <summary>Whether only a network can reach it.</summary>
    public bool IsInternal { get; init; }

    public string Name => Address.IdnHost;

    /// <summary>The names of an app that stands in a cluster; the one of its entry service comes first.</summary>
    public static async Task<IReadOnlyList<EksEntry>> ReadAsync(KubeClient client, ClusterOwner owner, CancellationToken cancellationToken)
    {
        var (objects, entryService) = await ObjectsAsync(client, owner, cancellationToken);
        return Of(objects, entryService);
    }

    /// <summary>The hosts of all its balancers, also of those that have no name.</summary>
    public static async Task<IReadOnlyList<string>> HostsAsync(KubeClient client, ClusterOwner owner, CancellationToken cancellationToken) =>
        [.. (await ObjectsAsync(client, owner, cancellationToken)).Objects.Select(BalancerOf).OfType<string>().Distinct()];

    private static async Task<(IEnumerable<JsonObject> Objects, string? EntryService)> ObjectsAsync(KubeClient client, ClusterOwner owner, CancellationToken cancellationToken)
    {
        var inventories = await new AppLocator(client).FindAllAsync(owner.App, owner.Environment, null, cancellationToken);
        if (inventories.FirstOrDefault(inventory => !inventory.IsTransient) is not { } app)
            return ([], null);
        var objects = await Task.WhenAll(app.Items.Select(item => item.Id).Where(id => id.Kind is "Service" or "Ingress").Select(id =>
            client.GetAsync(id.Kind == "Service" ? ResourceType.Service : ResourceType.Ingress, id.Namespace, id.Name, cancellationToken)));
        return (objects.OfType<JsonObject>(), app.EntryService);
    }

    /// <summary>The same of objects as they stand. A name with <c>*</c> is nobody's address, and left alone.</summary>
    public static IReadOnlyList<EksEntry> Of(IEnumerable<JsonObject> servicesAndIngresses, string? entryService) =>
    [
        .. servicesAndIngresses.OrderByDescending(item => Kind(item) == "Service" && (string?)item["metadata"]!["name"] == entryService)
            .ThenBy(item => (string?)item["metadata"]!["name"], StringComparer.Ordinal)
            .SelectMany(item => Kind(item) == "Ingress" ? OfIngress(item) : (string?)item["spec"]?["type"] == "LoadBalancer" ? OfService(item) : [])
            .DistinctBy(entry => entry.Name),
    ];

    /// <summary>
    /// Where users enter by nothing that could lead them to one cluster or another: a load balancer of a service or an ingress without a name, or a name with
    /// <c>*</c>. An ingress may take other requests, too, beside those of its names: they come by the same balancer.
    /// </summary>
    /// <returns>In words: <c>Ingress admin has no name</c>.</returns>
    public static IReadOnlyList<string> Unled(IEnumerable<JsonObject> servicesAndIngresses) =>
    [
        .. servicesAndIngresses.Where(item => Kind(item) == "Ingress" || (Kind(item) == "Service" && (string?)item["spec"]?["type"] == "LoadBalancer"))
            .Select(item => (Object: $"{Kind(item)} {(string?)item["metadata"]!["name"]}", Names: NamesOf(item).ToList()))
            .SelectMany(item => item.Names.Count == 0 ? [$"{item.Object} has no name"] : item.Names.Where(name => !IsAddress(name)).Select(name => $"{item.Object} has the name {name}"))
            .Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> NamesOf(JsonObject item) =>
        Items(item["spec"]?["rules"]).Select(rule => (string?)rule["host"]).Where(name => !string.IsNullOrEmpty(name)).Select(name => name!).Concat(AllAnnounced(item)).Distinct();

    private static IEnumerable<EksEntry> OfService(JsonObject service)
    {
        var port = (int?)Items(service["spec"]?["ports"]).FirstOrDefault()?["port"] ?? 80;
        var isSecure = port == 443 || Annotation(service, ServiceCertificate) is not null;
        return Announced(service).Select(name => new EksEntry(new UriBuilder(isSecure ? "https" : "http", name, port is 80 or 443 ? -1 : port).Uri, BalancerOf(service)) { IsInternal = Annotation(service, ServiceScheme) == "internal" });
    }

    private static IEnumerable<EksEntry> OfIngress(JsonObject ingress)
    {
        var secure = Items(ingress["spec"]?["tls"]).SelectMany(tls => tls["hosts"] as JsonArray ?? []).Select(host => (string?)host).ToHashSet();
        var names = Items(ingress["spec"]?["rules"]).Select(rule => (string?)rule["host"]).OfType<string>().Where(IsAddress).Concat(Announced(ingress)).Distinct();
        return names.Select(name => new EksEntry(
            new UriBuilder(secure.Contains(name) || Annotation(ingress, IngressCertificate) is not null ? "https" : "http", name).Uri, BalancerOf(ingress))
        {
            IsInternal = Annotation(ingress, IngressScheme) == "internal",
        });
    }

    private static IEnumerable<string> Announced(JsonObject item) => AllAnnounced(item).Where(IsAddress);

    private static IEnumerable<string> AllAnnounced(JsonObject item) =>
        (Annotation(item, DnsNames) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(name => name.TrimEnd('.'));

    private static bool IsAddress(string name) => Uri.CheckHostName(name) == UriHostNameType.Dns;

    private static string? BalancerOf(JsonObject item) => Items(item["status"]?["loadBalancer"]?["ingress"]).Select(address => (string?)address["hostname"]).OfType<string>().FirstOrDefault();

    private static string? Annotation(JsonObject item, string key) => (string?)item["metadata"]!["annotations"]?[key];

    private static string? Kind(JsonObject item) => (string?)item["kind"];

    private static IEnumerable<JsonObject> Items(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();
}

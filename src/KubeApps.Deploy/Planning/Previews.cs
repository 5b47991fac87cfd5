using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Planning;

/// <summary>The way to the version that does not serve: a Service beside each one that is switched, and a host beside each one of an Ingress.</summary>
internal static class Previews
{
    private const string HostPrefix = "preview.";

    // What would be taken already.
    private static readonly string[] OfOneAlone = ["clusterIP", "clusterIPs", "externalName"];

    /// <summary>Null for one without an address of its own, which has nothing to be called by.</summary>
    public static ReleaseObject? OfService(ReleaseObject service) => (string?)service.Content["spec"]?["clusterIP"] == "None" ? null : Second(service);

    /// <summary>A second Service like one, with no more than a second one may have: it is reached from inside the cluster.</summary>
    public static ReleaseObject Second(ReleaseObject service)
    {
        var content = Copy(service);
        var spec = (JsonObject)content["spec"]!;
        Openings.Close(spec);
        foreach (var field in OfOneAlone)
            spec.Remove(field);
        return service.With(content);
    }

    /// <summary>The same rules for hosts of their own. Null where no host leads to a Service that has a preview.</summary>
    public static ReleaseObject? OfIngress(ReleaseObject ingress, IReadOnlySet<ObjectId> previews)
    {
        var content = Copy(ingress);
        var spec = (JsonObject)content["spec"]!;
        spec.Remove("defaultBackend");
        var rules = new JsonArray();
        foreach (var rule in (spec["rules"] as JsonArray ?? []).OfType<JsonObject>().Select(rule => (JsonObject)rule.DeepClone()))
        {
            var isLed = false;
            foreach (var path in (rule["http"]?["paths"] as JsonArray ?? []).OfType<JsonObject>())
                if (path["backend"]?["service"] is JsonObject backend && PreviewOf((string?)backend["name"]) is { } preview)
                    (backend["name"], isLed) = (preview, true);
            if (!isLed || (string?)rule["host"] is not { } host || !IsOneHost(host))
                continue;
            rule["host"] = HostPrefix + host;
            rules.Add((JsonNode)rule);
        }

        if (rules.Count == 0)
            return null;
        spec["rules"] = rules;
        foreach (var tls in (spec["tls"] as JsonArray ?? []).OfType<JsonObject>().ToList())
        {
            if (tls["hosts"] is JsonArray hosts)
                tls["hosts"] = new JsonArray([.. hosts.Select(host => (string?)host ?? "").Where(IsOneHost).Select(host => (JsonNode)(HostPrefix + host))]);
            if ((string?)tls["secretName"] is { } secret)
                tls["secretName"] = PreviewCopy.NameOf(secret);
            if (tls["hosts"] is JsonArray { Count: 0 })
                ((JsonArray)spec["tls"]!).Remove(tls);
        }

        return ingress.With(content);

        static bool IsOneHost(string host) => host.Length > 0 && !host.StartsWith('*');

        string? PreviewOf(string? service) => previews
            .FirstOrDefault(id => id.Namespace == ingress.Id.Namespace && service is not null && id.Name == PreviewCopy.NameOf(service))?.Name;
    }

    private static JsonObject Copy(ReleaseObject item)
    {
        var content = item.Content;
        var metadata = (JsonObject)content["metadata"]!;
        metadata["name"] = PreviewCopy.NameOf(item.Id.Name);
        // What is said about the original (an address, a balancer's settings) is not true of it.
        if (item.Id.Kind == "Service")
            metadata.Remove("annotations");
        else
            (metadata["annotations"] as JsonObject)?.Remove(Bundles.BundleConventions.Url);
        (metadata["labels"] ??= new JsonObject())[PreviewCopy.Label] = PreviewCopy.LabelOf(item.Id.Name);
        return content;
    }
}

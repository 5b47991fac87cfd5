using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>What the API serves, in the two forms that clients ask for: group by group, and all at once (aggregated).</summary>
internal sealed class Discovery(ResourceCatalog catalog)
{
    private static readonly string[] CreateOnly = ["create"];
    private static readonly string[] GetPatchUpdate = ["get", "patch", "update"];

    public JsonObject CoreVersions(string serverAddress) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = serverAddress }),
    };

    public JsonObject Groups()
    {
        var groups = new JsonArray();
        foreach (var group in ByGroup().Where(group => group.Key.Length > 0))
            groups.Add(Group(group));
        return new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = groups };
    }

    /// <summary>One group; null if nothing of it is served.</summary>
    public JsonObject? Group(string name)
    {
        if (ByGroup().FirstOrDefault(group => group.Key == name) is not { } group)
            return null;
        var described = new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" };
        foreach (var (key, value) in Group(group))
            described[key] = value?.DeepClone();
        return described;
    }

    /// <summary>The resources of a version; null if nothing of it is served.</summary>
    public JsonObject? Resources(string group, string version)
    {
        var resources = new JsonArray();
        foreach (var served in catalog.All().Where(served => served.Type.Group == group && served.Type.Version == version).OrderBy(served => served.Type.Plural, StringComparer.Ordinal))
        {
            var resource = new JsonObject
            {
                ["name"] = served.Type.Plural,
                ["singularName"] = served.Singular,
                ["namespaced"] = served.Type.Namespaced,
                ["kind"] = served.Type.Kind,
                ["verbs"] = Texts(served.Verbs),
            };
            if (served.ShortNames.Count > 0)
                resource["shortNames"] = Texts(served.ShortNames);
            if (served.Categories.Count > 0)
                resource["categories"] = Texts(served.Categories);
            resource["storageVersionHash"] = served.StorageVersionHash;
            resources.Add(resource);
            foreach (var subresource in served.Subresources)
            {
                var (kind, verbs) = Describe(served, subresource);
                var described = new JsonObject
                {
                    ["name"] = $"{served.Type.Plural}/{subresource}",
                    ["singularName"] = "",
                    ["namespaced"] = served.Type.Namespaced,
                };
                if (kind.ApiVersion != served.Type.ApiVersion)
                {
                    described["group"] = kind.Group;
                    described["version"] = kind.Version;
                }

                described["kind"] = kind.Kind;
                described["verbs"] = Texts(verbs);
                resources.Add(described);
            }
        }

        foreach (var (plural, kind) in version == "v1" && Reviews.Served.TryGetValue(group, out var reviews) ? reviews : [])
        {
            resources.Add(new JsonObject
            {
                ["name"] = plural,
                ["singularName"] = kind.ToLowerInvariant(),
                ["namespaced"] = false,
                ["kind"] = kind,
                ["verbs"] = Texts(CreateOnly),
            });
        }

        if (resources.Count == 0)
            return null;
        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = resources,
        };
    }

    /// <summary>Every group but the core one, or the core one alone, with all resources.</summary>
    public JsonObject Aggregated(bool core, string discoveryVersion)
    {
        var items = new JsonArray();
        foreach (var group in ByGroup().Where(group => (group.Key.Length == 0) == core))
        {
            var versions = new JsonArray();
            foreach (var version in group.Select(each => each.Version).Distinct())
            {
                var resources = new JsonArray();
                foreach (var served in catalog.All().Where(served => served.Type.Group == group.Key && served.Type.Version == version).OrderBy(served => served.Type.Plural, StringComparer.Ordinal))
                    resources.Add(Aggregate(served));
                foreach (var (plural, kind) in Reviews.Served.TryGetValue(group.Key, out var reviews) ? reviews : [])
                    resources.Add(Entry(plural, kind, "Cluster", kind.ToLowerInvariant(), CreateOnly));
                versions.Add(new JsonObject { ["version"] = version, ["resources"] = resources, ["freshness"] = "Current" });
            }

            var metadata = new JsonObject();
            if (!core)
                metadata["name"] = group.Key;
            items.Add(new JsonObject { ["metadata"] = metadata, ["versions"] = versions });
        }

        return new JsonObject
        {
            ["kind"] = "APIGroupDiscoveryList",
            ["apiVersion"] = $"apidiscovery.k8s.io/{discoveryVersion}",
            ["metadata"] = new JsonObject(),
            ["items"] = items,
        };
    }

    private static JsonObject Aggregate(ServedResource served)
    {
        var entry = Entry(served.Type.Plural, served.Type.Kind, served.Type.Namespaced ? "Namespaced" : "Cluster", served.Singular, served.Verbs);
        if (served.IsCustom)
            entry["responseKind"] = ResponseKind(served.Type.Group, served.Type.Version, served.Type.Kind);
        if (served.ShortNames.Count > 0)
            entry["shortNames"] = Texts(served.ShortNames);
        if (served.Categories.Count > 0)
            entry["categories"] = Texts(served.Categories);
        if (served.Subresources.Count == 0)
            return entry;
        var subresources = new JsonArray();
        foreach (var subresource in served.Subresources)
        {
            var (kind, verbs) = Describe(served, subresource);
            var isOther = kind.ApiVersion != served.Type.ApiVersion || served.IsCustom;
            subresources.Add(new JsonObject
            {
                ["subresource"] = subresource,
                ["responseKind"] = isOther ? ResponseKind(kind.Group, kind.Version, kind.Kind) : ResponseKind("", "", kind.Kind),
                ["verbs"] = Texts(verbs),
            });
        }

        entry["subresources"] = subresources;
        return entry;
    }

    private static JsonObject Entry(string plural, string kind, string scope, string singular, IEnumerable<string> verbs) => new()
    {
        ["resource"] = plural,
        // An empty group and version mean: those that this resource is listed under.
        ["responseKind"] = ResponseKind("", "", kind),
        ["scope"] = scope,
        ["singularResource"] = singular,
        ["verbs"] = Texts(verbs),
    };

    private static JsonObject ResponseKind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };

    private static (ResourceType Kind, string[] Verbs) Describe(ServedResource served, string subresource) => subresource switch
    {
        "scale" => (new ResourceType("autoscaling", "v1", "Scale", "", true), GetPatchUpdate),
        "eviction" => (new ResourceType("policy", "v1", "Eviction", "", true), CreateOnly),
        "log" => (served.Type, ["get"]),
        "portforward" => (served.Type with { Kind = "PodPortForwardOptions" }, ["create", "get"]),
        "finalize" => (served.Type, ["update"]),
        _ => (served.Type, GetPatchUpdate),
    };

    private static JsonObject Group(IGrouping<string, (string Group, string Version)> group)
    {
        var versions = new JsonArray();
        foreach (var version in group.Select(each => each.Version).Distinct())
            versions.Add(new JsonObject { ["groupVersion"] = $"{group.Key}/{version}", ["version"] = version });
        return new JsonObject
        {
            ["name"] = group.Key,
            ["versions"] = versions,
            ["preferredVersion"] = versions[0]!.DeepClone(),
        };
    }

    /// <summary>The groups in the order of the real server.</summary>
    private IEnumerable<IGrouping<string, (string Group, string Version)>> ByGroup()
    {
        string[] first = ["", "apps", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch"];
        return catalog.All().Select(served => (served.Type.Group, served.Type.Version))
            .Concat(Reviews.Served.Keys.Select(group => (Group: group, Version: "v1")))
            .GroupBy(each => each.Group)
            .OrderBy(group => Array.IndexOf(first, group.Key) is var at and >= 0 ? at : first.Length);
    }

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];
}

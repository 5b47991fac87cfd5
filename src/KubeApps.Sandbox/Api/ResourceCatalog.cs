using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api;

/// <summary>Which resources the API serves: the built-in ones, and those of the CustomResourceDefinitions that are in the store.</summary>
internal sealed class ResourceCatalog(ObjectStore store)
{
    private static readonly IReadOnlyList<ServedResource> BuiltIn = [.. ResourceTypes.All.Select(Describe)];

    private static readonly FrozenDictionary<(string Group, string Version, string Plural), ServedResource> ByPath =
        BuiltIn.ToFrozenDictionary(served => (served.Type.Group, served.Type.Version, served.Type.Plural));

    private readonly ConcurrentDictionary<string, (JsonObject Definition, ServedResource? Served)> _custom = [];

    /// <summary>The resource behind a path; null if there is none.</summary>
    public ServedResource? Find(string group, string version, string plural)
    {
        if (ByPath.TryGetValue((group, version, plural), out var served))
            return served;
        var definition = store.Get(new ObjectKey(ResourceTypes.CustomResourceDefinition, null, $"{plural}.{group}"));
        return definition is null || FromDefinition(definition) is not { } custom || custom.Type.Version != version ? null : custom;
    }

    public ServedResource? Find(ResourceType type) => Find(type.Group, type.Version, type.Plural);

    /// <summary>Everything that is served, built-in first.</summary>
    public IEnumerable<ServedResource> All() => BuiltIn.Concat(
        from definition in store.List(ResourceTypes.CustomResourceDefinition, null).Items
        let custom = FromDefinition(definition)
        where custom is not null
        select custom);

    private ServedResource? FromDefinition(JsonObject definition)
    {
        var name = (string)definition["metadata"]!["name"]!;
        if (_custom.TryGetValue(name, out var known) && ReferenceEquals(known.Definition, definition))
            return known.Served;
        var served = Read(definition);
        _custom[name] = (definition, served);
        return served;
    }

    private static ServedResource? Read(JsonObject definition)
    {
        var spec = definition["spec"]!;
        var names = spec["names"]!;
        // Objects are kept and served in the storage version; the sandbox converts between no versions.
        var version = spec["versions"]!.AsArray().FirstOrDefault(each => (bool?)each!["storage"] == true);
        if (version is null || (bool?)version["served"] != true)
            return null;
        var kind = (string)names["kind"]!;
        var type = new ResourceType(
            (string)spec["group"]!, (string)version["name"]!, kind, (string)names["plural"]!, (string?)spec["scope"] != "Cluster");
        var subresources = version["subresources"] as JsonObject;
        var scale = subresources?["scale"];
        return new ServedResource(type)
        {
            IsCustom = true,
            Singular = (string?)names["singular"] ?? kind.ToLowerInvariant(),
            ListKind = (string?)names["listKind"] ?? kind + "List",
            ShortNames = Texts(names["shortNames"]),
            Categories = Texts(names["categories"]),
            Subresources = [.. new[] { "scale", "status" }.Where(each => subresources?.ContainsKey(each) == true)],
            ScalePaths = scale is null
                ? null
                : new ScalePaths((string)scale["specReplicasPath"]!, (string)scale["statusReplicasPath"]!, (string?)scale["labelSelectorPath"]),
        };
    }

    private static IReadOnlyList<string> Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(item => (string)item!)];

    private static ServedResource Describe(ResourceType type)
    {
        string[] status = ["status"];
        string[] scale = ["scale", "status"];
        string[] all = ["all"];
        var plain = new ServedResource(type);
        return type.Plural switch
        {
            "configmaps" => plain with { ShortNames = ["cm"] },
            "endpoints" => plain with { ShortNames = ["ep"] },
            "events" => plain with { ShortNames = ["ev"] },
            "limitranges" => plain with { ShortNames = ["limits"] },
            "namespaces" => plain with { ShortNames = ["ns"], Subresources = ["finalize", "status"] },
            "nodes" => plain with { ShortNames = ["no"], Subresources = status },
            "persistentvolumeclaims" => plain with { ShortNames = ["pvc"], Subresources = status },
            "persistentvolumes" => plain with { ShortNames = ["pv"], Subresources = status },
            "pods" => plain with { ShortNames = ["po"], Categories = all, Subresources = ["eviction", "log", "portforward", "status"] },
            "replicationcontrollers" => plain with { ShortNames = ["rc"], Categories = all, Subresources = scale },
            "resourcequotas" => plain with { ShortNames = ["quota"], Subresources = status },
            "serviceaccounts" => plain with { ShortNames = ["sa"] },
            "services" => plain with { ShortNames = ["svc"], Categories = all, Subresources = status },
            "daemonsets" => plain with { ShortNames = ["ds"], Categories = all, Subresources = status },
            "deployments" => plain with { ShortNames = ["deploy"], Categories = all, Subresources = scale },
            "replicasets" => plain with { ShortNames = ["rs"], Categories = all, Subresources = scale },
            "statefulsets" => plain with { ShortNames = ["sts"], Categories = all, Subresources = scale },
            "horizontalpodautoscalers" => plain with { ShortNames = ["hpa"], Categories = all, Subresources = status },
            "cronjobs" => plain with { ShortNames = ["cj"], Categories = all, Subresources = status },
            "jobs" => plain with { Categories = all, Subresources = status },
            "ingresses" => plain with { ShortNames = ["ing"], Subresources = status },
            "ipaddresses" => plain with { ShortNames = ["ip"] },
            "networkpolicies" => plain with { ShortNames = ["netpol"] },
            "servicecidrs" => plain with { Subresources = status },
            "poddisruptionbudgets" => plain with { ShortNames = ["pdb"], Subresources = status },
            "storageclasses" => plain with { ShortNames = ["sc"] },
            "volumeattachments" => plain with { Subresources = status },
            "volumeattributesclasses" => plain with { ShortNames = ["vac"] },
            "customresourcedefinitions" => plain with
            {
                ShortNames = ["crd", "crds"],
                Categories = ["api-extensions"],
                Subresources = status,
            },
            _ => plain,
        };
    }
}

using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api;

/// <summary>A kind that the API serves, built in or from a CustomResourceDefinition.</summary>
internal sealed record ResourceType(string Group, string Version, string Kind, string Plural, bool Namespaced)
{
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>As the API names the type in messages: <c>deployments.apps</c>, <c>pods</c>.</summary>
    public string QualifiedPlural => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>As the API names the kind in messages: <c>Deployment.apps</c>, <c>Pod</c>.</summary>
    public string QualifiedKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";
}

/// <summary>What names an object: its type, its namespace (null for cluster-wide kinds) and its name.</summary>
internal readonly record struct ObjectKey(ResourceType Type, string? Namespace, string Name);

internal enum WatchEventType
{
    Added,
    Modified,
    Deleted,
    Bookmark,
}

/// <summary>One change. <see cref="Object"/> is shared: never change it, clone it first.</summary>
internal sealed record WatchEvent(WatchEventType Type, JsonObject Object, long ResourceVersion, JsonObject? Previous = null)
{
    /// <summary>The object as it was stored; for a deletion its last state.</summary>
    public required StoredObject Stored { get; init; }

    /// <summary>What was stored before; null when the object is new.</summary>
    public StoredObject? StoredBefore { get; init; }

    public ObjectKey Key => Stored.Key;
}

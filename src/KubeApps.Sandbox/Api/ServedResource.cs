using System.Security.Cryptography;
using System.Text;

namespace KubeApps.Sandbox.Api;

/// <summary>How a type appears in the API: its other names, and what can be done with it.</summary>
internal sealed record ServedResource(ResourceType Type)
{
    public string Singular { get; init; } = Type.Kind.ToLowerInvariant();

    public string ListKind { get; init; } = Type.Kind + "List";

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary><c>status</c> and <c>scale</c>.</summary>
    public IReadOnlyList<string> Subresources { get; init; } = [];

    /// <summary>Where a custom resource keeps its replicas; null for built-in kinds.</summary>
    public ScalePaths? ScalePaths { get; init; }

    public bool IsCustom { get; init; }

    /// <summary>Namespaces cannot be deleted as a collection.</summary>
    public IReadOnlyList<string> Verbs => Type == ResourceTypes.Namespace
        ? ["create", "delete", "get", "list", "patch", "update", "watch"]
        : ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    public string StorageVersionHash =>
        Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes($"{Type.Group}/{Type.Version}/{Type.Kind}")).AsSpan(0, 8));
}

/// <summary>Dotted paths in a custom object: <c>.spec.replicas</c>.</summary>
internal sealed record ScalePaths(string Spec, string Status, string? Selector);

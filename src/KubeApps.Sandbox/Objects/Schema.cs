using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects;

internal enum SchemaKind
{
    /// <summary>Anything goes, and nothing is known of it.</summary>
    Any,

    /// <summary>An object with named fields.</summary>
    Struct,

    /// <summary>An object with free keys and values of one type.</summary>
    Map,
    List,
    String,
    Integer,
    Number,
    Boolean,
    Quantity,
    IntOrString,
    Time,
    MicroTime,
    Bytes,
}

/// <summary>How the items of a list relate to those of another version of that list (<c>x-kubernetes-list-type</c>).</summary>
internal enum ListRelation
{
    Atomic,
    Set,
    Map,
}

/// <summary>What is known of a value: a compact form of an OpenAPI or structural schema. Types may be recursive.</summary>
internal sealed class SchemaType(SchemaKind kind)
{
    public static readonly SchemaType Any = new(SchemaKind.Any);

    public SchemaKind Kind { get; } = kind;

    /// <summary>Name in the OpenAPI document (<c>io.k8s.api.apps.v1.DeploymentSpec</c>); empty for unnamed types.</summary>
    public string Name { get; init; } = "";

    /// <summary>The Go type as decoding errors name it (<c>int32</c>, <c>v1.PodTemplateSpec</c>).</summary>
    public string GoName { get; init; } = "";

    /// <summary>Fields of a <see cref="SchemaKind.Struct"/>, in the order in which the server writes them.</summary>
    public Dictionary<string, SchemaField> Fields { get; } = [];

    /// <summary>Of list items or map values.</summary>
    public SchemaType Items { get; set; } = Any;

    public ListRelation Relation { get; init; }

    /// <summary>The fields that tell the items of a <see cref="ListRelation.Map"/> apart.</summary>
    public IReadOnlyList<string> ListKeys { get; init; } = [];

    /// <summary>A map or struct that is owned, compared and replaced as one.</summary>
    public bool Atomic { get; init; }

    public bool PreserveUnknownFields { get; init; }

    public bool Int32 { get; init; }

    /// <summary>Rules of a custom resource's schema; null for built-in types, whose rules are code.</summary>
    public StructuralRules? Rules { get; init; }

    public SchemaField? Field(string name) => Fields.GetValueOrDefault(name);

    /// <summary>The type below a key: of a struct's field, a map's value, or <see cref="Any"/>.</summary>
    public SchemaType Child(string key) => Kind == SchemaKind.Map ? Items : Field(key)?.Type ?? Any;
}

internal sealed record SchemaField(string Name, SchemaType Type)
{
    /// <summary>The default of the OpenAPI schema or custom resource; null if there is none.</summary>
    public JsonNode? Default { get; init; }

    public bool Required { get; init; }

    /// <summary>Written even if empty: the server's type is a plain value that it never leaves out (<c>status: {}</c>).</summary>
    public bool AlwaysWritten { get; init; }

    /// <summary>An absent list or map is written as <c>null</c>.</summary>
    public bool NullIfAbsent { get; init; }

    /// <summary>The zero value (<c>0</c>, <c>false</c>, <c>""</c>) is kept: the server's type tells it from "not set".</summary>
    public bool KeepsZero { get; init; }

    /// <summary>As in strategic merge patches: <c>merge</c>, <c>replace</c>, <c>retainKeys</c>, comma separated.</summary>
    public string PatchStrategy { get; init; } = "";

    public string? PatchMergeKey { get; init; }

    public bool Nullable { get; init; }
}

using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>
/// Changes a rendered object, for what the specification has no word for. Paths are JSON pointers (RFC 6901): <c>/spec/template/spec/hostNetwork</c>;
/// an item of a list can also be named by its <c>name</c>: <c>/spec/template/spec/containers/web/tty</c>.
/// </summary>
/// <example>
/// <code>
/// app.Patch(web)
///     .Set("/spec/template/spec/priorityClassName", "high")
///     .Remove("/spec/template/spec/containers/web/livenessProbe");
/// </code>
/// </example>
public sealed class ObjectPatch
{
    [JsonConstructor]
    internal ObjectPatch()
    {
    }

    internal ObjectPatch(string kind, string name, SourceLocation location) => (Kind, Name, Location) = (kind, name, location);

    /// <summary>The kind of the object: <c>Deployment</c>.</summary>
    [JsonInclude]
    public string Kind { get; internal set; } = "";

    /// <summary>The name of the object, without the hash that the names of configurations and jobs get.</summary>
    [JsonInclude]
    public string Name { get; internal set; } = "";

    /// <summary>What is done, in this order.</summary>
    [JsonInclude]
    public List<PatchOperation> Operations { get; internal set; } = [];

    /// <summary>The file of the specification that says so, relative to the project's directory.</summary>
    [JsonInclude]
    public string? File { get; internal set; }

    /// <summary>The line in <see cref="File"/>.</summary>
    [JsonInclude]
    public int Line { get; internal set; }

    internal SourceLocation? Location { get; }

    /// <summary>Sets a value; what leads to it is made where it is missing. <c>-</c> as last part appends to a list.</summary>
    public ObjectPatch Set(string path, JsonNode? value)
    {
        Operations.Add(new PatchOperation { Path = path, Value = value?.DeepClone() });
        return this;
    }

    /// <summary>Removes a value; it is an error if it is not there.</summary>
    public ObjectPatch Remove(string path)
    {
        Operations.Add(new PatchOperation { Path = path, IsRemoval = true });
        return this;
    }
}

/// <summary>One step of an <see cref="ObjectPatch"/>.</summary>
public sealed class PatchOperation
{
    [JsonConstructor]
    internal PatchOperation()
    {
    }

    /// <summary>The place: a JSON pointer.</summary>
    [JsonInclude]
    public string Path { get; internal set; } = "";

    /// <summary>The new value.</summary>
    [JsonInclude]
    public JsonNode? Value { get; internal set; }

    /// <summary>Whether the value at the place is removed.</summary>
    [JsonInclude]
    public bool IsRemoval { get; internal set; }
}

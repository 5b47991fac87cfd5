using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>A place to deploy to, with a name.</summary>
/// <example><code>new DeployEnvironment("prod", Target.Eks("123456789012", "eu-central-1"))</code></example>
public sealed class DeployEnvironment
{
    [JsonConstructor]
    internal DeployEnvironment()
    {
    }

    /// <summary>Names an environment and says where it lives.</summary>
    /// <param name="name">DNS-1123 label of at most 20 characters: <c>local</c>, <c>staging</c>, <c>prod</c>.</param>
    /// <param name="target">The cluster. Default: the built-in sandbox.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public DeployEnvironment(string name, Target? target = null, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        Name = name;
        Target = target ?? Target.Sandbox;
        Location = new SourceLocation(file, line);
    }

    /// <summary>The name of the environment.</summary>
    [JsonInclude]
    public string Name { get; internal set; } = "";

    /// <summary>Where it lives.</summary>
    [JsonInclude]
    public Target Target { get; internal set; } = Target.Sandbox;

    internal SourceLocation? Location { get; }

    /// <summary>Whether this environment has that name (case does not matter).</summary>
    public bool Is(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);
}

using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>
/// What an environment variable is set to: a text (a string converts by itself), a key of a <see cref="Config"/>, a key of a
/// <see cref="Secret"/>, or a field of the pod.
/// </summary>
/// <seealso href="https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/"/>
public sealed class EnvironmentValue
{
    [JsonConstructor]
    internal EnvironmentValue()
    {
    }

    /// <summary>The text itself. Never a secret.</summary>
    [JsonInclude]
    public string? Text { get; internal set; }

    /// <summary>The configuration that holds <see cref="Key"/>.</summary>
    [JsonInclude]
    public string? Config { get; internal set; }

    /// <summary>The secret that holds <see cref="Key"/>.</summary>
    [JsonInclude]
    public string? Secret { get; internal set; }

    /// <summary>The key in the configuration or secret.</summary>
    [JsonInclude]
    public string? Key { get; internal set; }

    /// <summary>A field of the pod: <c>metadata.name</c>, <c>status.podIP</c>.</summary>
    [JsonInclude]
    public string? Field { get; internal set; }

    /// <summary>The value under a key of a configuration.</summary>
    public static EnvironmentValue FromConfig(string config, string key) => new() { Config = config, Key = key };

    /// <summary>The value under a key of a secret.</summary>
    public static EnvironmentValue FromSecret(string secret, string key) => new() { Secret = secret, Key = key };

    /// <summary>A field of the pod: <c>metadata.name</c>, <c>metadata.namespace</c>, <c>spec.nodeName</c>, <c>status.podIP</c>…</summary>
    /// <seealso href="https://kubernetes.io/docs/concepts/workloads/pods/downward-api/"/>
    public static EnvironmentValue FromField(string path) => new() { Field = path };

    /// <summary>A text is a value.</summary>
    public static implicit operator EnvironmentValue(string text) => new() { Text = text };
}

/// <summary>All values of a configuration or a secret, for <see cref="Container.EnvironmentFrom"/>; the part itself converts to it.</summary>
public sealed class EnvironmentSource
{
    [JsonConstructor]
    internal EnvironmentSource()
    {
    }

    /// <summary>The configuration, by name.</summary>
    [JsonInclude]
    public string? Config { get; internal set; }

    /// <summary>The secret, by name.</summary>
    [JsonInclude]
    public string? Secret { get; internal set; }

    /// <summary>What stands before each name. Default: nothing.</summary>
    [JsonInclude]
    public string? Prefix { get; internal set; }

    /// <summary>All values of a configuration, with something before their names.</summary>
    /// <param name="config">The configuration, by name.</param>
    /// <param name="prefix">What stands before each name: <c>SEARCH_</c>.</param>
    public static EnvironmentSource FromConfig(string config, string prefix) => new() { Config = config, Prefix = prefix };

    /// <summary>All values of a secret, with something before their names.</summary>
    /// <param name="secret">The secret, by name.</param>
    /// <param name="prefix">What stands before each name: <c>DB_</c>.</param>
    public static EnvironmentSource FromSecret(string secret, string prefix) => new() { Secret = secret, Prefix = prefix };

    /// <summary>All values of a configuration.</summary>
    public static implicit operator EnvironmentSource(Config config) => new() { Config = config.Name };

    /// <summary>All values of a secret.</summary>
    public static implicit operator EnvironmentSource(Secret secret) => new() { Secret = secret.Name };
}

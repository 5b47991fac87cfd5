using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>
/// Configuration by key: an immutable ConfigMap whose name carries a hash of its content, so that a changed value rolls out like a changed
/// image, and an old version keeps its own. Never put a secret in it.
/// </summary>
/// <seealso href="https://kubernetes.io/docs/concepts/configuration/configmap/"/>
/// <example>
/// <code>
/// var config = app.Add(new Config("web") { Values = { ["greeting"] = "Hello" }, Files = { "appsettings.Production.json" } });
/// container.Environment["Greeting"] = config.Key("greeting");
/// </code>
/// </example>
public sealed class Config : AppPart
{
    [JsonConstructor]
    internal Config()
    {
    }

    /// <summary>A configuration.</summary>
    /// <param name="name">Its name: a DNS-1123 label of at most 52 characters (a hash is appended).</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public Config(string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        : base(name, file, line)
    {
    }

    /// <summary>
    /// Texts by key. A key has letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, at most 253; all keys and texts together have at most 1 MiB. What looks like a
    /// password is refused.
    /// </summary>
    public Dictionary<string, string> Values { get; set; } = [];

    /// <summary>
    /// Text files whose content goes in under their file name; relative to the project's directory. They are read when the
    /// specification is evaluated.
    /// </summary>
    public List<string> Files { get; set; } = [];

    /// <summary>The value under a key, for an environment variable.</summary>
    public EnvironmentValue Key(string key) => EnvironmentValue.FromConfig(Name, key);
}

using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>Where the values of a <see cref="Secret"/> come from.</summary>
public enum SecretSource
{
    /// <summary>Somebody else puts the Secret into the namespace; it is only named.</summary>
    Existing,

    /// <summary>
    /// The deploy makes the Secret from environment variables of its own process. <see cref="Secret.Keys"/> says which variable is which key.
    /// </summary>
    Environment,

    /// <summary>
    /// The External Secrets Operator of the cluster fetches it from a secret store. <see cref="Secret.Keys"/> says where each key
    /// stands in the store: <c>path</c> or <c>path#property</c>.
    /// </summary>
    Store,

    /// <summary>
    /// The first deploy makes a random value of 256 bits (64 hex digits) for each key, and every later one keeps it, as long as the namespace
    /// lives. For what no one else has to know: a key that signs cookies or receipts.
    /// </summary>
    Generated,
}

/// <summary>A secret, always by reference: its values never stand in the specification, the model or the bundle.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/configuration/secret/"/>
/// <example>
/// <code>
/// var database = app.Add(new Secret("database", SecretSource.Environment) { Keys = { ["connection"] = "SHOP_DATABASE" } });
/// container.Environment["ConnectionStrings__Shop"] = database.Key("connection");
/// </code>
/// </example>
public sealed class Secret : AppPart
{
    [JsonConstructor]
    internal Secret()
    {
    }

    /// <summary>A secret.</summary>
    /// <param name="name">
    /// Its name: a DNS-1123 label of at most 52 characters where the deploy makes it (a hash is appended), else of at most 56 (the volume's name adds <c>secret-</c>).
    /// </param>
    /// <param name="source">Where its values come from.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public Secret(
        string name, SecretSource source = SecretSource.Existing, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        : base(name, file, line) => Source = source;

    /// <summary>Where its values come from. Default: it exists.</summary>
    public SecretSource Source { get; set; }

    /// <summary>
    /// Key → where its value comes from: the name of an environment variable, or a place in the store. Empty for an existing Secret, or its
    /// keys with empty texts, which lets references to unknown keys be found early. Keys with empty texts for a generated one.
    /// </summary>
    public Dictionary<string, string> Keys { get; set; } = [];

    /// <summary>The ClusterSecretStore of the External Secrets Operator. Needed for <see cref="SecretSource.Store"/>.</summary>
    public string? Store { get; set; }

    /// <summary>The value under a key, for an environment variable.</summary>
    public EnvironmentValue Key(string key) => EnvironmentValue.FromSecret(Name, key);
}

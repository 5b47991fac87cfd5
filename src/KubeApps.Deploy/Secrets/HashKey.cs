using System.Security.Cryptography;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Secrets;

/// <summary>The key with which a namespace's secret names are hashed. Made once, kept in the cluster, never changed.</summary>
internal sealed record HashKey(string Namespace, byte[] Bytes)
{
    public const string Name = "kubeapp-hash-key";

    private const int Length = 32;
    private const string Entry = "key";

    // A plan that is made before the key exists uses this one, and the plan's first write stores it.
    private static readonly byte[] Fresh = RandomNumberGenerator.GetBytes(Length);

    public static HashKey New(string ns) => new(ns, Fresh);

    public static async Task<HashKey?> ReadAsync(KubeClient client, string ns, CancellationToken cancellationToken) =>
        (string?)(await client.GetAsync(ResourceType.Secret, ns, Name, cancellationToken))?["data"]?[Entry] is { } text
            ? new HashKey(ns, Convert.FromBase64String(text))
            : null;

    /// <summary>Stores the key. False: another deploy was faster, and its key counts.</summary>
    public async Task<bool> TryCreateAsync(KubeClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.CreateAsync(ResourceType.Secret, ToObject(), cancellationToken);
            return true;
        }
        catch (ApiException refusal) when (refusal.IsAlreadyExists)
        {
            // Perhaps by ourselves: an answer that was lost on its way makes us send again.
            return await ReadAsync(client, Namespace, cancellationToken) is { } stored && stored.Bytes.AsSpan().SequenceEqual(Bytes);
        }
    }

    private JsonObject ToObject() => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject
        {
            ["name"] = Name,
            ["namespace"] = Namespace,
            ["labels"] = new JsonObject { ["app.kubernetes.io/managed-by"] = "kubeapp" },
        },
        ["type"] = "Opaque",
        ["immutable"] = true,
        ["data"] = new JsonObject { [Entry] = Convert.ToBase64String(Bytes) },
    };
}

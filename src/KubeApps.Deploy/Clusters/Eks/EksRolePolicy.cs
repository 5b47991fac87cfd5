using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Aws;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>
/// What a role may do that AWS has no policy of its own for: as the project whose pods have the role publishes it, with source and version in the file in
/// this repository. It is no policy of the account but stands in the role, so that it lives and ends with the cluster.
/// </summary>
/// <param name="file">The file's name without its ending.</param>
internal sealed class EksRolePolicy(string file)
{
    private readonly Lazy<Content> _content = new(() =>
    {
        using var stream = typeof(EksRolePolicy).Assembly.GetManifestResourceStream(typeof(EksRolePolicy), $"RolePolicies.{file}.json")!;
        return JsonSerializer.Deserialize(stream, EksFilesJson.Default.Content)!;
    });

    /// <summary>Its name in the role.</summary>
    public string Name => _content.Value.Name;

    /// <summary>The version of the project that it is of.</summary>
    public string Version => _content.Value.Version;

    public string Document(AwsIdentity identity, string cluster) => _content.Value.Policy.ToJsonString()
        .Replace("${partition}", identity.Partition, StringComparison.Ordinal)
        .Replace("${region}", identity.Region, StringComparison.Ordinal)
        .Replace("${account}", identity.Account, StringComparison.Ordinal)
        .Replace("${cluster}", cluster, StringComparison.Ordinal);

    /// <summary>Whether a document says the same, however it is written.</summary>
    public bool IsSame(string document, AwsIdentity identity, string cluster)
    {
        try
        {
            return JsonNode.DeepEquals(JsonNode.Parse(document), JsonNode.Parse(Document(identity, cluster)));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    internal sealed record Content(string Name, string Version, JsonObject Policy);
}

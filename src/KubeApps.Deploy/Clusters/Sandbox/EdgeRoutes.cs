using System.Text.Json;
using System.Text.Json.Serialization;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Sandbox;

/// <summary>Where a share of an app's load goes, as the edge proxy has it.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Share">In percent.</param>
/// <param name="Port">The app's port on this machine; null where the cluster has none yet.</param>
internal sealed record EdgeTarget(string Cluster, int Share, int? Port);

/// <summary>What the edge proxy is told of an app's load.</summary>
/// <param name="IsHttp">Whether the app speaks plain HTTP: then requests are counted one by one.</param>
/// <param name="Targets">The clusters.</param>
internal sealed record WantedRoute(bool IsHttp, IReadOnlyList<EdgeTarget> Targets);

/// <summary>An app's address on this machine, and where it leads.</summary>
internal sealed record EdgeRoute(string App, string Environment, int Port, bool IsHttp, IReadOnlyList<EdgeTarget> Targets)
{
    [JsonIgnore]
    public ClusterOwner Owner => new(App, Environment);

    [JsonIgnore]
    public Uri Address => new UriBuilder(IsHttp ? Uri.UriSchemeHttp : Uri.UriSchemeHttps, "127.0.0.1", Port).Uri;
}

/// <summary>All routes, as the edge proxy keeps them: what stands there holds, whether it runs or not.</summary>
internal sealed record EdgeRoutes(IReadOnlyList<EdgeRoute> Routes)
{
    public static async Task<EdgeRoutes> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return JsonSerializer.Deserialize(await File.ReadAllBytesAsync(path, cancellationToken), EdgeJson.Default.EdgeRoutes) ?? new([]);
        }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException)
        {
            return new([]);
        }
        catch (JsonException failure)
        {
            throw new DiagnosticException(DiagnosticDescriptors.EdgeProxyFails.Because($"Its routes cannot be read from {path}: {failure.Message}"), failure);
        }
    }

    public EdgeRoute? Of(ClusterOwner owner) => Routes.FirstOrDefault(route => route.Owner == owner);
}

/// <summary>What arrived at a cluster, as the edge proxy counted it.</summary>
internal sealed record EdgeLoad(long WindowMilliseconds, long Requests, long Errors, long UnderWay);

[JsonSerializable(typeof(EdgeRoutes))]
[JsonSerializable(typeof(WantedRoute))]
[JsonSerializable(typeof(EdgeLoad))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class EdgeJson : JsonSerializerContext;

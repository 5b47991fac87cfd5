using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeApps.Sandbox.Edge;

/// <summary>Where a share of an app's load goes.</summary>
/// <param name="Cluster">The cluster's name.</param>
/// <param name="Share">In percent. One with 0 gets no new connection and keeps those that it has.</param>
/// <param name="Port">The app's port on 127.0.0.1, as the cluster has it; null where the cluster has none of it yet.</param>
internal sealed record EdgeTarget(string Cluster, int Share, int? Port);

/// <summary>What is wanted of a route.</summary>
/// <param name="IsHttp">Whether the app speaks plain HTTP there.</param>
/// <param name="Targets">All of them, with shares of 100 in all.</param>
internal sealed record WantedRoute(bool IsHttp, IReadOnlyList<EdgeTarget> Targets)
{
    /// <summary>What is wrong with it; null if nothing is.</summary>
    public string? Mistake() =>
        Targets is not { Count: > 0 } || Targets.Any(target => string.IsNullOrEmpty(target.Cluster)) ? "A route needs clusters."
        : Targets.DistinctBy(target => target.Cluster).Count() < Targets.Count ? "A cluster is named twice."
        : Targets.Any(target => target.Share is < 0 or > 100) || Targets.Sum(target => target.Share) != 100 ? "The shares are not 100 in all."
        : Targets.Any(target => target.Port is null ? target.Share > 0 : target.Port is < 1 or > ushort.MaxValue) ? "A cluster that gets a share needs a port."
        : null;
}

/// <summary>A route as it stands: one address for an app and an environment.</summary>
/// <param name="App">Whose load it is.</param>
/// <param name="Environment">In which environment.</param>
/// <param name="Port">The address: a port of 127.0.0.1, which stays.</param>
/// <param name="IsHttp">Whether the app speaks plain HTTP there.</param>
/// <param name="Targets">Where it leads.</param>
internal sealed record EdgeRoute(string App, string Environment, int Port, bool IsHttp, IReadOnlyList<EdgeTarget> Targets);

/// <summary>All routes: <c>edge/routes.json</c>.</summary>
internal sealed record EdgeRoutes(IReadOnlyList<EdgeRoute> Routes)
{
    /// <summary>None where there is no file.</summary>
    public static EdgeRoutes Read(string path) => File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), EdgeJson.Default.EdgeRoutes)! : new([]);
}

/// <summary>What arrived at a cluster.</summary>
/// <param name="WindowMilliseconds">The time that was looked at, in whole milliseconds: less than was asked for where the count began later.</param>
/// <param name="Requests">How many ended in it.</param>
/// <param name="Errors">How many of them with an error, or without an answer.</param>
/// <param name="UnderWay">How many have no end yet, connections that are none of HTTP included.</param>
internal sealed record EdgeLoad(long WindowMilliseconds, long Requests, long Errors, long UnderWay);

[JsonSerializable(typeof(EdgeRoutes))]
[JsonSerializable(typeof(WantedRoute))]
[JsonSerializable(typeof(EdgeLoad))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
internal sealed partial class EdgeJson : JsonSerializerContext;

using System.Globalization;
using System.Net.Http.Json;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Clusters.Sandbox;

/// <summary>The edge proxy of this machine: starts when it is needed, and stays for as long as there is a route.</summary>
/// <param name="location">Where it lives.</param>
/// <param name="clock">The time.</param>
internal sealed class EdgeProxy(SandboxLocation location, TimeProvider clock)
{
    private readonly SandboxLauncher _launcher = new(location, clock);

    /// <summary>What it keeps, whether it runs or not.</summary>
    public Task<EdgeRoutes> RoutesAsync(CancellationToken cancellationToken) => EdgeRoutes.ReadAsync(location.RoutesFile, cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => _launcher.EnsureRunningAsync(IgnoredEvents.Instance, cancellationToken);

    public async Task PutAsync(ClusterOwner owner, WantedRoute route, CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Put, PathOf(owner), JsonContent.Create(route, EdgeJson.Default.WantedRoute), cancellationToken)).Dispose();

    /// <summary>Takes a route away, and ends the proxy with the last one.</summary>
    public async Task DeleteAsync(ClusterOwner owner, CancellationToken cancellationToken)
    {
        (await SendAsync(HttpMethod.Delete, PathOf(owner), null, cancellationToken)).Dispose();
        if ((await RoutesAsync(cancellationToken)).Routes.Count == 0)
            await _launcher.StopAsync(cancellationToken);
    }

    public async Task<EdgeLoad> MeasureAsync(AppCluster cluster, TimeSpan window, CancellationToken cancellationToken)
    {
        // Rounded up, and not cut: who waits for a silence waits until all of it was listened to.
        var span = ((int)Math.Min(Math.Ceiling(window.TotalMilliseconds), int.MaxValue)).ToString(CultureInfo.InvariantCulture);
        using var answer = await SendAsync(HttpMethod.Get, $"{PathOf(cluster.Owner)}/load/{Uri.EscapeDataString(cluster.Name)}?milliseconds={span}", null, cancellationToken);
        return (await answer.Content.ReadFromJsonAsync(EdgeJson.Default.EdgeLoad, cancellationToken))!;
    }

    private static string PathOf(ClusterOwner owner) => $"/routes/{Uri.EscapeDataString(owner.App)}/{Uri.EscapeDataString(owner.Environment)}";

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        var endpoint = await _launcher.EnsureRunningAsync(IgnoredEvents.Instance, cancellationToken);
        using var client = endpoint.CreateApiClient();
        using var request = new HttpRequestMessage(method, path) { Content = content };
        try
        {
            var answer = await client.SendAsync(request, cancellationToken);
            return answer.IsSuccessStatusCode
                ? answer
                : throw new DiagnosticException(DiagnosticDescriptors.EdgeProxyFails.Because(
                    $"The edge proxy answers {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellationToken)}"));
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException { InnerException: TimeoutException })
        {
            throw new DiagnosticException(DiagnosticDescriptors.EdgeProxyFails.Because($"The edge proxy cannot be asked: {failure.Message}"), failure);
        }
    }
}

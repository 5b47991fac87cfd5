using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Targets;

namespace KubeApps.Deploy.Tests;

/// <summary>
/// A cluster that is not ours alone: the one that <c>KUBEAPPS_TEST_CONTEXT</c> names. One run at a time works in it, one class after the other.
/// Its own namespaces are left alone: a test that would write to one fails. What was made is written down before it is made, and
/// deleted after each class, or by the next run where this one was killed.
/// </summary>
internal sealed class BorrowedCluster : IAsyncDisposable
{
    private const string Home = "default";
    private const string Record = "kubeapps-tests";

    private static readonly SemaphoreSlim OneClassAtATime = new(1);

    private readonly SemaphoreSlim _recording = new(1);
    private readonly HashSet<string> _made = [];
    private readonly ClusterConnection _connection;
    private HeldLock? _lock;
    private HashSet<string> _foreign = [];

    private BorrowedCluster(ClusterConnection connection) => _connection = connection;

    /// <summary>The context to test in; null: every class has a sandbox of its own.</summary>
    public static string? Context => Environment.GetEnvironmentVariable("KUBEAPPS_TEST_CONTEXT") is { Length: > 0 } context ? context : null;

    /// <summary>An image that the cluster can pull, with the tests' pod program in it.</summary>
    public static string Image => Environment.GetEnvironmentVariable("KUBEAPPS_TEST_IMAGE") is { Length: > 0 } image
        ? image
        : throw new InvalidOperationException("With KUBEAPPS_TEST_CONTEXT, set KUBEAPPS_TEST_IMAGE too: see the README.md of the tests.");

    /// <summary>Where the pod program is in the image.</summary>
    public static string Program => Environment.GetEnvironmentVariable("KUBEAPPS_TEST_PROGRAM") is { Length: > 0 } program ? program : "/app/PodApp.dll";

    private KubeClient Client => _connection.Client;

    public static async Task<BorrowedCluster> TakeAsync(KubeconfigLogin login)
    {
        await OneClassAtATime.WaitAsync();
        var borrowed = new BorrowedCluster(login.Connect(TimeProvider.System));
        try
        {
            borrowed._lock = await new AppLock(borrowed.Client, new EventLog(), LockHolder.Of("tests", _ => null)).TakeAsync("tests", Home, AppLock.DefaultPatience, CancellationToken.None);
            await borrowed.ClearAsync();
            var (namespaces, _) = await borrowed.Client.ListAsync(ResourceType.Namespace, null, null, CancellationToken.None);
            borrowed._foreign = [.. namespaces.Select(NameOf)];
            return borrowed;
        }
        catch
        {
            await borrowed.ReleaseAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await ClearAsync();
        }
        finally
        {
            await ReleaseAsync();
        }
    }

    /// <summary>A way to the cluster on which nothing of others is written to.</summary>
    public HttpMessageHandler Guard(HttpMessageHandler inner) => new Guarded(this) { InnerHandler = inner };

    private async Task ReleaseAsync()
    {
        if (_lock is not null)
            await _lock.DisposeAsync();
        _connection.Dispose();
        _recording.Dispose();
        OneClassAtATime.Release();
    }

    private async Task ClearAsync()
    {
        var recorded = await Client.GetAsync(ResourceType.ConfigMap, Home, Record, CancellationToken.None);
        if (recorded is null)
            return;
        List<string> names = [.. (recorded["data"] as JsonObject ?? []).Select(item => item.Key)];
        foreach (var name in names)
            if (await Client.GetAsync(ResourceType.Namespace, null, name, CancellationToken.None) is { } made)
                await Client.DeleteAsync(ResourceType.Namespace, null, name, (string)made["metadata"]!["uid"]!, "Background", CancellationToken.None);
        await new Deletion(Client).AwaitGoneAsync(ResourceType.Namespace, null, names, CancellationToken.None);
        await Client.DeleteAsync(ResourceType.ConfigMap, Home, Record, (string)recorded["metadata"]!["uid"]!, "Background", CancellationToken.None);
    }

    private async Task RequireOwnAsync(string ns, CancellationToken cancellationToken)
    {
        if (_foreign.Contains(ns))
            throw new InvalidOperationException($"The cluster has a namespace {ns} of its own: the tests cannot use it.");
        await _recording.WaitAsync(cancellationToken);
        try
        {
            if (!_made.Add(ns))
                return;
            var record = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ConfigMap",
                ["metadata"] = new JsonObject { ["name"] = Record, ["namespace"] = Home },
                ["data"] = new JsonObject([.. _made.Select(name => KeyValuePair.Create<string, JsonNode?>(name, ""))]),
            };
            await Client.ApplyAsync(ResourceType.ConfigMap, record, dryRun: false, cancellationToken);
        }
        finally
        {
            _recording.Release();
        }
    }

    private static string NameOf(JsonObject item) => (string)item["metadata"]!["name"]!;

    private sealed class Guarded(BorrowedCluster cluster) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method != HttpMethod.Get && await NamespaceAsync(request, cancellationToken) is { } ns)
                await cluster.RequireOwnAsync(ns, cancellationToken);
            return await base.SendAsync(request, cancellationToken);
        }

        private static async Task<string?> NamespaceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var parts = request.RequestUri!.AbsolutePath.Split('/');
            return Array.IndexOf(parts, "namespaces") switch
            {
                < 0 => null,
                var at when at + 1 < parts.Length => parts[at + 1],
                // One that is created has its name in it.
                _ => (string?)JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))?["metadata"]?["name"],
            };
        }
    }
}

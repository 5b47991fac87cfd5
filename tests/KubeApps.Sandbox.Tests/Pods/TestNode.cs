using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Pods;

namespace KubeApps.Sandbox.Tests.Pods;

/// <summary>A kubelet on a cluster in memory, with short back-offs, in a folder of its own.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    public const string Namespace = "test";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly bool _ownsFolder;
    private readonly Task _running;

    public TestNode(KubeletOptions? options = null, Cluster? cluster = null, string? folder = null)
    {
        Cluster = cluster ?? new Cluster(new ObjectStore(), TimeProvider.System);
        _ownsFolder = folder is null;
        Folder = folder ?? Directory.CreateTempSubdirectory("kubeapps-pods-").FullName;
        AppImage = PodAppImage.Push(Registry);
        Kubelet = new Kubelet(Cluster, Folder, Registry.Source, (_, _, _) => Task.CompletedTask, options ?? Fast, TimeProvider.System);
        Reaped = Kubelet.Recover();
        _running = Kubelet.RunAsync(_stop.Token);
    }

    public static KubeletOptions Fast { get; } = new()
    {
        BackOffBase = TimeSpan.FromMilliseconds(200),
        ConfigRetry = TimeSpan.FromMilliseconds(200),
    };

    public Cluster Cluster { get; }

    public TestRegistry Registry { get; } = new();

    public string AppImage { get; }

    public Kubelet Kubelet { get; }

    public string Folder { get; }

    public int Reaped { get; }

    /// <summary>A container that runs the tests' program.</summary>
    public JsonObject Container(params string[] args) =>
        new() { ["name"] = "c", ["image"] = AppImage, ["args"] = new JsonArray([.. args.Select(arg => (JsonNode)arg)]) };

    public JsonObject NamedContainer(string name, params string[] args)
    {
        var container = Container(args);
        container["name"] = name;
        return container;
    }

    public JsonObject Create(string name, JsonObject container, Action<JsonObject>? spec = null)
    {
        var pod = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Namespace },
            ["spec"] = new JsonObject
            {
                ["containers"] = new JsonArray(container),
                ["restartPolicy"] = "Always",
                ["terminationGracePeriodSeconds"] = 5,
            },
        };
        spec?.Invoke(pod["spec"]!.AsObject());
        return Cluster.Create(ResourceTypes.Pod, pod, "test")!;
    }

    public void CreateConfigMap(string name, params (string Key, string Value)[] data) => CreateData(ResourceTypes.ConfigMap, name, data);

    public void CreateSecret(string name, params (string Key, string Value)[] data) => CreateData(
        ResourceTypes.Secret, name, [.. data.Select(pair => (pair.Key, Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(pair.Value))))]);

    public static ObjectKey Key(string name) => new(ResourceTypes.Pod, Namespace, name);

    public JsonObject Pod(string name) => Cluster.Get(Key(name)) ?? throw new InvalidOperationException($"there is no pod {name}");

    public static JsonNode Status(JsonObject pod, string container = "c") => new[] { "containerStatuses", "initContainerStatuses" }
        .SelectMany(list => pod["status"]![list] as JsonArray ?? []).Single(status => (string?)status!["name"] == container)!;

    /// <summary>The first state of the pod that fulfils the condition, those included that are over when this is asked.</summary>
    public async Task<JsonObject> WhenAsync(string name, Func<JsonObject, bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        JsonObject? last = null;
        try
        {
            await foreach (var change in Cluster.WatchAsync(ResourceTypes.Pod, Namespace, limit.Token))
                if ((string?)change.Object["metadata"]!["name"] == name && change.Type != WatchEventType.Deleted)
                {
                    last = change.Object;
                    if (last["status"]?["containerStatuses"] is not null && condition(last))
                        return last;
                }
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"pod {name} did not come that far: {last?["status"]?.ToJsonString()}");
        }

        throw new InvalidOperationException("the watch ended");
    }

    /// <summary>Looks again at each new event until the condition holds.</summary>
    public async Task WhenEventsAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await foreach (var _ in Cluster.WatchAsync(ResourceTypes.Event, Namespace, limit.Token))
                if (condition())
                    return;
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("the events did not come");
        }
    }

    public Task<JsonObject> WhenReadyAsync(string name) => WhenAsync(name, pod => (bool)Status(pod)["ready"]!);

    public Task<JsonObject> WhenPhaseAsync(string name, string phase) => WhenAsync(name, pod => (string?)pod["status"]!["phase"] == phase);

    public async Task WhenGoneAsync(string name)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        if (Cluster.Get(Key(name)) is null)
            return;
        await foreach (var change in Cluster.WatchAsync(ResourceTypes.Pod, Namespace, limit.Token))
            if (Cluster.Get(Key(name)) is null || change.Type == WatchEventType.Deleted)
                return;
    }

    /// <summary>As a client deletes a pod: it is marked, and the kubelet removes it in the end.</summary>
    public void Delete(string name, int grace = 5) => Cluster.Delete(Key(name), grace);

    /// <summary>What stands in the container's log; with its times cut off.</summary>
    public async Task<string> LogAsync(JsonObject pod, string container = "c", bool previous = false, int? tail = null)
    {
        var request = new PodLogRequest(pod, container) { Previous = previous, TailLines = tail };
        var log = await Kubelet.Logs.OpenAsync(request, TestContext.Current.CancellationToken);
        var text = new System.Text.StringBuilder();
        if (log is not null)
            await foreach (var part in log)
                text.Append(System.Text.Encoding.UTF8.GetString(part.Span));
        return text.ToString();
    }

    /// <summary>Follows the log to its end, or until it holds a text.</summary>
    public async Task<string> FollowAsync(string name, string? until = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        var log = await Kubelet.Logs.OpenAsync(new PodLogRequest(Pod(name), "c") { Follow = true }, limit.Token);
        var text = new System.Text.StringBuilder();
        await foreach (var part in log!)
        {
            text.Append(System.Text.Encoding.UTF8.GetString(part.Span));
            if (until is not null && text.ToString().Contains(until, StringComparison.Ordinal))
                break;
        }

        return text.ToString();
    }

    /// <summary>The events about a pod: type, reason, message.</summary>
    public IReadOnlyList<string> Events(JsonObject pod) =>
        [.. Cluster.List(ResourceTypes.Event, Namespace).Where(one => (string?)one["involvedObject"]!["uid"] == (string?)pod["metadata"]!["uid"])
            .Select(one => $"{one["type"]} {one["reason"]}: {one["message"]}")];

    public static int HostPort(JsonObject pod, int containerPort) =>
        (int)JsonNode.Parse((string)pod["metadata"]!["annotations"]!["sandbox.kubeapps.dev/ports"]!)![$"{containerPort}"]!;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        if (_ownsFolder)
            Directory.Delete(Folder, recursive: true);
    }

    private void CreateData(ResourceType type, string name, (string Key, string Value)[] data)
    {
        var content = new JsonObject();
        foreach (var (key, value) in data)
            content[key] = value;
        Cluster.Create(type, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Namespace }, ["data"] = content }, "test");
    }
}

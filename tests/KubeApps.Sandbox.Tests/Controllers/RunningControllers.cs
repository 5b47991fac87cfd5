using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Controllers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace KubeApps.Sandbox.Tests.Controllers;

/// <summary>Controllers at work on a store in memory, with a clock of its own, and a record of every change.</summary>
internal sealed class RunningControllers : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private readonly Lock _gate = new();
    private readonly List<WatchEvent> _changes = [];
    private readonly List<IDisposable> _owned = [];
    private readonly ErrorLog _log = new();

    public RunningControllers(Func<RunningControllers, IReadOnlyList<IReconciler>> reconcilers, ObjectStore? store = null)
    {
        Store = store ?? new ObjectStore();
        Clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 11, 14, 5, TimeSpan.Zero))
        {
            // Names of events come from the time: it must not stand quite still.
            AutoAdvanceAmount = TimeSpan.FromTicks(1),
        };
        Cluster = new Cluster(Store, Clock);
        var loops = new ControllerLoops(Cluster, Clock, _log, reconcilers(this));
        _running = Task.WhenAll(
        [
            loops.RunAsync(_stop.Token),
            .. new[] { ResourceTypes.Deployment, ResourceTypes.ReplicaSet, ResourceTypes.Pod, ResourceTypes.Job, ResourceTypes.EndpointSlice, ResourceTypes.Event }.Select(RecordAsync),
        ]);
    }

    public ObjectStore Store { get; }

    public Cluster Cluster { get; }

    public FakeTimeProvider Clock { get; }

    public JsonObject Apply(ResourceType type, string json)
    {
        var candidate = JsonNode.Parse(json)!.AsObject();
        candidate["metadata"]!["namespace"] ??= "shop";
        var created = Cluster.Create(type, candidate, "test") ?? throw new InvalidOperationException($"{candidate.Name} is there already.");
        // As with the real API, what creates an object has no say in its status.
        if (candidate["status"] is { } status)
            ChangeStatus(type, candidate.Name, status.ToJsonString());
        return created;
    }

    public void ChangeStatus(ResourceType type, string name, string status) => Cluster.UpdateStatus(new ObjectKey(type, "shop", name), "test", changed =>
    {
        changed["status"] = JsonNode.Parse(status);
        return true;
    });

    public JsonObject Get(ResourceType type, string name) => Cluster.Get(new ObjectKey(type, "shop", name)) ?? throw new InvalidOperationException($"There is no {type.Kind} {name}.");

    public void Change(ResourceType type, string name, Action<JsonObject> change) => Cluster.Update(new ObjectKey(type, "shop", name), "test", changed =>
    {
        change(changed);
        return true;
    });

    public IReadOnlyList<JsonObject> List(ResourceType type) => Cluster.List(type, "shop");

    public void Delete(ResourceType type, string name) => Assert.True(Cluster.Delete(new ObjectKey(type, "shop", name)));

    /// <summary>Something to dispose of at the end.</summary>
    public T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    public void LetBecomeReady(JsonObject pod) => Change(ResourceTypes.Pod, pod.Name, changed => changed.Annotate("test/ready", "yes"));

    /// <summary>Lets time pass in steps, as it does: what one timer starts happens before the next one is due.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        await UntilQuietAsync();
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(1))
            Clock.Advance(TimeSpan.FromSeconds(1));
        await UntilQuietAsync();
    }

    /// <summary>What was written of a type so far, in order.</summary>
    public IReadOnlyList<WatchEvent> Changes(ResourceType type)
    {
        lock (_gate)
            return [.. _changes.Where(change => change.Object.Text("kind") == type.Kind)];
    }

    public IReadOnlyList<string> EventMessages(string reason) =>
        [.. List(ResourceTypes.Event).Where(item => item.Text("reason") == reason).OrderBy(item => long.Parse((string)item.Metadata["resourceVersion"]!)).Select(item => item.Text("message")!)];

    /// <summary>Waits until something holds, however long the machine takes; fails with the state of things if it never does.</summary>
    public async Task UntilAsync(Func<bool> holds, string what)
    {
        var limit = DateTime.UtcNow + Patience;
        while (!holds())
        {
            if (_running.IsFaulted)
                await _running;
            Assert.True(DateTime.UtcNow < limit, $"Never happened: {what}\n{State()}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until nothing has been written for a moment: then all that can happen without time passing has happened.</summary>
    public async Task UntilQuietAsync()
    {
        var limit = DateTime.UtcNow + Patience;
        for (var (version, quiet) = (-1L, 0); quiet < 8; quiet = Store.Version == version ? quiet + 1 : 0)
        {
            Assert.True(DateTime.UtcNow < limit, $"It never becomes quiet.\n{State()}");
            version = Store.Version;
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
        }

        _owned.ForEach(owned => owned.Dispose());
        _stop.Dispose();
    }

    private string State() => $"{_log}\n" + string.Join('\n', new[] { ResourceTypes.Deployment, ResourceTypes.ReplicaSet, ResourceTypes.Job, ResourceTypes.Pod, ResourceTypes.Event }
        .SelectMany(List).Select(item => $"{item.Text("kind")} {item.Name} {item.Text("message")} {item["status"]?.ToJsonString()}"));

    private async Task RecordAsync(ResourceType type)
    {
        await foreach (var change in Cluster.WatchAsync(type, null, _stop.Token))
            lock (_gate)
                _changes.Add(change);
    }

    /// <summary>What went wrong on the way, to be shown with a failed test.</summary>
    private sealed class ErrorLog : ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _errors = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _errors.Enqueue($"{formatter(state, exception)}: {exception}");

        public override string ToString() => string.Join('\n', _errors);
    }
}

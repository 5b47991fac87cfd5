using System.Text.Json.Nodes;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Targets;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>The process is gone in the middle of it.</summary>
internal sealed class KilledException : Exception;

/// <summary>
/// Clusters that only remember, and users whose requests go where the shares say; some hold on to their connection for a while. Every write is counted, can be
/// the last one, and is followed by a look at what must hold at every moment.
/// </summary>
internal sealed partial class TwoClusters : IClusterProvider, ILoadSharing, IClusterInsides
{
    private readonly SortedDictionary<string, FakeCluster> _clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (DateTimeOffset At, int Share)> _lostShare = [];
    private readonly List<ClusterLeftover> _leftovers = [];
    private int _locks;
    private SortedDictionary<string, int> _shares = new(StringComparer.Ordinal);

    public static readonly ClusterOwner Shop = new("shop", "prod");

    public LeapingClock Clock { get; } = new();

    /// <summary>The version that a deploy brings.</summary>
    public string Version { get; set; } = "1";

    /// <summary>How many writes there were.</summary>
    public int Writes { get; set; }

    /// <summary>The write at which the process is killed: its number; doubled, with one more for after it.</summary>
    public int? KilledAt { get; set; }

    /// <summary>The same by what is written.</summary>
    public string? KilledAfter { get; set; }

    public List<string> Made { get; } = [];

    /// <summary>How long users hold on to a cluster that has no share any more.</summary>
    public TimeSpan Clinging { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How many connections stay open at a cluster that has no share any more.</summary>
    public long LeftOpen { get; set; }

    /// <summary>What another run does while one soaks; once, when that one asks whether it is still its own, or when it looks at the load.</summary>
    public (bool IsSeen, Func<Task> Act)? DuringSoak { get; set; }

    public bool FailsToDeploy { get; set; }

    /// <summary>The share with which the new version's pods crash.</summary>
    public int? CrashesAt { get; set; }

    /// <summary>The share of its requests that a version answers with an error.</summary>
    public Dictionary<string, double> ErrorRates { get; } = [];

    /// <summary>What is told of what arrives, where it is not all of it.</summary>
    public Func<ArrivingLoad, ArrivingLoad>? Tells { get; set; }

    /// <summary>Of which clusters it was asked what arrived, and within what time.</summary>
    public List<(string Cluster, TimeSpan Window)> Measured { get; } = [];

    public bool HasOneWayJob { get; set; }

    /// <summary>A cluster that gives no answer.</summary>
    public string? Silent { get; set; }

    /// <summary>After how many questions it does; null: never.</summary>
    public int? AnswersAfter { get; set; }

    /// <summary>The share with which the new version's cluster gives no answer any more.</summary>
    public int? SilentFrom { get; set; }

    public bool LeavesVolume { get; set; }

    public List<string> Log { get; } = [];

    public string Description => "this test";

    public ILoadSharing Load => this;

    public IReadOnlyDictionary<string, int> Shares => _shares;

    public IEnumerable<FakeCluster> Clusters => _clusters.Values;

    public FullUpdater Updater(IEventSink? sink = null, bool cleansUp = false) =>
        new(new UpdateWorld(this, this, Shop), new ClusterSpecification(), sink ?? Records ?? (IEventSink)new EventLog(), Clock) { CleansUpOnFailure = cleansUp, Records = Records };

    public UpdateTerms Terms => new(Version) { OneWayJobs = HasOneWayJob ? [$"migrate-{Version}"] : [], Commit = Commit, Soak = TimeSpan.FromMinutes(3), Watch = TimeSpan.FromSeconds(20) };

    public Task<UpdateResult> DeployAsync(bool holds = false, bool soaks = true) => Updater().RunAsync(new UpdateOrder.Deploy(Terms, holds, soaks), TestContext.Current.CancellationToken);

    public Task<UpdateResult> PromoteAsync(bool holds = false) => Updater().RunAsync(new UpdateOrder.Promote(holds, Soaks: true), TestContext.Current.CancellationToken);

    public Task<UpdateResult> AbortAsync() => Updater().RunAsync(new UpdateOrder.Abort(), TestContext.Current.CancellationToken);

    /// <summary>All that stands, for comparisons and for people.</summary>
    public string Text() => string.Join('\n', _clusters.Values.Select(item => $"{item.Name} {item.State} version {item.Version ?? "none"}, {_shares.GetValueOrDefault(item.Name)} %, {(item.Update is { } update ? $"{update.Phase} {update.From} → {update.To}" : "alone")}"));

    public Task<IReadOnlyList<AppCluster>> ListAsync(ClusterOwner? owner, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<AppCluster>>([.. _clusters.Values.Select(item => item.Describe())]);

    public Task<ClusterPlan> PlanAsync(ClusterChange change, CancellationToken cancellationToken)
    {
        var isDone = change is ClusterChange.Remove ? !_clusters.ContainsKey(change.Name) : _clusters.TryGetValue(change.Name, out var found) && found.State == ClusterState.Ready;
        return Task.FromResult(new ClusterPlan(change, isDone ? [] : [new ClusterStep("all", "All of it", ClusterAction.Create, [])]));
    }

    public Task ExecuteAsync(ClusterPlan plan, IEventSink sink, CancellationToken cancellationToken)
    {
        var name = plan.Change.Name;
        if (plan.Change is ClusterChange.Ensure)
        {
            if (!_clusters.ContainsKey(name))
                Write($"creating {name}", () =>
                {
                    Made.Add(name);
                    _clusters[name] = new FakeCluster(name);
                });
            Write($"ready {name}", () => _clusters[name].State = ClusterState.Ready);
            return Task.CompletedTask;
        }

        Assert.False(_shares.ContainsKey(name), $"{name} is deleted with a part in the load.");
        Assert.False(IsClungTo(name) && _clusters[name].Update?.Phase != UpdatePhase.Aborting, $"{name} is deleted while requests arrive.");
        Write($"deleting {name}", () => _clusters[name].State = ClusterState.Deleting);
        Write($"deleted {name}", () =>
        {
            _clusters.Remove(name);
            if (LeavesVolume)
                _leftovers.Add(new ClusterLeftover("Volume", $"vol-{name}", name) { Reason = "It is in use." });
        });
        return Task.CompletedTask;
    }

    public Task<ClusterConnection> ConnectAsync(AppCluster cluster, IEventSink sink, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<JsonObject> KubeconfigAsync(AppCluster cluster, IEventSink sink, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<ClusterLeftover>> AuditAsync(ClusterOwner? owner, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ClusterLeftover>>([.. _leftovers]);

    public Task<IReadOnlyList<ClusterLeftover>> CollectAsync(IReadOnlyList<ClusterLeftover> leftovers, IEventSink sink, CancellationToken cancellationToken) => AuditAsync(null, cancellationToken);

    public Task<Uri?> AddressAsync(ClusterOwner owner, CancellationToken cancellationToken) => Task.FromResult<Uri?>(null);

    public Task<IReadOnlyDictionary<string, int>> ReadAsync(ClusterOwner owner, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyDictionary<string, int>>(_shares.ToDictionary());

    public Task<IReadOnlyList<Diagnostic>> WriteAsync(ClusterOwner owner, IReadOnlyDictionary<string, int> shares, string? newcomer, CancellationToken cancellationToken)
    {
        Write($"shares {string.Join(", ", shares.OrderBy(share => share.Key, StringComparer.Ordinal).Select(share => $"{share.Key} {share.Value}"))}", () =>
        {
            foreach (var lost in _shares.Where(share => share.Value > 0 && shares.GetValueOrDefault(share.Key) == 0))
                _lostShare[lost.Key] = (Clock.GetUtcNow(), lost.Value);
            foreach (var cut in _shares.Keys.Where(name => !shares.ContainsKey(name)))
                Assert.False(IsClungTo(cut) && _clusters[_shares.First(share => share.Value == 100).Key].Update?.Phase != UpdatePhase.Aborting, $"Connections to {cut} are cut.");
            _shares = new SortedDictionary<string, int>(shares.ToDictionary(), StringComparer.Ordinal);
        });
        return Task.FromResult<IReadOnlyList<Diagnostic>>([]);
    }

    public async Task<ArrivingLoad> MeasureAsync(AppCluster cluster, TimeSpan window, CancellationToken cancellationToken)
    {
        await BeInterruptedAsync(isSeen: false);
        Measured.Add((cluster.Name, window));
        if (!_clusters.ContainsKey(cluster.Name))
            throw new DiagnosticException(DiagnosticDescriptors.ClusterResourceFailed.Because($"The cluster {cluster.Name} is gone."));
        var share = _shares.GetValueOrDefault(cluster.Name);
        // What arrived within the window counts, not only what arrives now.
        var hasLost = _lostShare.TryGetValue(cluster.Name, out var lost) && share == 0;
        var arrives = share > 0 || (hasLost && Clock.GetUtcNow() - lost.At < Clinging + window);
        if (hasLost && Clock.GetUtcNow() - lost.At < window)
            share = lost.Share;
        var requests = arrives ? Math.Max(share, 1) * 10 : 0;
        var load = new ArrivingLoad(window, requests, (long)(requests * ErrorRates.GetValueOrDefault(_clusters[cluster.Name].Version ?? ""))) { UnderWay = _shares.GetValueOrDefault(cluster.Name) > 0 ? 0 : LeftOpen };
        return Tells?.Invoke(load) ?? load;
    }

    public async Task<ClusterInside> ReadAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        await BeInterruptedAsync(isSeen: true);
        RequireAnswer(cluster.Name);
        return _clusters.TryGetValue(cluster.Name, out var found) ? new ClusterInside(found.Update, found.Inventory)
            : throw new DiagnosticException(DiagnosticDescriptors.ClusterResourceFailed.Because($"The cluster {cluster.Name} is gone."));
    }

    public Task WriteAsync(AppCluster cluster, FullUpdate update, CancellationToken cancellationToken)
    {
        Write($"{cluster.Name} says {update.Phase}", () => _clusters[cluster.Name].Update = update);
        return Task.CompletedTask;
    }

    public Task ForgetAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        Write($"{cluster.Name} is alone", () => _clusters[cluster.Name].Update = null);
        return Task.CompletedTask;
    }

    public Task PrepareAsync(AppCluster cluster, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task CarryAsync(AppCluster from, AppCluster to, CancellationToken cancellationToken)
    {
        Write($"key to {to.Name}", () => _clusters[to.Name].HasKey = true);
        return Task.CompletedTask;
    }

    public Task<DeployResult> DeployAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        var into = _clusters[cluster.Name];
        Assert.Equal(0, _shares.GetValueOrDefault(cluster.Name));
        if (into.Inventory is not { IsComplete: true } standing || standing.Hash != Version)
        {
            Write($"deploying to {into.Name}", () => into.Inventory = InventoryOf(isComplete: false));
            if (FailsToDeploy)
                return Task.FromResult(DeployResult.Nothing(DeployOutcome.Failed, ExitCodes.Failed, Shop.App, Shop.Environment));
            Write($"deployed to {into.Name}", () => into.Inventory = InventoryOf(isComplete: true));
        }

        return Task.FromResult(DeployResult.Nothing(DeployOutcome.Deployed, ExitCodes.Done, Shop.App, Shop.Environment));
    }

    public Task<DateTimeOffset> NowAsync(AppCluster cluster, CancellationToken cancellationToken) => Task.FromResult(Clock.GetUtcNow());

    public async Task<IReadOnlyList<FailureReport>> WatchAsync(AppCluster cluster, TimeSpan time, CancellationToken cancellationToken)
    {
        RequireAnswer(cluster.Name);
        var until = Clock.GetUtcNow() + time;
        while (Clock.GetUtcNow() < until)
            await Task.Delay(TimeSpan.FromSeconds(5), Clock, cancellationToken);
        return CrashesAt is { } share && _shares.GetValueOrDefault(cluster.Name) >= share
            ? [new FailureReport("KUBEAPP6001", "Deployment shop/web", "Pod shop/web-1", "web", "CrashLoopBackOff", "It crashes.", [], "Look at its log.")]
            : [];
    }

    private void RequireAnswer(string name)
    {
        if (_clusters.TryGetValue(name, out var found) && found.Version == Version && _shares.GetValueOrDefault(name) >= SilentFrom)
            Silent = name;
        if (name == Silent && (AnswersAfter is not { } questions || (AnswersAfter = questions - 1) >= 0))
            throw new DiagnosticException(DiagnosticDescriptors.ClusterUnreachable.Because($"The cluster {name} does not answer."));
    }

    public void Dispose()
    {
    }

    /// <summary>The lock that was taken last.</summary>
    public RememberedLock? Lock { get; private set; }

    /// <summary>Told of each write before it is done; what it throws is the answer.</summary>
    public Action<string>? OnWrite { get; set; }

    public Task<IUpdateLock> LockAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        _locks++;
        return Task.FromResult<IUpdateLock>(Lock = new RememberedLock(() => _locks--));
    }

    private async Task BeInterruptedAsync(bool isSeen)
    {
        if (DuringSoak is not { } other || other.IsSeen != isSeen || _locks > 0 || !_clusters.Values.Any(item => item.Update?.Phase == UpdatePhase.Soaking))
            return;
        DuringSoak = null;
        await other.Act();
    }

    private Inventory InventoryOf(bool isComplete) => new(Shop.App, Shop.Environment, "shop", null, Version, isComplete, null, [], [])
    {
        OneWayJobs = HasOneWayJob ? [new OneWayJob($"migrate-{Version}", 1)] : [],
    };

    private bool IsClungTo(string name) => _lostShare.TryGetValue(name, out var lost) && _shares.GetValueOrDefault(name) == 0 && Clock.GetUtcNow() - lost.At < Clinging;

    private void Write(string what, Action write)
    {
        Writes++;
        if (KilledAt == Writes * 2)
            throw new KilledException();
        OnWrite?.Invoke(what);
        write();
        Log.Add(what);
        MustHold();
        if (KilledAt == (Writes * 2) + 1 || KilledAfter == what)
            throw new KilledException();
    }

    private void MustHold()
    {
        Assert.True(_shares.Count == 0 || _shares.Values.Sum() == 100, Text());
        foreach (var (name, _) in _shares.Where(share => share.Value > 0))
            Assert.True(_clusters.TryGetValue(name, out var serving) && serving is { State: ClusterState.Ready, Inventory.IsComplete: true }, $"{name} gets load.\n{Text()}");
        var standing = _clusters.Values.Where(item => item.State == ClusterState.Ready && item.Inventory is not null).ToList();
        // Whoever has nothing written down believes that it is the only one.
        Assert.True(standing.Count <= 1 || standing.All(item => item.Update is not null), $"A cluster believes that it is the only one.\n{Text()}");
        Assert.True(standing.Count(item => item.Update is { Phase: UpdatePhase.Retiring } update && update.To == item.Name) <= 1, Text());
        Assert.True(_clusters.Count <= 2, Text());
    }
}

internal sealed class FakeCluster(string name)
{
    public string Name => name;

    public ClusterState State { get; set; } = ClusterState.Creating;

    public FullUpdate? Update { get; set; }

    public Inventory? Inventory { get; set; }

    public bool HasKey { get; set; }

    public string? Version => Inventory?.Hash;

    public AppCluster Describe() => new(name, TwoClusters.Shop, State);
}

/// <summary>Nobody else wants it.</summary>
internal sealed class RememberedLock(Action release) : IUpdateLock
{
    public bool IsLost { get; set; }

    public Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) => IsLost
        ? throw new DiagnosticException(DiagnosticDescriptors.LockLost.Because("The lock of shop could not be renewed."))
        : work(cancellationToken);

    public ValueTask DisposeAsync()
    {
        release();
        return ValueTask.CompletedTask;
    }
}

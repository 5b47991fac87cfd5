using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Locking;

/// <summary>
/// A lock that this run holds: renewed in the background until disposed, which lets go of it. <see cref="Lost"/> ends when it is ours no
/// more, or when nobody can be sure: then another run may write, and this one must not.
/// </summary>
internal sealed class HeldLock : IAsyncDisposable
{
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(3);

    private readonly KubeClient _client;
    private readonly string _app;
    private readonly string _ns;
    private readonly string _uid;
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _asked = new();
    private readonly Task _renewal;
    private LockLease _lease;
    private string _version;
    private string? _loss;
    private bool _listens;
    private Task _listening = Task.CompletedTask;
    private string? _askedBy;

    /// <param name="client">The cluster.</param>
    /// <param name="app">Whose lock it is.</param>
    /// <param name="ns">Where it stands.</param>
    /// <param name="lease">What stands there.</param>
    /// <param name="stored">The same as the server stored it.</param>
    /// <param name="sent">When the write was sent that took it: others count from a later moment.</param>
    public HeldLock(KubeClient client, string app, string ns, LockLease lease, JsonObject stored, long sent)
    {
        (_client, _app, _ns, _uid, _lease, _version) = (client, app, ns, (string?)stored["metadata"]?["uid"] ?? "", lease, VersionOf(stored));
        _askedBy = LockLease.AskedBy(stored);
        _lost = new CancellationTokenSource(Left(sent), client.Clock);
        Lost = _lost.Token;
        _renewal = RenewAsync();
    }

    /// <summary>Ends when the lock is lost.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Why it is lost.</summary>
    public Diagnostic Loss => DiagnosticDescriptors.LockLost.Because(
        _loss ?? $"The lock of {_app} could not be renewed for {Held.TotalSeconds:0} s, and another run may take it over.");

    // A request that is under way when time is up gets the rest of it to end.
    private TimeSpan Held => _lease.Duration * 5 / 6;

    /// <summary>From now on, who asks this run to end is heeded: what is under <see cref="GuardAsync"/> is stopped, and nothing else begins.</summary>
    public void Listen()
    {
        if (_listens)
            return;
        _listens = true;
        // Who asked while nobody listened is heeded now: nobody is asked twice.
        if (_askedBy is null)
            _listening = ListenAsync();
        else
            _asked.Cancel();
    }

    /// <summary>Does what only the holder may do: it is stopped when the lock is lost.</summary>
    public async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(Lost, _asked.Token, cancellationToken);
        try
        {
            all.Token.ThrowIfCancellationRequested();
            return await work(all.Token);
        }
        catch (OperationCanceledException) when (Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new DiagnosticException(Loss);
        }
        catch (OperationCanceledException) when (_asked.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new DiagnosticException(DiagnosticDescriptors.EndedElsewhere.Because($"{_askedBy} asked to abort this deploy of {_app}."));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewal;
        await _listening;
        if (!Lost.IsCancellationRequested)
            await ReleaseAsync();
        _lost.Dispose();
        _stop.Dispose();
        _asked.Dispose();
    }

    private async Task ListenAsync()
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(Lost, _stop.Token);
        try
        {
            await foreach (var change in _client.WatchAsync(ResourceType.Lease, _ns, ResourceType.SelectorOf(LockLease.NameOf(_app)), ends.Token))
                foreach (var lease in change switch { WatchChange.Listed listed => listed.Items, WatchChange.Upserted upserted => [upserted.Object], _ => [] })
                    await HeedAsync(lease);
        }
        catch (Exception failure) when (failure is ApiException or DiagnosticException or OperationCanceledException)
        {
            // The next renewal tells, too.
        }
    }

    private async Task HeedAsync(JsonObject lease)
    {
        if (LockLease.AskedBy(lease) is not { } by || LockLease.FromObject(lease)?.Holder.Identity != _lease.Holder.Identity)
            return;
        _askedBy ??= by;
        if (_listens)
            await _asked.CancelAsync();
    }

    private async Task RenewAsync()
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(Lost, _stop.Token);
        var interval = _lease.Duration / 3;
        var pause = interval;
        while (!ends.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(pause, _client.Clock, ends.Token);
                var sent = _client.Clock.GetTimestamp();
                using var limit = new LimitedToken(interval / 2, _client.Clock, ends.Token);
                if (!await TryRenewAsync(limit.Token))
                    return;
                _lost.CancelAfter(Left(sent));
                pause = interval;
            }
            catch (Exception failure) when (failure is ApiException or DiagnosticException or OperationCanceledException)
            {
                // The server does not answer, or not well: as long as the lock lasts it may come back.
                pause = interval / 10;
            }
        }
    }

    /// <summary>One sign of life. False: the lock is lost for good.</summary>
    private async Task<bool> TryRenewAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var renewed = _lease.Renewed(_client.Now);
            try
            {
                _version = VersionOf(await _client.ReplaceAsync(ResourceType.Lease, renewed.ToObject(_app, _ns, _version, _askedBy), cancellationToken));
                _lease = renewed;
                return true;
            }
            catch (ApiException refusal) when (refusal.Status is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
            {
                var stored = await _client.GetAsync(ResourceType.Lease, _ns, LockLease.NameOf(_app), cancellationToken);
                var current = LockLease.FromObject(stored);
                if (current?.Holder.Identity != _lease.Holder.Identity)
                {
                    _loss = current is null ? $"Somebody deleted the lock of {_app} while it was in use." : $"{current.Holder.Identity} took over the lock of {_app}.";
                    await _lost.CancelAsync();
                    return false;
                }

                // Still ours, of another version: the answer to the last renewal was lost, or somebody wrote on it.
                await HeedAsync(stored!);
                _version = VersionOf(stored!);
            }
        }
    }

    private async Task ReleaseAsync()
    {
        using var limit = new LimitedToken(ReleaseTimeout, _client.Clock, CancellationToken.None);
        try
        {
            // The common case: nobody wrote on it since we did, and one request does.
            if (!await TryDeleteAsync(_uid, _version, limit.Token)
                && await _client.GetAsync(ResourceType.Lease, _ns, LockLease.NameOf(_app), limit.Token) is { } stored
                && LockLease.FromObject(stored)?.Holder.Identity == _lease.Holder.Identity)
                await TryDeleteAsync((string)stored["metadata"]!["uid"]!, VersionOf(stored), limit.Token);
        }
        catch (Exception failure) when (failure is ApiException or DiagnosticException or OperationCanceledException)
        {
            // It expires by itself: the next run waits a little longer.
        }
    }

    private Task<bool> TryDeleteAsync(string uid, string version, CancellationToken cancellationToken) =>
        _client.DeleteAsync(ResourceType.Lease, _ns, LockLease.NameOf(_app), uid, "Background", cancellationToken, version);

    private TimeSpan Left(long sent)
    {
        var left = Held - _client.Clock.GetElapsedTime(sent);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static string VersionOf(JsonObject stored) => (string?)stored["metadata"]?["resourceVersion"] ?? "";
}

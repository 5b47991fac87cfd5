using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Rollouts;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Locking;

/// <summary>
/// Takes the lock of an app: at most one run writes to an app's environment. Whoever holds it keeps it by renewing
/// (<see cref="HeldLock"/>); everybody else looks on (<see cref="LockContest"/>).
/// </summary>
internal sealed class AppLock(KubeClient client, IEventSink sink, LockHolder holder)
{
    /// <summary>How long a <c>--wait-for-lock</c> without a time waits.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromHours(1);

    /// <summary>How long the lock lasts without a sign of life.</summary>
    public TimeSpan Duration { get; init; } = LockLease.DefaultDuration;

    /// <summary>Whether a holder that lives is asked to end what it does. It need not: then patience decides.</summary>
    public bool AsksHolder { get; init; }

    /// <param name="app">The app to lock.</param>
    /// <param name="ns">Its namespace, which stands.</param>
    /// <param name="patience">How long to wait for a living holder; null does not.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="DiagnosticException">Another run holds the lock and lives.</exception>
    public async Task<HeldLock> TakeAsync(string app, string ns, TimeSpan? patience, CancellationToken cancellationToken)
    {
        // The common case: nobody holds it, and one request does.
        if (await TryTakeAsync(app, ns, null, null, cancellationToken) is { } free)
            return free;
        var clock = client.Clock;
        var started = clock.GetTimestamp();
        var contest = new LockContest(patience);
        var isTold = false;
        string? asked = null;
        await using var watch = new NamespaceWatch(client, ns, [ResourceType.Lease], cancellationToken, ResourceType.SelectorOf(LockLease.NameOf(app)));
        var pause = Duration;
        while (true)
        {
            await watch.NextAsync(pause, clock, cancellationToken);
            var stored = watch.Of(ResourceType.Lease).FirstOrDefault();
            var lease = LockLease.FromObject(stored);
            contest = contest.Saw(lease, clock.GetElapsedTime(started));
            switch (contest.Next(clock.GetElapsedTime(started)))
            {
                case LockMove.Take take:
                    if (await TryTakeAsync(app, ns, take.Over, stored, cancellationToken) is { } held)
                    {
                        if (take.Over is { } dead)
                            sink.Publish(new DeployEvent.Note($"Took over the lock of {app} from {dead.Holder.Identity}, which gave no sign of life for {Words(dead.Duration)}."));
                        return held;
                    }

                    // Another one was faster; the watch shows it in a moment.
                    pause = Duration;
                    break;
                case LockMove.GiveUp refused:
                    throw new DiagnosticException(DiagnosticDescriptors.Locked.Because(
                        $"{Describe(app, refused.Lease)}{(patience is { } limit ? $" Waited {Words(limit)} for it." : "")}"));
                case LockMove.Wait wait:
                    pause = wait.AtMost;
                    // Another one may have taken over meanwhile from who was asked.
                    if (AsksHolder && asked != lease!.Holder.Identity && await TryAskAsync(stored!, cancellationToken))
                        asked = lease.Holder.Identity;
                    if (!isTold)
                        sink.Publish(new DeployEvent.Note($"{Describe(app, lease!)} {(patience is null ? "Looking whether that run is still alive." : $"{(AsksHolder ? "Asked it to end, and waiting" : "Waiting")} for it, at most {Words(patience.Value)}.")}"));
                    isTold = true;
                    break;
            }
        }
    }

    /// <summary>
    /// Takes the lock if one request does, for a run that plans still and will most likely need it. Null: it does not, for whatever reason; <see cref="TakeAsync"/>
    /// waits, and tells.
    /// </summary>
    public async Task<HeldLock?> TryTakeAsync(string app, string ns, CancellationToken cancellationToken)
    {
        try
        {
            return await TryTakeAsync(app, ns, null, null, cancellationToken);
        }
        catch (Exception failure) when (failure is ApiException or DiagnosticException)
        {
            return null;
        }
    }

    /// <summary>One attempt. Null: somebody holds it, or was faster.</summary>
    private async Task<HeldLock?> TryTakeAsync(string app, string ns, LockLease? over, JsonObject? stored, CancellationToken cancellationToken)
    {
        var sent = client.Clock.GetTimestamp();
        var lease = LockLease.Taken(holder, Duration, client.Now, over);
        var wanted = lease.ToObject(app, ns, (string?)stored?["metadata"]?["resourceVersion"]);
        JsonObject written;
        using var ending = new OutlivingToken(client.Clock, cancellationToken);
        try
        {
            written = stored is null
                ? await client.CreateAsync(ResourceType.Lease, wanted, ending.Token)
                : await client.ReplaceAsync(ResourceType.Lease, wanted, ending.Token);
        }
        catch (ApiException refusal) when (refusal.Status is HttpStatusCode.Conflict or HttpStatusCode.NotFound && refusal.DetailsKind is not "namespaces")
        {
            // It may be our own write that is in the way: the answer to it was lost, and it was sent again.
            if (await OwnAsync(app, ns, ending.Token) is not { } current)
                return null;
            written = current;
        }

        // One that this run has lost before gave no sign of life for long; and others count since this one was sent, which a server that throttles may take its time for.
        return IsSame(written, wanted) && client.Clock.GetElapsedTime(sent) < Duration / 3
            ? new HeldLock(client, app, ns, LockLease.FromObject(written)!, written, sent)
            : await RenewTakenAsync(app, ns, written, ending.Token);
    }

    private async Task<HeldLock?> RenewTakenAsync(string app, string ns, JsonObject stored, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var sent = client.Clock.GetTimestamp();
            var renewed = LockLease.FromObject(stored)!.Renewed(client.Now);
            var wanted = renewed.ToObject(app, ns, (string?)stored["metadata"]?["resourceVersion"], LockLease.AskedBy(stored));
            try
            {
                stored = await client.ReplaceAsync(ResourceType.Lease, wanted, cancellationToken);
            }
            catch (ApiException refusal) when (refusal.Status is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
            {
                // It may be our own write once more, or a word of somebody who waits for it.
                if (await OwnAsync(app, ns, cancellationToken) is not { } current)
                    return null;
                stored = current;
            }

            if (IsSame(stored, wanted) && client.Clock.GetElapsedTime(sent) < Duration / 3)
                return new HeldLock(client, app, ns, LockLease.FromObject(stored)!, stored, sent);
        }

        return null;
    }

    /// <summary>The lock as it stands; null where it is not this run's.</summary>
    private async Task<JsonObject?> OwnAsync(string app, string ns, CancellationToken cancellationToken) =>
        await client.GetAsync(ResourceType.Lease, ns, LockLease.NameOf(app), cancellationToken) is { } stored && LockLease.FromObject(stored)?.Holder.Identity == holder.Identity ? stored : null;

    // Whether what stands is what was sent, and not an older sign of life.
    private static bool IsSame(JsonObject stored, JsonObject sent) => LockLease.FromObject(stored)?.RenewedAt == LockLease.FromObject(sent)!.RenewedAt;

    // Where somebody wrote meanwhile, the watch shows it in a moment.
    private async Task<bool> TryAskAsync(JsonObject stored, CancellationToken cancellationToken)
    {
        try
        {
            await client.ReplaceAsync(ResourceType.Lease, LockLease.Asked(stored, holder), cancellationToken);
            return true;
        }
        catch (ApiException refusal) when (refusal.Status is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    private string Describe(string app, LockLease lease)
    {
        var age = client.Now - lease.AcquiredAt;
        string[] details = [lease.Holder.Command, lease.Holder.RunUrl ?? "", $"for {Words(age > TimeSpan.Zero ? age : TimeSpan.Zero)}"];
        return $"{app} is locked by {lease.Holder.Identity} ({string.Join(", ", details.Where(part => part.Length > 0))}).";
    }

    private static string Words(TimeSpan time) => time.TotalSeconds < 120 ? $"{time.TotalSeconds:0} s" : time.TotalMinutes < 120 ? $"{time.TotalMinutes:0} min" : $"{time.TotalHours:0} h";
}

using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api.Tables;
using KubeApps.Sandbox.Objects;

using Microsoft.AspNetCore.Http;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>A watch: one JSON document per change, until its time is over or the client leaves.</summary>
internal sealed class WatchHandler(ObjectStore store, TimeProvider clock, CancellationToken stopping)
{
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortestDefault = TimeSpan.FromMinutes(30);

    public async Task HandleAsync(HttpContext context, ServedResource served, string? ns, ListQuery query, Output output)
    {
        var request = context.Request;
        var bookmarks = Query.Flag(request, "allowWatchBookmarks");
        var sendsInitial = Query.Text(request, "sendInitialEvents") is not null
            ? Query.Flag(request, "sendInitialEvents")
            : query.Version() is null;
        var seconds = Query.Number(request, "timeoutSeconds");
        var limit = seconds > 0 ? TimeSpan.FromSeconds(seconds.Value) : ShortestDefault * (1 + Random.Shared.NextDouble());

        var response = Responses.Prepare(context, 200, Negotiation.Json);
        var frames = new Frames(response.BodyWriter, served, output.Form, Query.Text(request, "includeObject"), clock, store);
        using var timeout = new CancellationTokenSource(limit, clock);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, timeout.Token, stopping);
        try
        {
            var (subscription, version) = Start(served.Type, ns, query, sendsInitial, frames);
            using (subscription)
            {
                if (sendsInitial && bookmarks && Query.Text(request, "sendInitialEvents") is not null)
                    frames.Bookmark(version, initialEventsEnd: true);
                await response.StartAsync(ending.Token);
                await frames.FlushAsync(ending.Token);
                await PumpAsync(subscription, query, version, bookmarks, frames, ending.Token);
            }
        }
        catch (ApiStatusException refused)
        {
            frames.Error(refused);
        }
        catch (OverflowException)
        {
            frames.Error(ApiErrors.TooOld(0, store.OldestVersion(served.Type)));
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            if (bookmarks)
                frames.Bookmark(store.Version, initialEventsEnd: false);
        }

        if (!context.RequestAborted.IsCancellationRequested)
            await frames.FlushAsync(context.RequestAborted);
    }

    private (ObjectStore.Subscription Subscription, long Version) Start(ResourceType type, string? ns, ListQuery query, bool sendsInitial, Frames frames)
    {
        if (!sendsInitial && query.Version() is { } from)
        {
            if (from > store.Version)
                throw ApiErrors.TooNew(from, store.Version);
            return (store.WatchFrom(type, ns, from) ?? throw ApiErrors.TooOld(from, store.OldestVersion(type)), from);
        }

        var (items, version, subscription) = store.ListAndWatch(type, ns);
        if (sendsInitial)
            foreach (var item in items)
                if (query.Matches(item.Value))
                    frames.Change(WatchEventType.Added, item);
        return (subscription, version);
    }

    private async Task PumpAsync(
        ObjectStore.Subscription subscription, ListQuery query, long version, bool bookmarks, Frames frames, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var timer = clock.CreateTimer(_ => pause.Cancel(), null, bookmarks ? BookmarkInterval : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            try
            {
                if (!await subscription.Changes.WaitToReadAsync(pause.Token))
                    return;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Nothing happened for a while: tell the client how far it is, so that it can come back from there.
                frames.Bookmark(version, initialEventsEnd: false);
            }

            while (subscription.Changes.TryRead(out var change))
            {
                version = change.ResourceVersion;
                Send(change, query, frames);
            }

            await frames.FlushAsync(cancellationToken);
        }
    }

    /// <summary>An object that begins or ceases to match the selector is added or deleted for this client.</summary>
    private static void Send(WatchEvent change, ListQuery query, Frames frames)
    {
        if (query.SelectsAll)
        {
            frames.Change(change.Type, change.Stored);
            return;
        }

        var matched = change.Previous is not null && query.Matches(change.Previous);
        var matches = change.Type != WatchEventType.Deleted && query.Matches(change.Object);
        if (matches)
            frames.Change(matched ? WatchEventType.Modified : WatchEventType.Added, change.Stored);
        else if (matched)
            frames.Change(WatchEventType.Deleted, change.Stored);
    }

    /// <summary>Writes the documents of one watch.</summary>
    private sealed class Frames(
        PipeWriter output, ServedResource served, OutputForm form, string? includeObject, TimeProvider clock, ObjectStore store)
    {
        private bool _hasColumns;

        public void Change(WatchEventType type, StoredObject stored)
        {
            Begin(type switch
            {
                WatchEventType.Added => "ADDED"u8,
                WatchEventType.Modified => "MODIFIED"u8,
                _ => "DELETED"u8,
            });
            switch (form)
            {
                case OutputForm.Table:
                    WriteTable([stored.Value], StoredObject.VersionText(stored.Version));
                    break;
                case OutputForm.PartialObjectMetadata:
                    Responses.Write(output, TableRenderer.MetadataOf(stored.Value));
                    break;
                default:
                    output.Write(stored.Json);
                    break;
            }

            End();
        }

        public void Bookmark(long version, bool initialEventsEnd)
        {
            var metadata = new JsonObject { ["resourceVersion"] = StoredObject.VersionText(version) };
            if (initialEventsEnd)
                metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
            Begin("BOOKMARK"u8);
            if (form == OutputForm.Table)
            {
                WriteTable([new JsonObject { ["metadata"] = metadata }], StoredObject.VersionText(version));
            }
            else
            {
                Responses.Write(output, new JsonObject
                {
                    ["kind"] = form == OutputForm.Object ? served.Type.Kind : "PartialObjectMetadata",
                    ["apiVersion"] = form == OutputForm.Object ? served.Type.ApiVersion : "meta.k8s.io/v1",
                    ["metadata"] = metadata,
                });
            }

            End();
        }

        public void Error(ApiStatusException refused)
        {
            Begin("ERROR"u8);
            Responses.Write(output, refused.ToStatus());
            End();
        }

        public async Task FlushAsync(CancellationToken cancellationToken) => await output.FlushAsync(cancellationToken);

        private void WriteTable(IEnumerable<JsonObject> items, string version)
        {
            var table = TableRenderer.Render(served, includeObject, items, new JsonObject { ["resourceVersion"] = version }, clock.GetUtcNow(), store);
            if (_hasColumns)
                table["columnDefinitions"] = null;
            _hasColumns = true;
            Responses.Write(output, table);
        }

        private void Begin(ReadOnlySpan<byte> type)
        {
            output.Write("{\"type\":\""u8);
            output.Write(type);
            output.Write("\",\"object\":"u8);
        }

        private void End() => output.Write("}\n"u8);
    }
}

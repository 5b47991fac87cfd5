using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Rollouts;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy;

/// <summary>Applies and deletes the objects of a release, and remembers what became of them.</summary>
internal sealed class ReleaseWriter(KubeClient client, ResourceCatalog catalog, IEventSink sink)
{
    private readonly ConcurrentDictionary<ObjectId, string> _uids = [];
    private readonly ConcurrentDictionary<ObjectId, JsonObject> _workloads = [];

    /// <summary>Whether a write was sent.</summary>
    public bool HasWritten { get; private set; }

    /// <summary>Applies objects, some at a time, and tells each. All refusals at once, but for those that others lead to.</summary>
    public async Task<string> ApplyAsync(IReadOnlyList<PlannedObject> objects, ApplyPolicy policy, CancellationToken cancellationToken)
    {
        var done = new ConcurrentBag<ResourceChange>();
        foreach (var turn in RoleBindings.TurnsOf(objects))
            await ApplyAsync(turn, policy, done, cancellationToken);
        return string.Join(", ", done.GroupBy(change => change).OrderBy(group => group.Key)
            .Select(group => $"{group.Count()} {group.Key.ToString().ToLowerInvariant()}"));
    }

    private async Task ApplyAsync(IReadOnlyList<PlannedObject> objects, ApplyPolicy policy, ConcurrentBag<ResourceChange> done, CancellationToken cancellationToken)
    {
        var applier = new ObjectApplier(client, catalog, policy, sink);
        var options = new ParallelOptions { MaxDegreeOfParallelism = LiveStateReader.Concurrency, CancellationToken = cancellationToken };
        var refusals = new ConcurrentBag<Diagnostic>();
        await Parallel.ForEachAsync(objects, options, async (planned, token) =>
        {
            var id = planned.Object.Id;
            try
            {
                if (planned.Change != ResourceChange.Unchanged)
                {
                    HasWritten = true;
                    var stored = await applier.ApplyAsync(planned, token);
                    if ((string?)stored["metadata"]?["uid"] is { } uid)
                        _uids[id] = uid;
                    if (ApplyOrder.WaveOf(id) == ApplyWave.Workloads)
                        _workloads[id] = UnreadObject.Of(stored);
                }
            }
            catch (ApiException refusal)
            {
                refusals.Add(ApiDiagnostics.For(refusal, id.ToString(), planned.Object.Path.Length == 0 ? null : new SourceLocation(planned.Object.Path)));
                return;
            }

            done.Add(planned.Change);
            sink.Publish(new DeployEvent.ResourceChanged(id.Kind, id.Namespace, id.Name, planned.Change));
        });
        if (!refusals.IsEmpty)
            throw new DiagnosticException([.. refusals.OrderBy(diagnostic => diagnostic.Cause, StringComparer.Ordinal)]);
    }

    /// <summary>Waits until definitions are established.</summary>
    public async Task EstablishAsync(IReadOnlyList<string> definitions, CancellationToken cancellationToken)
    {
        var missing = definitions.ToHashSet();
        await foreach (var change in client.WatchAsync(ResourceType.CustomResourceDefinition, null, null, cancellationToken))
        {
            IReadOnlyList<JsonObject> objects = change switch
            {
                WatchChange.Listed listed => listed.Items,
                WatchChange.Upserted upserted => [upserted.Object],
                _ => [],
            };
            foreach (var definition in objects)
            {
                var name = (string)definition["metadata"]!["name"]!;
                var status = WorkloadStatus.Of(definition);
                if (status.State == WorkloadState.Current)
                    missing.Remove(name);
                else if (status.State == WorkloadState.Failed && missing.Contains(name))
                    throw new DiagnosticException(DiagnosticDescriptors.CrdNotEstablished.Because($"{name}: {status.Message}"));
            }

            if (missing.Count == 0)
                return;
        }
    }

    /// <summary>Deletes objects that are still the ones that were planned, one after the other. All refusals at once.</summary>
    public async Task<string> PruneAsync(IReadOnlyList<FormerObject> objects, CancellationToken cancellationToken)
    {
        var deleted = 0;
        var refusals = new List<Diagnostic>();
        HasWritten = true;
        foreach (var item in objects)
        {
            try
            {
                if (catalog.FindFormer(item.Id) is not { } type
                    || !await client.DeleteAsync(type, item.Id.Namespace, item.Id.Name, item.Uid!, "Background", cancellationToken))
                    continue;
            }
            catch (ApiException refusal)
            {
                refusals.Add(ApiDiagnostics.For(refusal, item.Id.ToString()));
                continue;
            }

            deleted++;
            sink.Publish(new DeployEvent.ResourceChanged(item.Id.Kind, item.Id.Namespace, item.Id.Name, ResourceChange.Deleted));
        }

        if (refusals.Count > 0)
            throw new DiagnosticException(refusals);
        return $"{deleted} deleted";
    }

    /// <summary>Tells what others have changed of workloads since they were applied.</summary>
    /// <exception cref="DiagnosticException">Pods run that are not those of the release, which had come up as far as anybody can say.</exception>
    public void RequireUntouched(RolloutOutcome outcome)
    {
        var errors = new List<Diagnostic>();
        foreach (var live in outcome.Workloads)
        {
            var id = ObjectId.Of(live);
            if (!_workloads.TryGetValue(id, out var applied) || ForeignChanges.Of(UnreadObject.Open(applied), live) is not { Count: > 0 } changes)
                continue;
            var diagnostic = DiagnosticDescriptors.ChangedMeanwhile.Because($"{id}: {string.Join(", ", changes)}.");
            if (outcome.IsSuccess && changes.Any(change => change.ConcernsPods))
                errors.Add(diagnostic);
            else
                sink.Publish(new DeployEvent.DiagnosticRaised(diagnostic with { Severity = DiagnosticSeverity.Warning }));
        }

        if (errors.Count > 0)
            throw new DiagnosticException(errors);
    }

    /// <summary>An inventory with the UIDs that applying gave.</summary>
    public Inventory WithUids(Inventory planned) => planned with
    {
        Items = [.. planned.Items.Select(item => _uids.TryGetValue(item.Id, out var uid) ? item with { Uid = uid } : item)],
    };
}

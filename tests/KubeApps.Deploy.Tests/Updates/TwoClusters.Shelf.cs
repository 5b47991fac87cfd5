using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Updates;

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>What they keep for records: a version that stands is the first revision of its cluster.</summary>
internal sealed partial class TwoClusters : IUpdateShelf
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, RecordMark> _records = [];

    /// <summary>Of the versions that are deployed: by their last digit, where nothing else is said.</summary>
    public string Commit
    {
        get => field ?? Version.PadLeft(40, '0');
        set;
    }

    public UpdateRecords? Records { get; set; }

    /// <summary>What was left for later, by the cluster.</summary>
    public Dictionary<string, LeftRecord> Left { get; } = [];

    string IUpdateShelf.Namespace => "shop";

    /// <summary>What the revision of a cluster keeps of its record.</summary>
    public RecordMark? RecordOf(string cluster) => _records.GetValueOrDefault(cluster);

    Task<IReadOnlyList<Revision>> IUpdateShelf.RevisionsAsync(AppCluster cluster, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Revision>>(_clusters[cluster.Name].Inventory is not { IsComplete: true } standing ? [] :
        [
            new Revision(1, Shop.App, Shop.Environment, "shop", standing.Hash.PadLeft(40, '0'), standing.Hash, "rolling", new Author("jane"), Clock.GetUtcNow(), [], RevisionPlan.Empty, null)
            {
                Uid = $"uid-{cluster.Name}",
                State = new RevisionState(RevisionOutcome.Deployed),
                Record = RecordOf(cluster.Name),
            },
        ]);

    Task<string?> IUpdateShelf.ReadUidAsync(AppCluster cluster, CancellationToken cancellationToken) => Task.FromResult<string?>($"system-{cluster.Name}");

    Task IUpdateShelf.SetRecordAsync(AppCluster cluster, Revision revision, RecordMark mark, CancellationToken cancellationToken)
    {
        var what = $"{cluster.Name} keeps that its record is {mark.State ?? "wanted"}";
        if (!_records.ContainsKey(cluster.Name))
        {
            Write(what, () => _records[cluster.Name] = mark);
            return Task.CompletedTask;
        }

        // Beside the run: it comes at any time.
        _records[cluster.Name] = mark;
        Log.Add(what);
        return Task.CompletedTask;
    }

    Task IUpdateShelf.LeaveAsync(AppCluster cluster, string app, LeftRecord left, CancellationToken cancellationToken)
    {
        Write($"{cluster.Name} keeps what is owed", () => Left[cluster.Name] = left);
        return Task.CompletedTask;
    }
}

using System.Text.RegularExpressions;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.Records;

/// <summary>A status that GitHub is to get of a revision's record.</summary>
internal sealed record OwedStatus(Revision Revision, string State)
{
    /// <summary>Whether it only ends what GitHub has. What never served is new there with its end, and as old as it is.</summary>
    public bool IsFarewell => State == RecordState.Inactive && !(Revision is { State.Outcome: RevisionOutcome.Aborted, Record.Id: null });
}

/// <summary>What the record of a revision has to say, and what of it GitHub does not have yet. Pure: it follows from the revisions alone.</summary>
internal static partial class RecordRules
{
    public const string DeployTask = "deploy";
    public const string RollbackTask = "deploy:rollback";
    public const string DestroyTask = "deploy:destroy";

    /// <summary>The strategy of an update that gives the app a new cluster.</summary>
    public const string UpdateStrategy = "fullUpdate";

    /// <summary>GitHub records commits: a bundle that knows none, or a shortened one, has no record.</summary>
    public static bool IsRecordable(string? commit) => commit is not null && FullCommit().IsMatch(commit);

    /// <summary>By the name that people give it, where nobody says it.</summary>
    public static bool IsProduction(string environment) => environment.ToLowerInvariant() is "prod" or "production" or "live";

    public static string TaskOf(Revision revision) => revision.Record?.Task ?? (revision.Restores is null ? DeployTask : RollbackTask);

    /// <summary>
    /// How a new rollout is recorded. What goes back, or takes away, is about what was recorded before: where nothing is said, it is recorded in
    /// the same way.
    /// </summary>
    public static RecordMark MarkOf(Revision draft, IReadOnlyList<Revision> others, RecordSettings settings, GitHubRepository repository)
    {
        var before = draft.Restores is null && settings.Task is null ? null : others.Where(item => item.Record?.IsOf(repository) == true).MaxBy(item => item.Number)?.Record;
        return new RecordMark(repository.Api.AbsoluteUri, repository.FullName, settings.Environment ?? before?.Environment ?? draft.Environment, new RecordCluster(settings.ClusterName))
        {
            Task = settings.Task,
            IsTransient = settings.IsTransient || before?.IsTransient == true,
            IsProduction = !settings.IsTransient && (settings.IsProduction ?? before?.IsProduction ?? IsProduction(draft.Environment)),
        };
    }

    /// <summary>The state of a revision's record; null while its run is at it, which says more than the revision does.</summary>
    /// <param name="revision">The revision.</param>
    /// <param name="all">All of its app.</param>
    /// <param name="held">The number of the one that waits for <c>promote</c> or <c>abort</c>.</param>
    public static string? StateOf(Revision revision, IReadOnlyList<Revision> all, int? held = null) => revision.State.Outcome switch
    {
        RevisionOutcome.Deploying => revision.Number == held ? RecordState.InProgress : null,
        // GitHub shows what ends with a success as what runs: a destroy is over with it.
        RevisionOutcome.Deployed => revision.IsGone || IsDestroy(revision) || SuccessorOf(revision, all) is not null ? RecordState.Inactive : RecordState.Success,
        RevisionOutcome.Failed or RevisionOutcome.RolledBack => RecordState.Failure,
        RevisionOutcome.Aborted => RecordState.Inactive,
        _ => RecordState.Error,
    };

    /// <summary>What GitHub does not have: in the order in which it is to get it, so that deployments are as old there as they are.</summary>
    public static IReadOnlyList<OwedStatus> Owed(IReadOnlyList<Revision> all, GitHubRepository repository, int? held = null)
    {
        var owed = new List<OwedStatus>();
        foreach (var revision in all.Where(item => item.Record is { IsDeleted: false } mark && mark.IsOf(repository) && IsRecordable(item.Commit)).OrderBy(item => item.Number))
        {
            var (id, state) = (revision.Record!.Id, revision.Record.State);
            if (StateOf(revision, all, held) is not { } wanted || (id is not null && state == wanted))
                continue;
            // A version that served did, also where nobody was told before the next one came.
            if (wanted == RecordState.Inactive && revision.State.Outcome == RevisionOutcome.Deployed && state != RecordState.Success)
                owed.Add(new OwedStatus(revision, RecordState.Success));
            owed.Add(new OwedStatus(revision, wanted));
        }

        // What is new comes before what is over.
        return [.. owed.Where(item => !item.IsFarewell), .. owed.Where(item => item.IsFarewell)];
    }

    /// <summary>The deployment before this one: of the last older revision of the environment that GitHub knows.</summary>
    public static long? PreviousOf(Revision revision, IReadOnlyList<Revision> all) => all
        .Where(item => item.Number < revision.Number && item.Record is { Id: not null, IsDeleted: false } mark && mark.IsSamePlace(revision.Record!))
        .MaxBy(item => item.Number)?.Record!.Id;

    /// <summary>Whether this is no version, but the end of all of them.</summary>
    public static bool IsDestroy(Revision revision) => revision.Record?.Task == DestroyTask;

    /// <summary>Whether it is an update that gives the app a new cluster, whose name its record has: it is no revision of any cluster.</summary>
    public static bool IsUpdate(Revision revision) => revision.Strategy == UpdateStrategy;

    /// <summary>The first version that took the place of this one.</summary>
    public static Revision? SuccessorOf(Revision revision, IReadOnlyList<Revision> all) => all
        .Where(item => item.Number > revision.Number && item.State.Outcome == RevisionOutcome.Deployed).MinBy(item => item.Number);

    /// <summary>The number of the revision that is held, if one is.</summary>
    public static int? HeldOf(Inventory? inventory) => inventory is { Rollout.Phase: RolloutPhase.Held } ? inventory.Revision : null;

    [GeneratedRegex("^([0-9a-f]{40}|[0-9a-f]{64})$", RegexOptions.CultureInvariant)]
    private static partial Regex FullCommit();
}

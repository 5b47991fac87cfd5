using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Revisions;

/// <summary>
/// Keeps a run of a workflow from deploying over what is newer than its own version: one that was overtaken, was approved late or is run
/// again. Pure.
/// </summary>
internal static class RunOrder
{
    private const int LongestUrl = 200;

    /// <summary>Why a deploy must leave what stands as it is; null where it need not.</summary>
    public static Diagnostic? Superseded(DeployRequest request, Inventory? inventory, IReadOnlyList<Revision> revisions) =>
        request.SameCommit && (inventory?.Commit is null || inventory.Commit != request.Bundle.Commit)
            ? DiagnosticDescriptors.OtherCommitStands.Because(
                $"{request.Bundle.App} stays as it is: {Commit(request.Bundle.Commit)} was to be deployed anew, and {(inventory is null ? "nothing" : Commit(inventory.Commit))} stands.")
            : Overtaken(request.UnlessNewer, request.Bundle.App, revisions);

    /// <summary>
    /// Whether a run that finds nothing to do has to leave word that this is so on purpose: else one that is older may change it. Who wants
    /// the commit that stands says nothing new.
    /// </summary>
    public static bool IsNews(WorkflowRun own, string? commit, Revision standing) =>
        (commit is null || commit != standing.Commit) && !Runs(standing).Any(run => run == own || run.IsNewerThan(own));

    // Whatever became of the newer run's version: one that was taken back was looked at, and what follows it is for a person to decide. What
    // came from no workflow is neither newer nor older.
    private static Diagnostic? Overtaken(WorkflowRun? own, string app, IReadOnlyList<Revision> revisions)
    {
        if (own is null)
            return null;
        var newest = revisions
            .SelectMany(revision => Bringing(revision, revisions).Select(run => (Revision: revision, Run: run)))
            .Where(item => item.Run.IsNewerThan(own)).OrderBy(item => item.Run.Id).ThenBy(item => item.Revision.Number).LastOrDefault();
        if (newest is not ({ } revision, { } run))
            return null;
        var has = WorkflowRun.Of(revision.By.RunUrl) == run ? "has deployed" : "has found in place";
        return DiagnosticDescriptors.Superseded.Because(
            $"{app} stays as it is: {Shown(run)} {has} revision {revision.Number}{(revision.Commit is null ? "" : $" ({Commit(revision.Commit)})")}, and was started after this run, {Shown(own)}.");
    }

    // Not the one that deployed anew what stood, with other base images say: that made the version no newer.
    private static IEnumerable<WorkflowRun> Bringing(Revision revision, IReadOnlyList<Revision> revisions) =>
        revision.Commit is not null && revisions.Any(before => before.Number == revision.Number - 1 && before.Commit == revision.Commit)
            ? Confirming(revision)
            : Runs(revision);

    private static IEnumerable<WorkflowRun> Runs(Revision revision) => WorkflowRun.Of(revision.By.RunUrl) is { } run ? Confirming(revision).Prepend(run) : Confirming(revision);

    private static IEnumerable<WorkflowRun> Confirming(Revision revision) => WorkflowRun.Of(revision.ConfirmedBy) is { } run ? [run] : [];

    private static string Shown(WorkflowRun run) => Printable.Line(run.Url, LongestUrl);

    private static string Commit(string? sha) => sha is null ? "an unknown commit" : $"commit {Printable.Line(Printable.Commit(sha), LongestUrl)}";
}

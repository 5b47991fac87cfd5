using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Revisions;

/// <summary>
/// Keeps an older run of a workflow from deploying over what a newer one brought: one that was overtaken, was approved late or is run again.
/// Pure.
/// </summary>
internal static class RunOrder
{
    private const int LongestUrl = 200;

    /// <summary>
    /// Why a run must not deploy; null where it may. Whatever became of the newer run's version: one that was taken back was looked at, and
    /// what follows it is for a person to decide. What came from no workflow is neither newer nor older.
    /// </summary>
    public static Diagnostic? Superseded(WorkflowRun? own, string app, IReadOnlyList<Revision> revisions)
    {
        if (own is null)
            return null;
        var newest = revisions
            .SelectMany(revision => Runs(revision).Select(run => (Revision: revision, Run: run)))
            .Where(item => item.Run.IsNewerThan(own)).OrderBy(item => item.Run.Id).ThenBy(item => item.Revision.Number).LastOrDefault();
        if (newest is not ({ } revision, { } run))
            return null;
        var has = WorkflowRun.Of(revision.By.RunUrl) == run ? "has deployed" : "has found in place";
        var commit = revision.Commit is { } sha ? $" (commit {Printable.Commit(sha)})" : "";
        return DiagnosticDescriptors.Superseded.Because(
            $"{app} stays as it is: {Shown(run)} {has} revision {revision.Number}{commit}, and was started after this run, {Shown(own)}.");
    }

    /// <summary>Whether a run that finds nothing to do has to leave word that this is so on purpose: else one that is older may change it.</summary>
    public static bool IsNews(WorkflowRun own, Revision standing) => !Runs(standing).Any(run => run == own || run.IsNewerThan(own));

    private static string Shown(WorkflowRun run) => Printable.Line(run.Url, LongestUrl);

    private static IEnumerable<WorkflowRun> Runs(Revision revision) =>
        ((WorkflowRun?[])[WorkflowRun.Of(revision.By.RunUrl), WorkflowRun.Of(revision.ConfirmedBy)]).OfType<WorkflowRun>();
}

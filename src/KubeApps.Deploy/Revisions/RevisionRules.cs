using KubeApps.Bundles;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Secrets;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Revisions;

/// <summary>What is decided about revisions: which are kept, which one is returned to, and when that is refused. Pure.</summary>
internal static class RevisionRules
{
    public const int DefaultKept = 10;

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    public static int NextNumber(IReadOnlyList<Revision> revisions, Inventory? inventory) =>
        1 + Math.Max(inventory?.Revision ?? 0, revisions.Select(item => item.Number).DefaultIfEmpty(0).Max());

    /// <summary>
    /// When a deploy begins that is under way now: not before the one that it follows, by which histories are ordered. What a server says of the time may
    /// be late, and those of one cluster may differ. Where it is wrong by more, it says what it says.
    /// </summary>
    public static DateTimeOffset BeginningOf(IReadOnlyList<Revision> revisions, DateTimeOffset now) =>
        revisions.Select(item => item.StartedAt).Where(other => other > now && other - now <= ClockSkew).DefaultIfEmpty(now).Max();

    /// <summary>Those that are not kept once <paramref name="current"/> stands: never it, nor the last good one before it.</summary>
    public static IReadOnlyList<Revision> Superseded(IReadOnlyList<Revision> revisions, int current, int kept)
    {
        var others = revisions.Where(item => item.Number < current).OrderByDescending(item => item.Number).ToList();
        var lastGood = others.FirstOrDefault(item => item.IsRestorable);
        return [.. others.Skip(Math.Max(0, kept - 1)).Where(item => item != lastGood)];
    }

    /// <summary>
    /// What a revision that is found under way comes to, by one that holds the lock: its run is gone. It was good where the inventory says
    /// that it is complete: then only the last word was missing, as it is of one that was aborted. One that is held was given up by who deploys something else.
    /// </summary>
    public static RevisionOutcome Settled(Revision found, Inventory? inventory) =>
        inventory?.AbortedRevision == found.Number ? RevisionOutcome.Aborted
        : inventory?.Revision != found.Number ? RevisionOutcome.Interrupted
        : inventory.IsComplete ? RevisionOutcome.Deployed
        : inventory.Rollout?.Phase == RolloutPhase.Held ? RevisionOutcome.Aborted
        : RevisionOutcome.Interrupted;

    /// <summary>
    /// The revisions with what the inventory knows of them: one whose run was killed after all was done is as good as any, and so is one
    /// that a later run finished.
    /// </summary>
    public static IReadOnlyList<Revision> WithInventory(IReadOnlyList<Revision> revisions, Inventory? inventory) =>
    [
        .. revisions.Select(item => item.State.Outcome != RevisionOutcome.Deployed && Settled(item, inventory) == RevisionOutcome.Deployed
            ? item with { State = item.State with { Outcome = RevisionOutcome.Deployed, Cause = null }, IsUnsaid = true }
            : item),
    ];

    /// <summary>The one that is returned to by itself when <paramref name="failed"/> does not come up; null where there is none, or where it is the same version.</summary>
    public static Revision? LastGood(IReadOnlyList<Revision> revisions, int failed, string failedHash) =>
        revisions.Where(item => item.Number < failed && item.IsRestorable).MaxBy(item => item.Number) is { } last && last.Hash != failedHash ? last : null;

    /// <summary>
    /// The last deploy, where it did not end well: what stands is then of one before it, or of none. A rollback that followed it does not make
    /// it good.
    /// </summary>
    public static Revision? LastFailure(IReadOnlyList<Revision> revisions)
    {
        if (revisions.MaxBy(item => item.Number) is not { } last)
            return null;
        var before = last is { Restores: not null, State.Outcome: RevisionOutcome.Deployed } ? revisions.FirstOrDefault(item => item.Number == last.Number - 1) : null;
        var deploy = before is { State.Outcome: RevisionOutcome.RolledBack } ? before : last;
        return deploy.State.Outcome is RevisionOutcome.Deployed or RevisionOutcome.Deploying ? null : deploy;
    }

    /// <summary>The revision that is meant: the one that is named, else the one that a rollback that was cut was to restore, else the last good one before what stands.</summary>
    /// <exception cref="DiagnosticException">There is none, or it cannot be returned to.</exception>
    public static Revision Target(IReadOnlyList<Revision> revisions, Inventory inventory, int? named)
    {
        if (named is { } number)
            return RequireRestorable(Find(revisions, inventory.App, number));
        // A rollback that was cut is where it was to lead only when it has ended: the next one goes on with it.
        if (revisions.FirstOrDefault(item => item.Number == inventory.Revision) is
            { Restores: { } origin, State.Outcome: RevisionOutcome.Deploying or RevisionOutcome.Interrupted or RevisionOutcome.Cancelled }
            && revisions.FirstOrDefault(item => item.Number == origin) is { IsRestorable: true } again)
            return again;
        var before = OriginOf(revisions, inventory.Revision) ?? int.MaxValue;
        return revisions.Where(item => item.Number < before && item.IsRestorable && item.Hash != inventory.Hash).MaxBy(item => item.Number)
            ?? throw new DiagnosticException(DiagnosticDescriptors.NothingToReturnTo.Because(
                $"{inventory.App} has no good revision before {Standing(inventory.Revision, before)}."));
    }

    public static Revision Find(IReadOnlyList<Revision> revisions, string app, long number) => revisions.FirstOrDefault(item => item.Number == number)
        ?? throw new DiagnosticException(DiagnosticDescriptors.RevisionNotFound.Because(revisions.Count == 0
            ? $"{app} has no revisions."
            : $"{app} has no revision {number}. It has: {string.Join(", ", revisions.Select(item => item.Number))}."));

    /// <summary>Refuses to go back over a migration that cannot be undone.</summary>
    /// <param name="inventory">What stands.</param>
    /// <param name="target">The number of the revision that is returned to.</param>
    /// <param name="content">Its objects.</param>
    public static void RequireReversible(Inventory? inventory, int target, BundleEnvironment? content)
    {
        var own = content?.Objects.Select(item => (string?)item.Content["metadata"]?["name"]).ToHashSet() ?? [];
        var passed = (inventory?.OneWayJobs ?? []).Where(job => job.Revision > target && !own.Contains(job.Name)).OrderBy(job => job.Revision).ToList();
        if (passed.Count > 0)
            throw new DiagnosticException([.. passed.Select(job => DiagnosticDescriptors.OneWayMigration.Because(
                $"{(target > 0 ? $"Revision {target}" : "What stood before the first revision")} cannot be returned to: since then {job} has run, and it is declared one-way."))]);
    }

    /// <summary>
    /// Refuses to take back a version that serves over a migration that cannot be undone. Before the switch there is nothing to go back to: the version that
    /// serves has served all along.
    /// </summary>
    /// <param name="inventory">What stands, with two slots.</param>
    public static void RequireReversibleSwitch(Inventory inventory)
    {
        if (inventory is { Rollout.Phase: RolloutPhase.Soaking, OneWayJobsSinceFormer: { Count: > 0 } jobs })
            throw new DiagnosticException([.. jobs.Select(job => DiagnosticDescriptors.OneWayMigration.Because(
                $"The version of {inventory.App} before this one cannot be returned to: since then {job} has run, and it is declared one-way."))]);
    }

    /// <summary>The configuration that these revisions need in order to be returned to: what their pods name, and their Secrets, whose values stand nowhere else.</summary>
    public static HashSet<(string Kind, string? Namespace, string Name)> Referenced(IEnumerable<Revision> revisions)
    {
        var referenced = new HashSet<(string, string?, string)>();
        foreach (var item in revisions.Where(revision => revision.IsRestorable).SelectMany(revision => revision.Content!.Environment.Objects))
        {
            var ns = (string?)item.Content["metadata"]!["namespace"];
            if ((string?)item.Content["kind"] == "Secret")
                referenced.Add(("Secret", ns, (string)item.Content["metadata"]!["name"]!));
            foreach (var reference in SecretReferences.All(item.Content))
                if (reference.Name is { } name)
                    referenced.Add((reference.Kind, ns, name));
        }

        return referenced;
    }

    // A rollback stands where the revision stood that it restored: going back again goes on from there.
    private static int? OriginOf(IReadOnlyList<Revision> revisions, int? number)
    {
        while (revisions.FirstOrDefault(item => item.Number == number)?.Restores is { } origin && origin < number)
            number = origin;
        return number;
    }

    private static string Standing(int? current, int origin) =>
        current is null ? "what stands" : current == origin ? $"revision {current}" : $"revision {current}, which is revision {origin} again";

    private static Revision RequireRestorable(Revision revision) => revision.IsRestorable
        ? revision
        : throw new DiagnosticException(DiagnosticDescriptors.RevisionNotRestorable.Because(
            revision.State.Outcome != RevisionOutcome.Deployed
                ? $"Revision {revision.Number} of {revision.App} did not come up{(revision.State.Cause is { } cause ? $": {cause.TrimEnd('.')}" : "")}."
                : $"The objects of revision {revision.Number} of {revision.App} were not kept."));
}

using KubeApps.Deploy.Clusters;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Updates;

/// <summary>From what stands in both clusters to the steps that are left. Pure: wherever a run was cut, the next one gets the rest.</summary>
internal static class UpdatePlanner
{
    private const int All = 100;

    /// <param name="facts">What stands.</param>
    /// <param name="order">What is asked for.</param>
    /// <param name="now">For what is written down.</param>
    /// <exception cref="DiagnosticException">It is not possible in this situation.</exception>
    public static UpdatePlan Plan(UpdateFacts facts, UpdateOrder order, DateTimeOffset now)
    {
        var at = UpdateSituation.Of(facts);
        return order switch
        {
            UpdateOrder.Deploy deploy => Deploy(facts, at, deploy, now),
            UpdateOrder.Promote promote => Promote(facts, at, promote, now),
            _ => Abort(facts, at, now),
        };
    }

    /// <summary>After a failure: all load to the old cluster at once. The new one stays for who wants to look, and for the next try.</summary>
    public static IReadOnlyList<UpdateStep> Return(UpdateFacts facts, UpdateSituation at, DateTimeOffset now) =>
    [
        Mark(at.From!.Name, at.Update!.In(UpdatePhase.Preparing, now), "return", $"Go back to {at.From.Name}"),
        .. AllTo(facts, at.From.Name),
    ];

    private static UpdatePlan Deploy(UpdateFacts facts, UpdateSituation at, UpdateOrder.Deploy order, DateTimeOffset now)
    {
        switch (at.Update)
        {
            case { Phase: UpdatePhase.Retiring } update:
                return new UpdatePlan(update, DeployOutcome.Deployed, Retire(update)) { IsOfFormer = update.Terms.Version != order.Terms.Version };
            case { Phase: UpdatePhase.Aborting } update:
                return new UpdatePlan(update, DeployOutcome.Aborted, TakeAway(facts, at, update, mayHaveHadLoad: false)) { IsOfFormer = true };
            case { Phase: UpdatePhase.Shifting or UpdatePhase.Soaking or UpdatePhase.Draining } or { Phase: UpdatePhase.Held } when at.Update!.Terms.Version != order.Terms.Version
                && !(at.Update.Phase == UpdatePhase.Held && facts.ShareOf(at.Update.To) == 0):
                throw new DiagnosticException(DiagnosticDescriptors.UpdateUnderWay.Because(
                    $"A full update of {facts.Owner.App} to another version{Commit(at.Update)} is under way: {at.Update.To} has {facts.ShareOf(at.Update.To)} % of the load."));
            // What a run that was cut has moved already stays where it is, and nothing more is moved.
            case { Phase: not UpdatePhase.Preparing } update when update.Terms.Version == order.Terms.Version && order.Holds:
                return Stay(facts, at, update, now);
            case { Phase: not UpdatePhase.Preparing } update when update.Terms.Version == order.Terms.Version:
                return Move(facts, at, update, holds: false, order.Soaks, now);
        }

        // The first cluster of an app that serves already: only the last write was missing.
        if (at is { From: null, Update: { } first } && facts.ShareOf(first.To) > 0)
            return new UpdatePlan(first, DeployOutcome.Deployed, [new UpdateStep.Forget(first.To)]) { IsOfFormer = first.Terms.Version != order.Terms.Version };

        // Another version goes into the cluster that stands for it already; where somebody else had the name before that could be made, it is made by another.
        var to = (at.Update is { To: var begunIn } && !facts.IsOthers(begunIn) ? begunIn : null) ?? at.To?.Name ?? facts.NextName;
        // What another version has run there stays done.
        var terms = order.Terms with { OneWayJobs = [.. (at.Update?.Terms.OneWayJobs ?? []).Union(order.Terms.OneWayJobs)] };
        var begun = new FullUpdate(at.From?.Name, to, UpdatePhase.Preparing, at.Update is { Phase: UpdatePhase.Preparing } ? at.Update.Since : now, terms)
        {
            // Another version is another update, whatever cluster it goes into.
            Record = at.Update?.Terms.Version == order.Terms.Version ? at.Update.Record : null,
        };
        List<UpdateStep> steps = [];
        if (at.From is { } from)
        {
            if (!begun.Says(from.Update))
                steps.Add(Mark(from.Name, begun, "begin", $"Begin a full update of {from.Name}"));
            steps.AddRange(AllTo(facts, from.Name));
        }

        steps.AddRange([new UpdateStep.Create(to), new UpdateStep.Prepare(to)]);
        if (!begun.Says(at.To?.Update))
            steps.Add(Mark(to, begun, "introduce", at.From is null ? $"Begin in {to}" : $"Tell {to} of {at.From.Name}"));
        if (at.From is not null)
            steps.Add(new UpdateStep.Carry(at.From.Name, to));
        steps.Add(new UpdateStep.Deploy(to));
        if (at.From is null)
            return new UpdatePlan(begun, DeployOutcome.Deployed, [.. steps, .. AllTo(facts, to, newcomer: to), new UpdateStep.Forget(to)]);
        if (order.Holds)
            return new UpdatePlan(begun, DeployOutcome.Held, [.. steps, Hold(at.From.Name, begun, now)]);
        // Nobody knows yet what the new cluster will have by then; it begins with nothing.
        var moved = Move(facts with { Shares = new Dictionary<string, int> { [at.From.Name] = All } }, at, begun, holds: false, order.Soaks, now);
        return moved with { Steps = [.. steps, .. moved.Steps] };
    }

    private static UpdatePlan Promote(UpdateFacts facts, UpdateSituation at, UpdateOrder.Promote order, DateTimeOffset now) => at.Update switch
    {
        { Phase: UpdatePhase.Retiring } update => new UpdatePlan(update, DeployOutcome.Deployed, Retire(update)),
        // All load is moved; what is left is the end of the old cluster.
        { Phase: UpdatePhase.Soaking or UpdatePhase.Draining } update when order.Holds => Stay(facts, at, update, now),
        // One that was to go one share further was cut there.
        { Phase: UpdatePhase.Shifting } update when order.Holds && facts.ShareOf(update.To) > 0 => Stay(facts, at, update, now),
        { Phase: UpdatePhase.Soaking } update => new UpdatePlan(update, DeployOutcome.Deployed, Finish(at, update, now)),
        { Phase: UpdatePhase.Held or UpdatePhase.Shifting or UpdatePhase.Draining } update => Move(facts, at, update, order.Holds, order.Soaks, now),
        { Phase: UpdatePhase.Preparing } update => throw new DiagnosticException(DiagnosticDescriptors.NothingToPromote.Because($"The new version of {facts.Owner.App} is not checked yet in {update.To}.")),
        { } update => throw new DiagnosticException(DiagnosticDescriptors.NothingToPromote.Because($"The full update of {facts.Owner.App} to {update.To} is being aborted.")),
        null => throw new DiagnosticException(DiagnosticDescriptors.NothingToPromote.Because($"No full update of {facts.Owner.App} is under way.")),
    };

    private static UpdatePlan Abort(UpdateFacts facts, UpdateSituation at, DateTimeOffset now)
    {
        var app = facts.Owner.App;
        switch (at)
        {
            case { Update: null }:
                throw new DiagnosticException(DiagnosticDescriptors.NothingToAbort.Because($"No full update of {app} is under way."));
            case { Update.Phase: UpdatePhase.Retiring }:
                throw new DiagnosticException(DiagnosticDescriptors.NothingToAbort.Because(
                    $"{app} is served by {at.Update.To}, and {at.Update.From} is being deleted.", nextStep: "Finish that with 'dotnet kubeapp promote --scope cluster', or deploy the version that you want."));
            case { From: null }:
                throw new DiagnosticException(DiagnosticDescriptors.NothingToAbort.Because($"{at.Update.To} is the first cluster of {app}.", nextStep: "Delete it with 'dotnet kubeapp cluster delete', or deploy again."));
            case { Update.Phase: UpdatePhase.Aborting }:
                return new UpdatePlan(at.Update, DeployOutcome.Aborted, TakeAway(facts, at, at.Update, mayHaveHadLoad: false));
        }

        if (at.OneWayJobs is { Count: > 0 } jobs)
            throw new DiagnosticException(DiagnosticDescriptors.UpdateIsOneWay.Because($"{string.Join(", ", jobs)} ran in {at.To!.Name}: the data do not fit the version in {at.From!.Name} any more."));
        if (at.OneWayJobsInDoubt is { Count: > 0 } doubtful)
            throw new DiagnosticException(DiagnosticDescriptors.UpdateIsOneWay.Because(
                $"{string.Join(", ", doubtful)} may have run in {at.To!.Name}, which cannot be asked ({at.To.Unreadable!.Cause.TrimEnd('.')}): then the data do not fit the version in {at.From!.Name} any more.",
                nextStep: $"See that its API answers ('dotnet kubeapp cluster doctor {at.To.Name}'), then say it again."));
        var aborting = at.Update!.In(UpdatePhase.Aborting, now);
        return new UpdatePlan(aborting, DeployOutcome.Aborted,
        [
            Mark(at.From!.Name, aborting, "abort", $"Give {aborting.To} up"),
            .. TakeAway(facts, at, aborting, mayHaveHadLoad: at.Update.Phase is not (UpdatePhase.Preparing or UpdatePhase.Held)),
        ]);
    }

    /// <summary>Holds with the share that the new cluster has, once that was watched.</summary>
    private static UpdatePlan Stay(UpdateFacts facts, UpdateSituation at, FullUpdate update, DateTimeOffset now)
    {
        var has = facts.ShareOf(update.To);
        return new UpdatePlan(update, DeployOutcome.Held, update.Phase != UpdatePhase.Shifting ? []
            : has == All ? [Soaking(at, update, now)]
            : [.. has > 0 ? (IEnumerable<UpdateStep>)[new UpdateStep.Watch(update.To, at.From!.Name, has, update.Terms.Watch)] : [], Hold(at.From!.Name, update, now)]);
    }

    /// <summary>From where load is to where it shall be, and on to the end.</summary>
    private static UpdatePlan Move(UpdateFacts facts, UpdateSituation at, FullUpdate update, bool holds, bool soaks, DateTimeOffset now)
    {
        var (old, to, terms) = (at.From!.Name, update.To, update.Terms);
        var has = facts.ShareOf(to);
        List<UpdateStep> steps = [];
        if (update.Phase is UpdatePhase.Preparing or UpdatePhase.Held)
            steps.Add(Mark(old, update.In(UpdatePhase.Shifting, now), "shift", $"Begin to move load to {to}"));
        // Whether what is there was watched for long enough, nobody knows: it is watched again.
        else if (update.Phase == UpdatePhase.Shifting && has is > 0 and < All)
            steps.Add(new UpdateStep.Watch(to, old, has, terms.Watch));
        if (update.Phase <= UpdatePhase.Shifting)
        {
            foreach (var share in terms.Shares.Where(share => share > has))
            {
                steps.Add(new UpdateStep.Share(
                    $"share-{share}", $"Give {share} % of the load to {to}", new Dictionary<string, int> { [old] = All - share, [to] = share }, to));
                if (share == All)
                    break;
                steps.Add(new UpdateStep.Watch(to, old, share, terms.Watch));
                if (holds)
                    return new UpdatePlan(update, DeployOutcome.Held, [.. steps, Hold(old, update, now)]);
            }

            steps.Add(Soaking(at, update, now));
            if (holds)
                return new UpdatePlan(update, DeployOutcome.Held, steps);
        }

        if (update.Phase != UpdatePhase.Draining)
        {
            if (!soaks)
                return new UpdatePlan(update, DeployOutcome.Deployed, steps);
            steps.Add(new UpdateStep.Soak(to, old, terms.Soak));
        }

        return new UpdatePlan(update, DeployOutcome.Deployed, [.. steps, .. Finish(at, update, now)]);
    }

    private static List<UpdateStep> Finish(UpdateSituation at, FullUpdate update, DateTimeOffset now) =>
    [
        .. update.Phase == UpdatePhase.Draining ? (IEnumerable<UpdateStep>)[] : [Mark(at.From!.Name, update.In(UpdatePhase.Draining, now), "draining", $"Leave {at.From.Name}")],
        new UpdateStep.Drain(at.From!.Name, update.Terms.Silence, update.Terms.Patience, Insists: true),
        new UpdateStep.Succeed(update.To, update.In(UpdatePhase.Retiring, now)),
        .. Retire(update),
    ];

    private static List<UpdateStep> Retire(FullUpdate update) =>
        [Only(update.To, update.From!), new UpdateStep.Delete(update.From!), new UpdateStep.Audit(update.From!), new UpdateStep.Forget(update.To)];

    /// <param name="facts">What stands.</param>
    /// <param name="at">Which cluster is which.</param>
    /// <param name="update">What is given up.</param>
    /// <param name="mayHaveHadLoad">Whether the new cluster may have a share, or have had one, of which shares do not tell.</param>
    private static List<UpdateStep> TakeAway(UpdateFacts facts, UpdateSituation at, FullUpdate update, bool mayHaveHadLoad) =>
    [
        .. AllTo(facts, at.From!.Name),
        // Who ever had a share is named among them until nothing arrives there any more, with 0 at last.
        // Of one that is half made, or half gone, nobody is served; and who holds on to a version that is given up is not waited for longer than to be polite.
        .. at.To is { Cluster.State: ClusterState.Ready or ClusterState.Updating, Inside.App: not null }
            && (mayHaveHadLoad || facts.Shares.ContainsKey(update.To)) ? (IEnumerable<UpdateStep>)[new UpdateStep.Drain(update.To, update.Terms.Silence, Polite(update.Terms), Insists: false)] : [],
        Only(at.From.Name, update.To),
        new UpdateStep.Delete(update.To),
        new UpdateStep.Audit(update.To),
        new UpdateStep.Forget(at.From.Name),
    ];

    private static TimeSpan Polite(UpdateTerms terms) => terms.Silence * 5 < terms.Patience ? terms.Silence * 5 : terms.Patience;

    // Who has no share any more keeps the connections that it has: only then is it taken out of the load altogether.
    private static IEnumerable<UpdateStep> AllTo(UpdateFacts facts, string name, string? newcomer = null)
    {
        var wanted = facts.Shares.Keys.Where(other => other != name && facts.Find(other) is not null).ToDictionary(other => other, _ => 0);
        wanted[name] = All;
        return facts.ShareOf(name) == All && facts.Shares.All(share => share.Key == name || share.Value == 0) ? []
            : [new UpdateStep.Share("share", $"Give all load to {name}", wanted, newcomer)];
    }

    private static UpdateStep.Share Only(string name, string old) => new("leave", $"Take {old} out of the load", new Dictionary<string, int> { [name] = All });

    private static UpdateStep.Mark Soaking(UpdateSituation at, FullUpdate update, DateTimeOffset now) =>
        Mark(at.From!.Name, update.In(UpdatePhase.Soaking, now), "soaking", $"{update.To} has all load");

    private static UpdateStep.Mark Hold(string where, FullUpdate update, DateTimeOffset now) => Mark(where, update.In(UpdatePhase.Held, now), "hold", $"Hold {update.To}");

    private static UpdateStep.Mark Mark(string where, FullUpdate update, string id, string title) => new(id, title, where, update);

    private static string Commit(FullUpdate update) => update.Terms.Commit is { } commit ? $" (commit {Events.Printable.Commit(commit)})" : "";
}

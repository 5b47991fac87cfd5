using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Controllers;

/// <summary>
/// One look at a Deployment and its ReplicaSets, and the next step of its rollout. A step changes some sizes and reports the status; the changes that
/// follow from it lead to the next look.
/// </summary>
internal sealed class Rollout
{
    private readonly Cluster _cluster;
    private readonly TimeProvider _clock;
    private readonly List<JsonObject> _sets;
    private JsonObject _deployment;
    private JsonObject? _newSet;

    public Rollout(Cluster cluster, TimeProvider clock, JsonObject deployment)
    {
        _cluster = cluster;
        _clock = clock;
        _deployment = deployment;
        Limits = RollingLimits.Of(deployment);
        _sets = Adoption.Claim(cluster, deployment, ResourceTypes.Deployment, ResourceTypes.ReplicaSet);
        _newSet = Revisions.FindNew(deployment, _sets);
    }

    public RollingLimits Limits { get; }

    /// <summary>Whether the Deployment has another size than when its ReplicaSets were scaled last.</summary>
    public bool IsScaling => _sets.Any(set =>
        Size(set) > 0 && set.Annotation(Revisions.DesiredReplicas) is { } desired && desired != Limits.Desired.ToString(CultureInfo.InvariantCulture));

    /// <summary>How long until the progress deadline has to be checked again.</summary>
    public TimeSpan? UntilDeadline
    {
        get
        {
            if (DeploymentStatus.Deadline(_deployment) is not { } deadline
                || DeploymentStatus.Progressing(_deployment.Status) is not { } condition
                || condition.Text("reason") is DeploymentStatus.TimedOut or DeploymentStatus.Complete or "DeploymentPaused"
                || DeploymentStatus.IsComplete(_deployment, Limits, _deployment.Status))
                return null;
            var left = (condition.Time("lastUpdateTime") ?? Now) + deadline - Now;
            // The times in a status are whole seconds: one more makes sure that the deadline has really passed then.
            return (left > TimeSpan.Zero ? left : TimeSpan.Zero) + TimeSpan.FromSeconds(1);
        }
    }

    private DateTimeOffset Now => _clock.GetUtcNow();

    private IEnumerable<JsonObject> Old => _sets.Where(set => set.Uid != _newSet?.Uid);

    private int Total => _sets.Sum(Size);

    // A ReplicaSet that was scaled down has its pods until it reports so. Kubernetes does not wait for that, and may have more pods than allowed for
    // a moment; here every pod is a process of somebody's own machine.
    private int Occupied => _sets.Sum(set => Math.Max(Size(set), set.Status.Count("replicas")));

    /// <summary>Keeps the condition of a paused Deployment; returns whether it is paused.</summary>
    public bool ReportPause()
    {
        var paused = _deployment.Spec.Flag("paused");
        var reason = DeploymentStatus.Progressing(_deployment.Status)?.Text("reason");
        if (DeploymentStatus.Deadline(_deployment) is not null && reason != DeploymentStatus.TimedOut)
        {
            if (paused && reason != "DeploymentPaused")
                SetCondition(new Condition("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused"));
            else if (!paused && reason == "DeploymentPaused")
                SetCondition(new Condition("Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed"));
        }

        return paused;
    }

    public void Roll()
    {
        PrepareNew();
        if (!ScaleNew() && !ScaleDownOld() && IsComplete)
            PruneHistory();
        ReportProgress();
    }

    public void Recreate()
    {
        if (_newSet is not null)
            PrepareNew();
        var stopped = false;
        foreach (var set in Old.Where(set => Size(set) > 0).ToList())
            stopped |= Scale(set, 0);
        if (!stopped && !OldPodsRun())
        {
            PrepareNew();
            Scale(_newSet!, Limits.Desired);
            if (IsComplete)
                PruneHistory();
        }

        ReportProgress();
    }

    /// <summary>Changes the sizes without rolling on: for a paused Deployment, and first of all when the wanted size changed.</summary>
    public void ScaleOnly()
    {
        if (_newSet is not null)
            PrepareNew();
        var active = _sets.Where(set => Size(set) > 0).ToList();
        var only = active.Count switch
        {
            0 => _newSet ?? Old.MaxBy(set => set.Created),
            1 => active[0],
            _ => null,
        };
        if (only is not null)
            Scale(only, Limits.Desired, always: true);
        else if (IsSaturated(_newSet))
            foreach (var set in Old.Where(set => Size(set) > 0).ToList())
                Scale(set, 0);
        else if (Limits.Rolling && active.Count > 0)
            ScaleInProportion(active);

        if (_deployment.Spec.Flag("paused"))
            PruneHistory();
        ReportCounts();
    }

    public void ReportCounts() => Report(DeploymentStatus.Counted(_deployment, Limits, _sets, _newSet, Now));

    private void ReportProgress() => Report(DeploymentStatus.RollingOut(_deployment, Limits, _sets, _newSet, Now));

    private bool IsComplete => DeploymentStatus.IsComplete(_deployment, Limits, _deployment.Status);

    private bool ScaleNew() => Size(_newSet!) != Limits.Desired
        && Scale(_newSet!, Size(_newSet!) > Limits.Desired ? Limits.Desired : Limits.NewSize(Size(_newSet!), Occupied));

    private bool ScaleDownOld()
    {
        if (Old.Sum(Size) == 0)
            return false;
        var newUnavailable = Size(_newSet!) - _newSet!.Status.Count("availableReplicas");
        var mayGo = Total - Limits.MinAvailable - newUnavailable;
        if (mayGo <= 0)
            return false;

        // First those that do not serve anyway.
        var changed = false;
        foreach (var set in Old.OrderBy(set => set.Created).ToList())
        {
            var unhealthy = Math.Min(mayGo, Size(set) - set.Status.Count("availableReplicas"));
            if (Size(set) == 0 || unhealthy <= 0)
                continue;
            changed |= Scale(set, Size(set) - unhealthy);
            mayGo -= unhealthy;
        }

        // One that was just scaled down still reports the pods that it is about to lose: they cannot be counted on.
        var spare = _sets.Sum(set => Math.Min(Size(set), set.Status.Count("availableReplicas"))) - Limits.MinAvailable;
        foreach (var set in Old.OrderBy(set => set.Created).ToList())
        {
            var down = Math.Min(spare, Size(set));
            if (down <= 0)
                continue;
            changed |= Scale(set, Size(set) - down);
            spare -= down;
        }

        return changed;
    }

    private void ScaleInProportion(List<JsonObject> active)
    {
        var toAdd = (Limits.Desired > 0 ? Limits.MaxTotal : 0) - active.Sum(Size);
        // Growing: the largest first, of equal ones the newer. Shrinking: the largest first, of equal ones the older.
        var ordered = active.OrderByDescending(Size);
        List<JsonObject> sets = [.. toAdd > 0 ? ordered.ThenByDescending(set => set.Created) : ordered.ThenBy(set => set.Created)];
        var sizes = new int[sets.Count];
        var added = 0;
        for (var i = 0; i < sets.Count; i++)
        {
            var before = int.TryParse(sets[i].Annotation(Revisions.MaxReplicas), out var annotated) && annotated > 0 ? annotated : _deployment.Status.Count("replicas");
            var share = Limits.Share(Size(sets[i]), Math.Max(before, 1), toAdd, added);
            sizes[i] = Size(sets[i]) + share;
            added += share;
        }

        if (toAdd != 0)
            sizes[0] = Math.Max(0, sizes[0] + toAdd - added);
        for (var i = 0; i < sets.Count; i++)
            Scale(sets[i], sizes[i], always: true);
    }

    private bool IsSaturated(JsonObject? set) =>
        set is not null && Size(set) == Limits.Desired && set.Status.Count("availableReplicas") == Limits.Desired
        && set.Annotation(Revisions.DesiredReplicas) == Limits.Desired.ToString(CultureInfo.InvariantCulture);

    private bool OldPodsRun() =>
        Old.Any(set => set.Status.Count("replicas") > 0)
        || _cluster.List(ResourceTypes.Pod, _deployment.Namespace).Any(pod => !pod.IsFinished && Old.Any(pod.IsControlledBy));

    /// <summary>Makes the ReplicaSet of the present template, or brings the one that is there up to date: it gets the highest revision.</summary>
    private void PrepareNew()
    {
        var revision = Old.Select(Revisions.Number).DefaultIfEmpty().Max() + 1;
        Condition condition;
        if (_newSet is not null)
        {
            Replace(_cluster.Update(_newSet.Key(ResourceTypes.ReplicaSet), BuiltInControllers.Manager, set =>
            {
                Revisions.Refresh(_deployment, set, revision);
                return true;
            }) ?? _newSet);
            condition = new Condition("Progressing", "True", "FoundNewReplicaSet", $"Found new replica set \"{_newSet.Name}\"");
            AnnounceNew(DeploymentStatus.Progressing(_deployment.Status) is null ? condition : null);
            return;
        }

        var size = Limits.NewSize(0, Occupied);
        _newSet = CreateSet(size, revision);
        _sets.Add(_newSet);
        if (size > 0)
            RecordScaling(_newSet.Name, 0, size);
        AnnounceNew(new Condition("Progressing", "True", "NewReplicaSetCreated", $"Created new replica set \"{_newSet.Name}\""));
    }

    private JsonObject CreateSet(int size, long revision)
    {
        var template = _deployment.Spec.Part("template");
        for (var collisions = 0; ; collisions++)
        {
            var set = Revisions.Create(_deployment, Limits, TemplateHash.Of(template, collisions), size, revision);
            // A ReplicaSet of this name with another template, or of someone else: try the next name.
            if (_cluster.Create(ResourceTypes.ReplicaSet, set, BuiltInControllers.Manager) is { } created)
                return created;
        }
    }

    private void AnnounceNew(Condition? condition) => Update(deployment =>
    {
        deployment.Annotate(Revisions.Revision, _newSet!.Annotation(Revisions.Revision)!);
        if (condition is { } value && DeploymentStatus.Deadline(deployment) is not null)
            DeploymentStatus.SetCondition(deployment.Editable("status"), value, Now);
    });

    private void SetCondition(Condition condition) => Update(deployment => DeploymentStatus.SetCondition(deployment.Editable("status"), condition, Now));

    private void Report(JsonObject status) => Update(deployment => deployment["status"] = status.DeepClone());

    private void Update(Action<JsonObject> change) =>
        _deployment = _cluster.UpdateStatus(_deployment.Key(ResourceTypes.Deployment), BuiltInControllers.Manager, deployment =>
        {
            if (deployment.Uid != _deployment.Uid)
                return false;
            change(deployment);
            return true;
        }) ?? _deployment;

    private bool Scale(JsonObject set, int size, bool always = false)
    {
        var before = Size(set);
        if (before == size && !always)
            return false;
        var scaled = _cluster.Update(set.Key(ResourceTypes.ReplicaSet), BuiltInControllers.Manager, changed =>
        {
            changed.Editable("spec")["replicas"] = size;
            Revisions.AnnotateSize(changed, Limits);
            return true;
        });
        if (scaled is null)
            return false;
        Replace(scaled);
        if (before != size)
            RecordScaling(set.Name, before, size);
        return before != size;
    }

    private void RecordScaling(string set, int from, int to) =>
        _cluster.RecordEvent(_deployment, "Normal", "ScalingReplicaSet", $"Scaled {(to > from ? "up" : "down")} replica set {set} from {from} to {to}", DeploymentController.Name);

    private void Replace(JsonObject set)
    {
        _sets[_sets.FindIndex(item => item.Uid == set.Uid)] = set;
        if (_newSet?.Uid == set.Uid)
            _newSet = set;
    }

    /// <summary>Deletes the oldest ReplicaSets that are empty and beyond the limit of history.</summary>
    private void PruneHistory()
    {
        var limit = _deployment.Spec.Number("revisionHistoryLimit") ?? 10;
        var old = Old.Where(set => !set.IsTerminating).OrderBy(Revisions.Number).ThenBy(set => set.Created).ToList();
        foreach (var set in old.Take(Math.Max(0, old.Count - limit)))
            if (Size(set) == 0 && set.Status.Count("replicas") == 0 && set.Generation <= set.Status.Count("observedGeneration")
                && _cluster.Delete(set.Key(ResourceTypes.ReplicaSet)))
                _sets.Remove(set);
    }

    private static int Size(JsonObject set) => set.Spec.Number("replicas") ?? 1;
}

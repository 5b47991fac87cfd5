using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Controllers;

/// <summary>
/// Jobs: pods until enough of them succeeded or too many failed. Each pod carries a finalizer until the Job has counted it, so that no outcome is
/// lost or counted twice, whatever is deleted or killed in between.
/// </summary>
internal sealed class JobController(Cluster cluster, TimeProvider clock) : IReconciler
{
    public const string Name = "job-controller";
    public const string Finalizer = "batch.kubernetes.io/job-tracking";

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(10);

    public IReadOnlyList<Trigger> Triggers { get; } =
    [
        Trigger.Itself(ResourceTypes.Job),
        Trigger.OwnedBy(ResourceTypes.Pod, ResourceTypes.Job, cluster),
    ];

    public Next Reconcile(ObjectKey key)
    {
        var job = cluster.Get(key);
        if (job is null || job.IsTerminating)
        {
            ReleaseAll(key);
            return Next.OnChange;
        }

        if (ResourceTypes.WhyNotRun(ResourceTypes.Job, job) is { } why)
        {
            NotRun.Declare(cluster, job, ResourceTypes.Job, why);
            return Next.OnChange;
        }

        var pods = Adoption.Claim(cluster, job, ResourceTypes.Job, ResourceTypes.Pod);
        if (JobProgress.FinishedAt(job) is { } finished)
        {
            Release(pods.Where(HasFinalizer));
            return ExpireAfter(job, key, finished);
        }

        var progress = new JobProgress(job, pods, clock.GetUtcNow());
        var next = Step(job, progress, pods);
        // What this step created or deleted belongs to the counts that it reports.
        progress.CountPods(Adoption.Claim(cluster, job, ResourceTypes.Job, ResourceTypes.Pod));
        progress.FinishIfOver();
        cluster.UpdateStatus(key, BuiltInControllers.Manager, changed =>
        {
            if (changed.Uid != job.Uid)
                return false;
            changed["status"] = progress.Status.DeepClone();
            return true;
        });
        foreach (var (type, reason, message) in progress.Events)
            cluster.RecordEvent(job, type, reason, message, Name);
        // Only now that they are noted in the status the pods may go.
        Release(pods.Where(pod => HasFinalizer(pod) && progress.IsNoted(pod)));
        return next;
    }

    /// <summary>Creates or deletes pods as the Job's state asks for.</summary>
    private Next Step(JsonObject job, JobProgress progress, List<JsonObject> pods)
    {
        var active = pods.Where(pod => pod.IsActive).ToList();
        switch (progress.Decide())
        {
            case JobState.Failing:
                // They end before their time: that counts as failed.
                DeletePods(job, active, count: true);
                return Next.OnChange;
            case JobState.Succeeding or JobState.Suspended:
                DeletePods(job, active, count: false);
                return Next.OnChange;
        }

        var wanted = progress.WantedActive;
        if (active.Count > wanted)
            DeletePods(job, [.. PodState.InOrderOfDeletion(active).Take(active.Count - wanted)], count: false);
        var blocked = job.Spec.Text("podReplacementPolicy") == "Failed" ? progress.Terminating : 0;
        var missing = wanted - active.Count - blocked;
        if (missing <= 0)
            return Next.After(progress.UntilDeadline);
        if (Delay(pods) is { } delay && delay > TimeSpan.Zero)
            return Next.After(progress.UntilDeadline is { } deadline && deadline < delay ? deadline : delay);
        return CreatePods(job, missing) ? Next.After(progress.UntilDeadline) : Next.Retry;
    }

    private bool CreatePods(JsonObject job, int count)
    {
        for (var created = 0; created < count;)
        {
            var pod = PodTemplate.NewPod(job, ResourceTypes.Job);
            pod.Metadata["finalizers"] = new JsonArray(Finalizer);
            try
            {
                if (cluster.Create(ResourceTypes.Pod, pod, BuiltInControllers.Manager) is null)
                    continue;
                cluster.RecordEvent(job, "Normal", "SuccessfulCreate", $"Created pod: {pod.Name}", Name);
                created++;
            }
            catch (ApiStatusException refused)
            {
                cluster.RecordEvent(job, "Warning", "FailedCreate", $"Error creating: {refused.Message}", Name);
                return false;
            }
        }

        return true;
    }

    private void DeletePods(JsonObject job, List<JsonObject> pods, bool count)
    {
        if (!count)
            Release(pods);
        foreach (var pod in pods)
            if (cluster.Delete(pod.Key(ResourceTypes.Pod)))
                cluster.RecordEvent(job, "Normal", "SuccessfulDelete", $"Deleted pod: {pod.Name}", Name);
    }

    /// <summary>How long a pod that fails again and again has to wait for the next try.</summary>
    private TimeSpan? Delay(List<JsonObject> pods)
    {
        var succeeded = pods.Where(pod => pod.Phase == "Succeeded").Select(JobProgress.FinishOf).DefaultIfEmpty(DateTimeOffset.MinValue).Max();
        var failures = pods.Where(pod => pod.Phase == "Failed").Select(JobProgress.FinishOf).Where(time => time > succeeded).ToList();
        if (failures.Count == 0)
            return null;
        var delay = TimeSpan.FromTicks(Math.Min(LongestDelay.Ticks, FirstDelay.Ticks << Math.Min(failures.Count - 1, 10)));
        return failures.Max() + delay - clock.GetUtcNow();
    }

    private Next ExpireAfter(JsonObject job, ObjectKey key, DateTimeOffset finished)
    {
        if (job.Spec.Number("ttlSecondsAfterFinished") is not { } seconds)
            return Next.OnChange;
        var left = finished.AddSeconds(seconds) - clock.GetUtcNow();
        if (left > TimeSpan.Zero)
            return Next.After(left);
        cluster.Delete(key);
        return Next.OnChange;
    }

    private void ReleaseAll(ObjectKey key) => Release(cluster.List(ResourceTypes.Pod, key.Namespace).Where(pod =>
        HasFinalizer(pod) && pod.ControllerReference is { } owner && owner.Text("kind") == "Job" && owner.Text("name") == key.Name));

    private void Release(IEnumerable<JsonObject> pods)
    {
        foreach (var pod in pods)
            cluster.Update(pod.Key(ResourceTypes.Pod), BuiltInControllers.Manager, changed =>
            {
                if (changed.Metadata["finalizers"] is not JsonArray finalizers || finalizers.RemoveAll(item => (string?)item == Finalizer) == 0)
                    return false;
                if (finalizers.Count == 0)
                    changed.Metadata.Remove("finalizers");
                return true;
            });
    }

    public static bool HasFinalizer(JsonObject pod) => pod.Metadata["finalizers"] is JsonArray finalizers && finalizers.Any(item => (string?)item == Finalizer);
}

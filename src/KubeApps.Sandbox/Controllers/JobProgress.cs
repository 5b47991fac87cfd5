using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Controllers;

internal enum JobState
{
    Running,
    Suspended,

    /// <summary>It has failed, but some of its pods are not gone yet.</summary>
    Failing,

    /// <summary>It has succeeded, but some of its pods are not gone yet.</summary>
    Succeeding,
}

/// <summary>A Job's status, brought up to date with its pods. Pure: writes nothing but its own copy.</summary>
internal sealed class JobProgress
{
    private readonly JsonObject _job;
    private readonly DateTimeOffset _now;
    private readonly HashSet<string> _succeeded;
    private readonly HashSet<string> _failed;
    private readonly int _restarts;
    private int _active;

    public JobProgress(JsonObject job, List<JsonObject> pods, DateTimeOffset now)
    {
        _job = job;
        _now = now;
        Status = (JsonObject)job.Status.DeepClone();
        var uncounted = Status.Part("uncountedTerminatedPods");
        _succeeded = [.. Uids(uncounted, "succeeded")];
        _failed = [.. Uids(uncounted, "failed")];
        var open = pods.Where(JobController.HasFinalizer).ToDictionary(pod => pod.Uid);
        // Those whose finalizer is gone were noted and let go in an earlier step: now they count for good.
        Settle("succeeded", _succeeded);
        Settle("failed", _failed);
        foreach (var (uid, pod) in open)
        {
            if (pod.Phase == "Succeeded")
                _succeeded.Add(uid);
            else if (pod.Phase == "Failed" || pod.IsTerminating)
                _failed.Add(uid);
        }

        _restarts = job.Spec.Part("template").Part("spec").Text("restartPolicy") == "OnFailure" ? pods.Where(pod => !pod.IsFinished).Sum(pod => pod.Restarts) : 0;
        CountPods(pods);

        void Settle(string field, HashSet<string> uids)
        {
            var settled = uids.RemoveWhere(uid => !open.ContainsKey(uid));
            if (settled > 0)
                Status[field] = Status.Count(field) + settled;
        }
    }

    public JsonObject Status { get; }

    public int Terminating { get; private set; }

    public List<(string Type, string Reason, string Message)> Events { get; } = [];

    public TimeSpan? UntilDeadline => _job.Spec.Number("activeDeadlineSeconds") is { } seconds && Status.Time("startTime") is { } start
        ? start.AddSeconds(seconds) - _now
        : null;

    /// <summary>How many pods should run now.</summary>
    public int WantedActive
    {
        get
        {
            var parallelism = _job.Spec.Number("parallelism") ?? 1;
            if (Completions is { } completions)
                return Math.Clamp(completions - Succeeded, 0, parallelism);
            // Without a number, the first success means that the others finish what they have.
            return Succeeded > 0 ? Math.Min(_active, parallelism) : parallelism;
        }
    }

    // Without parallelism either, one pod is all that is asked for.
    private int? Completions => _job.Spec.Number("completions") ?? (_job.Spec["parallelism"] is null ? 1 : null);

    private int Succeeded => Status.Count("succeeded") + _succeeded.Count;

    private int Failed => Status.Count("failed") + _failed.Count;

    /// <summary>When the Job ended; null if it has not.</summary>
    public static DateTimeOffset? FinishedAt(JsonObject job) =>
        job.Status.Items("conditions").FirstOrDefault(condition => condition.Text("type") is "Complete" or "Failed" && condition.Text("status") == "True")?.Time("lastTransitionTime");

    public static DateTimeOffset FinishOf(JsonObject pod) => pod.Status.Items("containerStatuses")
        .Select(container => container.Part("state").Part("terminated").Time("finishedAt")).Max() ?? pod.Condition("Ready")?.Time("lastTransitionTime") ?? pod.Created;

    public bool IsNoted(JsonObject pod) => _succeeded.Contains(pod.Uid) || _failed.Contains(pod.Uid);

    /// <summary>What is to be done with the Job; notes conditions and times in the status.</summary>
    public JobState Decide()
    {
        if (Has("FailureTarget"))
            return JobState.Failing;
        if (Has("SuccessCriteriaMet"))
            return JobState.Succeeding;
        var suspended = _job.Spec.Flag("suspend");
        if (!suspended && Status["startTime"] is null)
            Status["startTime"] = ObjectFields.Stamp(_now);
        var failure = Failure(suspended);
        if (failure is { } cause)
        {
            SetCondition("FailureTarget", "True", cause.Reason, cause.Message);
            return JobState.Failing;
        }

        if (Completions is { } completions ? Succeeded >= completions : Succeeded > 0 && _active == 0)
        {
            SetCondition("SuccessCriteriaMet", "True", "CompletionsReached", "Reached expected number of succeeded pods");
            return JobState.Succeeding;
        }

        return ReportSuspension(suspended) ? JobState.Suspended : JobState.Running;
    }

    public void CountPods(List<JsonObject> pods)
    {
        _active = pods.Count(pod => pod.IsActive);
        Terminating = pods.Count(pod => pod.IsTerminating && !pod.IsFinished);
        if (_active > 0)
            Status["active"] = _active;
        else
            Status.Remove("active");
        Status["ready"] = pods.Count(pod => pod.IsActive && pod.IsReady);
        Status["terminating"] = Terminating;
        var uncounted = new JsonObject();
        if (_succeeded.Count > 0)
            uncounted["succeeded"] = new JsonArray([.. _succeeded.Order().Select(uid => (JsonNode)uid)]);
        if (_failed.Count > 0)
            uncounted["failed"] = new JsonArray([.. _failed.Order().Select(uid => (JsonNode)uid)]);
        Status["uncountedTerminatedPods"] = uncounted;
    }

    /// <summary>The last condition, once every pod has ended and is counted.</summary>
    public void FinishIfOver()
    {
        if (_active > 0 || Terminating > 0 || _succeeded.Count > 0 || _failed.Count > 0)
            return;
        if (Find("FailureTarget") is { } failure)
        {
            SetCondition("Failed", "True", failure.Text("reason")!, failure.Text("message")!);
            Events.Add(("Warning", failure.Text("reason")!, failure.Text("message")!));
        }
        else if (Find("SuccessCriteriaMet") is { } success)
        {
            SetCondition("Complete", "True", success.Text("reason")!, success.Text("message")!);
            Status["completionTime"] = ObjectFields.Stamp(_now);
            Events.Add(("Normal", "Completed", "Job completed"));
        }
    }

    private static IEnumerable<string> Uids(JsonObject uncounted, string field) => uncounted[field] is JsonArray uids ? uids.Select(uid => (string)uid!) : [];

    private (string Reason, string Message)? Failure(bool suspended)
    {
        var limit = _job.Spec.Number("backoffLimit") ?? 6;
        if (Failed > limit || (_restarts > 0 && _restarts >= limit))
            return ("BackoffLimitExceeded", "Job has reached the specified backoff limit");
        return !suspended && UntilDeadline <= TimeSpan.Zero ? ("DeadlineExceeded", "Job was active longer than specified deadline") : null;
    }

    private bool ReportSuspension(bool suspended)
    {
        if (suspended && !Has("Suspended"))
        {
            SetCondition("Suspended", "True", "JobSuspended", "Job suspended");
            Events.Add(("Normal", "Suspended", "Job suspended"));
            Status.Remove("startTime");
        }
        else if (!suspended && Has("Suspended"))
        {
            SetCondition("Suspended", "False", "JobResumed", "Job resumed");
            Events.Add(("Normal", "Resumed", "Job resumed"));
            Status["startTime"] = ObjectFields.Stamp(_now);
        }

        return suspended;
    }

    private bool Has(string type) => Find(type)?.Text("status") == "True";

    private JsonObject? Find(string type) => Status.Items("conditions").FirstOrDefault(condition => condition.Text("type") == type);

    private void SetCondition(string type, string status, string reason, string message)
    {
        if (Status["conditions"] is not JsonArray conditions)
            Status["conditions"] = conditions = [];
        conditions.RemoveAll(item => item is JsonObject condition && condition.Text("type") == type);
        var stamp = ObjectFields.Stamp(_now);
        conditions.Add((JsonNode)new JsonObject
        {
            ["type"] = type,
            ["status"] = status,
            ["lastProbeTime"] = stamp,
            ["lastTransitionTime"] = stamp,
            ["reason"] = reason,
            ["message"] = message,
        });
    }
}

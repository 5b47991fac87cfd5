using System.Text.Json.Nodes;
using KubeApps.Deploy.Rollouts;

namespace KubeApps.Deploy.Tests.Rollouts;

public class RolloutDiagnosisTests
{
    [Theory]
    [InlineData("image-not-found", "KUBEAPP6010", "c", "registry.local:5000/team/nosuch:1 does not exist")]
    [InlineData("tag-not-found", "KUBEAPP6010", "c", "registry.local:5000/team/web:nosuch does not exist")]
    [InlineData("crash-loop", "KUBEAPP6013", "c", "exit code 139, 3 restarts): Unhandled exception: boom")]
    [InlineData("wrong-entry-point", "KUBEAPP6014", "c", "\"/no/such/binary\": stat /no/such/binary: no such file or directory")]
    [InlineData("oom", "KUBEAPP6015", "c", "more memory than its limit of ")]
    [InlineData("liveness-fails", "KUBEAPP6017", "c", "its liveness probe fails")]
    [InlineData("startup-too-slow", "KUBEAPP6018", "c", "startup probe (dial tcp 10.244.0.14:8080: connect: connection refused)")]
    [InlineData("unschedulable-cpu", "KUBEAPP6019", null, "Insufficient cpu")]
    [InlineData("node-selector-mismatch", "KUBEAPP6044", null, "didn't match Pod's node affinity/selector")]
    [InlineData("pvc-missing", "KUBEAPP6020", null, "persistentvolumeclaim \"nosuch\" not found")]
    [InlineData("configmap-missing", "KUBEAPP6021", "c", "configmap \"nosuch\" not found")]
    [InlineData("configmap-key-missing", "KUBEAPP6021", "c", "couldn't find key zz in ConfigMap fail/cfg")]
    [InlineData("secret-missing", "KUBEAPP6021", "c", "secret \"nosuch\" not found")]
    [InlineData("run-as-non-root", "KUBEAPP6022", "c", "would run as root")]
    [InlineData("read-only-file-system", "KUBEAPP6023", "c", "can't create /data.txt: Read-only file system")]
    [InlineData("init-container-fails", "KUBEAPP6013", "init", "Init container 'init' crashes again and again (exit code 2, 3 restarts): migration failed")]
    [InlineData("pod-quota", "KUBEAPP6042", null, "exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1")]
    public void Find_RecordedFailure_NamesContainerAndCauseAndEndsTheWait(string name, string code, string? container, string cause)
    {
        var (view, logs) = Recording.Failure(name);

        var finding = RolloutDiagnosis.Find(view);

        Assert.NotNull(finding);
        var report = finding.Report(view.Id, Recording.Log(logs, finding.Log));
        Assert.Equal(code, report.Code);
        Assert.Equal(container, report.Container);
        Assert.Contains(cause, report.Cause, StringComparison.Ordinal);
        Assert.True(finding.IsDecisive);
        Assert.InRange(report.FirstLine.Length, 20, 140);
    }

    [Theory]
    [InlineData("nosuch", false)]
    [InlineData("another", true)]
    public void Find_SecretIsMissingThatAnOperatorIsToMake_GoesOnWaiting(string made, bool isDecisive)
    {
        var (view, _) = Recording.Failure("secret-missing");

        var finding = RolloutDiagnosis.Find(view with { ComingSecrets = new HashSet<(string?, string)> { (view.Id.Namespace, made) } });

        Assert.Equal(("KUBEAPP6021", isDecisive), (finding!.Descriptor.Code, finding.IsDecisive));
    }

    [Fact]
    public void Find_DigestThatHoldsDigitsOfAStatus_IsNoDenial()
    {
        var (view, _) = Recording.Failure("image-not-found");
        var waiting = view.NewPods[0]["status"]!["containerStatuses"]![0]!["state"]!["waiting"]!;
        waiting["message"] = "failed to extract layer sha256:4010403: no space left on device";

        var finding = RolloutDiagnosis.Find(view with { Events = [] });

        Assert.Equal(("KUBEAPP6012", true), (finding?.Descriptor.Code, finding!.IsDecisive));
    }

    /// <summary>The limits that the user declared are over at the first kill of the one, and known to be no accident at the second of the other.</summary>
    [Theory]
    [InlineData("startup-too-slow", 1, "KUBEAPP6018")]
    [InlineData("liveness-fails", 1, "KUBEAPP6017")]
    public void Find_KilledByAProbe_DoesNotWaitForTheBackOffToGrow(string name, int restarts, string code)
    {
        var (view, _) = Recording.Failure(name);
        view.NewPods[0]["status"]!["containerStatuses"]![0]!["restartCount"] = restarts;

        var finding = RolloutDiagnosis.Find(view);

        Assert.Equal((code, true), (finding?.Descriptor.Code, finding!.IsDecisive));
    }

    [Fact]
    public void Find_StartedAgainAfterBeingTooSlow_IsDecisiveAlready()
    {
        var (view, _) = Recording.Failure("startup-too-slow");
        var status = view.NewPods[0]["status"]!["containerStatuses"]![0]!;
        status["restartCount"] = 1;
        status["state"] = Json("""{"running":{"startedAt":"2026-11-23T11:12:25Z"}}""");

        var finding = RolloutDiagnosis.Find(view);

        Assert.Equal(("KUBEAPP6018", true, true), (finding?.Descriptor.Code, finding!.IsDecisive, finding.Log!.Previous));
    }

    [Fact]
    public void Find_AnotherContainersImageIsMissing_IsNotToldOfThisOne()
    {
        var (view, _) = Recording.Failure("image-not-found");
        var status = view.NewPods[0]["status"]!["containerStatuses"]![0]!;
        status["image"] = "registry.local:5000/team/other:1";
        status["state"] = Json("""{"waiting":{"reason":"ErrImagePull","message":"dial tcp 10.0.0.1:443: i/o timeout"}}""");

        Assert.Equal(("KUBEAPP6012", false), (RolloutDiagnosis.Find(view)!.Descriptor.Code, RolloutDiagnosis.Find(view)!.IsDecisive));
    }

    [Fact]
    public void Find_ReadinessFails_ExplainsButWaits()
    {
        var (view, _) = Recording.Failure("readiness-fails");

        var finding = RolloutDiagnosis.Find(view);

        Assert.Equal("KUBEAPP6016", finding?.Descriptor.Code);
        Assert.Contains("connection refused", finding!.Cause, StringComparison.Ordinal);
        Assert.False(finding.IsDecisive);
    }

    /// <summary>A sidecar is an init container by its place alone; one that ends must still run to its end.</summary>
    [Theory]
    [InlineData("Always", "Readiness probe failed: HTTP probe failed with statuscode: 503", "KUBEAPP6016")]
    [InlineData("Always", "Startup probe failed: dial tcp 10.0.0.1:80: connect: connection refused", "KUBEAPP6018")]
    [InlineData(null, "Readiness probe failed: HTTP probe failed with statuscode: 503", null)]
    public void Find_SidecarRunsButIsNotReady_SaysWhatItsProbeSays(string? restartPolicy, string message, string? code)
    {
        var pod = Sidecar(restartPolicy, """{"name":"proxy","ready":false,"state":{"running":{"startedAt":"2026-01-01T00:00:00Z"} } }""");

        var finding = RolloutDiagnosis.Find(Told(pod, "Unhealthy", message));

        Assert.Equal((code, code is null ? null : "proxy"), (finding?.Descriptor.Code, finding?.Container));
        Assert.Equal(code is null ? null : $"Container 'proxy' runs but is not ready: {message}", finding?.Cause);
        Assert.Equal(code is null ? null : new LogSource("shop", "web-1", "proxy", false), finding?.Log);
    }

    [Fact]
    public void Find_SidecarIsKilledByItsLivenessProbe_IsToldAsAnyOther()
    {
        var pod = Sidecar("Always", """{"name":"proxy","ready":false,"restartCount":2,"state":{"waiting":{"reason":"CrashLoopBackOff"} },"lastState":{"terminated":{"exitCode":137,"reason":"Error"} } }""");

        var finding = RolloutDiagnosis.Find(Told(pod, "Killing", "Init container proxy failed liveness probe"));

        Assert.Equal(("KUBEAPP6017", "Container 'proxy' is killed because its liveness probe fails.", true), (finding?.Descriptor.Code, finding!.Cause, finding.IsDecisive));
    }

    [Fact]
    public void Find_FailedJob_ReportsTheLogOfItsPod()
    {
        var (view, logs) = Recording.Failure("job-backoff");

        var finding = RolloutDiagnosis.Find(view);

        Assert.Equal(["cannot migrate"], finding!.Report(view.Id, Recording.Log(logs, finding.Log)).LogTail);
    }

    [Fact]
    public void Explain_JobThatUsedUpItsBackoffLimit_SaysSoWithTheContainersEnd()
    {
        var (view, logs) = Recording.Failure("job-backoff");
        var state = new RolloutAssessment(awaitsCompletion: true).Assess(view);

        var finding = RolloutDiagnosis.Explain(view.Id, state);

        var report = finding.Report(view.Id, Recording.Log(logs, finding.Log));
        Assert.Equal((RolloutVerdict.Failed, "KUBEAPP6024", "c"), (state.Verdict, report.Code, report.Container));
        Assert.StartsWith("Job has reached the specified backoff limit: Container 'c' failed (exit code ", report.Cause, StringComparison.Ordinal);
        Assert.Equal(["cannot migrate"], report.LogTail);
        Assert.InRange(report.FirstLine.Length, 20, 140);
    }

    [Fact]
    public void Assess_EveryRecordedFailure_EndsWithAFirstLineThatFits()
    {
        foreach (var (name, _) in Recording.Read("failures.json").AsObject().Where(item => !item.Key.Contains("good", StringComparison.Ordinal)))
        {
            var (view, logs) = Recording.Failure(name);
            var state = new RolloutAssessment(awaitsCompletion: true).Assess(view);

            Assert.True(state.Verdict == RolloutVerdict.Failed, $"{name}: {state}");
            var finding = RolloutDiagnosis.Explain(view.Id, state);
            var report = finding.Report(view.Id, Recording.Log(logs, finding.Log));
            Assert.InRange(report.FirstLine.Length, 20, 140);
            Assert.NotEmpty(report.NextStep);
            Assert.NotEqual("KUBEAPP6001", report.Code);
        }
    }

    [Theory]
    [InlineData("""admission webhook "validate.kyverno.svc-fail" denied the request: resource Pod/shop/web was blocked due to the following policies""", "KUBEAPP6041", 0)]
    [InlineData("""pods "web-1" is forbidden: ValidatingAdmissionPolicy 'images' with binding 'all' denied request: images must come from our registry""", "KUBEAPP6041", 0)]
    [InlineData("""pods "web-1" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false""", "KUBEAPP6041", 0)]
    [InlineData("""pods "web-1" is forbidden: error looking up service account shop/nosuch: serviceaccount "nosuch" not found""", "KUBEAPP6025", 0)]
    [InlineData("""Internal error occurred: failed calling webhook "inject.istio.io": no endpoints available for service "istiod" """, "KUBEAPP6025", 60)]
    [InlineData("""pods "web-1" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1""", "KUBEAPP6042", 8)]
    public void Find_PodsAreRefused_IsDecisiveOnceItDoesNotPass(string message, string code, int seconds)
    {
        var view = Refused(message);

        Assert.Equal(code, RolloutDiagnosis.Find(view)?.Descriptor.Code);
        Assert.Equal(seconds == 0, RolloutDiagnosis.Find(view)!.IsDecisive);
        Assert.True(RolloutDiagnosis.Find(view with { Now = view.Now.AddSeconds(seconds) })!.IsDecisive);
    }

    [Fact]
    public void Find_QuotaIsFullOfOldPods_GivesThemTimeToGo()
    {
        var view = Refused("exceeded quota: q");
        view.Workload["status"] = Json("""{"replicas":2,"updatedReplicas":1}""");

        Assert.False(RolloutDiagnosis.Find(view with { Now = view.Now.AddSeconds(19) })!.IsDecisive);
        Assert.True(RolloutDiagnosis.Find(view with { Now = view.Now.AddSeconds(20) })!.IsDecisive);
    }

    [Theory]
    [InlineData("TriggeredScaleUp", 600, false)]
    [InlineData("Nominated", 600, false)]
    [InlineData("NotTriggerScaleUp", 3, true)]
    [InlineData("FailedScheduling", 59, false)]
    [InlineData("FailedScheduling", 60, true)]
    public void Find_Unschedulable_ListensToTheAutoscaler(string reason, int seconds, bool isDecisive)
    {
        var view = Unscheduled("0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available.", reason, seconds);

        var finding = RolloutDiagnosis.Find(view);

        Assert.Equal(("KUBEAPP6019", isDecisive), (finding?.Descriptor.Code, finding!.IsDecisive));
    }

    [Fact]
    public void Find_AutoscalerGivesUpAfterItAddedANode_Fails()
    {
        var view = Unscheduled("0/3 nodes are available: 3 Insufficient cpu.", "TriggeredScaleUp", 30);
        var later = (JsonObject)view.Events[0].DeepClone();
        later["reason"] = "NotTriggerScaleUp";
        later["lastTimestamp"] = "2026-01-01T00:00:20Z";

        Assert.True(RolloutDiagnosis.Find(view with { Events = [later, .. view.Events] })!.IsDecisive);
    }

    [Theory]
    [InlineData("0/3 nodes are available: 3 node(s) had untolerated taint(s). preemption: x", "KUBEAPP6044")]
    [InlineData("0/3 nodes are available: 1 Insufficient memory, 2 node(s) had untolerated taint(s).", "KUBEAPP6019")]
    [InlineData("0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.", "KUBEAPP6020")]
    public void Find_NoNode_TellsWhatIsLackingFromWhatIsForbidden(string message, string code) =>
        Assert.Equal(code, RolloutDiagnosis.Find(Unscheduled(message, "FailedScheduling", 5))?.Descriptor.Code);

    [Fact]
    public void Find_ClaimIsBeingProvisioned_IsNoFailureYet() =>
        Assert.False(RolloutDiagnosis.Find(Unscheduled("pod has unbound immediate PersistentVolumeClaims.", "FailedScheduling", 50))!.IsDecisive);

    [Fact]
    public void Find_ClaimHasNoClass_SaysWhatTheClaimSays()
    {
        var view = Unscheduled("pod has unbound immediate PersistentVolumeClaims.", "FailedScheduling", 6);
        var claim = Json("""{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data","namespace":"shop","uid":"c"},"status":{"phase":"Pending"}}""");
        var told = Json("""{"type":"Warning","reason":"ProvisioningFailed","message":"storageclass.storage.k8s.io \"fast\" not found","involvedObject":{"uid":"c"},"lastTimestamp":"2026-01-01T00:00:05Z"}""");

        var finding = RolloutDiagnosis.Find(view with { Claims = [claim], Events = [.. view.Events, told] });

        Assert.Equal(("KUBEAPP6020", true), (finding?.Descriptor.Code, finding!.IsDecisive));
        Assert.Equal("Claim data gets no volume: storageclass.storage.k8s.io \"fast\" not found", finding.Cause);
        Assert.Equal("PersistentVolumeClaim shop/data", finding.Object.ToString());
    }

    [Fact]
    public void Find_RegistryDenies_IsAnotherFailureThanNoSuchImage()
    {
        var (view, _) = Recording.Failure("image-not-found");
        view.NewPods[0]["status"]!["containerStatuses"]![0]!["state"]!["waiting"]!["message"] =
            "failed to pull image: failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized";

        var finding = RolloutDiagnosis.Find(view with { Events = [] });

        Assert.Equal(("KUBEAPP6011", true, "c"), (finding?.Descriptor.Code, finding!.IsDecisive, finding.Container));
    }

    [Theory]
    [InlineData("failed to sync configmap cache: timed out waiting for the condition")]
    [InlineData("failed to sync secret cache: timed out waiting for the condition")]
    public void Find_KubeletsCacheLags_DoesNotFail(string message)
    {
        var (view, _) = Recording.Failure("configmap-missing");
        view.NewPods[0]["status"]!["containerStatuses"]![0]!["state"]!["waiting"]!["message"] = message;

        Assert.False(RolloutDiagnosis.Find(view with { Events = [] })!.IsDecisive);
    }

    private static RolloutView Refused(string message)
    {
        var condition = Json("""{"type":"ReplicaFailure","status":"True","reason":"FailedCreate","lastTransitionTime":"2026-01-01T00:00:00Z"}""");
        condition["message"] = "Error creating: " + message;
        var set = Json("""{"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"web-1","namespace":"shop","uid":"r"},"status":{}}""");
        set["status"]!["conditions"] = new JsonArray(condition);
        return new RolloutView(Deployment(), set, [], [], new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    private static JsonObject Sidecar(string? restartPolicy, string status)
    {
        var pod = Json("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-1","namespace":"shop","uid":"p"},"spec":{"initContainers":[{"name":"proxy"}]},"status":{"initContainerStatuses":[]} }""");
        pod["spec"]!["initContainers"]![0]!["restartPolicy"] = restartPolicy;
        pod["status"]!["initContainerStatuses"]!.AsArray().Add(Json(status));
        return pod;
    }

    private static RolloutView Told(JsonObject pod, string reason, string message)
    {
        var told = Json("""{"involvedObject":{"uid":"p","fieldPath":"spec.initContainers{proxy}"},"lastTimestamp":"2026-01-01T00:00:01Z"}""");
        (told["reason"], told["message"]) = (reason, message);
        return new RolloutView(Deployment(), null, [pod], [told], new DateTimeOffset(2026, 1, 1, 0, 0, 20, TimeSpan.Zero));
    }

    private static RolloutView Unscheduled(string message, string reason, int seconds)
    {
        var pod = Json("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-1","namespace":"shop","uid":"p"},
             "status":{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}
            """);
        pod["status"]!["conditions"]![0]!["message"] = message;
        var told = Json("""{"involvedObject":{"uid":"p"},"lastTimestamp":"2026-01-01T00:00:01Z"}""");
        told["reason"] = reason;
        return new RolloutView(Deployment(), null, [pod], [told], new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(seconds));
    }

    private static JsonObject Deployment() => Json("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop","uid":"d"}}""");

    private static JsonObject Json(string json) => (JsonObject)JsonNode.Parse(json)!;

    [Theory]
    [InlineData("good")]
    [InlineData("job-good")]
    public void Find_GoodWorkload_FindsNothing(string name) => Assert.Null(RolloutDiagnosis.Find(Recording.Failure(name).View));
}

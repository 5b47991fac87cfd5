using System.Text.Json.Nodes;
using KubeApps.Deploy.Rollouts;

namespace KubeApps.Deploy.Tests.Rollouts;

/// <summary>What looks bad and passes by itself ends no rollout; and what it left behind (events, ended pods) is not held against the version.</summary>
public class PassingCausesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What a container waits for, and for how many seconds it may.</summary>
    [Theory]
    [InlineData("CreateContainerConfigError", "failed to sync configmap cache: timed out waiting for the condition", 600)]
    [InlineData("CreateContainerConfigError", "failed to sync secret cache: timed out waiting for the condition", 600)]
    [InlineData("CreateContainerConfigError", "configmap \"settings\" not found", 2)]
    [InlineData("ErrImagePull", "failed to pull and unpack image \"r/web:1\": failed to do request: Head \"https://r/v2/web/manifests/1\": dial tcp 10.0.0.1:443: i/o timeout", 600)]
    [InlineData("ImagePullBackOff", "Back-off pulling image \"r/web:1\": ErrImagePull: unexpected status from HEAD request to https://r/v2/web/manifests/1: 503 Service Unavailable", 600)]
    [InlineData("ErrImagePull", "toomanyrequests: You have reached your pull rate limit.", 600)]
    [InlineData("ErrImagePull", "dial tcp: lookup r on 10.96.0.10:53: no such host", 600)]
    [InlineData("ContainerCreating", "", 600)]
    public void Assess_ContainerWaitsForWhatMayCome_GoesOn(string reason, string message, int seconds)
    {
        var pod = Pod();
        Status(pod)["state"] = new JsonObject { ["waiting"] = new JsonObject { ["reason"] = reason, ["message"] = message } };
        var assessment = new RolloutAssessment(false);

        Assert.Equal(RolloutVerdict.Waiting, assessment.Assess(View(seconds, pods: [pod], available: 0)).Verdict);
        AssertEndsWell(assessment, seconds + 1);
    }

    [Fact]
    public void Assess_CrashesOnce_GoesOn()
    {
        var pod = Pod();
        Status(pod)["restartCount"] = 1;
        Status(pod)["lastState"] = new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = 1, ["reason"] = "Error" } };
        Status(pod)["state"] = new JsonObject { ["waiting"] = new JsonObject { ["reason"] = "CrashLoopBackOff", ["message"] = "back-off 10s restarting failed container=c" } };
        var assessment = new RolloutAssessment(false);

        Assert.Equal(RolloutVerdict.Waiting, assessment.Assess(View(12, pods: [pod], available: 0)).Verdict);
        AssertEndsWell(assessment, 20);
    }

    [Theory]
    [InlineData("Readiness probe failed: HTTP probe failed with statuscode: 503")]
    [InlineData("Startup probe failed: dial tcp 10.0.0.1:8080: connect: connection refused")]
    [InlineData("Liveness probe failed: HTTP probe failed with statuscode: 503")]
    public void Assess_ProbeFailsOnce_GoesOn(string message)
    {
        var pod = Pod();
        Status(pod)["ready"] = false;
        var assessment = new RolloutAssessment(false);

        Assert.Equal(RolloutVerdict.Waiting, assessment.Assess(View(15, pods: [pod], events: [Event("p", "Unhealthy", message, 14)], available: 0)).Verdict);
        AssertEndsWell(assessment, 30, Event("p", "Unhealthy", message, 14));
    }

    [Theory]
    [InlineData("HTTP probe failed with statuscode: 503")]
    [InlineData("HTTP probe failed with statuscode: 429")]
    [InlineData("Get \"http://10.0.0.1:8080/ready\": context deadline exceeded")]
    public void Assess_FillsItsCachesForLong_GoesOn(string answer)
    {
        var pod = Pod();
        Status(pod)["ready"] = false;
        var assessment = new RolloutAssessment(false);

        Assert.Equal(
            RolloutVerdict.Waiting,
            assessment.Assess(View(300, pods: [pod], events: [Event("p", "Unhealthy", $"Readiness probe failed: {answer}", 299)], available: 0)).Verdict);
        AssertEndsWell(assessment, 310);
    }

    [Theory]
    [InlineData(20, false)]
    [InlineData(31, true)]
    public void Assess_AppKnowsNothingAtItsProbesPath_FailsOnceItHadTimeToStart(int seconds, bool fails)
    {
        var pod = Pod();
        Status(pod)["ready"] = false;

        var state = new RolloutAssessment(false).Assess(
            View(seconds, pods: [pod], events: [Event("p", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404", 12)], available: 0));

        Assert.Equal((fails ? RolloutVerdict.Failed : RolloutVerdict.Waiting, "KUBEAPP6016"), (state.Verdict, state.Finding?.Descriptor.Code));
    }

    [Fact]
    public void Assess_KilledOnceByItsLivenessProbe_GoesOn()
    {
        var pod = Pod();
        Status(pod)["state"] = new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = 137, ["reason"] = "Error" } };
        var killed = Event("p", "Killing", "Container c failed liveness probe, will be restarted", 31);

        Assert.Equal(RolloutVerdict.Waiting, new RolloutAssessment(false).Assess(View(32, pods: [pod], events: [killed], available: 0)).Verdict);
    }

    [Fact]
    public void Assess_PodIsEvicted_AnotherTakesItsPlace()
    {
        var evicted = Pod("evicted");
        evicted["status"]!["phase"] = "Failed";
        evicted["status"]!["reason"] = "Evicted";
        evicted["status"]!["message"] = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi.";
        Status(evicted)["state"] = new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = 137, ["reason"] = "Error" } };
        var assessment = new RolloutAssessment(false);

        var state = assessment.Assess(View(5, pods: [evicted], available: 0));
        Assert.Equal((RolloutVerdict.Waiting, "KUBEAPP6060"), (state.Verdict, state.Finding?.Descriptor.Code));
        assessment.Assess(View(10, pods: [evicted, Pod()]));
        Assert.Equal(RolloutVerdict.Succeeded, assessment.Assess(View(20, pods: [evicted, Pod()])).Verdict);
    }

    [Fact]
    public void Assess_EachNewPodIsEvicted_Fails()
    {
        var pods = Enumerable.Range(0, 3).Select(number =>
        {
            var pod = Pod($"evicted{number}");
            (pod["status"]!["phase"], pod["status"]!["reason"], pod["status"]!["message"]) = ("Failed", "Evicted", "Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. ");
            return pod;
        }).ToArray();

        var state = new RolloutAssessment(false).Assess(View(60, pods: pods, available: 0));

        Assert.Equal((RolloutVerdict.Failed, "3 pods were ended by the node (Evicted): Pod ephemeral local storage usage exceeds the total limit of containers 10Mi."), (state.Verdict, state.Finding?.Cause));
    }

    [Theory]
    [InlineData("0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.", true, 59)]
    [InlineData("0/3 nodes are available: 3 Insufficient cpu.", null, 59)]
    [InlineData("0/3 nodes are available: 3 Insufficient cpu.", false, 7)]
    [InlineData("0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.", false, 120)]
    [InlineData("0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {node.cloudprovider.kubernetes.io/uninitialized: true}.", false, 120)]
    [InlineData("0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {karpenter.sh/unregistered: }.", true, 120)]
    [InlineData("no nodes available to schedule pods", true, 59)]
    public void Assess_NoRoomYet_GivesANodeTheTimeToCome(string message, bool? hasAutoscaler, int seconds)
    {
        var assessment = new RolloutAssessment(false);

        Assert.Equal(RolloutVerdict.Waiting, assessment.Assess(View(seconds, pods: [Unscheduled(message)], available: 0) with { HasAutoscaler = hasAutoscaler }).Verdict);
        AssertEndsWell(assessment, seconds + 1);
    }

    [Theory]
    [InlineData("TriggeredScaleUp", "pod triggered scale-up: [{aks-gpunp-98036146-vmss 1->2 (max: 2)}]", false)]
    [InlineData("Nominated", "Pod should schedule on: nodeclaim/default-x7k2p", false)]
    [InlineData("NotTriggerScaleUp", "pod didn't trigger scale-up: 1 in backoff after failed scale-up", false)]
    [InlineData("NotTriggerScaleUp", "pod didn't trigger scale-up: 2 max node group size reached", true)]
    [InlineData("FailedScheduling", "0/3 nodes are available: 3 Insufficient cpu.", false)]
    [InlineData("FailedScheduling", "Failed to schedule pod, incompatible with nodepool \"default\"; no instance type has enough resources", true)]
    public void Assess_NodeAutoscalerHasSpoken_BelievesIt(string reason, string message, bool fails)
    {
        var view = View(20, pods: [Unscheduled("0/3 nodes are available: 3 Insufficient cpu.")], events: [Event("p", reason, message, 10)], available: 0);

        Assert.Equal(fails ? RolloutVerdict.Failed : RolloutVerdict.Waiting, new RolloutAssessment(false).Assess(view with { HasAutoscaler = true }).Verdict);
    }

    [Fact]
    public void Assess_NoRoomWhereNothingAddsNodes_FailsWithinTenSeconds() =>
        Assert.Equal(RolloutVerdict.Failed, new RolloutAssessment(false).Assess(
            View(9, pods: [Unscheduled("0/3 nodes are available: 3 Insufficient cpu.")], available: 0) with { HasAutoscaler = false }).Verdict);

    [Fact]
    public void Assess_OthersGiveWayToThePod_WaitsForTheirEnd()
    {
        var pod = Unscheduled("0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to a terminating pod on the nominated node.");
        pod["status"]!["nominatedNodeName"] = "node-1";

        Assert.Equal(RolloutVerdict.Waiting, new RolloutAssessment(false).Assess(View(90, pods: [pod], available: 0) with { HasAutoscaler = false }).Verdict);
    }

    [Theory]
    [InlineData("MountVolume.MountDevice failed for volume \"pvc-1\" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: driver name ebs.csi.aws.com not found in the list of registered CSI drivers", false)]
    [InlineData("AttachVolume.Attach failed for volume \"pvc-1\" : rpc error: code = NotFound desc = Instance \"i-0a1b\" not found", false)]
    [InlineData("MountVolume.SetUp failed for volume \"settings\" : configmap \"settings\" not found", true)]
    [InlineData("MountVolume.SetUp failed for volume \"keys\" : secret \"keys\" not found", true)]
    [InlineData("MountVolume.SetUp failed for volume \"keys\" : references non-existent secret key: tls.key", true)]
    public void Assess_VolumeIsNotMounted_FailsOnlyWhereWhatItHoldsIsMissing(string message, bool fails)
    {
        var pod = Pod();
        Status(pod)["state"] = new JsonObject { ["waiting"] = new JsonObject { ["reason"] = "ContainerCreating" } };

        var state = new RolloutAssessment(false).Assess(View(60, pods: [pod], events: [Event("p", "FailedMount", message, 1)], available: 0));

        Assert.Equal(fails ? RolloutVerdict.Failed : RolloutVerdict.Waiting, state.Verdict);
    }

    [Fact]
    public void Assess_OldPodsAreStillLeaving_WaitsForTheirRoomAndQuota()
    {
        var leaving = Pod("old", owner: "r1");
        leaving["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        var refused = Condition("ReplicaFailure", "FailedCreate", "pods \"web-2\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1");

        Assert.Equal(RolloutVerdict.Waiting, new RolloutAssessment(false).Assess(
            View(90, pods: [leaving, Unscheduled("0/3 nodes are available: 3 Insufficient cpu.")], available: 0) with { HasAutoscaler = false }).Verdict);
        Assert.Equal(RolloutVerdict.Waiting, new RolloutAssessment(false).Assess(View(90, pods: [leaving], available: 0, refused: refused)).Verdict);
        Assert.Equal(RolloutVerdict.Failed, new RolloutAssessment(false).Assess(View(90, pods: [], available: 0, refused: refused)).Verdict);
    }

    [Fact]
    public void Assess_VolumeWasMountedAtTheSecondTry_IsNotHeldAgainstASlowPull()
    {
        var pod = Pod();
        Status(pod)["state"] = new JsonObject { ["waiting"] = new JsonObject { ["reason"] = "ContainerCreating" } };
        var failed = Event("p", "FailedMount", "MountVolume.SetUp failed for volume \"settings\" : configmap \"settings\" not found", 1);

        Assert.Equal(RolloutVerdict.Failed, new RolloutAssessment(false).Assess(View(60, pods: [pod], events: [failed], available: 0)).Verdict);
        Assert.Equal(RolloutVerdict.Waiting, new RolloutAssessment(false).Assess(
            View(60, pods: [pod], events: [failed, Event("p", "Pulling", "Pulling image \"r/web:1\"", 3)], available: 0)).Verdict);
    }

    /// <summary>Controllers other than a Deployment's have no condition for it, and events stay for an hour.</summary>
    [Theory]
    [InlineData("create Pod web-0 in StatefulSet web failed error: Internal error occurred: resource quota evaluation timed out", 1, true)]
    [InlineData("create Pod web-0 in StatefulSet web failed error: Operation cannot be fulfilled on resourcequotas \"q\": the object has been modified", 1, true)]
    [InlineData("create Pod web-0 in StatefulSet web failed error: pods \"web-0\" is forbidden: violates PodSecurity \"restricted:latest\"", -600, false)]
    public void Assess_StatefulSetsPodWasRefusedBefore_IsNotHeldAgainstIt(string message, int told, bool isCreatedSince)
    {
        var set = Json("""
            {"kind":"StatefulSet","apiVersion":"apps/v1","metadata":{"name":"web","namespace":"shop","uid":"s","generation":2,
              "managedFields":[{"manager":"kubeapp","operation":"Apply","time":"2026-01-01T00:00:00Z"}]},
             "spec":{"replicas":1},"status":{"observedGeneration":2,"replicas":0,"updateRevision":"b","currentRevision":"a"}}
            """);
        var pod = Pod(owner: "s");
        pod["metadata"]!["labels"] = new JsonObject { ["controller-revision-hash"] = "b" };
        pod["metadata"]!["creationTimestamp"] = "2026-01-01T00:00:02Z";
        Status(pod)["state"] = new JsonObject { ["waiting"] = new JsonObject { ["reason"] = "ContainerCreating" } };

        var view = Views.Of(set, [], isCreatedSince ? [pod] : [], [Event("s", "FailedCreate", message, told)], Start.AddSeconds(60));

        Assert.Equal(RolloutVerdict.Waiting, new RolloutAssessment(false).Assess(view).Verdict);
    }

    [Theory]
    [InlineData("SyncLoadBalancerFailed", "Error syncing load balancer: failed to ensure load balancer: load-balancer is not yet active - current status: pending", "EnsuringLoadBalancer")]
    [InlineData("AllocationFailed", "Failed to allocate IP for \"shop/web\": no available IPs", "IPAllocated")]
    public void Assess_BalancerIsBeingMade_GoesOn(string reason, string message, string next)
    {
        var service = Json("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop","uid":"v"},"spec":{"type":"LoadBalancer"},"status":{"loadBalancer":{}}}""");
        var assessment = new ObjectAssessment();
        var (failed, after) = (Event("v", reason, message, 10), Event("v", next, "", 20));
        failed["type"] = "Warning";

        RolloutState At(int seconds) => assessment.Assess(Views.Of(service, [], [], [failed, after], Start.AddSeconds(seconds)));
        Assert.Equal((RolloutVerdict.Waiting, RolloutVerdict.Waiting), (At(0).Verdict, At(120).Verdict));
    }

    private static void AssertEndsWell(RolloutAssessment assessment, int seconds, params JsonObject[] events)
    {
        assessment.Assess(View(seconds, events: events));
        Assert.Equal(RolloutVerdict.Succeeded, assessment.Assess(View(seconds + 20, events: events)).Verdict);
    }

    /// <summary>A Deployment of one pod in the middle of its second version.</summary>
    private static RolloutView View(int seconds, JsonObject[]? pods = null, JsonObject[]? events = null, int available = 1, JsonObject? refused = null)
    {
        var workload = Json($$"""
            {"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"web","namespace":"shop","uid":"d","generation":1,"annotations":{"deployment.kubernetes.io/revision":"2"} },
             "spec":{"replicas":1},"status":{"observedGeneration":1,"replicas":1,"updatedReplicas":1,"readyReplicas":{{available}},"availableReplicas":{{available}} } }
            """);
        if (refused is not null)
            workload["status"]!["conditions"] = new JsonArray(refused.DeepClone());
        return Views.Of(
            workload,
            [
                Json("""{"kind":"ReplicaSet","apiVersion":"apps/v1","metadata":{"name":"web-1","namespace":"shop","uid":"r1","ownerReferences":[{"uid":"d"}],"annotations":{"deployment.kubernetes.io/revision":"1"}}}"""),
                Json("""{"kind":"ReplicaSet","apiVersion":"apps/v1","metadata":{"name":"web-2","namespace":"shop","uid":"r2","ownerReferences":[{"uid":"d"}],"annotations":{"deployment.kubernetes.io/revision":"2"}}}"""),
            ],
            pods ?? [Pod()], events ?? [], Start.AddSeconds(seconds));
    }

    private static JsonObject Pod(string uid = "p", string owner = "r2") => Json($$"""
        {"kind":"Pod","apiVersion":"v1","metadata":{"name":"web-2-{{uid}}","namespace":"shop","uid":"{{uid}}","creationTimestamp":"2026-01-01T00:00:00Z","ownerReferences":[{"uid":"{{owner}}"}]},
         "spec":{"containers":[{"name":"c","livenessProbe":{"periodSeconds":2} }]},
         "status":{"phase":"Running","startTime":"2026-01-01T00:00:00Z","containerStatuses":[{"name":"c","image":"r/web:1","ready":true,"restartCount":0,"state":{"running":{"startedAt":"2026-01-01T00:00:00Z"} } }]} }
        """);

    private static JsonObject Unscheduled(string message)
    {
        var pod = Pod();
        pod["status"] = new JsonObject { ["phase"] = "Pending", ["conditions"] = new JsonArray(Condition("PodScheduled", "Unschedulable", message)) };
        pod["status"]!["conditions"]![0]!["status"] = "False";
        return pod;
    }

    private static JsonObject Condition(string type, string reason, string message) => new()
    {
        ["type"] = type,
        ["status"] = "True",
        ["reason"] = reason,
        ["message"] = message,
        ["lastTransitionTime"] = "2026-01-01T00:00:00Z",
    };

    private static JsonObject Status(JsonObject pod) => (JsonObject)pod["status"]!["containerStatuses"]![0]!;

    private static JsonObject Event(string about, string reason, string message, int seconds) => new()
    {
        ["reason"] = reason,
        ["message"] = message,
        ["involvedObject"] = new JsonObject { ["uid"] = about },
        ["firstTimestamp"] = Start.AddSeconds(seconds).ToString("O"),
        ["lastTimestamp"] = Start.AddSeconds(seconds).ToString("O"),
    };

    private static JsonObject Json(string json) => (JsonObject)JsonNode.Parse(json)!;
}

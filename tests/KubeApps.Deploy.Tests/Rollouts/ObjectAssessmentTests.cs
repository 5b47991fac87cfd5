using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Rollouts;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Rollouts;

/// <summary>What is waited for besides workloads, and for how long.</summary>
public class ObjectAssessmentTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const string Claim = """{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data","namespace":"shop","uid":"u"},"status":{"phase":"Pending"}}""";
    private const string Balancer = """{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop","uid":"u"},"spec":{"type":"LoadBalancer"},"status":{"loadBalancer":{}}}""";
    private const string Ingress = """{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"web","namespace":"shop","uid":"u"},"status":{"loadBalancer":{}}}""";

    [Theory]
    [InlineData("""{"apiVersion":"v1","kind":"PersistentVolumeClaim","status":{"phase":"Bound"}}""", WorkloadState.Current)]
    [InlineData("""{"apiVersion":"v1","kind":"PersistentVolumeClaim","status":{"phase":"Lost"}}""", WorkloadState.Failed)]
    [InlineData("""{"apiVersion":"v1","kind":"Service","spec":{"type":"ClusterIP"}}""", WorkloadState.Current)]
    [InlineData("""{"apiVersion":"v1","kind":"Service","spec":{"type":"LoadBalancer"},"status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"}]}}}""", WorkloadState.Current)]
    [InlineData("""{"apiVersion":"v1","kind":"Service","spec":{"type":"LoadBalancer"}}""", WorkloadState.InProgress)]
    [InlineData("""{"kind":"HorizontalPodAutoscaler","status":{"conditions":[{"type":"ScalingActive","status":"True"}]}}""", WorkloadState.Current)]
    [InlineData("""{"kind":"HorizontalPodAutoscaler"}""", WorkloadState.InProgress)]
    [InlineData("""{"kind":"CustomResourceDefinition","status":{"conditions":[{"type":"Established","status":"True"}]}}""", WorkloadState.Current)]
    [InlineData("""{"kind":"CustomResourceDefinition","status":{"conditions":[{"type":"NamesAccepted","status":"True"},{"type":"Established","status":"False"}]}}""", WorkloadState.InProgress)]
    [InlineData("""{"kind":"CustomResourceDefinition","status":{"conditions":[{"type":"NamesAccepted","status":"False","message":"\"Database\" is already in use"}]}}""", WorkloadState.Failed)]
    [InlineData("""{"kind":"HorizontalPodAutoscaler","status":{"conditions":[{"type":"AbleToScale","status":"False"},{"type":"ScalingActive","status":"True"}]}}""", WorkloadState.InProgress)]
    [InlineData("""{"kind":"HorizontalPodAutoscaler","status":{"conditions":[{"type":"ScalingActive","status":"False","reason":"ScalingDisabled"}]}}""", WorkloadState.Current)]
    [InlineData("""{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","status":{"loadBalancer":{"ingress":[{"hostname":"lb.example"}]}}}""", WorkloadState.Current)]
    [InlineData("""{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","status":{"loadBalancer":{}}}""", WorkloadState.InProgress)]
    [InlineData("""{"kind":"Widget","status":{"conditions":[{"type":"Ready","status":"False"},{"type":"Stalled","status":"False"}]}}""", WorkloadState.InProgress)]
    [InlineData("""{"kind":"Widget","status":{"conditions":[{"type":"Ready","status":"True"},{"type":"Available","status":"False"}]}}""", WorkloadState.Current)]
    [InlineData("""{"kind":"Widget","status":{"phase":"Running"}}""", WorkloadState.Current)]
    [InlineData("""{"kind":"Widget"}""", WorkloadState.Current)]
    [InlineData("""{"kind":"Widget","metadata":{"generation":2},"status":{"observedGeneration":1,"conditions":[{"type":"Ready","status":"True"}]}}""", WorkloadState.InProgress)]
    [InlineData("""{"kind":"Widget","metadata":{"generation":2},"status":{"conditions":[{"type":"Ready","status":"True","observedGeneration":1}]}}""", WorkloadState.InProgress)]
    [InlineData("""{"kind":"Widget","status":{"conditions":[{"type":"Ready","status":"True"}]}}""", WorkloadState.Current)]
    [InlineData("""{"kind":"Widget","status":{"conditions":[{"type":"Available","status":"True"}]}}""", WorkloadState.Current)]
    [InlineData("""{"kind":"Widget","status":{"conditions":[{"type":"Ready","status":"Unknown"}]}}""", WorkloadState.InProgress)]
    [InlineData("""{"kind":"Widget","status":{"conditions":[{"type":"Ready","status":"True"},{"type":"Reconciling","status":"True"}]}}""", WorkloadState.InProgress)]
    [InlineData("""{"kind":"Widget","status":{"conditions":[{"type":"Ready","status":"False"},{"type":"Stalled","status":"True"}]}}""", WorkloadState.Failed)]
    [InlineData("""{"apiVersion":"external-secrets.io/v1","kind":"ExternalSecret"}""", WorkloadState.InProgress)]
    [InlineData("""{"apiVersion":"external-secrets.io/v1","kind":"ExternalSecret","status":{"conditions":[{"type":"Ready","status":"True"}]}}""", WorkloadState.Current)]
    [InlineData("""{"apiVersion":"external-secrets.io/v1","kind":"ExternalSecret","metadata":{"generation":2},"status":{"syncedResourceVersion":"1-ab","conditions":[{"type":"Ready","status":"True"}]}}""", WorkloadState.InProgress)]
    [InlineData("""{"apiVersion":"external-secrets.io/v1","kind":"ExternalSecret","metadata":{"generation":2},"status":{"syncedResourceVersion":"2-ab","conditions":[{"type":"Ready","status":"True"}]}}""", WorkloadState.Current)]
    [InlineData("""{"apiVersion":"external-secrets.io/v1","kind":"ExternalSecret","metadata":{"generation":2},"spec":{"refreshPolicy":"CreatedOnce"},"status":{"syncedResourceVersion":"1-ab","conditions":[{"type":"Ready","status":"True"}]}}""", WorkloadState.Current)]
    [InlineData("""{"apiVersion":"bitnami.com/v1alpha1","kind":"SealedSecret","status":{"conditions":[{"type":"Synced","status":"True"}]}}""", WorkloadState.Current)]
    [InlineData("""{"apiVersion":"bitnami.com/v1alpha1","kind":"SealedSecret","status":{"conditions":[{"type":"Synced","status":"False"}]}}""", WorkloadState.InProgress)]
    [InlineData("""{"apiVersion":"external-secrets.io/v1","kind":"SecretStore"}""", WorkloadState.Current)]
    public void Of_ObjectWithoutPods_IsReadFromItsStatus(string content, object state) =>
        Assert.Equal((WorkloadState)state, WorkloadStatus.Of(Json(content)).State);

    [Theory]
    [InlineData("WaitForFirstConsumer", "waiting for first consumer to be created before binding")]
    [InlineData("WaitForPodScheduled", "waiting for pod web-0 to be scheduled")]
    public void Assess_ClaimWaitsForItsFirstPod_IsFine(string reason, string message) =>
        Assert.Equal(RolloutVerdict.Succeeded, Assess(Claim, 0, Event("Normal", reason, message)).Verdict);

    [Theory]
    [InlineData("no persistent volumes available for this claim and no storage class is set", 4, false)]
    [InlineData("no persistent volumes available for this claim and no storage class is set", 5, true)]
    [InlineData("failed to provision volume: rpc error: VolumeLimitExceeded", 59, false)]
    [InlineData("failed to provision volume: rpc error: VolumeLimitExceeded", 60, true)]
    public void Assess_ClaimGetsNoVolume_FailsOnceItDoesNotPass(string message, int seconds, bool fails)
    {
        var state = Assess(Claim, seconds, Event("Warning", "ProvisioningFailed", message));

        Assert.Equal(fails ? RolloutVerdict.Failed : RolloutVerdict.Waiting, state.Verdict);
        Assert.Equal($"Claim data gets no volume: {message}", state.Finding!.Cause);
    }

    [Fact]
    public void Assess_BalancerNeverGetsAnAddress_FailsAfterItsPatience()
    {
        Assert.Equal(RolloutVerdict.Waiting, Assess(Balancer, 299).Verdict);
        var state = Assess(Balancer, 300);

        Assert.Equal((RolloutVerdict.Failed, "KUBEAPP6040"), (state.Verdict, state.Finding!.Descriptor.Code));
        Assert.InRange(state.Finding.Report(state.Finding.Object, null).FirstLine.Length, 20, 140);
    }

    [Fact]
    public void Assess_BalancersControllerFailsAgainAndAgain_SaysWhatItSays()
    {
        var told = Event("Warning", "FailedBuildModel", "unable to resolve at least one subnet");

        Assert.Equal(RolloutVerdict.Waiting, Assess(Balancer, 29, told).Verdict);
        var state = Assess(Balancer, 30, told);

        Assert.Equal((RolloutVerdict.Failed, "Its load balancer gets no address: unable to resolve at least one subnet"), (state.Verdict, state.Finding!.Cause));
    }

    [Fact]
    public void Assess_IngressWithoutAddress_IsAWarningAfterAMinute()
    {
        Assert.Equal(RolloutVerdict.Waiting, Assess(Ingress, 59).Verdict);
        var state = Assess(Ingress, 60);

        Assert.Equal((RolloutVerdict.Succeeded, "KUBEAPP6043"), (state.Verdict, state.Finding!.Descriptor.Code));
    }

    [Fact]
    public void Assess_IngressWhereThereIsNoController_IsAWarningAtOnce() =>
        Assert.Equal(RolloutVerdict.Succeeded, Assess(Ingress, 0, Event("Warning", "NotSupported", "The sandbox has no ingress controller.")).Verdict);

    [Theory]
    [InlineData("the HPA was unable to compute the replica count: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)", "KUBEAPP6045")]
    [InlineData("failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API", null)]
    public void Assess_AutoscalerWithoutMetrics_WarnsAndGoesOn(string message, string? code)
    {
        var autoscaler = Json("""{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"web","namespace":"shop","uid":"u"},"status":{"conditions":[{"type":"ScalingActive","status":"False","reason":"FailedGetResourceMetric"}]}}""");
        autoscaler["status"]!["conditions"]![0]!["message"] = message;

        var state = Assess(autoscaler.ToJsonString(), 0);

        Assert.Equal((RolloutVerdict.Succeeded, code), (state.Verdict, state.Finding?.Descriptor.Code));
    }

    [Fact]
    public void Assess_AutoscalersTargetIsMissing_Fails()
    {
        const string Autoscaler = """
            {"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"web","namespace":"shop","uid":"u"},
             "status":{"conditions":[{"type":"AbleToScale","status":"False","reason":"FailedGetScale","message":"deployments.apps \"web\" not found"}]}}
            """;

        Assert.Equal(RolloutVerdict.Waiting, Assess(Autoscaler, 5).Verdict);
        Assert.Equal(RolloutVerdict.Failed, Assess(Autoscaler, 15).Verdict);
    }

    /// <summary>As a server of version 1.34 gives one back that was asked for as autoscaling/v1.</summary>
    [Theory]
    [InlineData("""[{"type":"AbleToScale","status":"True"},{"type":"ScalingActive","status":"True","reason":"ValidMetricFound"}]""", RolloutVerdict.Succeeded, null)]
    [InlineData("""[{"type":"AbleToScale","status":"True"},{"type":"ScalingActive","status":"False","reason":"FailedGetResourceMetric","message":"the server could not find the requested resource (get pods.metrics.k8s.io)"}]""", RolloutVerdict.Succeeded, "KUBEAPP6045")]
    [InlineData("""[{"type":"AbleToScale","status":"False","reason":"FailedGetScale","message":"deployments.apps \"web\" not found"}]""", RolloutVerdict.Waiting, "KUBEAPP6046")]
    [InlineData("somebody's note", RolloutVerdict.Waiting, null)]
    public void Assess_AutoscalerOfTheFirstVersion_HasItsConditionsInAnAnnotation(string conditions, object verdict, string? code)
    {
        var autoscaler = Json("""{"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","metadata":{"name":"web","namespace":"shop","uid":"u","annotations":{} },"status":{"currentReplicas":1,"desiredReplicas":1} }""");
        autoscaler["metadata"]!["annotations"]!["autoscaling.alpha.kubernetes.io/conditions"] = conditions;

        var state = Assess(autoscaler.ToJsonString(), 0);

        Assert.Equal((verdict, code), (state.Verdict, state.Finding?.Descriptor.Code));
    }

    [Fact]
    public void Assess_StalledResource_FailsWithItsOwnWords()
    {
        var state = Assess("""{"apiVersion":"example.com/v1","kind":"Database","metadata":{"name":"db","namespace":"shop","uid":"u"},"status":{"conditions":[{"type":"Stalled","status":"True","reason":"BadSize","message":"a size of 0 is not possible"}]}}""", 0);

        Assert.Equal((RolloutVerdict.Failed, "KUBEAPP6046", "BadSize", "a size of 0 is not possible"), (state.Verdict, state.Finding!.Descriptor.Code, state.Finding.Reason, state.Finding.Cause));
    }

    [Fact]
    public void Awaited_OfUnchangedObjects_OnlyThoseThatAreNotAsTheyShouldBe()
    {
        var bound = Planned(Claim.Replace("Pending", "Bound", StringComparison.Ordinal), ResourceChange.Unchanged);
        var pending = Planned(Balancer, ResourceChange.Unchanged);
        var created = Planned(Ingress, ResourceChange.Created);
        var plain = Planned("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"plain"},"spec":{}}""", ResourceChange.Created);
        var custom = Planned("""{"apiVersion":"example.com/v1","kind":"Database","metadata":{"name":"db"}}""", ResourceChange.Created);
        (PlannedObject Planned, ObservedObject Observed)[] all = [bound, pending, created, plain, custom];

        var awaited = Awaited.Of([.. all.Select(item => item.Planned)], [.. all.Select(item => item.Observed)]);

        Assert.Equal(["Service shop/web", "Ingress shop/web", "Database db"], awaited.Select(id => id.ToString()));
    }

    private static (PlannedObject Planned, ObservedObject Observed) Planned(string json, ResourceChange change)
    {
        var content = Json(json);
        var item = new ReleaseObject(ObjectId.Of(content), "main", "", content);
        return (new PlannedObject(item, change, false, false), new ObservedObject(item, change == ResourceChange.Created ? null : content, content));
    }

    /// <summary>After it was watched for so long.</summary>
    private static RolloutState Assess(string json, int seconds, params JsonObject[] events)
    {
        var assessment = new ObjectAssessment();
        assessment.Assess(Views.Of(Json(json), [], [], [], Start));
        return assessment.Assess(Views.Of(Json(json), [], [], events, Start.AddSeconds(seconds)));
    }

    private static JsonObject Event(string type, string reason, string message) => new()
    {
        ["type"] = type,
        ["reason"] = reason,
        ["message"] = message,
        ["involvedObject"] = new JsonObject { ["uid"] = "u" },
        ["lastTimestamp"] = "2026-01-01T00:00:00Z",
    };

    private static JsonObject Json(string json) => (JsonObject)JsonNode.Parse(json)!;
}

using System.Text.Json.Nodes;
using KubeApps.Deploy.Rollouts;

namespace KubeApps.Deploy.Tests.Rollouts;

/// <summary>
/// Failures of which there is no recording: recorded objects, with the words that Kubernetes' source and public reports of real clusters have
/// for them.
/// </summary>
internal static class WrittenFailures
{
    /// <summary>
    /// A private registry without credentials. Message: containerd's resolver (core/remotes/docker/resolver.go, authorizer.go), as reported in
    /// containerd/containerd#11103; the wrapping is that of the recording.
    /// </summary>
    public static RolloutView RegistryDenies()
    {
        const string Image = "registry.local:5000/team/nosuch:1";
        const string Cause = $"failed to pull and unpack image \"{Image}\": failed to resolve reference \"{Image}\": pull access denied, repository does not exist "
            + "or may require authorization: authorization failed: no basic auth credentials";
        var (view, _) = Recording.Failure("image-not-found");
        view.NewPods[0]["status"]!["containerStatuses"]![0]!["state"]!["waiting"]!["message"] = $"Back-off pulling image \"{Image}\": ErrImagePull: {Cause}";
        foreach (var told in view.Events.Where(item => ((string)item["message"]!).StartsWith("Failed to pull image", StringComparison.Ordinal)))
            told["message"] = $"Failed to pull image \"{Image}\": {Cause}";
        return view;
    }

    /// <summary>
    /// A policy engine denies the pods. Message: kubernetes/kubernetes staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/errors/statuserror.go
    /// ("admission webhook %q denied the request: %s"); condition and event as the recorded ReplicaSet has them when a quota refuses.
    /// </summary>
    public static RolloutView WebhookDenies()
    {
        const string Denied = "admission webhook \"validate.kyverno.svc-fail\" denied the request: resource Pod/failq/pod-quota-554c6f5bf4-gh8zv was blocked due to the following policies: "
            + "require-labels: check-team: 'validation error: The label team is required. rule check-team failed at path /metadata/labels/team/'";
        var (view, _) = Recording.Failure("pod-quota");
        foreach (var content in new[] { view.Workload, view.ReplicaSet! })
            WorkloadStatus.Condition(content, "ReplicaFailure")!["message"] = Denied;
        foreach (var told in view.Events.Where(item => (string?)item["reason"] == "FailedCreate"))
            told["message"] = "Error creating: " + Denied;
        return view with { NewPods = [] };
    }

    /// <summary>
    /// A claim of a storage class that is not there. Pod: the scheduler's condition as the recording of a missing claim has it, with the words of
    /// pkg/scheduler/framework/plugins/volumebinding. Claim: the event of pkg/controller/volume/persistentvolume/pv_controller.go
    /// (provisionClaim: ProvisioningFailed with the error of the class's lister).
    /// </summary>
    public static RolloutView ClaimPending()
    {
        var (view, _) = Recording.Failure("pvc-missing");
        var pod = view.NewPods[0];
        WorkloadStatus.Condition(pod, "PodScheduled")!["message"] = "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found";
        var claim = Json("""{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"nosuch","namespace":"fail","uid":"claim"},"spec":{"storageClassName":"fast"},"status":{"phase":"Pending"}}""");
        var told = Json("""
            {"type":"Warning","reason":"ProvisioningFailed","message":"storageclass.storage.k8s.io \"fast\" not found","source":{"component":"persistentvolume-controller"},
             "involvedObject":{"kind":"PersistentVolumeClaim","namespace":"fail","name":"nosuch","uid":"claim"},
             "firstTimestamp":"2026-11-23T11:12:14Z","lastTimestamp":"2026-11-23T11:13:20Z","count":6}
            """);
        return view with { Claims = [claim], Events = [.. view.Events, told] };
    }

    /// <summary>
    /// A cloud that makes no load balancer. Event: staging/src/k8s.io/cloud-provider/controllers/service/controller.go ("SyncLoadBalancerFailed",
    /// "Error syncing load balancer: failed to ensure load balancer: %w"); the cloud's words as in public reports of EKS.
    /// </summary>
    public static RolloutView BalancerWithoutAddress(DateTimeOffset now) => Views.Of(
        Json("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop","uid":"service"},"spec":{"type":"LoadBalancer"},"status":{"loadBalancer":{}}}"""), [], [],
        [
            Json("""
                {"type":"Normal","reason":"EnsuringLoadBalancer","message":"Ensuring load balancer","source":{"component":"service-controller"},
                 "involvedObject":{"kind":"Service","uid":"service"},"firstTimestamp":"2026-11-23T11:12:14Z","lastTimestamp":"2026-11-23T11:12:54Z","count":4}
                """),
            Json("""
                {"type":"Warning","reason":"SyncLoadBalancerFailed","message":"Error syncing load balancer: failed to ensure load balancer: could not find any suitable subnets for creating the ELB",
                 "source":{"component":"service-controller"},"involvedObject":{"kind":"Service","uid":"service"},
                 "firstTimestamp":"2026-11-23T11:12:14Z","lastTimestamp":"2026-11-23T11:12:54Z","count":4}
                """),
        ],
        now);

    private static JsonObject Json(string json) => (JsonObject)JsonNode.Parse(json)!;
}

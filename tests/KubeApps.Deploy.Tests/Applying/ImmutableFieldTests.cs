using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Tests.Applying;

/// <summary>A field that can be set at creation alone: each kind says so in words of its own, and gets the same diagnostic.</summary>
public class ImmutableFieldTests
{
    /// <summary>Of ConfigMap, Deployment and Service: recorded. The others: pkg/apis/*/validation of Kubernetes 1.34.</summary>
    [Theory]
    [InlineData("data", "Forbidden: field is immutable when `immutable` is set")]
    [InlineData("spec.selector", "Invalid value: {\"matchLabels\":{\"app\":\"b\"}}: field is immutable")]
    [InlineData("spec.clusterIPs[0]", "Invalid value: [\"10.0.0.9\"]: may not change once set")]
    [InlineData("spec", "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden")]
    [InlineData("roleRef", "Invalid value: {\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"Role\",\"name\":\"b\"}: cannot change roleRef")]
    [InlineData("spec", "Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims")]
    [InlineData("parameters", "Forbidden: updates to parameters are forbidden.")]
    [InlineData("provisioner", "Forbidden: updates to provisioner are forbidden.")]
    [InlineData("value", "Forbidden: may not be changed in an update.")]
    [InlineData("spec", "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)")]
    public void For_FieldThatCannotChange_IsKUBEAPP5003(string field, string message)
    {
        var refusal = Refusal(HttpStatusCode.UnprocessableEntity, field, message);

        Assert.Equal("KUBEAPP5003", ApiDiagnostics.For(refusal, "the object").Code);
    }

    [Theory]
    [InlineData(HttpStatusCode.UnprocessableEntity, "spec.replicas", "Invalid value: -1: must be greater than or equal to 0")]
    [InlineData(HttpStatusCode.UnprocessableEntity, "spec.ports[0].nodePort", "Forbidden: may not be used when `type` is 'ClusterIP'")]
    [InlineData(HttpStatusCode.Forbidden, "", "updates to parameters are forbidden.")]
    public void For_OtherRefusals_AreNot(HttpStatusCode status, string field, string message) =>
        Assert.NotEqual("KUBEAPP5003", ApiDiagnostics.For(Refusal(status, field, message), "the object").Code);

    private static ApiException Refusal(HttpStatusCode status, string field, string message) => ApiException.From(
        status,
        new JsonObject
        {
            ["kind"] = "Status",
            ["reason"] = status == HttpStatusCode.Forbidden ? "Forbidden" : "Invalid",
            ["message"] = $"{field}: {message}",
            ["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "FieldValueForbidden", ["field"] = field, ["message"] = message }) },
        },
        "");
}

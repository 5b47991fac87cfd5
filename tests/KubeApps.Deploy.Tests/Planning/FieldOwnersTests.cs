using System.Text.Json.Nodes;
using KubeApps.Deploy.Planning.Fields;

namespace KubeApps.Deploy.Tests.Planning;

public class FieldOwnersTests
{
    // As a 1.34 server answers (recorded: two managers that apply to one container), shortened.
    private static readonly JsonObject Live = (JsonObject)JsonNode.Parse("""
        {
          "metadata": {
            "name": "d",
            "managedFields": [
              {
                "manager": "kubeapp", "operation": "Apply", "time": "2026-11-23T11:10:00Z", "fieldsV1": { "f:spec": { "f:replicas": {}, "f:selector": {}, "f:template": {
                  "f:metadata": { "f:labels": { "f:app": {} } },
                  "f:spec": { "f:containers": { "k:{\"name\":\"c\"}": { ".": {}, "f:image": {}, "f:name": {},
                    "f:ports": { "k:{\"containerPort\":8080,\"protocol\":\"TCP\"}": { ".": {}, "f:containerPort": {} } } } } } } } }
              },
              {
                "manager": "two", "operation": "Apply", "time": "2026-11-23T11:10:01Z", "fieldsV1": { "f:spec": { "f:template": { "f:spec": { "f:containers": {
                  "k:{\"name\":\"c\"}": { ".": {}, "f:env": { "k:{\"name\":\"E\"}": { ".": {}, "f:name": {}, "f:value": {} } }, "f:name": {},
                    "f:ports": { "k:{\"containerPort\":9090,\"protocol\":\"TCP\"}": { ".": {}, "f:containerPort": {}, "f:name": {} } } } } } } } }
              },
              { "manager": "kube-controller-manager", "operation": "Update", "time": "2026-11-23T11:10:09Z", "subresource": "status", "fieldsV1": { "f:status": { "f:replicas": {} } } }
            ]
          },
          "spec": {
            "replicas": 0, "selector": { "matchLabels": { "app": "d" } },
            "template": {
              "metadata": { "labels": { "app": "d" } },
              "spec": { "containers": [ { "name": "c", "image": "i", "env": [ { "name": "E", "value": "1" } ],
                "ports": [ { "containerPort": 8080, "protocol": "TCP" }, { "containerPort": 9090, "protocol": "TCP", "name": "m" } ] } ] }
            }
          }
        }
        """)!;

    [Fact]
    public void OursOf_AnObjectOfTwoManagers_IsWhatWeApplied() => Assert.Equal(
        [
            "spec.replicas", "spec.selector", "spec.template.metadata.labels.app", "spec.template.spec.containers[c].image", "spec.template.spec.containers[c].name",
            "spec.template.spec.containers[c].ports[8080/TCP].containerPort",
        ],
        FieldOwners.OursOf(Live).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("spec.template.spec.containers[c].ports[9090/TCP].name", "two at 2026-11-23T11:10:01Z")]
    [InlineData("spec.template.spec.containers[c].env[E]", "two at 2026-11-23T11:10:01Z")]
    [InlineData("spec.replicas", "kubeapp at 2026-11-23T11:10:00Z")]
    [InlineData("spec.selector.matchLabels.app", "kubeapp at 2026-11-23T11:10:00Z")]
    public void WriterOf_AField_IsItsManager(string path, string expected) => Assert.Equal(expected, FieldOwners.WriterOf(Live, path)?.ToString());

    [Fact]
    public void Of_AnyObject_ReachesEveryOwnedField()
    {
        var fields = FieldTree.Of(Live);

        Assert.All(FieldOwners.OursOf(Live), path => Assert.Contains(path, fields));
        Assert.Equal("8080", fields["spec.template.spec.containers[c].ports[8080/TCP].containerPort"].ToJsonString());
    }

    [Fact]
    public void WriterOf_AFieldThatNobodyOwns_IsWhoWroteLastButReportsNoStatus() => Assert.Equal("two at 2026-11-23T11:10:01Z", FieldOwners.WriterOf(Live, "spec.paused")?.ToString());
}

using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Tests.Objects;

/// <summary>A request of api.json with the real server's answer.</summary>
internal sealed record RecordedCase(string What, JsonNode? Request, int Status, JsonObject Answer)
{
    public byte[] Body => Encoding.UTF8.GetBytes(Request is JsonValue text ? (string)text! : Request!.ToJsonString());
}

internal static class RecordedApi
{
    private static readonly JsonArray Cases = Load("api.json").AsArray();

    public static JsonNode Load(string file) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Recorded", file)))!;

    public static RecordedCase Case(string what)
    {
        var found = Cases.Single(entry => (string)entry!["what"]! == what)!.DeepClone();
        return new RecordedCase(what, found["request"]!["body"], (int)found["response"]!["status"]!, found["response"]!["body"]!.AsObject());
    }

    /// <summary>When the objects of the recording were made; some are a second or so later.</summary>
    public static readonly DateTimeOffset Start = new(2026, 11, 23, 11, 9, 58, TimeSpan.Zero);

    public static readonly ResourceType Namespace = new("", "v1", "Namespace", "namespaces", false);
    public static readonly ResourceType ConfigMap = new("", "v1", "ConfigMap", "configmaps", true);
    public static readonly ResourceType Secret = new("", "v1", "Secret", "secrets", true);
    public static readonly ResourceType Pod = new("", "v1", "Pod", "pods", true);
    public static readonly ResourceType Service = new("", "v1", "Service", "services", true);
    public static readonly ResourceType Deployment = new("apps", "v1", "Deployment", "deployments", true);
    public static readonly ResourceType ReplicaSet = new("apps", "v1", "ReplicaSet", "replicasets", true);
    public static readonly ResourceType Job = new("batch", "v1", "Job", "jobs", true);
    public static readonly ResourceType Autoscaler = new("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true);
    public static readonly ResourceType DisruptionBudget = new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true);
    public static readonly ResourceType Lease = new("coordination.k8s.io", "v1", "Lease", "leases", true);
    public static readonly ResourceType Quota = new("", "v1", "ResourceQuota", "resourcequotas", true);
    public static readonly ResourceType Definition =
        new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false);

    public static readonly ResourceType Widget = new("example.com", "v1", "Widget", "widgets", true);

    public static JsonArray ManagedFields(JsonNode value) => value["metadata"]!["managedFields"]!.AsArray();

    public static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    public static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);

    /// <summary>Fails with both sides in full when they differ.</summary>
    public static void AssertSame(JsonNode? expected, JsonNode? actual)
    {
        if (!Json.Equal(expected, actual))
            Assert.Equal(FieldError.Show(expected), FieldError.Show(actual));
    }
}

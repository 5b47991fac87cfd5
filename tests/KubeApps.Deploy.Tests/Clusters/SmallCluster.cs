using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>
/// The API of a cluster of one machine, in a group that will go, with pods: a name, and what is special of it. The sandbox has one machine for good, and no
/// budgets; refusals are in the words of Kubernetes (pkg/registry/core/pod/storage/eviction.go). Of all else there is nothing.
/// </summary>
internal sealed class SmallCluster(string node) : HttpMessageHandler
{
    private bool _isClosed;

    public List<string> Pods { get; } = [];

    public List<string> Writes { get; } = [];

    /// <summary>How often the budget refuses.</summary>
    public int HeldFor { get; set; }

    public bool IsReady { get; set; } = true;

    /// <summary>Called when a pod goes.</summary>
    public Action? Evicted { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Method == HttpMethod.Get ? null : await request.Content!.ReadAsStringAsync(cancellationToken);
        var (status, answer) = Answer($"{request.Method} {Uri.UnescapeDataString(request.RequestUri!.PathAndQuery)}", body is null ? null : JsonNode.Parse(body));
        return new HttpResponseMessage(status) { RequestMessage = request, Content = new StringContent(answer.ToJsonString(), Encoding.UTF8, "application/json") };
    }

    private (HttpStatusCode Status, JsonObject Answer) Answer(string request, JsonNode? body)
    {
        if (request.StartsWith("GET /api/v1/nodes?limit=500&labelSelector=eks.amazonaws.com/nodegroup=", StringComparison.Ordinal))
            return (HttpStatusCode.OK, List(Node));
        if (request == $"GET /api/v1/pods?limit=500&fieldSelector=spec.nodeName={node}")
            return (HttpStatusCode.OK, List([.. Pods.Select(Pod)]));
        if (request.StartsWith($"PATCH /api/v1/nodes/{node}", StringComparison.Ordinal))
        {
            Assert.Equal("""[{"op":"add","path":"/spec/unschedulable","value":true}]""", body!.ToJsonString());
            _isClosed = true;
            Writes.Add($"cordon {node}");
            return (HttpStatusCode.OK, Node);
        }

        if (body is null)
            return (HttpStatusCode.OK, List());
        var name = (string)body["metadata"]!["name"]!;
        Assert.Equal($"POST /api/v1/namespaces/shop/pods/{name}/eviction", request);
        Assert.Equal(("policy/v1", "Eviction", $"uid-{name}"), ((string?)body["apiVersion"], (string?)body["kind"], (string?)body["deleteOptions"]!["preconditions"]!["uid"]));
        if (HeldFor-- > 0)
            return (HttpStatusCode.TooManyRequests, Parse("""
                {"kind":"Status","apiVersion":"v1","status":"Failure","message":"Cannot evict pod as it would violate the pod's disruption budget.","reason":"TooManyRequests","code":429,
                 "details":{"causes":[{"reason":"DisruptionBudget","message":"The disruption budget web needs 2 healthy pods and has 2 currently"}]}}
                """));
        Writes.Add($"evict {name}");
        Pods.Remove(name);
        Evicted?.Invoke();
        return (HttpStatusCode.Created, Parse("""{"kind":"Status","apiVersion":"v1","status":"Success","code":201}"""));
    }

    private JsonObject Node => Parse($$"""
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"{{node}}"},"spec":{{(_isClosed ? """{"unschedulable":true}""" : "{}")}},
         "status":{"conditions":[{"type":"Ready","status":"{{(IsReady ? "True" : "Unknown")}}"}]} }
        """);

    private static JsonObject Pod(string pod)
    {
        var (name, special) = pod.Split(' ') is [var only] ? (only, "") : (pod.Split(' ')[0], pod.Split(' ')[1]);
        var content = Parse($$"""{"metadata":{"name":"{{name}}","namespace":"shop","uid":"uid-{{name}}"},"status":{"phase":"{{(special == "Succeeded" ? special : "Running")}}"} }""");
        var metadata = content["metadata"]!;
        if (special is not ("bare" or "mirror"))
            metadata["ownerReferences"] = new JsonArray(new JsonObject { ["kind"] = special == "DaemonSet" ? special : "ReplicaSet", ["controller"] = true });
        if (special == "mirror")
            metadata["annotations"] = new JsonObject { ["kubernetes.io/config.mirror"] = "hash" };
        if (special == "deleted")
            metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        return content;
    }

    private static JsonObject List(params JsonObject[] items) => new() { ["kind"] = "List", ["apiVersion"] = "v1", ["items"] = new JsonArray(items) };

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}

using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>The API of a cluster that keeps what is applied, and whose deployments come up after they were looked at a few times.</summary>
internal sealed class RememberedCluster : HttpMessageHandler
{
    private const int LooksUntilReady = 3;

    private static readonly (string ApiVersion, string Kind, string Plural, bool IsNamespaced)[] Kinds =
    [
        ("v1", "ServiceAccount", "serviceaccounts", true), ("v1", "Secret", "secrets", true), ("v1", "Service", "services", true), ("v1", "Pod", "pods", true), ("apps/v1", "Deployment", "deployments", true),
        ("rbac.authorization.k8s.io/v1", "Role", "roles", true), ("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", true),
        ("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false), ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", false),
        ("networking.k8s.io/v1", "Ingress", "ingresses", true), ("networking.k8s.io/v1", "IngressClass", "ingressclasses", false),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", false),
        ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", false),
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", false),
    ];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _looks = new(StringComparer.Ordinal);
    private readonly List<string> _applied = [];

    /// <summary>What was applied, in its order: <c>Deployment cluster-autoscaler</c>.</summary>
    public IReadOnlyList<string> Applied
    {
        get
        {
            lock (_lock)
                return [.. _applied];
        }
    }

    /// <summary>The deployment that does not come up.</summary>
    public string? Failing { get; set; }

    /// <summary>What is listed, and stays when it is deleted: a finalizer holds it.</summary>
    public List<JsonObject> Held { get; } = [];

    /// <summary>What every request gets for an answer; null: what it asks for.</summary>
    public HttpStatusCode? Refuses { get; set; }

    public JsonObject? this[string kind, string name]
    {
        get
        {
            lock (_lock)
                return _objects.Values.SingleOrDefault(item => (string)item["kind"]! == kind && (string)item["metadata"]!["name"]! == name);
        }
    }

    /// <summary>What somebody else has put there.</summary>
    public void Plant(JsonObject content)
    {
        var (apiVersion, _, plural, _) = Kinds.Single(item => item.Kind == (string)content["kind"]!);
        lock (_lock)
            _objects[$"/{(apiVersion == "v1" ? "api" : "apis")}/{apiVersion}/namespaces/{content["metadata"]!["namespace"]}/{plural}/{content["metadata"]!["name"]}"] = content;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        if (Refuses is { } status)
            return Answer(new JsonObject { ["kind"] = "Status", ["reason"] = $"{status}", ["message"] = "refused", ["code"] = (int)status }, status);
        if (path is "/api" or "/apis")
            return Answer(Discovery(path == "/api"));
        if (request.Method == HttpMethod.Patch)
            return Answer(Apply(path, JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!.AsObject()));
        lock (_lock)
        {
            if (Kinds.FirstOrDefault(kind => path.EndsWith($"/{kind.Plural}", StringComparison.Ordinal)).Kind is { } listed)
                return Answer(new JsonObject
                {
                    ["kind"] = "List",
                    ["metadata"] = new JsonObject { ["resourceVersion"] = "1" },
                    ["items"] = new JsonArray([.. Held.Where(item => (string)item["kind"]! == listed).Select(item => item.DeepClone())]),
                });
            if (request.Method == HttpMethod.Delete && Held.Find(item => path.EndsWith($"/{item["metadata"]!["name"]}", StringComparison.Ordinal)) is { } held)
            {
                held["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
                return Answer(held.DeepClone().AsObject());
            }

            return _objects.TryGetValue(path, out var found)
                ? Answer(Seen(path, found))
                : Answer(new JsonObject { ["kind"] = "Status", ["reason"] = "NotFound", ["message"] = "not found", ["code"] = 404 }, HttpStatusCode.NotFound);
        }
    }

    private JsonObject Apply(string path, JsonObject content)
    {
        lock (_lock)
        {
            _applied.Add($"{content["kind"]} {content["metadata"]!["name"]}");
            _looks[path] = 0;
            content["metadata"]!["generation"] = 1;
            _objects[path] = content;
            return content.DeepClone().AsObject();
        }
    }

    private JsonObject Seen(string path, JsonObject content)
    {
        var answer = content.DeepClone().AsObject();
        if ((string)content["kind"]! != "Deployment")
            return answer;
        var looks = _looks[path] = _looks.GetValueOrDefault(path) + 1;
        var replicas = (int)content["spec"]!["replicas"]!;
        var isUp = looks >= LooksUntilReady && (string)content["metadata"]!["name"]! != Failing;
        answer["status"] = new JsonObject
        {
            ["observedGeneration"] = 1,
            ["replicas"] = replicas,
            ["updatedReplicas"] = replicas,
            ["readyReplicas"] = isUp ? replicas : 0,
            ["availableReplicas"] = isUp ? replicas : 0,
            ["conditions"] = isUp || looks < LooksUntilReady ? [] : new JsonArray(new JsonObject
            {
                ["type"] = "Progressing",
                ["status"] = "False",
                ["reason"] = "ProgressDeadlineExceeded",
                ["message"] = "ReplicaSet has timed out progressing.",
            }),
        };
        return answer;
    }

    private static JsonObject Discovery(bool isCore) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["items"] = new JsonArray([.. Kinds.Where(kind => kind.ApiVersion == "v1" == isCore).GroupBy(kind => kind.ApiVersion).Select(group => (JsonNode)new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = isCore ? "" : group.Key.Split('/')[0] },
            ["versions"] = new JsonArray(new JsonObject
            {
                ["version"] = "v1",
                ["resources"] = new JsonArray([.. group.Select(kind => (JsonNode)new JsonObject
                {
                    ["resource"] = kind.Plural,
                    ["responseKind"] = new JsonObject { ["kind"] = kind.Kind },
                    ["scope"] = kind.IsNamespaced ? "Namespaced" : "Cluster",
                })]),
            }),
        })]),
    };

    private static HttpResponseMessage Answer(JsonObject content, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(content.ToJsonString(), Encoding.UTF8, "application/json") };
}

using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Events;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KubeApps.Testing;

/// <summary>How a cluster of many is to look at.</summary>
internal enum ClusterHealth
{
    Healthy,

    /// <summary>Its app has no pod that is ready.</summary>
    Failing,

    /// <summary>It refuses whoever asks.</summary>
    Forbidding,

    /// <summary>It takes requests and never answers.</summary>
    Silent,
}

/// <summary>
/// The API servers of many clusters behind one port, each below a path of its own, with an app in each and a time that every request takes: as many
/// real ones do not fit on a machine. They answer what is asked of apps that stand, and nothing else.
/// </summary>
internal sealed class ManyClusters : IAsyncDisposable
{
    private const int Revisions = 10;

    private readonly ConcurrentDictionary<string, (ClusterHealth Health, Dictionary<string, byte[]> Lists)> _clusters = [];
    private readonly ConcurrentQueue<string> _names = [];
    private readonly TimeSpan _latency;
    private readonly WebApplication _web;
    private int _requests;
    private int _atOnce;
    private int _mostAtOnce;

    private ManyClusters(TimeSpan latency)
    {
        _latency = latency;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1));
        _web = builder.Build();
        _web.Run(AnswerAsync);
    }

    /// <summary>How many requests there were.</summary>
    public int Requests => _requests;

    /// <summary>How many clusters were asked at the same moment, at most.</summary>
    public int MostAtOnce => _mostAtOnce;

    /// <param name="latency">How long every request takes.</param>
    /// <param name="clusters">By their names, which are those of their contexts.</param>
    public static async Task<ManyClusters> StartAsync(TimeSpan latency, params IEnumerable<(string Name, ClusterHealth Health)> clusters)
    {
        var many = new ManyClusters(latency);
        foreach (var (name, health) in clusters)
            many.Add(name, health);
        await many._web.StartAsync();
        return many;
    }

    /// <summary>One more.</summary>
    public void Add(string name, ClusterHealth health)
    {
        if (_clusters.TryAdd(name, (health, ListsOf(name, health))))
            _names.Enqueue(name);
    }

    /// <summary>Where a cluster answers.</summary>
    public string AddressOf(string name) => $"{_web.Urls.Single()}/{name}";

    /// <summary>What leads to all of them.</summary>
    /// <param name="others">More contexts, each to the cluster that is named with it.</param>
    public string Kubeconfig(params (string Context, string Cluster)[] others)
    {
        var clusters = _names.Select(name => $$"""- { name: {{name}}, cluster: { server: "{{_web.Urls.Single()}}/{{name}}" } }""");
        var contexts = _names.Select(name => (Context: name, Cluster: name)).Concat(others)
            .Select(item => $$"""- { name: {{item.Context}}, context: { cluster: {{item.Cluster}}, user: u } }""");
        return string.Join('\n', ["apiVersion: v1", "kind: Config", "users:", "- { name: u, user: { token: t } }", "clusters:", .. clusters, "contexts:", .. contexts]);
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        var parts = context.Request.Path.Value!.Split('/', 3);
        var (health, lists) = _clusters[parts[1]];
        if (parts[2] == "api/v1/configmaps")
            Most(Interlocked.Increment(ref _atOnce));
        await Task.Delay(health == ClusterHealth.Silent ? Timeout.InfiniteTimeSpan : _latency, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (parts[2] == "api/v1/configmaps")
            Interlocked.Decrement(ref _atOnce);
        if (health == ClusterHealth.Forbidding)
        {
            context.Response.StatusCode = 403;
            await context.Response.WriteAsync("""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"configmaps is forbidden: User \"u\" cannot list resource \"configmaps\" in API group \"\" at the cluster scope"}""");
            return;
        }

        if (parts[2] is "version" or "api/v1/namespaces/kube-system")
        {
            await context.Response.WriteAsync(parts[2] == "version" ? """{"gitVersion":"v1.34.1-eks-113cf36"}""" : $$$"""{"metadata":{"name":"kube-system","uid":"{{{parts[1]}}}"}}""");
            return;
        }

        if (context.Request.Query.ContainsKey("watch"))
        {
            // Nothing happens in them.
            await context.Response.StartAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        if (parts[2].Split('/') is [.., "configmaps", _])
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsync("""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404,"message":"configmaps not found"}""");
            return;
        }

        var isHistory = context.Request.Query["labelSelector"].ToString().StartsWith(RevisionObject.AppLabel, StringComparison.Ordinal);
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(lists.GetValueOrDefault(isHistory ? "revisions" : parts[2].Split('/')[^1], lists["none"]));
    }

    private void Most(int now)
    {
        for (var most = _mostAtOnce; now > most; most = _mostAtOnce)
            Interlocked.CompareExchange(ref _mostAtOnce, now, most);
    }

    private static Dictionary<string, byte[]> ListsOf(string cluster, ClusterHealth health)
    {
        var at = new DateTimeOffset(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
        var inventory = new Inventory("shop", "prod", "shop-prod", "0123456789abcdef0123456789abcdef01234567", "hash", true, at, [Item("Deployment", "web"), Item("Service", "web")], [])
        {
            Revision = Revisions,
        };
        var stored = inventory.ToObject();
        Identify(stored, cluster + "-inventory");
        var ready = health == ClusterHealth.Healthy ? 2 : 0;
        var deployment = JsonNode.Parse($$"""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop-prod","generation":1,"annotations":{"deployment.kubernetes.io/revision":"1"} },
             "spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"} },"template":{"spec":{"containers":[{"name":"web","image":"registry.example/web:1"}]} } },
             "status":{"observedGeneration":1,"replicas":2,"updatedReplicas":2,"readyReplicas":{{ready}},"availableReplicas":{{ready}},"unavailableReplicas":{{2 - ready}},
              "conditions":[{"type":"Progressing","status":"{{ready > 0}}","reason":"{{(ready > 0 ? "NewReplicaSetAvailable" : "ProgressDeadlineExceeded")}}"}]} }
            """)!.AsObject();
        Identify(deployment, cluster + "-web");
        var replicaSet = Owned("ReplicaSet", "web-1", "Deployment", deployment, """{"spec":{"replicas":2,"template":{"spec":{"containers":[{"name":"web","image":"registry.example/web:1"}]}}}}""");
        var pods = Enumerable.Range(1, ready).Select(number => Owned("Pod", $"web-1-{number}", "ReplicaSet", replicaSet, """
            {"spec":{"containers":[{"name":"web","image":"registry.example/web:1"}]},
             "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}],
              "containerStatuses":[{"name":"web","ready":true,"restartCount":0,"state":{"running":{"startedAt":"2026-11-20T08:00:00Z"}}}]}}
            """));
        return new Dictionary<string, byte[]>
        {
            ["configmaps"] = List(stored),
            ["deployments"] = List(deployment),
            ["replicasets"] = List(replicaSet),
            ["pods"] = List([.. pods]),
            ["nodes"] = List(Node(), Node()),
            ["revisions"] = List([.. Enumerable.Range(1, Revisions).Select(number => History(cluster, number, at))]),
            ["none"] = List(),
        };

        static JsonObject Node() => JsonNode.Parse(
            """{"metadata":{"labels":{"node.kubernetes.io/instance-type":"m7g.large","topology.kubernetes.io/region":"us-east-1"}},"status":{"capacity":{}}}""")!.AsObject();

        JsonObject Owned(string kind, string name, string owners, JsonObject owner, string text)
        {
            var item = JsonNode.Parse(text)!.AsObject();
            item["kind"] = kind;
            item["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = "shop-prod",
                ["annotations"] = new JsonObject { ["deployment.kubernetes.io/revision"] = "1" },
                ["ownerReferences"] = new JsonArray(new JsonObject { ["kind"] = owners, ["name"] = (string)owner["metadata"]!["name"]!, ["uid"] = (string)owner["metadata"]!["uid"]!, ["controller"] = true }),
            };
            Identify(item, $"{cluster}-{name}");
            return item;
        }

        static InventoryItem Item(string kind, string name) => new(new ObjectId(kind == "Deployment" ? "apps/v1" : "v1", kind, "shop-prod", name), "uid");
    }

    private static JsonObject History(string cluster, int number, DateTimeOffset at)
    {
        var stored = RevisionObject.Of(new Revision(
            number, "shop", "prod", "shop-prod", null, "hash", "rolling", new Author("ann", null), at,
            [new RevisionImage("Deployment web", "web", "registry.example/web:1")], new RevisionPlan([new PlannedStep("apply", "Apply", null)], 0, 1, 0, 1, 0), null)
        {
            State = new RevisionState(RevisionOutcome.Deployed),
        }, null);
        Identify(stored, $"{cluster}-revision-{number}");
        return stored;
    }

    private static void Identify(JsonObject content, string uid)
    {
        content["metadata"]!["uid"] = uid;
        content["metadata"]!["resourceVersion"] = "1";
        content["metadata"]!["creationTimestamp"] = "2026-11-20T08:00:00Z";
    }

    private static byte[] List(params JsonObject[] items) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["kind"] = "List",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject { ["resourceVersion"] = "1" },
        ["items"] = new JsonArray([.. items]),
    }.ToJsonString());
}

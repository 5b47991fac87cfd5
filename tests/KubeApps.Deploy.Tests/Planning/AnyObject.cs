using System.Text.Json.Nodes;
using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy.Tests.Planning;

/// <summary>
/// Versions of an object as a specification may have them: labels, variables, containers, ports and amounts come, go and change. Fields for which
/// the server has a default are in all of them, so that none is left to it.
/// </summary>
internal sealed class AnyObject(int seed)
{
    private static readonly string[] Amounts = ["100m", "1000m", "0.5", "500m", "2", "0.1"];
    private static readonly string[] Sizes = ["64Mi", "65536Ki", "1Gi", "1024Mi", "128M"];
    private static readonly string[] Texts = ["", "a", "b", "1", "true", "two\nlines"];

    private readonly Random _random = new(seed);

    public ReleaseObject Next()
    {
        var (apiVersion, kind, content) = (seed % 4) switch
        {
            0 => ("v1", "ConfigMap", new JsonObject { ["data"] = Map() }),
            1 => ("v1", "Service", new JsonObject { ["spec"] = new JsonObject { ["type"] = "ClusterIP", ["selector"] = Some(["app", "tier"]), ["ports"] = Ports("port") } }),
            2 => ("networking.k8s.io/v1", "NetworkPolicy", Policy()),
            _ => ("apps/v1", "Deployment", Deployment()),
        };
        var metadata = new JsonObject { ["name"] = $"any-{seed}", ["namespace"] = "many" };
        if (Coin())
            metadata["labels"] = Some(["app", "team"]);
        if (Coin())
            metadata["annotations"] = Some(["note", "url"]);
        content["apiVersion"] = apiVersion;
        content["kind"] = kind;
        content["metadata"] = metadata;
        return Objects.Parse(content.ToJsonString());
    }

    private JsonObject Deployment() => new()
    {
        ["spec"] = new JsonObject
        {
            ["replicas"] = 0,
            ["minReadySeconds"] = _random.Next(1, 4),
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "any" } },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = With(Some(["tier", "zone"]), "app", "any") },
                ["spec"] = With(
                    new JsonObject { ["containers"] = new JsonArray([.. Names(["web", "side", "log"], 1).Select(Container)]) },
                    "nodeSelector", Coin() ? Some(["disk", "arch"]) : null),
            },
        },
    };

    private JsonNode Container(string name)
    {
        var container = new JsonObject { ["name"] = name, ["image"] = $"example/{name}:{_random.Next(3)}", ["imagePullPolicy"] = "IfNotPresent" };
        if (Coin())
            container["env"] = new JsonArray([.. Names(["A", "B", "C"], 1).Select(variable => (JsonNode)new JsonObject { ["name"] = variable, ["value"] = Pick(Texts) })]);
        if (Coin())
            container["args"] = new JsonArray([.. Enumerable.Range(0, _random.Next(1, 3)).Select(_ => (JsonNode)Pick(Texts[1..]))]);
        if (Coin())
            container["ports"] = Ports("containerPort");
        if (Coin())
            container["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = Pick(Amounts), ["memory"] = Pick(Sizes) }, ["limits"] = new JsonObject { ["memory"] = "2Gi" } };
        return container;
    }

    private JsonArray Ports(string field) =>
        new([.. Names(["http", "grpc"], 1).Select(name => (JsonNode)With(
            new JsonObject { ["name"] = name, [field] = name == "http" ? 80 : 81, ["protocol"] = "TCP" }, "targetPort", field == "port" ? _random.Next(8080, 8083) : null))]);

    private JsonObject Policy() => new()
    {
        ["spec"] = new JsonObject
        {
            ["podSelector"] = new JsonObject { ["matchLabels"] = Some(["app", "tier"]) },
            ["policyTypes"] = new JsonArray("Ingress"),
            ["ingress"] = new JsonArray(new JsonObject { ["from"] = new JsonArray(new JsonObject { ["podSelector"] = new JsonObject { ["matchLabels"] = Some(["app"]) } }) }),
        },
    };

    private JsonObject Map() => new(Names(["a", "b.json", "c"], 1).Select(name => KeyValuePair.Create(name, (JsonNode?)Pick(Texts))));

    private JsonObject Some(string[] names) => new(Names(names, 1).Select(name => KeyValuePair.Create(name, (JsonNode?)Pick(["x", "y", "z"]))));

    private List<string> Names(string[] names, int least)
    {
        var chosen = names.Where(_ => Coin()).ToList();
        return chosen.Count >= least ? chosen : [names[0]];
    }

    private static JsonObject With(JsonObject item, string name, JsonNode? value)
    {
        if (value is not null)
            item[name] = value;
        return item;
    }

    private bool Coin() => _random.Next(2) == 0;

    private string Pick(string[] texts) => texts[_random.Next(texts.Length)];
}

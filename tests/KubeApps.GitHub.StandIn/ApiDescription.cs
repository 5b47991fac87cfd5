using System.Text.Json.Nodes;

namespace KubeApps.GitHub.StandIn;

/// <summary>
/// The part of GitHub's description of its REST API that is used here. The whole has 13 MB, with which the proxy takes a minute to start. What the
/// description leaves out, or says otherwise than GitHub's own answers, is put right.
/// </summary>
internal static class ApiDescription
{
    private static readonly string[] Paths =
    [
        "/repos/{owner}/{repo}/deployments",
        "/repos/{owner}/{repo}/deployments/{deployment_id}",
        "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
        "/repos/{owner}/{repo}/compare/{basehead}",
        "/repos/{owner}/{repo}/commits/{ref}",
        "/repos/{owner}/{repo}/issues/{issue_number}/comments",
        "/repos/{owner}/{repo}/issues/comments/{comment_id}",
        "/repos/{owner}/{repo}/pulls/{pull_number}",
    ];

    // Every operation may answer these; the description names them for a few.
    private static readonly string[] Refusals = ["401", "403", "404", "409", "410", "422", "429", "500", "502", "503"];

    /// <summary>Cuts the paths and what they refer to out of the whole.</summary>
    public static JsonObject Cut(JsonObject whole)
    {
        var components = new JsonObject();
        var paths = new JsonObject();
        foreach (var path in Paths)
            paths[path] = whole["paths"]![path]!.DeepClone();
        Collect(paths, whole, components);
        // The other API has no description of this kind.
        paths["/graphql"] = JsonNode.Parse("""
            {"post":{"requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","required":["query"],"properties":{"query":{"type":"string"} } } } } },
             "responses":{"200":{"description":"Answer","content":{"application/json":{"schema":{"type":"object"} } } } } } }
            """);
        foreach (var (_, item) in paths)
        {
            foreach (var operation in item!.AsObject().Select(entry => entry.Value).OfType<JsonObject>())
                Complete(operation);
        }

        var schemas = components["schemas"]!.AsObject();
        // The description knows objects and strings, and recorded answers have no others. Tests make up the other types, so that none of them can break a reader.
        schemas["deployment"]!["properties"]!["payload"] = new JsonObject();
        // Null for a fork that is gone, and as long as a repository's own description for others: nobody here asks for it.
        foreach (var side in (string[])["head", "base"])
            schemas["pull-request"]!["properties"]![side]!["properties"]!["repo"] = new JsonObject();
        DropUnusableFormats(components);
        DropUnusableFormats(paths);
        return new JsonObject { ["openapi"] = whole["openapi"]!.DeepClone(), ["info"] = whole["info"]!.DeepClone(), ["paths"] = paths, ["components"] = components };
    }

    private static void Collect(JsonNode node, JsonObject whole, JsonObject components)
    {
        foreach (var reference in References(node).ToList())
        {
            // "#/components/KIND/NAME"
            var parts = reference.Split('/');
            if (components[parts[2]] is not JsonObject kind)
                components[parts[2]] = kind = [];
            if (kind.ContainsKey(parts[3]))
                continue;
            var target = whole["components"]![parts[2]]![parts[3]]!.DeepClone();
            kind[parts[3]] = target;
            Collect(target, whole, components);
        }
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject item => item.SelectMany(entry =>
            entry is { Key: "$ref", Value: JsonValue value } && value.TryGetValue<string>(out var reference) ? [reference] : References(entry.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };

    private static void Complete(JsonObject operation)
    {
        var responses = operation["responses"]!.AsObject();
        foreach (var status in Refusals)
        {
            if (responses[status]?["content"] is null && responses[status]?["$ref"] is null)
                responses[status] = Response(new JsonObject { ["type"] = "object", ["required"] = new JsonArray("message") });
        }

        responses["304"] = new JsonObject { ["description"] = "Not modified" };
        if (operation["requestBody"]?["content"]?["application/json"]?["schema"] is JsonObject { } body)
        {
            body["additionalProperties"] = false;
            // Documented in words only.
            if (operation["operationId"]?.GetValue<string>() == "repos/create-deployment-status")
                body["properties"]!["description"]!["maxLength"] = 140;
        }
    }

    private static JsonObject Response(JsonObject schema) => new()
    {
        ["description"] = "Refused",
        ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schema } },
    };

    // An address whose default is "" is none; and examples are of no use here.
    private static void DropUnusableFormats(JsonNode? node)
    {
        if (node is JsonArray items)
        {
            foreach (var item in items)
                DropUnusableFormats(item);
        }
        else if (node is JsonObject fields)
        {
            if (fields["format"] is JsonValue format && format.TryGetValue<string>(out var name) && name == "uri"
                && fields["default"] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length == 0)
                fields.Remove("format");
            foreach (var (_, item) in fields)
                DropUnusableFormats(item);
        }
    }
}

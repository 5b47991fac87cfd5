using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>
/// The questions about rights and identity. Whoever has the token of the sandbox may do everything; for others see <see cref="AccessControl"/>.
/// </summary>
internal static class Reviews
{
    private const string UserName = "kubeapps-sandbox";

    public static readonly IReadOnlyDictionary<string, (string Plural, string Kind)[]> Served = new Dictionary<string, (string, string)[]>
    {
        ["authentication.k8s.io"] = [("selfsubjectreviews", "SelfSubjectReview")],
        ["authorization.k8s.io"] =
        [
            ("selfsubjectaccessreviews", "SelfSubjectAccessReview"),
            ("selfsubjectrulesreviews", "SelfSubjectRulesReview"),
        ],
    };

    public static bool IsReview(ResourcePath path) =>
        path is { Version: "v1", Namespace: null, Name: null } && Served.TryGetValue(path.Group, out var reviews) && reviews.Any(review => review.Plural == path.Plural);

    public static async Task HandleAsync(HttpContext context, ResourcePath path, AccessControl access)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
            throw ApiErrors.MethodNotAllowed();
        var output = Negotiation.Choose(context.Request);
        var body = await Bodies.ReadObjectAsync(context.Request, context.RequestAborted);
        JsonObject? asked;
        try
        {
            asked = body.Length == 0 ? [] : JsonNode.Parse(body.Span) as JsonObject;
        }
        catch (System.Text.Json.JsonException e)
        {
            throw Objects.ApiStatusException.BadRequest(e.Message);
        }

        var answer = new JsonObject
        {
            ["kind"] = Served[path.Group].First(review => review.Plural == path.Plural).Kind,
            ["apiVersion"] = $"{path.Group}/v1",
            ["metadata"] = asked?["metadata"]?.DeepClone() ?? new JsonObject(),
        };
        if (asked?["spec"] is { } spec)
            answer["spec"] = spec.DeepClone();
        answer["status"] = path.Plural switch
        {
            "selfsubjectreviews" => new JsonObject
            {
                ["userInfo"] = new JsonObject
                {
                    ["username"] = access.User ?? UserName,
                    ["groups"] = access.User is null ? new JsonArray("system:masters", "system:authenticated") : new JsonArray("system:authenticated"),
                },
            },
            "selfsubjectrulesreviews" => new JsonObject
            {
                ["resourceRules"] = access.User is not null ? new JsonArray([.. access.RulesOf((string?)asked?["spec"]?["namespace"]).Select(rule => rule.DeepClone())]) : new JsonArray(new JsonObject
                {
                    ["verbs"] = new JsonArray("*"),
                    ["apiGroups"] = new JsonArray("*"),
                    ["resources"] = new JsonArray("*"),
                }),
                ["nonResourceRules"] = new JsonArray(new JsonObject
                {
                    ["verbs"] = new JsonArray("*"),
                    ["nonResourceURLs"] = new JsonArray("*"),
                }),
                ["incomplete"] = false,
            },
            _ => new JsonObject { ["allowed"] = asked?["spec"]?["resourceAttributes"] is not JsonObject attributes || access.Allows(RequestOf(attributes)) },
        };
        await Responses.WriteAsync(context, 201, answer, output);
    }

    private static AccessRequest RequestOf(JsonObject attributes)
    {
        string? Text(string name) => attributes[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;
        var resource = Text("subresource") is { } subresource ? $"{Text("resource")}/{subresource}" : Text("resource") ?? "";
        return new AccessRequest(Text("verb") ?? "", Text("group") ?? "", resource, Text("namespace"), Text("name"));
    }
}

using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>
/// The questions about rights and identity. Whoever has the token of the sandbox may do everything, so the answer is always yes.
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

    public static async Task HandleAsync(HttpContext context, ResourcePath path)
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
                    ["username"] = UserName,
                    ["groups"] = new JsonArray("system:masters", "system:authenticated"),
                },
            },
            "selfsubjectrulesreviews" => new JsonObject
            {
                ["resourceRules"] = new JsonArray(new JsonObject
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
            _ => new JsonObject { ["allowed"] = true },
        };
        await Responses.WriteAsync(context, 201, answer, output);
    }
}

using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api.Selectors;
using KubeApps.Sandbox.Objects;

using Microsoft.AspNetCore.Http;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>The <c>scale</c> subresource: a workload as its number of replicas.</summary>
internal sealed class ScaleHandler(Cluster cluster)
{
    private static readonly ScalePaths BuiltIn = new(".spec.replicas", ".status.replicas", null);

    /// <summary>The schema of Scale objects is plain enough for merge patches and unchecked bodies.</summary>
    private static readonly ResourceType Scale = new("autoscaling", "v1", "Scale", "scales", Namespaced: true);

    public async Task HandleAsync(HttpContext context, ServedResource served, ObjectKey key)
    {
        var request = context.Request;
        var output = Negotiation.Choose(request);
        var paths = served.ScalePaths ?? BuiltIn;
        var current = cluster.Get(key) ?? throw ApiStatusException.NotFound(key.Type, key.Name);
        if (HttpMethods.IsGet(request.Method))
        {
            await Responses.WriteAsync(context, 200, Show(current, key, paths), output);
            return;
        }

        var isPut = HttpMethods.IsPut(request.Method);
        if (!isPut && !HttpMethods.IsPatch(request.Method))
            throw ApiErrors.MethodNotAllowed();
        var options = Query.WriteOptions(request, isPut ? "UpdateOptions" : "PatchOptions", "scale");
        var asked = isPut
            ? cluster.Semantics.Decode(Scale, await Bodies.ReadObjectAsync(request, context.RequestAborted), options.Validation).Object
            : await PatchedAsync(request, Show(current, key, paths), context.RequestAborted);
        if ((string?)asked["metadata"]?["resourceVersion"] is { Length: > 0 } version && version != (string?)current["metadata"]!["resourceVersion"])
            throw ApiStatusException.Stale(key.Type, key.Name);
        if (asked["spec"]?["replicas"] is { } number && number.GetValueKind() != System.Text.Json.JsonValueKind.Number)
        {
            throw ApiStatusException.BadRequest("Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal "
                + $"{number.GetValueKind().ToString().ToLowerInvariant()} into Go struct field ScaleSpec.spec.replicas of type int32");
        }

        var replicas = Json.Integer(asked["spec"]?["replicas"]) ?? 0;
        if (replicas < 0)
        {
            throw ApiStatusException.Invalid(Scale, key.Name,
                [FieldError.Invalid("spec.replicas", replicas, "must be greater than or equal to 0")]);
        }

        var changed = cluster.Operations.Change(key, value => Set(value, paths.Spec, replicas), options)
            ?? throw ApiStatusException.NotFound(key.Type, key.Name);
        await Responses.WriteAsync(context, 200, Show(changed, key, paths), output);
    }

    private async Task<JsonObject> PatchedAsync(HttpRequest request, JsonObject shown, CancellationToken cancellationToken)
    {
        var kind = Bodies.MediaType(request) switch
        {
            "application/json-patch+json" => PatchType.Json,
            // A Scale has no lists that could merge in any other way.
            "application/merge-patch+json" or "application/strategic-merge-patch+json" => PatchType.Merge,
            "application/apply-patch+yaml" => PatchType.Merge,
            _ => throw ApiStatusException.UnsupportedMediaType(),
        };
        var body = Bodies.YamlToJson(await Bodies.ReadAsync(request, cancellationToken));
        return cluster.Semantics.Patch(Scale, shown, kind, body, FieldValidation.Ignore).Object;
    }

    private static JsonObject Show(JsonObject value, ObjectKey key, ScalePaths paths)
    {
        var metadata = new JsonObject { ["name"] = key.Name };
        if (key.Namespace is not null)
            metadata["namespace"] = key.Namespace;
        foreach (var field in (ReadOnlySpan<string>)["uid", "resourceVersion", "creationTimestamp"])
            metadata[field] = value["metadata"]![field]?.DeepClone();
        var spec = new JsonObject();
        if (Json.Integer(Get(value, paths.Spec)) is { } replicas and not 0)
            spec["replicas"] = replicas;
        var status = new JsonObject { ["replicas"] = Json.Integer(Get(value, paths.Status)) ?? 0 };
        if (Selector(value, paths) is { Length: > 0 } selector)
            status["selector"] = selector;
        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = spec,
            ["status"] = status,
        };
    }

    private static string? Selector(JsonObject value, ScalePaths paths)
    {
        if (!ReferenceEquals(paths, BuiltIn))
            return paths.Selector is null ? null : (string?)Get(value, paths.Selector);
        var selector = value["spec"]?["selector"] as JsonObject;
        return selector is not null && !selector.ContainsKey("matchLabels") && !selector.ContainsKey("matchExpressions")
            ? LabelSelector.FromLabels(selector).ToString()
            : LabelSelector.FromObject(selector).ToString();
    }

    private static JsonNode? Get(JsonObject value, string path)
    {
        JsonNode? node = value;
        foreach (var step in path.TrimStart('.').Split('.'))
            node = (node as JsonObject)?[step];
        return node;
    }

    private static bool Set(JsonObject value, string path, long replicas)
    {
        var steps = path.TrimStart('.').Split('.');
        var node = value;
        foreach (var step in steps[..^1])
        {
            if (node[step] is not JsonObject next)
                node[step] = next = [];
            node = next;
        }

        if (Json.Integer(node[steps[^1]]) == replicas)
            return false;
        node[steps[^1]] = replicas;
        return true;
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

using Microsoft.AspNetCore.Http;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>The options of a deletion, from the body or the query, and its answer.</summary>
internal static class DeletionRequest
{
    /// <summary>Kinds whose deletion answers with the object that was deleted, and not with a Status.</summary>
    private static readonly HashSet<ResourceType> AnswerWithObject =
    [
        ResourceTypes.Pod, ResourceTypes.PodTemplate, ResourceTypes.Service, ResourceTypes.ServiceAccount,
        ResourceTypes.PersistentVolumeClaim, ResourceTypes.PersistentVolume, ResourceTypes.ResourceQuota,
    ];

    public static async Task<DeleteOptions> ReadAsync(HttpRequest request, CancellationToken cancellationToken, string? member = null)
    {
        var bytes = await Bodies.ReadObjectAsync(request, cancellationToken);
        JsonNode? body = null;
        try
        {
            if (bytes.Length > 0)
                body = JsonNode.Parse(bytes.Span);
            if (member is not null)
                body = body?[member];
            var preconditions = body?["preconditions"];
            var propagation = (string?)body?["propagationPolicy"] ?? Query.Text(request, "propagationPolicy");
            if (propagation is null && ((bool?)body?["orphanDependents"] ?? (Query.Text(request, "orphanDependents") is { } text ? text == "true" : null)) is { } orphans)
                propagation = orphans ? "Orphan" : "Background";
            return new DeleteOptions
            {
                GracePeriodSeconds = (int?)body?["gracePeriodSeconds"] ?? (int?)Query.Number(request, "gracePeriodSeconds"),
                Propagation = propagation switch
                {
                    null => null,
                    "Background" => DeletionPropagation.Background,
                    "Foreground" => DeletionPropagation.Foreground,
                    "Orphan" => DeletionPropagation.Orphan,
                    _ => throw ApiStatusException.Invalid("DeleteOptions", "", "",
                        [FieldError.NotSupported("propagationPolicy", propagation, "Foreground", "Background", "Orphan", "nil")]),
                },
                Uid = (string?)preconditions?["uid"],
                ResourceVersion = (string?)preconditions?["resourceVersion"],
                DryRun = body?["dryRun"] is JsonArray { Count: > 0 } || Query.Text(request, "dryRun") is not null,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw ApiStatusException.BadRequest($"couldn't read the DeleteOptions of the request: {e.Message}");
        }
    }

    public static JsonObject Answer(ObjectKey key, DeleteResult result)
    {
        if (!result.Gone || AnswerWithObject.Contains(key.Type))
        {
            var answer = new JsonObject { ["kind"] = key.Type.Kind, ["apiVersion"] = key.Type.ApiVersion };
            foreach (var (name, value) in result.Object)
                if (name is not ("kind" or "apiVersion"))
                    answer[name] = value?.DeepClone();
            return answer;
        }

        var details = new JsonObject { ["name"] = key.Name };
        if (key.Type.Group.Length > 0)
            details["group"] = key.Type.Group;
        details["kind"] = key.Type.Plural;
        details["uid"] = (string?)result.Object["metadata"]!["uid"];
        return new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        };
    }
}

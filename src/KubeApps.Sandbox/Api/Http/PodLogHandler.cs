using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

using Microsoft.AspNetCore.Http;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>GET of a pod's log: picks the container, says why there is no log yet, streams what the kubelet has.</summary>
internal sealed class PodLogHandler(Cluster cluster)
{
    public PodLogSource? Source { get; set; }

    public async Task HandleAsync(HttpContext context, ObjectKey key)
    {
        var pod = cluster.Get(key) ?? throw ApiStatusException.NotFound(key.Type, key.Name);
        var request = Read(context.Request, pod, Choose(context.Request, pod, key.Name));
        if (string.IsNullOrEmpty((string?)pod["spec"]?["nodeName"]))
        {
            // Not assigned to a node: the real server has nobody to ask and answers with nothing.
            Responses.Prepare(context, 204, "text/plain");
            return;
        }

        if (request.Previous)
        {
            if (Status(pod, request.Container)?["lastState"]?["terminated"] is null)
                throw ApiStatusException.BadRequest($"previous terminated container \"{request.Container}\" in pod \"{key.Name}\" not found");
        }
        else if (Waiting(pod, request.Container) is { } reason)
        {
            throw ApiStatusException.BadRequest($"container \"{request.Container}\" in pod \"{key.Name}\" is waiting to start: {reason}");
        }

        if (Source is null)
            throw ApiErrors.NotServed("pods/log", "this sandbox runs no pods");
        var output = await Source(request, context.RequestAborted)
            ?? throw ApiStatusException.BadRequest($"previous terminated container \"{request.Container}\" in pod \"{key.Name}\" not found");
        var response = Responses.Prepare(context, 200, "text/plain");
        await response.StartAsync(context.RequestAborted);
        var left = request.LimitBytes ?? long.MaxValue;
        await foreach (var chunk in output.WithCancellation(context.RequestAborted))
        {
            var part = chunk.Length > left ? chunk[..(int)left] : chunk;
            await response.BodyWriter.WriteAsync(part, context.RequestAborted);
            left -= part.Length;
            if (left == 0)
                return;
        }
    }

    private PodLogRequest Read(HttpRequest request, JsonObject pod, string container)
    {
        var errors = new List<FieldError>();
        var tail = Query.Number(request, "tailLines");
        if (tail < 0)
            errors.Add(FieldError.Invalid("tailLines", tail, "must be greater than or equal to 0"));
        var limit = Query.Number(request, "limitBytes");
        if (limit < 1)
            errors.Add(FieldError.Invalid("limitBytes", limit, "must be greater than 0"));
        var seconds = Query.Number(request, "sinceSeconds");
        var time = Query.Text(request, "sinceTime");
        if (seconds is not null && time is not null)
            errors.Add(FieldError.Forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
        if (seconds < 1)
            errors.Add(FieldError.Invalid("sinceSeconds", seconds, "must be greater than 0"));
        if (errors.Count > 0)
            throw ApiStatusException.Invalid("PodLogOptions", "", (string?)pod["metadata"]!["name"], errors);
        DateTimeOffset? since = null;
        if (seconds is not null)
            since = cluster.Clock.GetUtcNow() - TimeSpan.FromSeconds(seconds.Value);
        else if (time is not null)
            since = DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed)
                ? parsed
                : throw ApiStatusException.BadRequest($"parsing time \"{time}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{time}\" as \"2006\"");
        return new PodLogRequest(pod, container)
        {
            Follow = Query.Flag(request, "follow"),
            Previous = Query.Flag(request, "previous"),
            TailLines = (int?)tail,
            Since = since,
            Timestamps = Query.Flag(request, "timestamps"),
            LimitBytes = limit,
        };
    }

    private static string Choose(HttpRequest request, JsonObject pod, string podName)
    {
        var containers = Names(pod, "containers");
        var inits = Names(pod, "initContainers");
        if (Query.Text(request, "container") is { } asked)
        {
            return containers.Contains(asked) || inits.Contains(asked)
                ? asked
                : throw ApiStatusException.BadRequest($"container {asked} is not valid for pod {podName}");
        }

        if (containers.Count == 1)
            return containers[0];
        var choice = $"a container name must be specified for pod {podName}, choose one of: [{string.Join(' ', containers)}]";
        if (inits.Count > 0)
            choice += $" or one of the init containers: [{string.Join(' ', inits)}]";
        throw ApiStatusException.BadRequest(choice);
    }

    private static List<string> Names(JsonObject pod, string containers) =>
        [.. (pod["spec"]?[containers] as JsonArray ?? []).Select(container => (string)container!["name"]!)];

    private static JsonNode? Status(JsonObject pod, string container) =>
        (pod["status"]?["initContainerStatuses"] as JsonArray ?? []).Concat(pod["status"]?["containerStatuses"] as JsonArray ?? [])
        .FirstOrDefault(status => (string?)status!["name"] == container);

    /// <summary>Why a container that never ran has no log; null if it has one.</summary>
    private static string? Waiting(JsonObject pod, string container)
    {
        var status = Status(pod, container);
        if (status is null)
            return "ContainerCreating";
        if (status["state"]?["waiting"] is not { } waiting || status["lastState"]?["terminated"] is not null)
            return null;
        return (string?)waiting["reason"] switch
        {
            "ImagePullBackOff" or "ErrImagePull" => "trying and failing to pull image",
            "CrashLoopBackOff" => null,
            { Length: > 0 } reason => reason,
            _ => "ContainerCreating",
        };
    }
}

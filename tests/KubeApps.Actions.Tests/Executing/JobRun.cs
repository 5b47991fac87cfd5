using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Actions.Tests.Executing;

/// <summary>An event that may run a workflow, as GitHub describes it to expressions.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="GitHub">The context <c>github</c>.</param>
internal sealed record WorkflowEvent(string Name, JsonObject GitHub)
{
    /// <summary>What jobs come to that do not succeed.</summary>
    public IReadOnlyDictionary<string, string> Results { get; init; } = new Dictionary<string, string>();

    /// <summary>What jobs hand on, where what they hand on decides: by their names, then by those of the outputs.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, string>> Outputs { get; init; } = new Dictionary<string, Dictionary<string, string>>();

    public static WorkflowEvent On(string name, string eventName, string branch = "main") => new(name, new JsonObject
    {
        ["event_name"] = eventName,
        ["repository"] = "team/shop",
        ["ref"] = $"refs/heads/{branch}",
        ["ref_name"] = branch,
        ["actor"] = "kim",
        ["event"] = new JsonObject(),
    });

    public static WorkflowEvent OnPullRequest(string name, string action, string? from = "team/shop", string author = "kim", string eventName = "pull_request", string state = "open") => new(name, new JsonObject
    {
        ["event_name"] = eventName,
        ["repository"] = "team/shop",
        ["ref"] = "refs/pull/7/merge",
        ["ref_name"] = "7/merge",
        ["actor"] = author,
        ["event"] = new JsonObject
        {
            ["action"] = action,
            ["number"] = 7,
            ["pull_request"] = new JsonObject
            {
                ["number"] = 7,
                ["state"] = action == "closed" ? "closed" : state,
                ["user"] = new JsonObject { ["login"] = author },
                // The repository of a fork may be gone.
                ["head"] = new JsonObject { ["repo"] = from is null ? null : new JsonObject { ["full_name"] = from } },
            },
        },
    });
}

/// <summary>A job of a workflow, or of one that it calls, in a run.</summary>
internal sealed record JobRun(
    string Job, string Result, IReadOnlyDictionary<string, string>? Permissions, string? Environment, bool? Deployment, IReadOnlyList<JobRun.Queue>? Concurrency)
{
    internal sealed record Queue(string Group, bool Cancels);

    public override string ToString() => Result == "skipped" ? $"{Job}: skipped" : string.Join("; ", (string[])
    [
        $"{Job}: {Result}",
        .. Environment is null ? (string[])[] : [$"environment {Environment}{(Deployment == false ? "" : " (with a record of the runner's)")}"],
        .. (Concurrency ?? []).Select(queue => $"queue {queue.Group}{(queue.Cancels ? " (cancels)" : "")}"),
        string.Join(", ", (Permissions ?? new Dictionary<string, string>()).OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => $"{item.Key}: {item.Value}")),
    ]);

    /// <summary>The jobs for each event; null where it does not run the workflow at all.</summary>
    public static async Task<IReadOnlyList<IReadOnlyList<JobRun>?>> OfAsync(IReadOnlyDictionary<string, string> files, string workflow, IReadOnlyList<WorkflowEvent> events)
    {
        var answer = await NodeScript.RunAsync("run-jobs.mjs", new JsonObject
        {
            ["files"] = JsonSerializer.SerializeToNode(files),
            ["workflow"] = workflow,
            ["runs"] = new JsonArray([.. events.Select(item => (JsonNode)new JsonObject { ["github"] = item.GitHub.DeepClone(), ["results"] = JsonSerializer.SerializeToNode(item.Results), ["outputs"] = JsonSerializer.SerializeToNode(item.Outputs) })]),
        });
        return answer.Deserialize<IReadOnlyList<IReadOnlyList<JobRun>?>>(JsonSerializerOptions.Web)!;
    }
}

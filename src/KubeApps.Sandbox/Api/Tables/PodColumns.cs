using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;
using static KubeApps.Sandbox.Api.Tables.Cells;

namespace KubeApps.Sandbox.Api.Tables;

internal static class PodColumns
{
    public static IReadOnlyList<TableColumn> All(TableColumn name, TableColumn age) =>
    [
        name,
        new("Ready", (o, _) => Summarize(o, default).Ready) { Description = "The aggregate readiness state of this pod for accepting traffic." },
        new("Status", (o, _) => Summarize(o, default).Status) { Description = "The aggregate status of the containers in this pod." },
        new("Restarts", (o, now) => Summarize(o, now).Restarts)
        {
            Description = "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.",
        },
        age,
        new("IP", (o, _) => PodAddress(o)) { Priority = 1, Field = "status.podIP" },
        new("Node", (o, _) => OrNone(Field(o, "spec.nodeName"))) { Priority = 1, Field = "spec.nodeName" },
        new("Nominated Node", (o, _) => OrNone(Field(o, "status.nominatedNodeName"))) { Priority = 1, Field = "status.nominatedNodeName" },
        new("Readiness Gates", (o, _) => Gates(o)) { Priority = 1, Field = "spec.readinessGates" },
    ];

    /// <summary>The reason in one word that describes the pod best, from its containers up; the rules of the real printer.</summary>
    private static (string Ready, string Status, string Restarts) Summarize(JsonObject pod, DateTimeOffset now)
    {
        var containers = pod["spec"]?["containers"] as JsonArray ?? [];
        var initSpecs = (pod["spec"]?["initContainers"] as JsonArray ?? []).ToDictionary(each => Text(each!["name"]), each => each!);
        var initStatuses = pod["status"]?["initContainerStatuses"] as JsonArray ?? [];
        var statuses = pod["status"]?["containerStatuses"] as JsonArray ?? [];
        var total = containers.Count + initSpecs.Values.Count(IsSidecar);
        var phase = Field(pod, "status.phase");
        var reason = Field(pod, "status.reason") is { Length: > 0 } given ? given : phase;
        var ready = 0;
        long restarts = 0;
        DateTimeOffset? lastRestart = null;
        foreach (var gate in pod["status"]?["conditions"] as JsonArray ?? [])
            if ((string?)gate!["type"] == "PodScheduled" && (string?)gate["reason"] == "SchedulingGated")
                reason = "SchedulingGated";

        var initializing = false;
        for (var index = 0; index < initStatuses.Count; index++)
        {
            var status = initStatuses[index]!;
            var isSidecar = initSpecs.TryGetValue(Text(status["name"]), out var spec) && IsSidecar(spec);
            restarts += Json.Integer(status["restartCount"]) ?? 0;
            lastRestart = Later(lastRestart, HumanDuration.Parse(status["lastState"]?["terminated"]?["finishedAt"]));
            var terminated = status["state"]?["terminated"];
            var waiting = Text(status["state"]?["waiting"]?["reason"]);
            if (terminated is not null && (int?)terminated["exitCode"] == 0)
                continue;
            if (isSidecar && (bool?)status["started"] == true)
            {
                if ((bool?)status["ready"] == true)
                    ready++;
                continue;
            }

            reason = terminated is not null ? $"Init:{Ended(terminated)}"
                : waiting.Length > 0 && waiting != "PodInitializing" ? $"Init:{waiting}"
                : string.Create(CultureInfo.InvariantCulture, $"Init:{index}/{initSpecs.Count}");
            initializing = true;
            break;
        }

        if (!initializing || Holds(pod, "Initialized"))
        {
            (restarts, lastRestart) = initializing ? (restarts, lastRestart) : (SidecarRestarts(initStatuses, initSpecs), SidecarRestart(initStatuses, initSpecs));
            var hasRunning = false;
            foreach (var status in statuses.Reverse())
            {
                restarts += Json.Integer(status!["restartCount"]) ?? 0;
                lastRestart = Later(lastRestart, HumanDuration.Parse(status["lastState"]?["terminated"]?["finishedAt"]));
                var state = status["state"];
                if (Text(state?["waiting"]?["reason"]) is { Length: > 0 } waiting)
                {
                    reason = waiting;
                }
                else if (state?["terminated"] is { } terminated)
                {
                    reason = Ended(terminated);
                }
                else if ((bool?)status["ready"] == true && state?["running"] is not null)
                {
                    hasRunning = true;
                    ready++;
                }
            }

            if (reason == "Completed" && hasRunning)
                reason = Holds(pod, "Ready") ? "Running" : "NotReady";
        }

        if (pod["metadata"]!["deletionTimestamp"] is not null)
            reason = Field(pod, "status.reason") == "NodeLost" ? "Unknown" : phase is "Succeeded" or "Failed" ? reason : "Terminating";
        var restartText = lastRestart is { } last && restarts > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{restarts} ({HumanDuration.Between(last, now)} ago)")
            : restarts.ToString(CultureInfo.InvariantCulture);
        return (string.Create(CultureInfo.InvariantCulture, $"{ready}/{total}"), reason, restartText);
    }

    private static bool IsSidecar(JsonNode container) => (string?)container["restartPolicy"] == "Always";

    private static long SidecarRestarts(JsonArray statuses, Dictionary<string, JsonNode> specs) =>
        statuses.Where(status => specs.TryGetValue(Text(status!["name"]), out var spec) && IsSidecar(spec)).Sum(status => Json.Integer(status!["restartCount"]) ?? 0);

    private static DateTimeOffset? SidecarRestart(JsonArray statuses, Dictionary<string, JsonNode> specs) =>
        statuses.Where(status => specs.TryGetValue(Text(status!["name"]), out var spec) && IsSidecar(spec))
            .Select(status => HumanDuration.Parse(status!["lastState"]?["terminated"]?["finishedAt"])).Max();

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other ?? one : one;

    private static string Ended(JsonNode terminated)
    {
        if (Text(terminated["reason"]) is { Length: > 0 } reason)
            return reason;
        return (int?)terminated["signal"] is { } signal and not 0
            ? string.Create(CultureInfo.InvariantCulture, $"Signal:{signal}")
            : $"ExitCode:{Text(terminated["exitCode"])}";
    }

    private static bool Holds(JsonObject pod, string condition) =>
        (pod["status"]?["conditions"] as JsonArray ?? []).Any(each => (string?)each!["type"] == condition && (string?)each["status"] == "True");

    private static string PodAddress(JsonObject pod) => OrNone(
        pod["status"]?["podIPs"] is JsonArray { Count: > 0 } addresses ? Text(addresses[0]!["ip"]) : Field(pod, "status.podIP"));

    private static string Gates(JsonObject pod)
    {
        if (pod["spec"]?["readinessGates"] is not JsonArray { Count: > 0 } gates)
            return "<none>";
        var holding = gates.Count(gate => Holds(pod, Text(gate!["conditionType"])));
        return string.Create(CultureInfo.InvariantCulture, $"{holding}/{gates.Count}");
    }

    private static string OrNone(string text) => text.Length > 0 ? text : "<none>";
}

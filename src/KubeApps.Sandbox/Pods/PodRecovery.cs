using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Pods;

/// <summary>What a pod that is found when the sandbox starts says of the time before.</summary>
internal static class PodRecovery
{
    /// <summary>The pod has run to its end: nothing of it is started again.</summary>
    public static bool IsTerminal(JsonObject pod) => (string?)pod["status"]?["phase"] is "Succeeded" or "Failed";

    /// <summary>
    /// What a container starts from. One that was running when the sandbox ended has lost its process: that counts as a run that failed.
    /// </summary>
    public static ContainerSnapshot Snapshot(JsonObject pod, ContainerSpec spec, ContainerState waiting, DateTimeOffset now)
    {
        var list = spec.IsInit ? "initContainerStatuses" : "containerStatuses";
        var status = (pod["status"]?[list] as JsonArray ?? []).FirstOrDefault(status => (string?)status!["name"] == spec.Name);
        if (status is null)
            return new ContainerSnapshot(spec, waiting);
        var last = Terminated(status["state"]?["terminated"]) ?? Terminated(status["lastState"]?["terminated"]);
        if (status["state"]?["running"] is { } running)
            last = new ContainerState.Terminated(
                137, "ContainerStatusUnknown", "The container could not be located when the sandbox was started again. The container used to be Running",
                Time(running["startedAt"]) ?? now, now, (string?)status["containerID"]);
        return new ContainerSnapshot(spec, IsTerminal(pod) && last is not null ? last : waiting)
        {
            LastTermination = IsTerminal(pod) ? null : last,
            RestartCount = Json.SmallInteger(status["restartCount"]) ?? 0,
            ImageId = (string?)status["imageID"] ?? "",
            ContainerId = (string?)status["containerID"],
        };
    }

    private static ContainerState.Terminated? Terminated(JsonNode? state) => state is null ? null : new ContainerState.Terminated(
        Json.SmallInteger(state["exitCode"]) ?? 0, (string?)state["reason"] ?? "Error", (string?)state["message"],
        Time(state["startedAt"]) ?? DateTimeOffset.UnixEpoch, Time(state["finishedAt"]) ?? DateTimeOffset.UnixEpoch, (string?)state["containerID"]);

    private static DateTimeOffset? Time(JsonNode? text) =>
        DateTimeOffset.TryParse((string?)text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}

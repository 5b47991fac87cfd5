using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Pods;

/// <summary>Why a pod failed other than by its containers, e.g. DeadlineExceeded.</summary>
internal sealed record PodFailure(string Reason, string Message);

/// <summary>Writes a pod's status from the snapshots of its containers. Pure: the same input gives the same status.</summary>
internal static class PodStatus
{
    private static readonly string[] OwnConditions = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

    /// <param name="pod">The pod as it is stored; its status is replaced.</param>
    /// <param name="spec">Its spec, parsed.</param>
    /// <param name="containers">Init containers first.</param>
    /// <param name="now">The time of conditions that change.</param>
    /// <param name="ended">Nothing of the pod will run again: the pod is terminal.</param>
    /// <param name="failure">Why, if not for its containers.</param>
    public static void Write(
        JsonObject pod, PodSpec spec, IReadOnlyList<ContainerSnapshot> containers, DateTimeOffset now, bool ended, PodFailure? failure)
    {
        var status = pod["status"] as JsonObject ?? [];
        if (status.Parent is null)
            pod["status"] = status;
        var inits = containers.Where(container => container.Spec.IsInit).ToList();
        var mains = containers.Where(container => !container.Spec.IsInit).ToList();
        var phase = Phase(spec, inits, mains, ended, failure);

        status["observedGeneration"] = Json.Integer(pod["metadata"]!["generation"]) ?? 1;
        status["phase"] = phase;
        Set(status, "reason", failure?.Reason);
        Set(status, "message", failure?.Message);
        status["conditions"] = Conditions(status, pod, spec, inits, mains, phase, ended, now);
        status["hostIP"] = "127.0.0.1";
        status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = "127.0.0.1" });
        if (containers.Any(container => container.ContainerId is not null))
        {
            status["podIP"] = "127.0.0.1";
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = "127.0.0.1" });
        }

        status["startTime"] ??= Time(now);
        if (inits.Count > 0)
            status["initContainerStatuses"] = new JsonArray([.. inits.Select(Container)]);
        status["containerStatuses"] = new JsonArray([.. mains.Select(Container)]);
        status["qosClass"] ??= QualityOfService(spec);
    }

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Phase(
        PodSpec spec, List<ContainerSnapshot> inits, List<ContainerSnapshot> mains, bool ended, PodFailure? failure)
    {
        if (failure is not null)
            return "Failed";
        if (ended)
            return inits.Where(init => !init.Spec.IsSidecar).Concat(mains).All(Succeeded) ? "Succeeded" : "Failed";
        if (!inits.All(Initialized))
            return "Pending";
        if (mains.Any(main => main.State is ContainerState.Waiting && main.LastTermination is null))
            return "Pending";
        // Sidecars are stopped last, and the pod has not ended before them.
        if (inits.Where(init => init.Spec.IsSidecar).Concat(mains).Any(container => container.State is ContainerState.Running) || spec.RestartPolicy == "Always")
            return "Running";
        return mains.All(Succeeded) ? "Succeeded" : spec.RestartPolicy == "Never" ? "Failed" : "Running";
    }

    private static bool Succeeded(ContainerSnapshot container) => container.State is ContainerState.Terminated { ExitCode: 0 };

    private static bool Initialized(ContainerSnapshot init) => init.Spec.IsSidecar ? init.Started : Succeeded(init);

    private static JsonArray Conditions(
        JsonObject status, JsonObject pod, PodSpec spec, List<ContainerSnapshot> inits, List<ContainerSnapshot> mains, string phase, bool ended,
        DateTimeOffset now)
    {
        var before = (status["conditions"] as JsonArray ?? []).Select(condition => condition!.AsObject()).ToList();
        var terminal = phase is "Succeeded" or "Failed";
        var any = inits.Concat(mains).Any(container => container.ContainerId is not null || container.State is not ContainerState.Waiting
        {
            Reason: "ContainerCreating" or "PodInitializing",
        });
        var uninitialized = inits.Where(init => !Initialized(init)).Select(init => init.Spec.Name).ToList();
        var unready = inits.Where(init => init.Spec.IsSidecar).Concat(mains).Where(container => !container.Ready)
            .Select(container => container.Spec.Name).ToList();
        var completed = phase == "Succeeded" ? "PodCompleted" : null;

        var containersReady = terminal ? Condition("ContainersReady", false, completed ?? "PodFailed")
            : unready.Count > 0 ? Condition("ContainersReady", false, "ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]")
            : Condition("ContainersReady", true);
        var ready = (JsonObject)containersReady.DeepClone();
        ready["type"] = "Ready";
        if ((string?)ready["status"] == "True" && GatesMissing(spec, before) is { } missing)
            ready = Condition("Ready", false, "ReadinessGatesNotReady", missing);

        JsonObject[] own =
        [
            Condition("PodReadyToStartContainers", any && !terminal && !ended),
            uninitialized.Count > 0 && phase != "Succeeded"
                ? Condition("Initialized", false, "ContainersNotInitialized", $"containers with incomplete status: [{string.Join(' ', uninitialized)}]")
                : Condition("Initialized", true, completed),
            ready,
            containersReady,
            Condition("PodScheduled", true),
        ];
        foreach (var condition in own)
        {
            var old = before.FirstOrDefault(old => (string?)old["type"] == (string?)condition["type"]);
            condition["lastTransitionTime"] = old is not null && (string?)old["status"] == (string?)condition["status"]
                ? old["lastTransitionTime"]?.DeepClone()
                : Time(now);
        }

        var others = before.Where(condition => !OwnConditions.Contains((string?)condition["type"])).Select(condition => condition.DeepClone());
        return new JsonArray([.. others, .. own]);

        JsonObject Condition(string type, bool value, string? reason = null, string? message = null)
        {
            var condition = new JsonObject
            {
                ["type"] = type,
                ["observedGeneration"] = Json.Integer(pod["metadata"]!["generation"]) ?? 1,
                ["status"] = value ? "True" : "False",
                ["lastProbeTime"] = null,
                ["lastTransitionTime"] = null,
            };
            Set(condition, "reason", reason);
            Set(condition, "message", message);
            return condition;
        }
    }

    private static string? GatesMissing(PodSpec spec, List<JsonObject> conditions)
    {
        var missing = spec.ReadinessGates.Select(gate => (Gate: gate, Condition: conditions.FirstOrDefault(other => (string?)other["type"] == gate)))
            .Where(gate => (string?)gate.Condition?["status"] != "True")
            .Select(gate => gate.Condition is null
                ? $"corresponding condition of pod readiness gate \"{gate.Gate}\" does not exist."
                : $"the status of pod readiness gate \"{gate.Gate}\" is not \"True\", but {(string?)gate.Condition["status"]}")
            .ToList();
        return missing.Count == 0 ? null : string.Join(", ", missing);
    }

    private static JsonNode Container(ContainerSnapshot container)
    {
        var status = new JsonObject
        {
            ["name"] = container.Spec.Name,
            ["state"] = State(container.State),
            ["lastState"] = container.LastTermination is { } last ? State(last) : new JsonObject(),
            ["ready"] = container.Ready,
            ["restartCount"] = container.RestartCount,
            ["image"] = container.Spec.Image,
            ["imageID"] = container.ImageId,
        };
        Set(status, "containerID", container.ContainerId);
        status["started"] = container.Started;
        if (container.ContainerId is not null)
            status["resources"] = container.Spec.Object["resources"]?.DeepClone() ?? new JsonObject();
        if (container.Spec.Object["volumeMounts"] is JsonArray { Count: > 0 } mounts)
            status["volumeMounts"] = new JsonArray([.. mounts.Select(mount => VolumeMount(mount!))]);
        return status;
    }

    private static JsonNode VolumeMount(JsonNode mount)
    {
        var status = new JsonObject { ["name"] = (string?)mount["name"], ["mountPath"] = (string?)mount["mountPath"] };
        if ((bool?)mount["readOnly"] == true)
        {
            status["readOnly"] = true;
            status["recursiveReadOnly"] = "Disabled";
        }

        return status;
    }

    private static JsonObject State(ContainerState state)
    {
        var content = new JsonObject();
        switch (state)
        {
            case ContainerState.Waiting waiting:
                content["reason"] = waiting.Reason;
                Set(content, "message", waiting.Message);
                return new JsonObject { ["waiting"] = content };
            case ContainerState.Running running:
                content["startedAt"] = Time(running.StartedAt);
                return new JsonObject { ["running"] = content };
            case ContainerState.Terminated terminated:
                content["exitCode"] = terminated.ExitCode;
                content["reason"] = terminated.Reason;
                Set(content, "message", terminated.Message);
                content["startedAt"] = Time(terminated.StartedAt);
                content["finishedAt"] = Time(terminated.FinishedAt);
                Set(content, "containerID", terminated.ContainerId);
                return new JsonObject { ["terminated"] = content };
            default:
                throw new ArgumentOutOfRangeException(nameof(state));
        }
    }

    private static string QualityOfService(PodSpec spec)
    {
        var resources = spec.AllContainers.Select(container => container.Object["resources"]).ToList();
        if (!resources.Any(one => one?["requests"] is JsonObject { Count: > 0 } || one?["limits"] is JsonObject { Count: > 0 }))
            return "BestEffort";
        var guaranteed = resources.All(one => new[] { "cpu", "memory" }.All(name =>
            one?["limits"]?[name] is { } limit && (one["requests"]?[name] is not { } request || JsonNode.DeepEquals(limit, request))));
        return guaranteed ? "Guaranteed" : "Burstable";
    }

    private static void Set(JsonObject target, string name, string? value)
    {
        if (value is null)
            target.Remove(name);
        else
            target[name] = value;
    }
}

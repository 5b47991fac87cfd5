using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Rollouts;

/// <summary>
/// Finds out why a workload does not come up, from what the cluster recorded about it. Pure. What Kubernetes calls a status is often only
/// the last symptom (CrashLoopBackOff); the cause stands in the container's former state, in events, or in the log.
/// </summary>
internal static partial class RolloutDiagnosis
{
    /// <summary>The most telling finding, decisive ones first; null where nothing is wrong yet.</summary>
    public static Finding? Find(RolloutView view) =>
        view.NewPods.SelectMany(pod => OfPod(view, pod)).Concat(OfCreation(view)).Concat(OfLostPods(view))
            .Concat(view.StuckPod is { } stuck ? [OfStuck(view, stuck)] : [])
            .Select(finding => view.HasServed && !HasRun(finding) ? finding with { IsDecisive = false } : finding)
            .OrderByDescending(finding => finding.IsDecisive).FirstOrDefault();

    /// <summary>Whether the version itself came to an end, rather than not to a beginning for want of room, an image, or something that it mounts.</summary>
    public static bool HasRun(Finding finding) =>
        finding.Descriptor == DiagnosticDescriptors.CrashLoop || finding.Descriptor == DiagnosticDescriptors.OutOfMemory || finding.Descriptor == DiagnosticDescriptors.LivenessFails
        || finding.Descriptor == DiagnosticDescriptors.StartupTooSlow || finding.Descriptor == DiagnosticDescriptors.StartFails || finding.Descriptor == DiagnosticDescriptors.PodsLost;

    /// <summary>What a report says about a rollout that failed or ran out of time: there is always something.</summary>
    public static Finding Explain(ObjectId workload, RolloutState state)
    {
        var hasFailed = state.Status.State == WorkloadState.Failed;
        var finding = state.Finding ?? new Finding(
            !hasFailed ? DiagnosticDescriptors.TimedOut : workload.Kind == "Job" ? DiagnosticDescriptors.JobFailed : DiagnosticDescriptors.ProgressDeadline,
            workload, null, state.Status.State.ToString(), hasFailed ? state.Status.Message : $"Not up in time: {state.Status.Message}", true);
        return workload.Kind == "Job" && finding.Descriptor == DiagnosticDescriptors.CrashLoop
            ? finding with { Descriptor = DiagnosticDescriptors.JobFailed, Cause = $"{state.Status.Message.TrimEnd('.')}: {finding.Cause}" }
            : finding;
    }

    private static IEnumerable<Finding> OfPod(RolloutView view, JsonObject pod)
    {
        if (OfScheduling(view, pod) is { } unscheduled)
            yield return unscheduled;
        foreach (var (container, isInit) in Containers(pod))
            if (OfContainer(view, pod, container, isInit) is { } finding)
                yield return finding;
    }

    private static Finding? OfContainer(RolloutView view, JsonObject pod, JsonObject container, bool isInit)
    {
        if (container["state"]?["waiting"] is JsonObject waiting && OfWaiting(view, pod, container, waiting, isInit) is { } finding)
            return finding;
        if (container["state"]?["terminated"] is JsonObject terminated && (int?)terminated["exitCode"] != 0)
        {
            // Of a Job's pod that is the end; of another it is the moment before the restart.
            var isLast = (string?)pod["status"]?["phase"] == "Failed";
            return OfTermination(view, pod, container, terminated, isInit, isDecisive: false, isLast ? "failed" : "crashed");
        }

        if ((bool?)container["ready"] == true || container["state"]?["running"] is null || isInit)
            return null;
        // Who was killed for being slow is started again, and would need as long again; of any other end, what the probes say now is newer.
        var last = container["lastState"]?["terminated"] is JsonObject ended && (int?)ended["exitCode"] != 0
            ? OfTermination(view, pod, container, ended, isInit, isDecisive: false, "crashed") : null;
        return last?.IsDecisive == true ? last : OfProbes(view, pod, container) ?? last;
    }

    private static Finding? OfWaiting(RolloutView view, JsonObject pod, JsonObject container, JsonObject waiting, bool isInit)
    {
        var name = (string)container["name"]!;
        var reason = (string?)waiting["reason"] ?? "";
        var message = (string?)waiting["message"] ?? "";
        Finding Say(DiagnosticDescriptor descriptor, string cause, bool isDecisive) =>
            new(descriptor, ObjectId.Of(pod), name, reason, cause, isDecisive);
        switch (reason)
        {
            case "ErrImagePull" or "ImagePullBackOff":
                return OfPull(view, pod, container, message, Say);
            case "InvalidImageName" or "ErrImageNeverPull":
                return Say(DiagnosticDescriptors.ImageNotFound, $"The image of container '{name}' cannot be used: {message}", true);
            case "CrashLoopBackOff":
                var last = container["lastState"]?["terminated"] as JsonObject ?? [];
                // The first crash may be a database that comes up a moment later; a program that is not there will not appear.
                var isDecisive = ((int?)container["restartCount"] ?? 0) >= 2 || (string?)last["reason"] is "StartError" or "ContainerCannotRun";
                var crash = OfTermination(view, pod, container, last, isInit, isDecisive, "crashes again and again");
                return crash.Reason == "Error" ? crash with { Reason = reason } : crash;
            case "CreateContainerConfigError":
                return OfConfig(view, pod, name, message, Say);
            case "CreateContainerError" or "RunContainerError":
                return Say(DiagnosticDescriptors.StartFails, $"Container '{name}' cannot be started: {Essence(message)}", HasSettled(view, pod));
            case "ContainerCreating" or "PodInitializing" or "":
                return OfMount(view, pod, name);
            default:
                return Say(DiagnosticDescriptors.ContainerConfig, $"Container '{name}' waits: {reason}: {message}", false);
        }
    }

    private static Finding OfConfig(
        RolloutView view, JsonObject pod, string name, string message, Func<DiagnosticDescriptor, string, bool, Finding> say)
    {
        if (Has(message, "non-root", "runAsNonRoot", "run as root"))
            return say(DiagnosticDescriptors.SecurityContextRefused, $"Container '{name}' would run as root, which its security context forbids.", true);
        if (Has(message, "not found", "couldn't find key", "references non-existent"))
            return say(DiagnosticDescriptors.ConfigMissing, $"Container '{name}' cannot start: {Essence(message)}.", HasSettled(view, pod) && !IsComing(view, pod, message));
        return say(
            DiagnosticDescriptors.ContainerConfig, $"Container '{name}' cannot be created: {Essence(message)}",
            // The kubelet's cache may lag behind for a moment.
            !Has(message, "failed to sync") && HasSettled(view, pod));
    }

    // Its operator may not have made it yet; the kubelet looks again every few seconds.
    private static bool IsComing(RolloutView view, JsonObject pod, string message) =>
        view.ComingSecrets.Any(secret => secret.Namespace == (string?)pod["metadata"]!["namespace"] && Has(message, $"secret \"{secret.Name}\" not found"));

    private static Finding OfTermination(
        RolloutView view, JsonObject pod, JsonObject container, JsonObject terminated, bool isInit, bool isDecisive, string verb)
    {
        var name = (string)container["name"]!;
        var exit = (int?)terminated["exitCode"] ?? 0;
        var reason = (string?)terminated["reason"] ?? "Error";
        var subject = $"{(isInit ? "Init container" : "Container")} '{name}'";
        var restarts = (int?)container["restartCount"] ?? 0;
        var log = new LogSource((string)pod["metadata"]!["namespace"]!, (string)pod["metadata"]!["name"]!, name, Previous: container["state"]?["running"] is not null);
        Finding Say(DiagnosticDescriptor descriptor, string cause, bool isKnown = false) => new(descriptor, ObjectId.Of(pod), name, reason, cause, isDecisive || isKnown, log);
        if (reason is "StartError" or "ContainerCannotRun")
            return Say(DiagnosticDescriptors.StartFails, $"{subject} cannot be started: {Essence((string?)terminated["message"] ?? "")}") with { Log = null };
        if (reason == "OOMKilled")
            return Say(DiagnosticDescriptors.OutOfMemory, $"{subject} was killed because it used more memory than its limit{Limit(pod, name)}.");
        foreach (var killing in view.EventsAbout(pod, "Killing").Reverse())
        {
            var message = (string?)killing["message"] ?? "";
            if (!message.Contains($" {name} ", StringComparison.Ordinal))
                continue;
            if (message.Contains("startup probe", StringComparison.Ordinal))
                return Say(
                    DiagnosticDescriptors.StartupTooSlow, $"{subject} did not start within the limits of its startup probe{ProbeMessage(view, pod, "Startup")}.", isKnown: true);
            // A program may hang once; when it does again after a restart, it is the new version.
            if (message.Contains("liveness probe", StringComparison.Ordinal))
                return Say(
                    DiagnosticDescriptors.LivenessFails, $"{subject} is killed because its liveness probe fails{ProbeMessage(view, pod, "Liveness")}.",
                    isKnown: restarts >= 1 && container["state"]?["running"] is null);
        }

        return Say(
            DiagnosticDescriptors.CrashLoop,
            $"{subject} {verb} (exit code {exit}{(restarts > 0 ? $", {restarts} restart{(restarts == 1 ? "" : "s")}" : "")}).");
    }

    private static Finding? OfProbes(RolloutView view, JsonObject pod, JsonObject container)
    {
        var name = (string)container["name"]!;
        // Every app is unready for a moment; that is no finding yet, unless the moment was all that it had.
        var isOver = view.IsOver || WorkloadStatus.Of(view.Workload).State == WorkloadState.Failed;
        if ((!isOver && !IsOlderThan(view, container["state"]!["running"]!["startedAt"], Starting))
            || view.EventsAbout(pod, "Unhealthy").LastOrDefault(item => IsAbout(item, name) && !IsLiveness(item)) is not { } probe)
            return null;
        var message = (string?)probe["message"] ?? "";
        var descriptor = message.StartsWith("Startup", StringComparison.Ordinal) ? DiagnosticDescriptors.StartupTooSlow : DiagnosticDescriptors.ReadinessFails;
        return new Finding(
            descriptor, ObjectId.Of(pod), name, "Unhealthy", $"Container '{name}' runs but is not ready: {Essence(message)}",
            IsDeclined(message) && IsOlderThan(view, container["state"]!["running"]!["startedAt"], Declining),
            new LogSource((string)pod["metadata"]!["namespace"]!, (string)pod["metadata"]!["name"]!, name, false));
    }

    /// <summary>
    /// Whether an app answers its probe that there is no such thing, or not for this caller: it is up, and time will not change that. One that is
    /// busy, or waits for something, says so otherwise (5xx, 408, 425, 429) or not at all.
    /// </summary>
    private static bool IsDeclined(string message)
    {
        const string Told = "HTTP probe failed with statuscode: ";
        var at = message.IndexOf(Told, StringComparison.Ordinal);
        return at >= 0 && int.TryParse(message.AsSpan(at + Told.Length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            && status is >= 400 and < 500 and not (408 or 425 or 429);
    }

    /// <summary>Whether an event about a pod is about this container of it, as far as it says.</summary>
    internal static bool IsAbout(JsonObject told, string container) =>
        (string?)told["involvedObject"]?["fieldPath"] is not { } field || field.EndsWith($"{{{container}}}", StringComparison.Ordinal);

    internal static bool IsLiveness(JsonObject told) => ((string?)told["message"] ?? "").StartsWith("Liveness", StringComparison.Ordinal);

    private static IEnumerable<(JsonObject Container, bool IsInit)> Containers(JsonObject pod) =>
        Objects(pod["status"]?["initContainerStatuses"]).Select(item => (item, !IsSidecar(pod, item)))
            .Concat(Objects(pod["status"]?["containerStatuses"]).Select(item => (item, false)));

    // It stands among the init containers, but lasts as long as the others do, and has probes as they have.
    private static bool IsSidecar(JsonObject pod, JsonObject container) => Objects(pod["spec"]?["initContainers"])
        .Any(item => (string?)item["name"] == (string?)container["name"] && (string?)item["restartPolicy"] == "Always");

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();

    private static string ProbeMessage(RolloutView view, JsonObject pod, string probe)
    {
        var message = (string?)view.EventsAbout(pod, "Unhealthy")
            .LastOrDefault(item => ((string?)item["message"] ?? "").StartsWith(probe, StringComparison.Ordinal))?["message"] ?? "";
        var colon = message.IndexOf(": ", StringComparison.Ordinal);
        var detail = colon < 0 ? "" : message[(colon + 2)..].Trim();
        return detail.Length == 0 ? "" : $" ({detail})";
    }

    private static string Limit(JsonObject pod, string name)
    {
        var limit = (string?)Objects(pod["spec"]?["containers"]).FirstOrDefault(item => (string?)item["name"] == name)?["resources"]?["limits"]?["memory"];
        return limit is null ? "" : $" of {limit}";
    }

    internal static bool Has(string text, params string[] any) => any.Any(part => text.Contains(part, StringComparison.OrdinalIgnoreCase));

    // Runtimes wrap the cause in a chain of "failed to …: failed to …: the cause".
    private static string Essence(string message)
    {
        var text = message.ReplaceLineEndings(" ").Trim();
        if (text.EndsWith(": unknown", StringComparison.Ordinal))
            text = text[..^": unknown".Length];
        var process = text.IndexOf("unable to start container process: ", StringComparison.Ordinal);
        return process < 0 ? text : text[(process + "unable to start container process: ".Length)..];
    }
}

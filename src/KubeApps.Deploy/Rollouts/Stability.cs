using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Rollouts;

/// <summary>
/// Whether the containers of new pods stay up. Each counts from its own start, so that a deploy waits for the last of them only as far as
/// its probes have not taken that time anyway.
/// </summary>
/// <param name="window">How long they must; null lets the pods decide: minReadySeconds, then their probes.</param>
internal sealed class Stability(TimeSpan? window)
{
    // What answered its readiness probe has come up; what has none says nothing until it crashes.
    private static readonly TimeSpan WithReadinessProbe = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WithoutProbe = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromSeconds(60);

    // A kubelet's ticks, and the way of an event.
    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(1);

    // Between the node's clock and the server's.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(10);

    private readonly Dictionary<(string Pod, string Container, int Restarts), DateTimeOffset> _upSince = [];

    /// <summary>Whether all of them are up and have been for long enough. To be asked at each change: it remembers when it saw what.</summary>
    public bool IsUp(RolloutView view)
    {
        if (((string?)view.Workload["spec"]?["updateStrategy"]?["type"]) == "OnDelete")
            return true;
        var minReady = TimeSpan.FromSeconds((int?)view.Workload["spec"]?["minReadySeconds"] ?? 0);
        var isUp = true;
        foreach (var pod in view.NewPods)
        {
            var containers = LastingContainers(pod).ToList();
            // None yet: it took the place of another a moment ago, which the workload's status still counts.
            isUp &= containers.Count > 0;
            foreach (var (container, specification) in containers)
                isUp &= IsUp(view, pod, container, specification, minReady);
        }

        return isUp;
    }

    /// <summary>How long a container must be up before it counts.</summary>
    internal static TimeSpan Window(JsonObject? container, TimeSpan minReady)
    {
        var least = minReady > TimeSpan.Zero ? minReady : container?["readinessProbe"] is null ? WithoutProbe : WithReadinessProbe;
        if (container?["livenessProbe"] is not JsonObject liveness || IsAnswered(container, liveness))
            return least;
        // Kubernetes calls it ready before its liveness probe has asked for the first time.
        var first = Seconds(liveness, "initialDelaySeconds", 0) + Period(liveness);
        var wanted = first > least ? first : least;
        return wanted < LongestWindow ? wanted : LongestWindow;
    }

    private bool IsUp(RolloutView view, JsonObject pod, JsonObject container, JsonObject? specification, TimeSpan minReady)
    {
        if (container["state"]?["running"] is not JsonObject running || (bool?)container["started"] == false)
            return false;
        var name = (string)container["name"]!;
        var key = ((string)pod["metadata"]!["uid"]!, name, (int?)container["restartCount"] ?? 0);
        if (!_upSince.TryGetValue(key, out var since))
        {
            // The node's clock counts only where it leaves no doubt: a pod that has been up for long is not made to wait again.
            since = view.Now;
            var told = specification?["startupProbe"] is null ? running["startedAt"] : WorkloadStatus.Condition(pod, "Ready")?["lastTransitionTime"];
            if (KubeTime.Read(told) is { } started && started + ClockSkew < since)
                since = started + ClockSkew;
            _upSince[key] = since;
        }

        return view.Now - since >= (window ?? Window(specification, minReady)) && !IsBeingJudged(view, pod, name, specification, running);
    }

    /// <summary>Whether its liveness probe has failed, and has not been asked again since: it may be on its way to being killed.</summary>
    private static bool IsBeingJudged(RolloutView view, JsonObject pod, string name, JsonObject? specification, JsonObject running) =>
        specification?["livenessProbe"] is JsonObject liveness
        && view.EventsAbout(pod, "Unhealthy").LastOrDefault(item => RolloutDiagnosis.IsLiveness(item) && RolloutDiagnosis.IsAbout(item, name)) is { } failed
        && RolloutView.ToldAt(failed) is var told && told >= (KubeTime.Read(running["startedAt"]) ?? told) && view.Now - told < Period(liveness) + Leeway;

    // One period may pass until the first question, and the answer may take its time.
    private static TimeSpan Period(JsonObject probe) => Seconds(probe, "periodSeconds", 10) + Seconds(probe, "timeoutSeconds", 1) + Leeway;

    // Another probe has asked the same already.
    private static bool IsAnswered(JsonObject container, JsonObject liveness) =>
        new[] { "readinessProbe", "startupProbe" }.Any(probe => container[probe] is JsonObject other
            && new[] { "httpGet", "tcpSocket", "exec", "grpc" }.All(how => JsonNode.DeepEquals(liveness[how], other[how])));

    private static TimeSpan Seconds(JsonObject probe, string name, int absent) => TimeSpan.FromSeconds((int?)probe[name] ?? absent);

    // Init containers end, but for sidecars.
    private static IEnumerable<(JsonObject Status, JsonObject? Specification)> LastingContainers(JsonObject pod)
    {
        foreach (var (statuses, list) in new[] { ("initContainerStatuses", "initContainers"), ("containerStatuses", "containers") })
            foreach (var status in (pod["status"]?[statuses] as JsonArray ?? []).OfType<JsonObject>())
            {
                var specification = (pod["spec"]?[list] as JsonArray ?? []).OfType<JsonObject>().FirstOrDefault(item => (string?)item["name"] == (string?)status["name"]);
                if (list == "containers" || (string?)specification?["restartPolicy"] == "Always")
                    yield return (status, specification);
            }
    }
}

using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeApps.Sandbox.Tests.Pods;

/// <summary>Pods that fail, against what a real kubelet said of the same (Recorded/failures.json): status, conditions and events, word by word.</summary>
public sealed partial class RecordedFailureTests
{
    private static readonly JsonObject Recorded = JsonNode.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Recorded", "failures.json")))!.AsObject();

    [Fact]
    public Task ImageNotFound_IsToldAsRecorded() => MatchesAsync("image-not-found", container =>
        container["image"] = $"{TestRegistry.Host}/team/nosuch:1");

    [Fact]
    public Task TagNotFound_IsToldAsRecorded() => MatchesAsync("tag-not-found", container =>
        container["image"] = $"{TestRegistry.Host}/tests/podapp:nosuch");

    [Fact]
    public Task CrashLoop_IsToldAsRecorded() => MatchesAsync("crash-loop", container => Run(container, "exit", "139", "boom"));

    [Fact]
    public Task WrongEntryPoint_IsToldAsRecorded() => MatchesAsync("wrong-entry-point", container =>
        container["command"] = new JsonArray("/no/such/binary"));

    [Fact]
    public Task ReadinessProbeThatFails_IsToldAsRecorded() => MatchesAsync("readiness-fails", container =>
    {
        Run(container, "sleep");
        container["readinessProbe"] = JsonNode.Parse("""{"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 1, "failureThreshold": 2}""");
    });

    [Fact]
    public Task LivenessProbeThatFails_IsToldAsRecorded() => MatchesAsync("liveness-fails", container =>
    {
        Run(container, "stubborn");
        container["livenessProbe"] = JsonNode.Parse(
            """{"exec": {"command": ["/app/PodApp", "exit", "1"]}, "periodSeconds": 1, "timeoutSeconds": 10, "failureThreshold": 2}""");
    });

    [Fact]
    public Task StartupProbeThatFails_IsToldAsRecorded() => MatchesAsync("startup-too-slow", container =>
    {
        Run(container, "stubborn");
        container["startupProbe"] = JsonNode.Parse("""{"tcpSocket": {"port": 8080}, "periodSeconds": 1, "failureThreshold": 3}""");
    });

    [Fact]
    public Task MissingConfigMap_IsToldAsRecorded() => MatchesAsync("configmap-missing", container =>
        container["envFrom"] = JsonNode.Parse("""[{"configMapRef": {"name": "nosuch"}}]"""));

    [Fact]
    public Task MissingKeyOfAConfigMap_IsToldAsRecorded() => MatchesAsync("configmap-key-missing", container =>
        container["env"] = JsonNode.Parse("""[{"name": "E", "valueFrom": {"configMapKeyRef": {"name": "cfg", "key": "zz"}}}]"""));

    [Fact]
    public Task MissingSecret_IsToldAsRecorded() => MatchesAsync("secret-missing", container =>
        container["env"] = JsonNode.Parse("""[{"name": "E", "valueFrom": {"secretKeyRef": {"name": "nosuch", "key": "zz"}}}]"""));

    [Fact]
    public Task InitContainerThatFails_IsToldAsRecorded() => MatchesAsync("init-container-fails", container => Run(container, "sleep"), (spec, image) =>
        spec["initContainers"] = new JsonArray(new JsonObject
        {
            ["name"] = "init",
            ["image"] = image,
            ["args"] = new JsonArray("exit", "2", "migration failed"),
        }));

    [Fact]
    public Task PodThatFailsForGood_IsToldAsRecorded() => MatchesAsync(
        "job-backoff", container => Run(container, "exit", "1", "cannot migrate"), (spec, _) => spec["restartPolicy"] = "Never");

    [Fact]
    public Task PodThatSucceeds_IsToldAsRecorded() => MatchesAsync(
        "job-good", container => Run(container, "exit", "0", "ok"), (spec, _) => spec["restartPolicy"] = "Never");

    private static void Run(JsonObject container, params string[] args) => container["args"] = new JsonArray([.. args.Select(arg => (JsonNode)arg)]);

    private static async Task MatchesAsync(string @case, Action<JsonObject> change, Action<JsonObject, string>? spec = null)
    {
        await using var node = new TestNode();
        node.CreateConfigMap("cfg", ("a", "1"));
        var container = node.Container();
        container["image"] = $"{TestRegistry.Host}/tests/podapp:latest";
        change(container);
        var created = node.Create("failing", container, pod =>
        {
            pod["terminationGracePeriodSeconds"] = 1;
            spec?.Invoke(pod, $"{TestRegistry.Host}/tests/podapp:latest");
        });

        var recordedPod = Recorded[@case]!["pods"]![0]!.AsObject();
        var expected = Shape(recordedPod);
        JsonObject? last = null;
        try
        {
            await node.WhenAsync("failing", pod => JsonNode.DeepEquals(Shape(last = pod), expected));
        }
        catch (TimeoutException)
        {
            Assert.Equal(expected.ToJsonString(), Shape(last!).ToJsonString());
        }

        var recordedEvents = Comparable(Recorded[@case]!["events"]!.AsArray()
            .Where(one => (string?)one!["involvedObject"]!["name"] == (string?)recordedPod["metadata"]!["name"])
            .Select(one => Words(recordedPod, $"{one!["type"]} {one["reason"]}: {one["message"]}")));
        try
        {
            await node.WhenEventsAsync(() => Events().SequenceEqual(recordedEvents));
        }
        catch (TimeoutException)
        {
            Assert.Equal(recordedEvents, Events());
        }

        List<string> Events() => Comparable(node.Events(created).Select(one => Words(created, one)));
    }

    // Whether an image was pulled or there already is no part of the failure.
    private static List<string> Comparable(IEnumerable<string> events) =>
        [.. events.Where(one => !one.Contains(" Pulled:", StringComparison.Ordinal) && !one.Contains(" Pulling:", StringComparison.Ordinal))
            .Distinct().Order(StringComparer.Ordinal)];

    /// <summary>What of a pod's status does not depend on the moment, the names or the machine.</summary>
    private static JsonObject Shape(JsonObject pod)
    {
        var status = JsonNode.Parse(Words(pod, pod["status"]!.ToJsonString()))!.AsObject();
        var shape = new JsonObject { ["phase"] = status["phase"]!.DeepClone(), ["qosClass"] = status["qosClass"]!.DeepClone() };
        foreach (var list in new[] { "conditions", "initContainerStatuses", "containerStatuses" })
            if (status[list] is JsonArray items)
                shape[list] = new JsonArray([.. items.Select(item =>
                {
                    var kept = item!.DeepClone().AsObject();
                    foreach (var name in new[] { "lastTransitionTime", "observedGeneration", "restartCount", "volumeMounts" })
                        kept.Remove(name);
                    return (JsonNode)kept;
                })]);
        return shape;
    }

    private static string Words(JsonObject pod, string text)
    {
        var metadata = pod["metadata"]!;
        foreach (var container in (pod["spec"]!["initContainers"] as JsonArray ?? []).Concat(pod["spec"]!["containers"]!.AsArray()))
            text = text.Replace((string)container!["image"]!, "IMAGE", StringComparison.Ordinal);
        text = text.Replace((string)metadata["name"]!, "POD", StringComparison.Ordinal).Replace((string)metadata["uid"]!, "UID", StringComparison.Ordinal)
            .Replace($"_{metadata["namespace"]}(", "_NS(", StringComparison.Ordinal).Replace($"{metadata["namespace"]}/", "NS/", StringComparison.Ordinal);
        text = ImageId().Replace(text, "IMAGEID");
        text = ContainerId().Replace(text, "ID");
        text = Address().Replace(text, "ADDRESS");
        text = Time().Replace(text, "TIME");
        return NodeName().Replace(BackOffTime().Replace(text, "back-off SOME restarting"), "POD to NODE");
    }

    [GeneratedRegex(@"[^\s""]+@sha256:[0-9a-f]{64}")]
    private static partial Regex ImageId();

    [GeneratedRegex(@"(containerd|sandbox)://[0-9a-f]{64}")]
    private static partial Regex ContainerId();

    [GeneratedRegex(@"\d+\.\d+\.\d+\.\d+:\d+")]
    private static partial Regex Address();

    [GeneratedRegex(@"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")]
    private static partial Regex Time();

    [GeneratedRegex(@"back-off \S+ restarting")]
    private static partial Regex BackOffTime();

    [GeneratedRegex(@"POD to \S+")]
    private static partial Regex NodeName();
}

using System.Diagnostics;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Tests.Hosting;

namespace KubeApps.Sandbox.Tests.Pods;

public sealed class PodLifeCycleTests
{
    [Fact]
    public async Task InitContainers_RunInOrderAndBeforeTheOthers()
    {
        await using var node = new TestNode();
        node.Create("pod", Appending(node, "c", "main"), spec =>
        {
            spec["restartPolicy"] = "Never";
            spec["volumes"] = JsonNode.Parse("""[{"name": "shared", "emptyDir": {}}]""");
            spec["initContainers"] = new JsonArray(Appending(node, "first", "1"), Appending(node, "second", "2"));
            var reader = Appending(node, "c", "");
            reader["args"] = new JsonArray("cat", "/data/order");
            spec["containers"] = new JsonArray(reader);
        });

        var pod = await node.WhenPhaseAsync("pod", "Succeeded");

        Assert.Equal("1\n2\n\n", await node.LogAsync(pod));
    }

    [Fact]
    public async Task Sidecar_StartsBeforeTheMainContainerAndEndsAfterIt()
    {
        await using var node = new TestNode();
        node.Create("pod", node.Container("exit", "0"), spec =>
        {
            spec["restartPolicy"] = "Never";
            var sidecar = node.NamedContainer("sidecar");
            sidecar["restartPolicy"] = "Always";
            sidecar["startupProbe"] = JsonNode.Parse("""{"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 1, "failureThreshold": 30}""");
            spec["initContainers"] = new JsonArray(sidecar);
        });

        var pod = await node.WhenPhaseAsync("pod", "Succeeded");

        var (main, side) = (TestNode.Status(pod)["state"]!["terminated"]!, TestNode.Status(pod, "sidecar")["state"]!["terminated"]!);
        Assert.True(string.CompareOrdinal((string)main["finishedAt"]!, (string)side["finishedAt"]!) <= 0);
        Assert.True(string.CompareOrdinal((string)side["startedAt"]!, (string)main["startedAt"]!) <= 0);
        Assert.EndsWith("stopped\n", await node.LogAsync(pod, "sidecar"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RestartPolicyOnFailure_RestartsUntilItSucceeds()
    {
        await using var node = new TestNode();
        node.Create("pod", node.Container("exit", "3"), spec => spec["restartPolicy"] = "OnFailure");

        var pod = await node.WhenAsync("pod", pod => TestNode.Status(pod)["restartCount"]!.GetValue<int>() >= 2);

        Assert.Equal("Running", (string?)pod["status"]!["phase"]);
        Assert.Equal(3, (int)TestNode.Status(pod)["lastState"]!["terminated"]!["exitCode"]!);
    }

    [Fact]
    public async Task Delete_ProcessThatDoesNotListen_IsKilledAfterItsGracePeriod()
    {
        await using var node = new TestNode();
        node.Create("pod", node.Container("stubborn"));
        await WhenLogsAsync(node, "pod", "not listening");
        var ended = node.WhenAsync("pod", pod => TestNode.Status(pod)["state"]!["terminated"] is not null);
        var clock = Stopwatch.StartNew();

        node.Delete("pod", grace: 1);

        Assert.Equal(137, (int)TestNode.Status(await ended)["state"]!["terminated"]!["exitCode"]!);
        Assert.InRange(clock.Elapsed.TotalSeconds, 1, 10);
        await node.WhenGoneAsync("pod");
    }

    [Fact]
    public async Task Delete_ProcessThatTakesNoNotice_EndsWithTheSignal()
    {
        await using var node = new TestNode();
        node.Create("pod", node.Container("sleep"));
        await WhenLogsAsync(node, "pod", "sleeping");
        var ended = node.WhenAsync("pod", pod => TestNode.Status(pod)["state"]!["terminated"] is not null);

        node.Delete("pod");

        Assert.Equal(143, (int)TestNode.Status(await ended)["state"]!["terminated"]!["exitCode"]!);
    }

    [Fact]
    public async Task Delete_WithPreStopHook_RunsItBeforeTheSignal()
    {
        await using var node = new TestNode();
        var container = node.Container();
        container["ports"] = JsonNode.Parse("""[{"containerPort": 8080}]""");
        container["readinessProbe"] = JsonNode.Parse("""{"httpGet": {"path": "/healthz", "port": 8080}}""");
        container["lifecycle"] = JsonNode.Parse("""{"preStop": {"httpGet": {"path": "/stopping", "port": 8080}}}""");
        node.Create("pod", container);
        await node.WhenReadyAsync("pod");
        var logs = node.FollowAsync("pod");

        node.Delete("pod");

        var log = await logs;
        Assert.True(log.IndexOf("told to stop", StringComparison.Ordinal) is var told and > 0 && told < log.IndexOf("stopping\n", StringComparison.Ordinal), log);
    }

    [Fact]
    public async Task ContainerEnds_WithChildren_TakesThemAlong()
    {
        await using var node = new TestNode();
        node.Create("pod", node.Container("children"));
        var child = int.Parse((await WhenLogsAsync(node, "pod", "child ")).Split("child ")[1].Split('\n')[0], null);

        node.Delete("pod");
        await node.WhenGoneAsync("pod");

        // It was killed before the pod went away; the kernel takes a moment to carry that out.
        await SandboxProcess.UntilAsync(() => HasEnded(child), "the child has ended");
    }

    [Fact]
    public async Task ActiveDeadline_Passed_FailsThePod()
    {
        await using var node = new TestNode();
        node.Create("pod", node.Container("sleep"), spec =>
        {
            spec["activeDeadlineSeconds"] = 1;
            spec["restartPolicy"] = "Never";
        });

        var pod = await node.WhenAsync("pod", pod => TestNode.Status(pod)["state"]!["terminated"] is not null);

        Assert.Equal("Failed", (string?)pod["status"]!["phase"]);
        Assert.Equal("DeadlineExceeded", (string?)pod["status"]!["reason"]);
    }

    [Fact]
    public async Task ReadinessGate_KeepsThePodUnreadyUntilSomebodyOpensIt()
    {
        await using var node = new TestNode();
        node.Create("pod", node.Container("sleep"), spec => spec["readinessGates"] = JsonNode.Parse("""[{"conditionType": "example.com/gate"}]"""));
        var pod = await node.WhenReadyAsync("pod");
        Assert.Equal("ReadinessGatesNotReady", (string?)Condition(pod, "Ready")["reason"]);

        node.Cluster.UpdateStatus(TestNode.Key("pod"), "test", stored =>
        {
            stored["status"]!["conditions"]!.AsArray().Add(new JsonObject { ["type"] = "example.com/gate", ["status"] = "True" });
            return true;
        });

        pod = await node.WhenAsync("pod", pod => (string?)Condition(pod, "Ready")["status"] == "True");
        Assert.Equal("True", (string?)Condition(pod, "example.com/gate")["status"]);
    }

    [Fact]
    public async Task ReadinessProbe_FailingAgain_TakesThePodOutWithoutARestart()
    {
        await using var node = new TestNode();
        var container = node.Container();
        container["readinessProbe"] = JsonNode.Parse("""{"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 1, "failureThreshold": 1}""");
        node.Create("pod", container);
        var pod = await node.WhenReadyAsync("pod");
        using var client = new HttpClient();

        await client.GetAsync($"http://127.0.0.1:{TestNode.HostPort(pod, 8080)}/sicken", TestContext.Current.CancellationToken);
        await node.WhenAsync("pod", pod => !(bool)TestNode.Status(pod)["ready"]!);
        await client.GetAsync($"http://127.0.0.1:{TestNode.HostPort(pod, 8080)}/heal", TestContext.Current.CancellationToken);
        pod = await node.WhenReadyAsync("pod");

        Assert.Equal(0, (int)TestNode.Status(pod)["restartCount"]!);
        Assert.Contains("Warning Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 500", node.Events(pod));
    }

    [Theory]
    [InlineData("#!/bin/sh\necho hi\n", "it is a script")]
    [InlineData("MZ is for Windows.....", "it is made for Windows")]
    [InlineData("\u007fELF................\u0001\u0000", "it is made for another processor")]
    public async Task ProgramThatCannotRunHere_IsToldInPlainWords(string content, string why)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the words are those of Linux");
        await using var node = new TestNode();
        var image = node.Registry.Push(
            "other", new JsonObject { ["Entrypoint"] = new JsonArray("/app/run") }, TestLayer.Of(TestLayer.File("app/run", content, (UnixFileMode)0b111_101_101)));
        node.Create("pod", new JsonObject { ["name"] = "c", ["image"] = image });

        var pod = await node.WhenAsync("pod", pod => (string?)TestNode.Status(pod)["state"]!["waiting"]?["reason"] == "CreateContainerError");

        Assert.StartsWith($"not runnable here: \"/app/run\": {why}", (string)TestNode.Status(pod)["state"]!["waiting"]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImageOfAnotherRegistry_IsToldInPlainWords()
    {
        await using var node = new TestNode();
        node.Create("pod", new JsonObject { ["name"] = "c", ["image"] = "docker.io/library/nginx:1" });

        var pod = await node.WhenAsync("pod", pod => (string?)TestNode.Status(pod)["state"]!["waiting"]?["reason"] == "ImagePullBackOff");

        Assert.Contains("the sandbox runs only images of its own registry", (string)TestNode.Status(pod)["state"]!["waiting"]!["message"]!, StringComparison.Ordinal);
    }

    private static JsonObject Appending(TestNode node, string name, string text)
    {
        var container = node.NamedContainer(name, "append", "/data/order", text);
        container["volumeMounts"] = JsonNode.Parse("""[{"name": "shared", "mountPath": "/data"}]""");
        return container;
    }

    private static JsonNode Condition(JsonObject pod, string type) =>
        pod["status"]!["conditions"]!.AsArray().Single(condition => (string?)condition!["type"] == type)!;

    private static async Task<string> WhenLogsAsync(TestNode node, string name, string text)
    {
        await node.WhenAsync(name, pod => TestNode.Status(pod)["state"]!["running"] is not null);
        return await node.FollowAsync(name, until: text);
    }

    private static bool HasEnded(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            // Killed already; who has to reap it is not the test's business.
            return process.HasExited || File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            return true;
        }
    }
}

using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Controllers;

namespace KubeApps.Sandbox.Tests.Controllers;

public sealed class JobTests
{
    [Theory]
    [InlineData("job-good", 0)]
    [InlineData("job-backoff", 1)]
    public async Task Job_EndsWithTheRecordedStatus(string name, int exitCode)
    {
        var recorded = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Recorded", "failures.json")))![name]!["job"]!.AsObject();
        await using var running = Start(kubelet => kubelet.ExitCode = _ => exitCode);
        running.Apply(ResourceTypes.Job, Json(name, $"\"backoffLimit\": {recorded.Spec.Count("backoffLimit")}, \"parallelism\": 1, \"completions\": 1"));

        await running.PassAsync(TimeSpan.FromSeconds(15));
        await UntilFinishedAsync(running, name);

        var job = running.Get(ResourceTypes.Job, name);
        Assert.Equal(WithoutTimes(recorded.Status), WithoutTimes(job.Status));
        Assert.All(running.List(ResourceTypes.Pod), pod => Assert.Null(pod.Metadata["finalizers"]));
        foreach (var labels in new[] { job.Labels, job.Spec.Part("template").Labels, running.List(ResourceTypes.Pod)[0].Labels })
            Assert.Equal(recorded.Labels.Select(label => label.Key).Order(), labels.Select(label => label.Key).Order());
        Assert.Equal(job.Uid, job.Spec.Part("selector").Part("matchLabels").Text("batch.kubernetes.io/controller-uid"));
    }

    [Fact]
    public async Task FailedPod_NextOneWaitsTenSeconds()
    {
        await using var running = Start(kubelet => kubelet.ExitCode = _ => 1);
        running.Apply(ResourceTypes.Job, Json("migrate", "\"backoffLimit\": 2"));

        await running.PassAsync(TimeSpan.FromSeconds(9));
        Assert.Single(running.List(ResourceTypes.Pod));
        await running.PassAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(2, running.List(ResourceTypes.Pod).Count);
        await running.PassAsync(TimeSpan.FromSeconds(18));
        Assert.Equal(2, running.List(ResourceTypes.Pod).Count);
        await running.PassAsync(TimeSpan.FromSeconds(4));

        await UntilFinishedAsync(running, "migrate");
        Assert.Equal(3, running.Get(ResourceTypes.Job, "migrate").Status.Count("failed"));
    }

    [Fact]
    public async Task Parallelism_LimitsHowManyRunAtOnce()
    {
        await using var running = Start(kubelet => kubelet.ExitCode = pod => FakeKubelet.IsLetBecomeReady(pod) ? 0 : null);
        running.Apply(ResourceTypes.Job, Json("batch", "\"parallelism\": 2, \"completions\": 5"));

        for (var done = 0; done < 5; done++)
        {
            await running.UntilQuietAsync();
            var active = running.List(ResourceTypes.Pod).Where(pod => pod.IsActive).ToList();
            Assert.Equal(Math.Min(2, 5 - done), active.Count);
            running.LetBecomeReady(active[0]);
        }

        await UntilFinishedAsync(running, "batch");
        Assert.Equal(5, running.Get(ResourceTypes.Job, "batch").Status.Count("succeeded"));
    }

    [Fact]
    public async Task ActiveDeadline_Passed_FailsTheJobAndEndsItsPods()
    {
        await using var running = Start();
        running.Apply(ResourceTypes.Job, Json("slow", "\"activeDeadlineSeconds\": 30"));

        await running.PassAsync(TimeSpan.FromSeconds(31));
        await UntilFinishedAsync(running, "slow");

        var conditions = running.Get(ResourceTypes.Job, "slow").Status.Items("conditions").ToList();
        Assert.Equal(["FailureTarget", "Failed"], conditions.Select(condition => condition.Text("type")));
        Assert.All(conditions, condition => Assert.Equal("DeadlineExceeded", condition.Text("reason")));
        Assert.DoesNotContain(running.List(ResourceTypes.Pod), pod => pod.IsActive);
    }

    [Fact]
    public async Task Suspended_HasNoPodsUntilItIsResumed()
    {
        await using var running = Start(kubelet => kubelet.ExitCode = pod => FakeKubelet.IsLetBecomeReady(pod) ? 0 : null);
        running.Apply(ResourceTypes.Job, Json("batch", "\"suspend\": true"));
        await running.UntilAsync(() => running.Get(ResourceTypes.Job, "batch").Status.Items("conditions").Any(), "it is suspended");
        await running.UntilQuietAsync();
        Assert.Empty(running.List(ResourceTypes.Pod));
        Assert.Null(running.Get(ResourceTypes.Job, "batch").Status["startTime"]);

        running.Change(ResourceTypes.Job, "batch", job => job.Spec["suspend"] = false);
        await running.UntilAsync(() => running.List(ResourceTypes.Pod).Count == 1, "its pod is there");
        running.LetBecomeReady(running.List(ResourceTypes.Pod)[0]);
        await UntilFinishedAsync(running, "batch");
        Assert.Equal(1, running.Get(ResourceTypes.Job, "batch").Status.Count("succeeded"));
    }

    [Fact]
    public async Task TtlAfterFinished_Passed_DeletesTheJob()
    {
        await using var running = Start(kubelet => kubelet.ExitCode = _ => 0);
        running.Apply(ResourceTypes.Job, Json("once", "\"ttlSecondsAfterFinished\": 60"));
        await UntilFinishedAsync(running, "once");

        await running.PassAsync(TimeSpan.FromSeconds(58));
        Assert.Single(running.List(ResourceTypes.Job));
        await running.PassAsync(TimeSpan.FromSeconds(3));
        Assert.Empty(running.List(ResourceTypes.Job));
    }

    [Fact]
    public async Task KilledBetweenTwoSteps_CountsEveryPodOnce()
    {
        var store = new ObjectStore();
        await using (var running = Start(kubelet => kubelet.ExitCode = _ => 0, store))
        {
            running.Apply(ResourceTypes.Job, Json("batch", "\"parallelism\": 3, \"completions\": 6"));
            await running.UntilAsync(() => running.List(ResourceTypes.Pod).Count > 2, "it has begun");
        }

        await using var again = Start(kubelet => kubelet.ExitCode = _ => 0, store);
        await UntilFinishedAsync(again, "batch");
        Assert.Equal(6, again.Get(ResourceTypes.Job, "batch").Status.Count("succeeded"));
        Assert.Equal(6, again.List(ResourceTypes.Pod).Count);
    }

    [Fact]
    public async Task Indexed_IsDeclaredAsNotRun()
    {
        await using var running = Start();
        running.Apply(ResourceTypes.Job, Json("indexed", "\"completionMode\": \"Indexed\", \"completions\": 2"));

        await running.UntilAsync(() => running.Get(ResourceTypes.Job, "indexed").Annotation("sandbox.kubeapps.dev/not-run") is not null, "it is declared as not run");
        Assert.Empty(running.List(ResourceTypes.Pod));
    }

    private static RunningControllers Start(Action<FakeKubelet>? configure = null, ObjectStore? store = null) => new(running =>
    {
        var kubelet = new FakeKubelet(running.Cluster, running.Clock);
        configure?.Invoke(kubelet);
        return [new JobController(running.Cluster, running.Clock), kubelet];
    }, store);

    private static Task UntilFinishedAsync(RunningControllers running, string name) =>
        running.UntilAsync(() => JobProgress.FinishedAt(running.Get(ResourceTypes.Job, name)) is not null, $"{name} has ended");

    private static string Json(string name, string spec) => $$"""
        {
          "metadata": { "name": "{{name}}" },
          "spec": { {{spec}}, "template": { "spec": { "restartPolicy": "Never", "containers": [ { "name": "c", "image": "web:1" } ] } } }
        }
        """;

    private static string WithoutTimes(JsonObject status)
    {
        var copy = (JsonObject)status.DeepClone();
        foreach (var times in new[] { copy }.Concat(copy.Items("conditions")))
            foreach (var field in new[] { "startTime", "completionTime", "lastProbeTime", "lastTransitionTime" })
                if (times.Remove(field))
                    times[field] = "some time";
        return new JsonObject(copy.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))).ToJsonString();
    }
}

using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Rollouts;

namespace KubeApps.Deploy.Tests.Rollouts;

public class RolloutAssessmentTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Assess_NoProbe_SucceedsOnlyAfterTheWindow()
    {
        var assessment = new RolloutAssessment(false);

        Assert.Equal(RolloutVerdict.Waiting, assessment.Assess(View(Start)).Verdict);
        Assert.Equal(RolloutVerdict.Waiting, assessment.Assess(View(Start.AddSeconds(5.9))).Verdict);
        Assert.Equal(RolloutVerdict.Succeeded, assessment.Assess(View(Start.AddSeconds(6))).Verdict);
    }

    [Fact]
    public void Assess_RestartWithinTheWindow_StartsTheWindowAgain()
    {
        var assessment = new RolloutAssessment(false);
        assessment.Assess(View(Start));

        Assert.Equal(RolloutVerdict.Waiting, assessment.Assess(View(Start.AddSeconds(5), restarts: 1)).Verdict);
        Assert.Equal(RolloutVerdict.Waiting, assessment.Assess(View(Start.AddSeconds(10), restarts: 1)).Verdict);
        Assert.Equal(RolloutVerdict.Succeeded, assessment.Assess(View(Start.AddSeconds(15), restarts: 1)).Verdict);
    }

    [Fact]
    public void Assess_NewVersionNotObservedYet_BlamesItForNoPodOfTheOldOne()
    {
        var crashing = Recording.Failure("crash-loop").View;
        Assert.Equal(RolloutVerdict.Failed, new RolloutAssessment(false).Assess(crashing).Verdict);
        var workload = (JsonObject)crashing.Workload.DeepClone();
        workload["metadata"]!["generation"] = (long)workload["metadata"]!["generation"]! + 1;

        var state = new RolloutAssessment(false).Assess(crashing with { Workload = workload });

        Assert.Equal((RolloutVerdict.Waiting, null), (state.Verdict, state.Finding));
    }

    // A pod that fails is there for a moment longer than it is wanted.
    [Fact]
    public void Assess_ScaledToNone_BlamesItForNoPodThatHasStillToGo()
    {
        var crashing = Recording.Failure("crash-loop").View;
        var workload = (JsonObject)crashing.Workload.DeepClone();
        workload["spec"]!["replicas"] = 0;

        var state = new RolloutAssessment(false).Assess(crashing with { Workload = workload });

        Assert.Equal((RolloutVerdict.Waiting, null), (state.Verdict, state.Finding));
    }

    [Fact]
    public void Assess_ReadinessProbePassed_IsGoodTwoSecondsAfterItsStart()
    {
        const string Ready = """{"name":"c","readinessProbe":{}}""";
        var assessment = new RolloutAssessment(false);
        assessment.Assess(View(Start, container: Ready));

        Assert.Equal(RolloutVerdict.Waiting, assessment.Assess(View(Start.AddSeconds(1.9), container: Ready)).Verdict);
        Assert.Equal(RolloutVerdict.Succeeded, assessment.Assess(View(Start.AddSeconds(2), container: Ready)).Verdict);
    }

    [Fact]
    public void Assess_ReadinessProbeTookItsTime_WaitsNoLonger()
    {
        const string Ready = """{"name":"c","readinessProbe":{}}""";
        var assessment = new RolloutAssessment(false);
        assessment.Assess(View(Start, container: Ready, available: 0));

        Assert.Equal(RolloutVerdict.Waiting, assessment.Assess(View(Start.AddSeconds(6), container: Ready, available: 0)).Verdict);
        Assert.Equal(RolloutVerdict.Succeeded, assessment.Assess(View(Start.AddSeconds(6), container: Ready)).Verdict);
    }

    [Fact]
    public void Assess_CrashesAfterFiveSeconds_NeverPassesForSuccess()
    {
        var assessment = new RolloutAssessment(false);
        for (var restarts = 0; restarts < 4; restarts++)
            for (var second = 0; second < 5; second++)
                Assert.Equal(RolloutVerdict.Waiting, assessment.Assess(View(Start.AddSeconds(restarts * 30 + second), restarts, started: Start.AddSeconds(restarts * 30))).Verdict);
    }

    [Fact]
    public void Assess_MinReadySeconds_IsTheWindow()
    {
        var assessment = new RolloutAssessment(false);
        assessment.Assess(View(Start, spec: """{"replicas":1,"minReadySeconds":5}"""));

        Assert.Equal(RolloutVerdict.Waiting, assessment.Assess(View(Start.AddSeconds(4), spec: """{"replicas":1,"minReadySeconds":5}""")).Verdict);
        Assert.Equal(RolloutVerdict.Succeeded, assessment.Assess(View(Start.AddSeconds(5), spec: """{"replicas":1,"minReadySeconds":5}""")).Verdict);
    }

    [Fact]
    public void Assess_LivenessProbeHasFailed_WaitsForItsNextWord()
    {
        const string Live = """{"name":"c","livenessProbe":{"periodSeconds":5}}""";
        var failed = (JsonObject)JsonNode.Parse($$"""{"reason":"Unhealthy","message":"Liveness probe failed: HTTP probe failed with statuscode: 500","involvedObject":{"uid":"p2","fieldPath":"spec.containers{c}"},"lastTimestamp":"{{Start.AddSeconds(10):O}}"}""")!;
        var assessment = new RolloutAssessment(false);
        assessment.Assess(View(Start, container: Live));

        RolloutVerdict At(int seconds) => assessment.Assess(View(Start.AddSeconds(seconds), container: Live) with { Events = [failed] }).Verdict;
        Assert.Equal((RolloutVerdict.Waiting, RolloutVerdict.Succeeded), (At(17), At(18)));
    }

    [Fact]
    public void Assess_PodsThatRanForLong_AreNotMadeToWait() =>
        Assert.Equal(RolloutVerdict.Succeeded, new RolloutAssessment(false).Assess(View(Start.AddMinutes(5))).Verdict);

    [Fact]
    public void Assess_StrategyNamesAWindow_CountsForEveryContainer()
    {
        var assessment = new RolloutAssessment(false, TimeSpan.FromSeconds(8));
        assessment.Assess(View(Start, container: """{"name":"c","readinessProbe":{}}"""));

        Assert.Equal(RolloutVerdict.Waiting, assessment.Assess(View(Start.AddSeconds(7), container: """{"name":"c","readinessProbe":{}}""")).Verdict);
    }

    [Theory]
    [InlineData("{}", 0, 6)]
    [InlineData("""{"readinessProbe":{}}""", 0, 2)]
    [InlineData("{}", 5, 5)]
    [InlineData("""{"livenessProbe":{"httpGet":{"path":"/live"}}}""", 0, 12)]
    [InlineData("""{"livenessProbe":{"initialDelaySeconds":20,"periodSeconds":5,"httpGet":{"path":"/live"}}}""", 0, 27)]
    [InlineData("""{"livenessProbe":{"initialDelaySeconds":120,"httpGet":{"path":"/live"}}}""", 0, 60)]
    [InlineData("""{"readinessProbe":{"httpGet":{"path":"/ready"}},"livenessProbe":{"httpGet":{"path":"/live"}}}""", 0, 12)]
    [InlineData("""{"readinessProbe":{"httpGet":{"path":"/ok"},"periodSeconds":2},"livenessProbe":{"httpGet":{"path":"/ok"}}}""", 0, 2)]
    public void Window_OfAContainer_IsThatOfItsProbes(string container, int minReady, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Stability.Window((JsonObject)JsonNode.Parse(container)!, TimeSpan.FromSeconds(minReady)));

    [Theory]
    [InlineData("crash-loop")]
    [InlineData("oom")]
    [InlineData("liveness-fails")]
    public void Assess_WhatKubernetesCallsSuccess_IsAFailureHere(string recorded) =>
        Assert.Equal(RolloutVerdict.Failed, new RolloutAssessment(false).Assess(Recording.Failure(recorded).View).Verdict);

    /// <summary>The recorded pods from their start on: each run is as long as the recorded one, and each pause as a kubelet makes it.</summary>
    [Theory]
    [InlineData("crash-loop")]
    [InlineData("oom")]
    [InlineData("liveness-fails")]
    public void Assess_RecordedCrashFromItsStartOn_NeverPassesForSuccess(string recorded)
    {
        var (final, _) = Recording.Failure(recorded);
        var status = (JsonObject)final.NewPods[0]["status"]!["containerStatuses"]![0]!;
        var ended = status["lastState"]!["terminated"]!;
        var run = (KubeTime.Read(ended["finishedAt"])!.Value - KubeTime.Read(ended["startedAt"])!.Value) + TimeSpan.FromSeconds(0.5);
        var assessment = new RolloutAssessment(false);
        var verdicts = new List<RolloutVerdict>();
        var now = Start;
        for (var restarts = 0; restarts <= 3 && !verdicts.Contains(RolloutVerdict.Failed); restarts++)
        {
            var started = now;
            var pause = TimeSpan.FromSeconds(restarts == 0 ? 1 : 10 << (restarts - 1));
            for (; now < started + run + pause && !verdicts.Contains(RolloutVerdict.Failed); now += TimeSpan.FromSeconds(0.5))
                verdicts.Add(assessment.Assess(final with { Now = now, NewPods = [At(now < started + run, restarts, started)] }).Verdict);
        }

        Assert.DoesNotContain(RolloutVerdict.Succeeded, verdicts);
        Assert.Equal(RolloutVerdict.Failed, verdicts[^1]);

        JsonObject At(bool isRunning, int restarts, DateTimeOffset started)
        {
            var pod = (JsonObject)final.NewPods[0].DeepClone();
            var container = pod["status"]!["containerStatuses"]![0]!;
            container["restartCount"] = restarts;
            container["ready"] = isRunning;
            if (isRunning)
                container["state"] = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = started.ToString("O") } };
            if (restarts == 0)
                container["lastState"] = isRunning ? new JsonObject() : container["lastState"]!.DeepClone();
            return pod;
        }
    }

    /// <summary>Whether it fails after that is its own affair: a deploy that waits for others, too, must not end otherwise.</summary>
    [Fact]
    public void Assess_JobInTheMainPhase_IsGoodOnceItStayedUpAndStaysSo()
    {
        var (main, migration) = (new RolloutAssessment(awaitsCompletion: false), new RolloutAssessment(awaitsCompletion: true));
        foreach (var (seconds, verdict) in (IEnumerable<(double, RolloutVerdict)>)[(0, RolloutVerdict.Waiting), (5.9, RolloutVerdict.Waiting), (6, RolloutVerdict.Succeeded)])
        {
            Assert.Equal(verdict, main.Assess(Job(seconds, Running)).Verdict);
            Assert.Equal(RolloutVerdict.Waiting, migration.Assess(Job(seconds, Running)).Verdict);
        }

        Assert.Equal(RolloutVerdict.Succeeded, main.Assess(Job(8, Failed, JobFailed)).Verdict);
        Assert.Equal(RolloutVerdict.Failed, migration.Assess(Job(8, Failed, JobFailed)).Verdict);
    }

    [Fact]
    public void Assess_JobInTheMainPhaseFailsAMomentLater_NeverPassesForSuccess()
    {
        var assessment = new RolloutAssessment(awaitsCompletion: false);

        Assert.Equal(RolloutVerdict.Waiting, assessment.Assess(Job(0, Running)).Verdict);
        Assert.Equal(RolloutVerdict.Waiting, assessment.Assess(Job(1, Failed)).Verdict);
        Assert.Equal(RolloutVerdict.Failed, assessment.Assess(Job(2, Failed, JobFailed)).Verdict);
        // As it is found by a deploy that comes later.
        Assert.Equal(RolloutVerdict.Failed, new RolloutAssessment(awaitsCompletion: false).Assess(Job(600, Failed, JobFailed)).Verdict);
    }

    [Fact]
    public void Assess_JobInTheMainPhaseIsTriedAgain_LooksAtThePodThatRuns()
    {
        var assessment = new RolloutAssessment(awaitsCompletion: false);
        var again = $"{Failed},{Running.Replace("\"p\"", "\"again\"", StringComparison.Ordinal)}";

        Assert.Equal(RolloutVerdict.Waiting, assessment.Assess(Job(0, again)).Verdict);
        Assert.Equal(RolloutVerdict.Succeeded, assessment.Assess(Job(6, again)).Verdict);
    }

    // Its pods need not last as long as others have to stay up.
    [Fact]
    public void Assess_JobInTheMainPhaseHasDoneAPart_IsGood() => Assert.Equal(
        RolloutVerdict.Succeeded, new RolloutAssessment(awaitsCompletion: false).Assess(Job(1, Running, """{"active":1,"ready":0,"succeeded":1}""")).Verdict);

    [Fact]
    public void Assess_JobInTheMainPhaseEndsAtOnce_IsGood() => Assert.Equal(
        RolloutVerdict.Succeeded,
        new RolloutAssessment(awaitsCompletion: false).Assess(Job(1, Running.Replace("Running", "Succeeded", StringComparison.Ordinal), """{"succeeded":1,"conditions":[{"type":"Complete","status":"True"}]}""")).Verdict);

    private const string Running = """{"kind":"Pod","apiVersion":"v1","metadata":{"name":"j-1","namespace":"shop","uid":"p","ownerReferences":[{"uid":"j"}]},"spec":{"containers":[{"name":"c"}]},"status":{"phase":"Running","containerStatuses":[{"name":"c","ready":true,"restartCount":0,"state":{"running":{"startedAt":"2026-01-01T00:00:00Z"} } }]} }""";
    private const string Failed = """{"kind":"Pod","apiVersion":"v1","metadata":{"name":"j-1","namespace":"shop","uid":"p","ownerReferences":[{"uid":"j"}]},"spec":{"containers":[{"name":"c"}]},"status":{"phase":"Failed","containerStatuses":[{"name":"c","ready":false,"restartCount":0,"state":{"terminated":{"exitCode":1,"reason":"Error"} } }]} }""";
    private const string JobFailed = """{"failed":1,"conditions":[{"type":"Failed","status":"True","message":"Job has reached the specified backoff limit"}]}""";

    private static RolloutView Job(double seconds, string pods, string status = """{"active":1,"ready":1}""") => Views.Of(
        (JsonObject)JsonNode.Parse($$"""{"kind":"Job","apiVersion":"batch/v1","metadata":{"name":"j","namespace":"shop","uid":"j"},"spec":{},"status":{{status}} }""")!,
        [], [.. JsonNode.Parse($"[{pods}]")!.AsArray().OfType<JsonObject>()], [], Start.AddSeconds(seconds));

    private static RolloutView View(
        DateTimeOffset now, int restarts = 0, string container = """{"name":"c"}""", int available = 1, string spec = """{"replicas":1}""", DateTimeOffset? started = null)
    {
        JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;
        return Views.Of(
            Parse($$"""
                {"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"web","namespace":"shop","uid":"d","generation":1,"annotations":{"deployment.kubernetes.io/revision":"2"} },
                 "spec":{{spec}},"status":{"observedGeneration":1,"replicas":1,"updatedReplicas":1,"readyReplicas":{{available}},"availableReplicas":{{available}} } }
                """),
            [
                Parse("""{"metadata":{"name":"old","uid":"r1","ownerReferences":[{"uid":"d"}],"annotations":{"deployment.kubernetes.io/revision":"1"}}}"""),
                Parse("""{"metadata":{"name":"new","uid":"r2","ownerReferences":[{"uid":"d"}],"annotations":{"deployment.kubernetes.io/revision":"2"}}}"""),
            ],
            [
                // An old pod that crashes is no concern of the new version.
                Parse("""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"o","namespace":"shop","uid":"p1","ownerReferences":[{"uid":"r1"}]},"status":{"containerStatuses":[{"name":"c","restartCount":9,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}}"""),
                Parse($$$$$"""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"n","namespace":"shop","uid":"p2","ownerReferences":[{"uid":"r2"}]},"spec":{"containers":[{{{{{container}}}}}]},"status":{"containerStatuses":[{"name":"c","ready":true,"restartCount":{{{{{restarts}}}}},"state":{"running":{"startedAt":"{{{{{started ?? Start:O}}}}}"}}}]}}"""),
            ],
            [], now);
    }
}

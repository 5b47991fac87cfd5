using System.Text.Json.Nodes;
using KubeApps.Deploy.Rollouts;

namespace KubeApps.Deploy.Tests.Rollouts;

public class WorkloadStatusTests
{
    [Fact]
    public void Of_RecordedRollingUpdate_IsCurrentOnlyWhenNothingMoves()
    {
        var changes = Recording.Read("rolling-update.json").AsArray()
            .Where(change => (string?)change!["object"]!["kind"] == "Deployment")
            .Select(change => (Seconds: (double)change!["t"]!, WorkloadStatus.Of((JsonObject)change["object"]!).State))
            .ToList();

        // v1 stands from 2.29 s on; v2 is asked for at 11.61 s and stands from 16.39 s on.
        Assert.All(changes.Where(change => change.Seconds < 2.29), change => Assert.Equal(WorkloadState.InProgress, change.State));
        Assert.Equal(WorkloadState.Current, changes.Last(change => change.Seconds < 11.6).State);
        Assert.All(changes.Where(change => change.Seconds is > 11.6 and < 16.39), change => Assert.Equal(WorkloadState.InProgress, change.State));
        Assert.Equal(WorkloadState.Current, changes[^1].State);
    }

    [Theory]
    [InlineData("good", nameof(WorkloadState.Current))]
    [InlineData("image-not-found", nameof(WorkloadState.Failed))]
    [InlineData("crash-loop", nameof(WorkloadState.InProgress))]
    [InlineData("job-good", nameof(WorkloadState.Current))]
    [InlineData("job-backoff", nameof(WorkloadState.Failed))]
    public void Of_RecordedWorkload_SaysItsState(string name, string expected) =>
        Assert.Equal(expected, WorkloadStatus.Of(Recording.Failure(name).View.Workload).State.ToString());

    /// <summary>As <c>kubectl rollout status</c> and kstatus read them.</summary>
    [Theory]
    // Absent replicas are one; none is legal; what is not observed says nothing.
    [InlineData("Deployment", "{}", """{"observedGeneration":1,"replicas":1,"updatedReplicas":1,"availableReplicas":1,"readyReplicas":1}""", nameof(WorkloadState.Current))]
    [InlineData("Deployment", "{}", """{"observedGeneration":1}""", nameof(WorkloadState.InProgress))]
    [InlineData("Deployment", """{"replicas":0}""", """{"observedGeneration":1}""", nameof(WorkloadState.Current))]
    [InlineData("Deployment", """{"replicas":0}""", """{"observedGeneration":1,"replicas":1}""", nameof(WorkloadState.InProgress))]
    [InlineData("Deployment", "{}", """{"observedGeneration":0,"replicas":1,"updatedReplicas":1,"availableReplicas":1}""", nameof(WorkloadState.InProgress))]
    // Created, then rid of the old ones, then available.
    [InlineData("Deployment", """{"replicas":2}""", """{"observedGeneration":1,"replicas":2,"updatedReplicas":1,"availableReplicas":2,"readyReplicas":2}""", nameof(WorkloadState.InProgress))]
    [InlineData("Deployment", """{"replicas":2}""", """{"observedGeneration":1,"replicas":3,"updatedReplicas":2,"availableReplicas":3,"readyReplicas":3}""", nameof(WorkloadState.InProgress))]
    [InlineData("Deployment", """{"replicas":2}""", """{"observedGeneration":1,"replicas":2,"updatedReplicas":2,"availableReplicas":1,"readyReplicas":2}""", nameof(WorkloadState.InProgress))]
    // Of the version before, a deadline is past; of this one it is the end, whatever the numbers say.
    [InlineData("Deployment", "{}", """{"observedGeneration":0,"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded"}]}""", nameof(WorkloadState.InProgress))]
    [InlineData("Deployment", "{}", """{"observedGeneration":1,"replicas":1,"updatedReplicas":1,"availableReplicas":1,"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded"}]}""", nameof(WorkloadState.Failed))]
    [InlineData("Deployment", """{"paused":true}""", """{"observedGeneration":1,"replicas":1,"availableReplicas":1,"readyReplicas":1}""", nameof(WorkloadState.InProgress))]
    [InlineData("Deployment", """{"paused":true}""", """{"observedGeneration":1,"replicas":1,"updatedReplicas":1,"availableReplicas":1,"readyReplicas":1}""", nameof(WorkloadState.Current))]
    // A StatefulSet follows its revisions; with a partition only the pods above it; with OnDelete nobody but the user replaces pods.
    [InlineData("StatefulSet", """{"replicas":3}""", """{"observedGeneration":1,"readyReplicas":3,"updatedReplicas":2,"updateRevision":"b","currentRevision":"a"}""", nameof(WorkloadState.InProgress))]
    [InlineData("StatefulSet", """{"replicas":3}""", """{"observedGeneration":1,"readyReplicas":3,"updatedReplicas":3,"updateRevision":"b","currentRevision":"b"}""", nameof(WorkloadState.Current))]
    [InlineData("StatefulSet", """{"replicas":3}""", """{"observedGeneration":1,"readyReplicas":2,"updatedReplicas":3,"updateRevision":"b","currentRevision":"b"}""", nameof(WorkloadState.InProgress))]
    [InlineData("StatefulSet", """{"replicas":3}""", """{"observedGeneration":0,"readyReplicas":3,"updateRevision":"a","currentRevision":"a"}""", nameof(WorkloadState.InProgress))]
    [InlineData("StatefulSet", """{"replicas":3,"updateStrategy":{"rollingUpdate":{"partition":2}}}""", """{"observedGeneration":1,"readyReplicas":3,"updatedReplicas":1,"updateRevision":"b","currentRevision":"a"}""", nameof(WorkloadState.Current))]
    [InlineData("StatefulSet", """{"replicas":3,"updateStrategy":{"rollingUpdate":{"partition":1}}}""", """{"observedGeneration":1,"readyReplicas":3,"updatedReplicas":1,"updateRevision":"b","currentRevision":"a"}""", nameof(WorkloadState.InProgress))]
    [InlineData("StatefulSet", """{"replicas":3,"updateStrategy":{"type":"OnDelete"}}""", """{"observedGeneration":1,"updateRevision":"b","currentRevision":"a"}""", nameof(WorkloadState.Current))]
    [InlineData("StatefulSet", """{"replicas":0}""", """{"observedGeneration":1,"updateRevision":"b","currentRevision":"b"}""", nameof(WorkloadState.Current))]
    // A DaemonSet wants every node; of no node there is nothing to want.
    [InlineData("DaemonSet", "{}", """{"observedGeneration":1,"desiredNumberScheduled":2,"updatedNumberScheduled":1,"numberAvailable":2}""", nameof(WorkloadState.InProgress))]
    [InlineData("DaemonSet", "{}", """{"observedGeneration":1,"desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":1,"numberReady":2}""", nameof(WorkloadState.InProgress))]
    [InlineData("DaemonSet", "{}", """{"observedGeneration":1,"desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":2,"numberReady":2}""", nameof(WorkloadState.Current))]
    [InlineData("DaemonSet", "{}", """{"observedGeneration":1,"desiredNumberScheduled":0}""", nameof(WorkloadState.Current))]
    [InlineData("DaemonSet", "{}", """{"observedGeneration":0,"desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":2}""", nameof(WorkloadState.InProgress))]
    [InlineData("DaemonSet", """{"updateStrategy":{"type":"OnDelete"}}""", """{"observedGeneration":1,"desiredNumberScheduled":2}""", nameof(WorkloadState.Current))]
    // A Job ends well or not; one that is suspended is as it is meant to be.
    [InlineData("Job", "{}", """{"active":1}""", nameof(WorkloadState.InProgress))]
    [InlineData("Job", """{"completions":3}""", """{"succeeded":3}""", nameof(WorkloadState.InProgress))]
    [InlineData("Job", "{}", """{"conditions":[{"type":"SuccessCriteriaMet","status":"True"}]}""", nameof(WorkloadState.InProgress))]
    [InlineData("Job", "{}", """{"conditions":[{"type":"SuccessCriteriaMet","status":"True"},{"type":"Complete","status":"True"}]}""", nameof(WorkloadState.Current))]
    [InlineData("Job", "{}", """{"conditions":[{"type":"FailureTarget","status":"True","reason":"BackoffLimitExceeded"}]}""", nameof(WorkloadState.Failed))]
    [InlineData("Job", "{}", """{"conditions":[{"type":"Failed","status":"True","reason":"DeadlineExceeded"}]}""", nameof(WorkloadState.Failed))]
    [InlineData("Job", """{"suspend":true}""", """{"conditions":[{"type":"Suspended","status":"True"}]}""", nameof(WorkloadState.Current))]
    public void Of_Workload_IsReadAsKubectlReadsIt(string kind, string spec, string status, string expected) =>
        Assert.Equal(expected, WorkloadStatus.Of(Workload(kind, spec, status)).State.ToString());

    [Fact]
    public void Of_WorkloadThatGoesOrIsGone_SaysSo()
    {
        var going = Workload("Deployment", "{}", """{"observedGeneration":1,"replicas":1,"updatedReplicas":1,"availableReplicas":1}""");
        going["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";

        Assert.Equal((WorkloadState.Terminating, WorkloadState.NotFound), (WorkloadStatus.Of(going).State, WorkloadStatus.Of(null).State));
    }

    [Fact]
    public void Assess_RolloutIsPaused_SaysSoAndWaits()
    {
        var paused = Views.Of(
            Workload("Deployment", """{"paused":true}""", """{"observedGeneration":1,"replicas":1,"availableReplicas":1}"""), [], [], [], DateTimeOffset.UnixEpoch);

        var state = new RolloutAssessment(false).Assess(paused);

        Assert.Equal((RolloutVerdict.Waiting, "KUBEAPP6061"), (state.Verdict, state.Finding?.Descriptor.Code));
    }

    private static JsonObject Workload(string kind, string spec, string status) => JsonNode.Parse(
        $$"""{"kind":"{{kind}}","apiVersion":"apps/v1","metadata":{"name":"web","generation":1},"spec":{{spec}},"status":{{status}}}""")!.AsObject();
}

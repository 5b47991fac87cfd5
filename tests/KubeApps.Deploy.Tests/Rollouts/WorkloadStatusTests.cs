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

    [Fact]
    public void Of_DeploymentWithoutReplicas_WantsOne()
    {
        var status = WorkloadStatus.Of(Deployment("{}", """{"observedGeneration":1,"replicas":1,"updatedReplicas":1,"availableReplicas":1,"readyReplicas":1}"""));

        Assert.Equal((WorkloadState.Current, 1), (status.State, status.Desired));
    }

    [Fact]
    public void Of_DeploymentOfZeroReplicas_IsCurrent() =>
        Assert.Equal(WorkloadState.Current, WorkloadStatus.Of(Deployment("""{"replicas":0}""", """{"observedGeneration":1}""")).State);

    [Fact]
    public void Of_DeploymentNotObserved_IsInProgressWhateverItsNumbersSay() => Assert.Equal(
        WorkloadState.InProgress,
        WorkloadStatus.Of(Deployment("{}", """{"observedGeneration":0,"replicas":1,"updatedReplicas":1,"availableReplicas":1}""")).State);

    [Theory]
    [InlineData("""{"replicas":3}""", """{"observedGeneration":1,"readyReplicas":3,"updatedReplicas":2,"updateRevision":"b","currentRevision":"a"}""", nameof(WorkloadState.InProgress))]
    [InlineData("""{"replicas":3}""", """{"observedGeneration":1,"readyReplicas":3,"updatedReplicas":3,"updateRevision":"b","currentRevision":"b"}""", nameof(WorkloadState.Current))]
    [InlineData("""{"replicas":3,"updateStrategy":{"rollingUpdate":{"partition":2}}}""", """{"observedGeneration":1,"readyReplicas":3,"updatedReplicas":1,"updateRevision":"b","currentRevision":"a"}""", nameof(WorkloadState.Current))]
    public void Of_StatefulSet_FollowsItsRevisions(string spec, string status, string expected) =>
        Assert.Equal(expected, WorkloadStatus.Of(Workload("StatefulSet", spec, status)).State.ToString());

    [Theory]
    [InlineData("""{"observedGeneration":1,"desiredNumberScheduled":2,"updatedNumberScheduled":1,"numberAvailable":2}""", nameof(WorkloadState.InProgress))]
    [InlineData("""{"observedGeneration":1,"desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":2,"numberReady":2}""", nameof(WorkloadState.Current))]
    public void Of_DaemonSet_WaitsForEveryNode(string status, string expected) =>
        Assert.Equal(expected, WorkloadStatus.Of(Workload("DaemonSet", "{}", status)).State.ToString());

    private static JsonObject Deployment(string spec, string status) => Workload("Deployment", spec, status);

    private static JsonObject Workload(string kind, string spec, string status) => JsonNode.Parse(
        $$"""{"kind":"{{kind}}","apiVersion":"apps/v1","metadata":{"name":"web","generation":1},"spec":{{spec}},"status":{{status}}}""")!.AsObject();
}

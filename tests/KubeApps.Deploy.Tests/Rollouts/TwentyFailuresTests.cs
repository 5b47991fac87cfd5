using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Rollouts;
using KubeApps.Events;
using KubeApps.Testing;

namespace KubeApps.Deploy.Tests.Rollouts;

/// <summary>What a person sees of each of the failures that everybody meets, on one screen. Those that processes can have are also met end to end.</summary>
public class TwentyFailuresTests
{
    /// <summary>Failure, code, object that fails, its container, what the cause says, the last line of the log.</summary>
    public static TheoryData<string, string, string, string?, string, string?> Table => new()
    {
        { "image-not-found", "KUBEAPP6010", "Pod fail/image-not-found-77bc7cb68b-nznqs", "c", "The image registry.local:5000/team/nosuch:1 does not exist.", null },
        { "registry-denies", "KUBEAPP6011", "Pod fail/image-not-found-77bc7cb68b-nznqs", "c", "The registry denies the image registry.local:5000/team/nosuch:1, or does not have it", null },
        { "crash-loop", "KUBEAPP6013", "Pod fail/crash-loop-79878bfbfc-x2x4z", "c", "crashes again and again (exit code 139, 3 restarts): Unhandled exception: boom", "Unhandled exception: boom" },
        { "wrong-entry-point", "KUBEAPP6014", "Pod fail/wrong-entry-point-", "c", "cannot be started: exec: \"/no/such/binary\": stat /no/such/binary: no such file or directory", null },
        { "oom", "KUBEAPP6015", "Pod fail/oom-84b4746dd6-54hsh", "c", "was killed because it used more memory than its limit of 16Mi.", null },
        { "readiness-fails", "KUBEAPP6016", "Pod fail/readiness-fails-", "c", "runs but is not ready: Readiness probe failed: ", null },
        { "liveness-fails", "KUBEAPP6017", "Pod fail/liveness-fails-85877974d4-c9zt7", "c", "is killed because its liveness probe fails.", null },
        { "startup-too-slow", "KUBEAPP6018", "Pod fail/startup-too-slow-6bbb8b67cb-pczpt", "c", "did not start within the limits of its startup probe (dial tcp 10.244.0.14:8080: connect: connection refused).", null },
        { "unschedulable-cpu", "KUBEAPP6019", "Pod fail/unschedulable-cpu-7f5cbd85b8-9vncv", null, "No node takes the pod: 0/1 nodes are available: 1 Insufficient cpu.", null },
        { "node-selector-mismatch", "KUBEAPP6044", "Pod fail/node-selector-mismatch-", null, "No node takes the pod: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.", null },
        { "pvc-pending", "KUBEAPP6020", "PersistentVolumeClaim fail/nosuch", null, "Claim nosuch gets no volume: storageclass.storage.k8s.io \"fast\" not found", null },
        { "configmap-key-missing", "KUBEAPP6021", "Pod fail/configmap-key-missing-", "c", "cannot start: couldn't find key zz in ConfigMap fail/cfg.", null },
        { "secret-missing", "KUBEAPP6021", "Pod fail/secret-missing-", "c", "cannot start: secret \"nosuch\" not found.", null },
        { "pod-quota", "KUBEAPP6042", "ReplicaSet failq/pod-quota-554c6f5bf4", null, "exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1", null },
        { "webhook-denies", "KUBEAPP6041", "ReplicaSet failq/pod-quota-554c6f5bf4", null, "Pods are refused: admission webhook \"validate.kyverno.svc-fail\" denied the request: ", null },
        { "run-as-non-root", "KUBEAPP6022", "Pod fail/run-as-non-root-", "c", "would run as root, which its security context forbids.", null },
        { "read-only-file-system", "KUBEAPP6023", "Pod fail/read-only-file-system-", "c", "writes to its read-only file system: ", "/data.txt: Read-only file system" },
        { "init-container-fails", "KUBEAPP6013", "Pod fail/init-container-fails-", "init", "Init container 'init' crashes again and again (exit code 2, 3 restarts): migration failed", "migration failed" },
        { "job-backoff", "KUBEAPP6024", "Pod fail/job-backoff-", "c", "Job has reached the specified backoff limit: Container 'c' failed (exit code 1): cannot migrate", "cannot migrate" },
        { "load-balancer", "KUBEAPP6040", "Service shop/web", null, "Its load balancer gets no address: failed to ensure load balancer: could not find any suitable subnets for creating the ELB", null },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Report_EachFailure_NamesObjectContainerCauseLogAndNextStepOnOneScreen(
        string failure, string code, string subject, string? container, string cause, string? lastLine)
    {
        var report = Report(failure);

        Assert.Equal((code, container), (report.Code, report.Container));
        Assert.StartsWith(subject, report.Object, StringComparison.Ordinal);
        Assert.Contains(cause, report.Cause, StringComparison.Ordinal);
        if (lastLine is null)
            Assert.Empty(report.LogTail);
        else
            Assert.EndsWith(lastLine, report.LogTail[^1], StringComparison.Ordinal);
        Assert.NotEmpty(report.NextStep);
        Assert.InRange(report.FirstLine.Length, 20, 140);
        var screen = report.ToString();
        Assert.InRange(screen.Split('\n').Length, 4, 24);
        Snapshot.Matches(screen + "\n", $"{failure}.txt");
    }

    [Fact]
    public void Table_HasEachOfTheTwenty() => Assert.Equal(20, Table.Select(row => row.Data.Item1).Distinct().Count());

    private static FailureReport Report(string failure)
    {
        if (failure == "load-balancer")
        {
            var (balancer, now) = (new ObjectAssessment(), DateTimeOffset.Parse("2026-11-23T11:12:20Z", CultureInfo.InvariantCulture));
            Assert.Equal(RolloutVerdict.Waiting, balancer.Assess(WrittenFailures.BalancerWithoutAddress(now)).Verdict);
            return Report(WrittenFailures.BalancerWithoutAddress(now.AddSeconds(30)), balancer.Assess, []);
        }

        var (view, logs) = Recorded(failure);
        return Report(view, new RolloutAssessment(awaitsCompletion: true).Assess, logs);
    }

    /// <summary>What a cluster says of a workload that fails in this way, and its logs.</summary>
    internal static (RolloutView View, JsonObject Logs) Recorded(string failure) => failure switch
    {
        "registry-denies" => (WrittenFailures.RegistryDenies(), []),
        "webhook-denies" => (WrittenFailures.WebhookDenies(), []),
        "pvc-pending" => (WrittenFailures.ClaimPending(), []),
        _ => Recording.Failure(failure),
    };

    private static FailureReport Report(RolloutView view, Func<RolloutView, RolloutState> assess, JsonObject logs)
    {
        var state = assess(view);
        Assert.Equal(RolloutVerdict.Failed, state.Verdict);
        var finding = RolloutDiagnosis.Explain(view.Id, state);
        return finding.Report(view.Id, Recording.Log(logs, finding.Log)) with { Home = view.Id.Namespace };
    }
}

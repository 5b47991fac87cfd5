using KubeApps.Deploy.Rollouts;

namespace KubeApps.Deploy.Tests;

public class RolloutDiagnosisTests
{
    [Theory]
    [InlineData("image-not-found", "KUBEAPP6010", "c", "registry.local:5000/team/nosuch:1 does not exist")]
    [InlineData("tag-not-found", "KUBEAPP6010", "c", "registry.local:5000/team/web:nosuch does not exist")]
    [InlineData("crash-loop", "KUBEAPP6013", "c", "exit code 139, 3 restarts): Unhandled exception: boom")]
    [InlineData("wrong-entry-point", "KUBEAPP6014", "c", "\"/no/such/binary\": stat /no/such/binary: no such file or directory")]
    [InlineData("oom", "KUBEAPP6015", "c", "more memory than its limit of ")]
    [InlineData("liveness-fails", "KUBEAPP6017", "c", "its liveness probe fails")]
    [InlineData("startup-too-slow", "KUBEAPP6018", "c", "startup probe (dial tcp 10.244.0.14:8080: connect: connection refused)")]
    [InlineData("unschedulable-cpu", "KUBEAPP6019", null, "Insufficient cpu")]
    [InlineData("node-selector-mismatch", "KUBEAPP6019", null, "didn't match Pod's node affinity/selector")]
    [InlineData("pvc-missing", "KUBEAPP6020", null, "persistentvolumeclaim \"nosuch\" not found")]
    [InlineData("configmap-missing", "KUBEAPP6021", "c", "configmap \"nosuch\" not found")]
    [InlineData("configmap-key-missing", "KUBEAPP6021", "c", "couldn't find key zz in ConfigMap fail/cfg")]
    [InlineData("secret-missing", "KUBEAPP6021", "c", "secret \"nosuch\" not found")]
    [InlineData("run-as-non-root", "KUBEAPP6022", "c", "would run as root")]
    [InlineData("read-only-file-system", "KUBEAPP6023", "c", "can't create /data.txt: Read-only file system")]
    [InlineData("init-container-fails", "KUBEAPP6013", "init", "Init container 'init' crashes again and again (exit code 2, 3 restarts): migration failed")]
    [InlineData("pod-quota", "KUBEAPP6025", null, "exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1")]
    public void Find_RecordedFailure_NamesContainerAndCauseAndEndsTheWait(string name, string code, string? container, string cause)
    {
        var (view, logs) = Recording.Failure(name);

        var finding = RolloutDiagnosis.Find(view);

        Assert.NotNull(finding);
        var report = finding.Report(view.Id, Recording.Log(logs, finding.Log));
        Assert.Equal(code, report.Code);
        Assert.Equal(container, report.Container);
        Assert.Contains(cause, report.Cause, StringComparison.Ordinal);
        Assert.True(finding.IsDecisive);
        Assert.InRange(report.FirstLine.Length, 20, 140);
    }

    [Fact]
    public void Find_DigestThatHoldsDigitsOfAStatus_IsNoDenial()
    {
        var (view, _) = Recording.Failure("image-not-found");
        var waiting = view.NewPods[0]["status"]!["containerStatuses"]![0]!["state"]!["waiting"]!;
        waiting["message"] = "failed to extract layer sha256:4010403: no space left on device";

        var finding = RolloutDiagnosis.Find(view with { Events = [] });

        Assert.Equal(("KUBEAPP6012", true), (finding?.Descriptor.Code, finding!.IsDecisive));
    }

    [Fact]
    public void Find_ReadinessFails_ExplainsButWaits()
    {
        var (view, _) = Recording.Failure("readiness-fails");

        var finding = RolloutDiagnosis.Find(view);

        Assert.Equal("KUBEAPP6016", finding?.Descriptor.Code);
        Assert.Contains("connection refused", finding!.Cause, StringComparison.Ordinal);
        Assert.False(finding.IsDecisive);
    }

    [Fact]
    public void Find_FailedJob_ReportsTheLogOfItsPod()
    {
        var (view, logs) = Recording.Failure("job-backoff");

        var finding = RolloutDiagnosis.Find(view);

        Assert.Equal(["cannot migrate"], finding!.Report(view.Id, Recording.Log(logs, finding.Log)).LogTail);
    }

    [Theory]
    [InlineData("good")]
    [InlineData("job-good")]
    public void Find_GoodWorkload_FindsNothing(string name) => Assert.Null(RolloutDiagnosis.Find(Recording.Failure(name).View));
}

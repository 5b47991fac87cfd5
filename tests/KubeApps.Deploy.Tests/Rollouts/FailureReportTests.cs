using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Rollouts;
using KubeApps.Deploy.Targets;
using KubeApps.Events;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Rollouts;

/// <summary>The failures that processes can really have, as a user meets them: one screen, long before the time-out.</summary>
public sealed class FailureReportTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    // From the sign that decides on: the bound that users are promised.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_VersionThatCannotComeUp_NamesObjectContainerCauseAndNextStep()
    {
        using var signs = new OverheardSigns();
        using var connection = cluster.Connect(TimeProvider.System, signs);
        // What decides, as the cluster tells it; a first crash does not.
        const string CrashesAgain = "^(?=.*CrashLoopBackOff)(?=.*\"restartCount\":[1-9])";
        const string CrashesOnceMore = "^(?=.*CrashLoopBackOff)(?=.*\"restartCount\":2)";
        async Task<FailureReport> FailAsync(string app, string code, string? container, string cause, string sign, params (string Phase, JsonObject Content)[] objects)
        {
            signs.Await(app, sign);
            TimeSpan? said = null;
            var log = new EventLog { OnEvent = told => said ??= told is DeployEvent.DiagnosticRaised { Diagnostic.Severity: Diagnostics.DiagnosticSeverity.Error } ? EvenTime.Now : null };
            var report = await FailOnAsync(connection, app, code, container, cause, log, objects);
            Assert.True(said - signs.SeenAt(app) is { } took && took >= TimeSpan.Zero && took < Bound, $"{app}: '{sign}' was told at {signs.SeenAt(app)}, and why it fails was said at {said}.");
            return report;
        }

        // All at once: each of them waits for restarts and back-offs.
        var reports = await Task.WhenAll(
            FailAsync("imageless", "KUBEAPP6010", "web", "/team/nosuch:1 does not exist.", "ErrImagePull|ImagePullBackOff", WithImage("team/nosuch:1")),
            FailAsync("throwing", "KUBEAPP6013", "web", "2 restarts): System.InvalidOperationException: no shelf", CrashesOnceMore, Web("{}", "{}", "throw", "no shelf")),
            FailAsync("claimless", "KUBEAPP6020", null, "persistentvolumeclaim \"nosuch\" not found", "persistentvolumeclaim \\\\\"nosuch\\\\\" not found", WithClaim("nosuch")),
            FailAsync("unready", "KUBEAPP6016", "web", "is not ready: Readiness probe failed: HTTP probe failed with statuscode: 500", "ProgressDeadlineExceeded", Web(
                """{"progressDeadlineSeconds":5}""", """{"readinessProbe":{"httpGet":{"path":"/healthz","port":"http"},"periodSeconds":1,"timeoutSeconds":20}}""", "serve", "sick")),
            FailAsync("unlively", "KUBEAPP6017", "web", "is killed because its liveness probe fails", CrashesAgain, Web(
                "{}", """{"livenessProbe":{"httpGet":{"path":"/healthz","port":"http"},"periodSeconds":1,"timeoutSeconds":20,"failureThreshold":1,"initialDelaySeconds":2}}""", "serve", "sick")),
            // Ready all the time: Kubernetes calls it a success, and kills it again and again.
            FailAsync("half-dead", "KUBEAPP6017", "web", "is killed because its liveness probe fails (HTTP probe failed with statuscode: 404).", CrashesAgain, Web(
                "{}",
                """
                {"readinessProbe":{"httpGet":{"path":"/healthz","port":"http"},"periodSeconds":1},
                 "livenessProbe":{"httpGet":{"path":"/nosuch","port":"http"},"periodSeconds":1,"timeoutSeconds":20,"failureThreshold":3,"initialDelaySeconds":1}}
                """)),
            FailAsync("sluggish", "KUBEAPP6018", "web", "did not start within the limits of its startup probe", "failed startup probe", Web(
                "{}", """{"startupProbe":{"httpGet":{"path":"/healthz","port":"http"},"periodSeconds":1,"failureThreshold":2}}""", "serve", "sick")),
            FailAsync("unconfigured", "KUBEAPP6021", "web", "configmap \"nosuch\" not found", "CreateContainerConfigError", Web(
                "{}", """{"env":[{"name":"A","valueFrom":{"configMapKeyRef":{"name":"nosuch","key":"a"}}}]}""")),
            FailAsync("keyless", "KUBEAPP6021", "web", "couldn't find key zz in ConfigMap keyless/settings", "CreateContainerConfigError", Config("settings"), Web(
                "{}", """{"env":[{"name":"A","valueFrom":{"configMapKeyRef":{"name":"settings","key":"zz"}}}]}""")),
            FailAsync("secretless", "KUBEAPP6021", "web", "secret \"nosuch\" not found", "CreateContainerConfigError", Web(
                "{}", """{"env":[{"name":"A","valueFrom":{"secretKeyRef":{"name":"nosuch","key":"a"}}}]}""")),
            FailAsync("programless", "KUBEAPP6014", "web", "no such file or directory", "no such file or directory", Web("{}", """{"command":["/no/such/program"]}""")),
            FailAsync("uninitialised", "KUBEAPP6013", "prepare", "Init container 'prepare' crashes again and again (exit code 2, 2 restarts): nothing to prepare", CrashesOnceMore, WithInit()),
            FailAsync("over-quota", "KUBEAPP6042", null, "exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0", "exceeded quota", Quota, Web("{}", "{}")),
            FailAsync("unmigrated", "KUBEAPP6024", "migrate", "Job has reached the specified backoff limit: Container 'migrate' failed (exit code 3): no table", "BackoffLimitExceeded", cluster.Migration("exit", "3", "no table"), Web("{}", "{}")));

        Assert.All(reports, report =>
        {
            Assert.InRange(report.FirstLine.Length, 20, 140);
            Assert.NotEmpty(report.NextStep);
            Assert.InRange(report.ToString().Split('\n').Length, 4, 24);
        });

        // Whoever asks afterwards is told the same.
        foreach (var app in new[] { "imageless", "claimless", "unconfigured", "over-quota" })
        {
            var report = reports.Single(report => report.Workload == $"Deployment {app}/web");
            var status = await AppStatus.ReadAsync(cluster.Client, await new AppLocator(cluster.Client).FindAsync(app, null, null, null, "sandbox", Token), "sandbox", Token);
            Assert.False(status.IsHealthy);
            Assert.Equal((report.Code, report.FirstLine), (Assert.Single(status.Failures).Code, status.Failures[0].FirstLine));
            Assert.Equal((RevisionOutcome.Failed, report.FirstLine), (status.FailedDeploy?.State.Outcome, status.FailedDeploy?.State.Cause));
        }
    }

    [Fact]
    public async Task Deploy_JobFailsBeforeItsPodIsHeardOf_NamesItsContainerAllTheSame()
    {
        using var late = new LatePods(() => JobFailsAsync("unheard"));
        using var connection = cluster.Connect(TimeProvider.System, late);

        await FailOnAsync(connection, "unheard", "KUBEAPP6024", "migrate", "Container 'migrate' failed (exit code 3): no table", new EventLog(), cluster.Migration("exit", "3", "no table"));
    }

    private async Task JobFailsAsync(string ns)
    {
        await foreach (var change in cluster.Client.WatchAsync(ResourceType.Job, ns, null, Token))
            if (change is WatchChange.Upserted { Object: { } job } && WorkloadStatus.HasCondition(job, "Failed")
                || change is WatchChange.Listed { Items: { } jobs } && jobs.Any(item => WorkloadStatus.HasCondition(item, "Failed")))
                return;
    }

    /// <summary>Holds back what pods become until something has happened.</summary>
    private sealed class LatePods(Func<Task> until) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath.EndsWith("/pods", StringComparison.Ordinal) && request.RequestUri.Query.Contains("watch=true", StringComparison.Ordinal))
                await until();
            return await base.SendAsync(request, cancellationToken);
        }
    }

    private static async Task<FailureReport> FailOnAsync(
        ClusterConnection connection, string app, string code, string? container, string cause, EventLog log, params (string Phase, JsonObject Content)[] objects)
    {
        var result = await new Deployer(connection, _ => null).RunAsync(
            new DeployRequest(Bundle(app, Patience, objects), "local") { RollbackOnFailure = false }, log, Token);

        Assert.True(result.Failures.Count == 1, $"{app}: {result.Outcome} {string.Join("; ", result.Diagnostics)}");
        var report = result.Failures[0];
        Assert.Equal((app, DeployOutcome.Failed, code, container), (app, result.Outcome, report.Code, report.Container));
        Assert.Contains(cause, report.Cause, StringComparison.Ordinal);
        return report;
    }

    private (string Phase, JsonObject Content) WithImage(string name)
    {
        var (phase, web) = Web("{}", "{}");
        web["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = $"{cluster.Image[..cluster.Image.IndexOf('/', StringComparison.Ordinal)]}/{name}";
        return (phase, web);
    }

    private (string Phase, JsonObject Content) WithClaim(string name)
    {
        var (phase, web) = Web("{}", "{}");
        web["spec"]!["template"]!["spec"]!["volumes"] = new JsonArray(Parse($$"""{"name":"data","persistentVolumeClaim":{"claimName":"{{name}}"} }"""));
        return (phase, web);
    }

    private static (string Phase, JsonObject Content) Quota => ("main", Parse(
        """{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"none"},"spec":{"hard":{"pods":"0"}}}"""));

    private (string Phase, JsonObject Content) WithInit()
    {
        var (phase, web) = Web("{}", "{}");
        var pod = (JsonObject)web["spec"]!["template"]!["spec"]!;
        var init = (JsonObject)pod["containers"]![0]!.DeepClone();
        init["name"] = "prepare";
        init.Remove("ports");
        init["args"] = new JsonArray(cluster.PodProgram, "exit", "2", "nothing to prepare");
        pod["initContainers"] = new JsonArray(init);
        return (phase, web);
    }

    private (string Phase, JsonObject Content) Web(string spec, string container, params string[] arguments)
    {
        var (phase, web) = cluster.Web(1, null, null, arguments);
        var pod = (JsonObject)web["spec"]!["template"]!["spec"]!;
        pod["terminationGracePeriodSeconds"] = 1;
        var target = (JsonObject)pod["containers"]![0]!;
        target.Remove("readinessProbe");
        foreach (var (key, value) in Parse(container))
            target[key] = value!.DeepClone();
        foreach (var (key, value) in Parse(spec))
            web["spec"]![key] = value!.DeepClone();
        return (phase, web);
    }
}

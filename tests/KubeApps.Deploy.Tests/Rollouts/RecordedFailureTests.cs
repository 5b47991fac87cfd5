using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Targets;
using KubeApps.Events;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Rollouts;

/// <summary>
/// The failures that processes alone cannot have, as a user meets them: a whole deploy, to which its namespace looks as that of a real cluster did. What it says
/// is on one screen, soon after the first sign.
/// </summary>
public sealed class RecordedFailureTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    // From the first decisive sign on: the bound that users are promised.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Deploy_ThatFailsAsInARealCluster_SaysWhyAndSoDoesItsStatus() => Task.WhenAll(
        ((string[])["registry-denies", "oom", "unschedulable-cpu", "node-selector-mismatch", "pvc-pending", "webhook-denies", "run-as-non-root", "read-only-file-system"]).Select(async failure =>
        {
            var row = TwentyFailuresTests.Table.Select(item => item.Data).Single(item => item.Item1 == failure);
            var (view, logs) = TwentyFailuresTests.Recorded(failure);
            var (app, workload) = ($"real-{failure}", view.Id.Name);
            using var line = new RecordedLine(app, view, logs);
            using var connection = cluster.Connect(TimeProvider.System, line);

            var report = await FailAsync(connection, line, Bundle(app, Patience, Workload(workload)), TimeSpan.Zero);

            Assert.Equal((failure, row.Item2, row.Item4), (failure, report.Code, report.Container));
            Assert.Equal($"Deployment {app}/{workload}", report.Workload);
            Assert.StartsWith(row.Item3.Replace($" {view.Id.Namespace}/", $" {app}/", StringComparison.Ordinal), report.Object, StringComparison.Ordinal);
            Assert.Contains(row.Item5, report.Cause, StringComparison.Ordinal);
            Assert.Equal(row.Item6 is null, report.LogTail.Count == 0);
            Assert.True(row.Item6 is null || report.LogTail[^1].EndsWith(row.Item6, StringComparison.Ordinal), string.Join('\n', report.LogTail));

            // Whoever asks afterwards is told the same.
            var status = await AppStatus.ReadAsync(connection.Client, await new AppLocator(connection.Client).FindAsync(app, null, null, null, "sandbox", Token), "sandbox", Token);
            Assert.False(status.IsHealthy);
            Assert.Equal((report.Code, report.FirstLine), (Assert.Single(status.Failures).Code, status.Failures[0].FirstLine));
            Assert.Equal((RevisionOutcome.Failed, report.FirstLine), (status.FailedDeploy?.State.Outcome, status.FailedDeploy?.State.Cause));
        }));

    // Its controller tries again, and gets the same answer for half a minute: then that is the cause.
    [Fact]
    public async Task Deploy_WhoseLoadBalancerGetsNoAddress_SaysWhatItsCloudSays()
    {
        var recorded = WrittenFailures.BalancerWithoutAddress(DateTimeOffset.Parse("2026-11-23T11:12:56Z", CultureInfo.InvariantCulture));
        using var line = new RecordedLine("real-balancer", recorded, []);
        using var connection = cluster.Connect(TimeProvider.System, line);
        var service = Parse("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"type":"LoadBalancer","selector":{"app":"web"},"ports":[{"port":80}]}}""");

        var report = await FailAsync(connection, line, Bundle("real-balancer", Patience, ("main", service)), TimeSpan.FromSeconds(30));

        Assert.Equal(("KUBEAPP6040", "Service real-balancer/web", null), (report.Code, report.Object, report.Container));
        Assert.Contains("could not find any suitable subnets for creating the ELB", report.Cause, StringComparison.Ordinal);
    }

    // The object itself is refused, not its pods: the server is asked before anything is changed.
    [Fact]
    public async Task Deploy_WhoseWorkloadAWebhookDenies_SaysSoAndChangesNothing()
    {
        using var line = new DenyingLine();
        using var connection = cluster.Connect(TimeProvider.System, line);

        var result = await new Deployer(connection, _ => null).RunAsync(new DeployRequest(Bundle("denied", Patience, Workload("web")), "local"), new EventLog(), Token);

        Assert.Equal((DeployOutcome.Failed, false), (result.Outcome, result.HasApplied));
        var diagnostic = Assert.Single(result.Diagnostics);
        Assert.Contains("admission webhook \"validate.kyverno.svc-fail\" denied the request", diagnostic.Cause, StringComparison.Ordinal);
        Assert.Contains("Deployment", diagnostic.Cause, StringComparison.Ordinal);
        Assert.NotEmpty(diagnostic.NextStep);
        Assert.Empty((await connection.Client.ListAsync(Api.ResourceType.Deployment, "denied", null, Token)).Items);
    }

    private static async Task<FailureReport> FailAsync(ClusterConnection connection, RecordedLine line, KubeApps.Bundles.Bundle bundle, TimeSpan decisiveAfter)
    {
        TimeSpan? said = null;
        var log = new EventLog { OnEvent = told => said ??= told is DeployEvent.DiagnosticRaised { Diagnostic.Severity: Diagnostics.DiagnosticSeverity.Error } ? EvenTime.Now : null };

        var result = await new Deployer(connection, _ => null).RunAsync(new DeployRequest(bundle, "local") { RollbackOnFailure = false }, log, Token);

        Assert.True(result is { Outcome: DeployOutcome.Failed, Failures.Count: 1 }, $"{bundle.App}: {result.Outcome} {string.Join("; ", result.Diagnostics)}");
        Assert.InRange(said!.Value - line.ToldAt!.Value, TimeSpan.Zero, decisiveAfter + Bound);
        var report = result.Failures[0];
        Assert.InRange(report.FirstLine.Length, 20, 140);
        Assert.NotEmpty(report.NextStep);
        Assert.InRange(report.ToString().Split('\n').Length, 4, 24);
        return report;
    }

    // No pods are wanted of the sandbox: what becomes of them is recorded.
    private static (string Phase, JsonObject Content) Workload(string name) => ("main", Parse($$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{name}}"},"spec":{"replicas":0,"selector":{"matchLabels":{"app":"web"} },
         "template":{"metadata":{"labels":{"app":"web"} },"spec":{"containers":[{"name":"c","image":"registry.example/web:1"}]} } } }
        """));

    /// <summary>Denies every Deployment, as a policy engine does.</summary>
    private sealed class DenyingLine : DelegatingHandler
    {
        // As staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/errors/statuserror.go answers.
        private const string Denied = """
            {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"admission webhook \"validate.kyverno.svc-fail\" denied the request: \n\nresource Deployment/denied/web was blocked due to the following policies \n\nrequire-labels:\n  check-team: 'validation error: The label team is required. rule check-team failed at path /metadata/labels/team/'","code":400}
            """;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.Method != HttpMethod.Get && request.RequestUri!.AbsolutePath.EndsWith("/deployments/web", StringComparison.Ordinal)
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = new StringContent(Denied, Encoding.UTF8, "application/json") })
                : base.SendAsync(request, cancellationToken);
    }
}

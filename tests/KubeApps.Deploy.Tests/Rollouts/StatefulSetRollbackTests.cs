using System.Net;
using System.Text;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Rollouts;
using KubeApps.Events;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Rollouts;

/// <summary>A StatefulSet whose new version cannot come up: Kubernetes waits for the pod that fails, whatever version is wanted next.</summary>
public sealed class StatefulSetRollbackTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_NewVersionCannotComeUp_ReturnsToTheOldOneWithAllItsPods()
    {
        cluster.RequireSandbox();
        await using var controller = new PlayedStatefulSets(cluster.Client, "returning");
        await RunAsync(cluster.Connection, Version("returning", cluster.Image));
        var first = await PodsAsync("returning");
        var log = new EventLog();

        var result = await RunAsync(cluster.Connection, Version("returning", NoSuchImage), log);

        Assert.True(result.Outcome == DeployOutcome.RolledBack, string.Join('\n', result.Diagnostics));
        Assert.Equal("KUBEAPP6010", result.Diagnostics[0].Code);
        var pods = await PodsAsync("returning");
        Assert.Equal([("db-0", cluster.Image, true), ("db-1", cluster.Image, true)], pods.Values.Select(pod => pod.Seen));
        // The one that never was replaced still is the same.
        Assert.Equal((true, false), (pods["db-0"].Uid == first["db-0"].Uid, pods["db-1"].Uid == first["db-1"].Uid));
        Assert.StartsWith(
            "Deleted Pod returning/db-1, which comes back as the version that is wanted: db-1 of a version before is not ready (", Assert.Single(DeletionsIn(log)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_OfWhatMendsAFirstVersion_ReplacesThePodThatFails()
    {
        cluster.RequireSandbox();
        await using var controller = new PlayedStatefulSets(cluster.Client, "mended");
        Assert.Equal(DeployOutcome.Failed, (await RunAsync(cluster.Connection, Version("mended", NoSuchImage))).Outcome);
        // To look changes nothing.
        var failing = await PodsAsync("mended");
        await new RolloutWatcher(cluster.Client, new EventLog()).AwaitAsync([new ObjectId("apps/v1", "StatefulSet", "mended", "db")], false, null, TimeSpan.FromSeconds(2), Token);
        Assert.Equal(failing, await PodsAsync("mended"));

        var result = await RunAsync(cluster.Connection, Version("mended", cluster.Image));

        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join('\n', result.Diagnostics));
    }

    [Fact]
    public async Task Deploy_RoleMayNotDeletePods_SaysWhatSomebodyElseMust()
    {
        cluster.RequireSandbox();
        await using var controller = new PlayedStatefulSets(cluster.Client, "forbidden");
        using var connection = cluster.Connect(TimeProvider.System, new KeepingPods());
        Assert.Equal(DeployOutcome.Failed, (await RunAsync(connection, Version("forbidden", NoSuchImage))).Outcome);
        var log = new EventLog();

        var result = await RunAsync(connection, Version("forbidden", cluster.Image), log);

        Assert.Equal(DeployOutcome.Failed, result.Outcome);
        var report = Assert.Single(result.Failures);
        Assert.Equal(("KUBEAPP6062", "StatefulSet forbidden/db", "Pod forbidden/db-0"), (report.Code, report.Workload, report.Object));
        Assert.Contains("kubectl delete pod", report.NextStep, StringComparison.Ordinal);
        Assert.Empty(DeletionsIn(log));
    }

    private string NoSuchImage => $"{cluster.Image[..cluster.Image.IndexOf('/', StringComparison.Ordinal)]}/team/nosuch:1";

    private static IEnumerable<string> DeletionsIn(EventLog log) =>
        log.Events.OfType<DeployEvent.Note>().Select(note => note.Text).Where(text => text.StartsWith("Deleted ", StringComparison.Ordinal));

    private static Task<DeployResult> RunAsync(Deploy.Targets.ClusterConnection connection, Bundle bundle, EventLog? log = null) =>
        new Deployer(connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), log ?? new EventLog(), Token);

    private Bundle Version(string app, string image)
    {
        var (phase, set) = cluster.Web(2, image: image);
        set["kind"] = "StatefulSet";
        set["metadata"]!["name"] = "db";
        set["metadata"]!["annotations"] = PlayedStatefulSets.Annotations;
        set["spec"]!["serviceName"] = "db";
        set["spec"]!.AsObject().Remove("progressDeadlineSeconds");
        return Bundle(app, Patience, (phase, set));
    }

    private async Task<Dictionary<string, (string Uid, (string Name, string Image, bool IsReady) Seen)>> PodsAsync(string ns) =>
        (await cluster.Client.ListAsync(ResourceType.Pod, ns, null, Token)).Items.OrderBy(pod => (string?)pod["metadata"]!["name"], StringComparer.Ordinal).ToDictionary(
            pod => (string)pod["metadata"]!["name"]!,
            pod => ((string)pod["metadata"]!["uid"]!,
                ((string)pod["metadata"]!["name"]!, (string)pod["spec"]!["containers"]![0]!["image"]!, WorkloadStatus.HasCondition(pod, "Ready"))));

    /// <summary>Answers as an authorizer does that lets nobody delete pods.</summary>
    private sealed class KeepingPods : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.Method != HttpMethod.Delete || !request.RequestUri!.AbsolutePath.Contains("/pods/", StringComparison.Ordinal)
                ? base.SendAsync(request, cancellationToken)
                : Task.FromResult(new HttpResponseMessage(HttpStatusCode.Forbidden)
                {
                    RequestMessage = request,
                    Content = new StringContent(
                        """{"kind":"Status","apiVersion":"v1","status":"Failure","message":"pods \"db-0\" is forbidden: User \"ci\" cannot delete resource \"pods\" in API group \"\" in the namespace \"forbidden\"","reason":"Forbidden","code":403}""",
                        Encoding.UTF8, "application/json"),
                });
    }
}

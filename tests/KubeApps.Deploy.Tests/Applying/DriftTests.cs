using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Tests.BlueGreen;
using KubeApps.Deploy.Tests.Faults;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Applying;

/// <summary>What others do to a deployed app, as a status tells it.</summary>
public sealed class DriftTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_RightAfterADeploy_FindsNothing()
    {
        await DeployAsync(Bundle("fresh", Patience, Config("settings"), DatabaseSecret, cluster.Migration("print", "PASSWORD"), cluster.Web(1), WebService));

        Assert.Empty(await ReadAsync("fresh"));
        var status = await StatusAsync("fresh");
        Assert.Equal((true, FieldSight.Server), (status.IsHealthy, status.Drift!.Fields));
    }

    [Fact]
    public async Task Read_SomebodyTouchedTheApp_SaysWhatAndWho()
    {
        await DeployAsync(Bundle("touched", Patience, Config("changed"), Config("deleted"), Config("remade"), Config("same"), cluster.Web(1), WebService));
        await cluster.KubectlAsync("patch configmap changed -n touched --field-manager=jane -p {\"data\":{\"greeting\":\"theirs\"}}");
        await cluster.KubectlAsync("delete configmap deleted remade -n touched");
        await cluster.KubectlAsync("create configmap remade -n touched");
        await cluster.KubectlAsync("scale deployment web -n touched --replicas=2");
        await cluster.KubectlAsync("patch service web -n touched --type=json -p [{\"op\":\"remove\",\"path\":\"/spec/ports/0/name\"}]");

        // Nobody owns a field that was removed: who did it is not known.
        var drift = await ReadAsync("touched");

        Assert.Equal(
            [
                "ConfigMap touched/changed Changed data.greeting hello theirs (jane)", "ConfigMap touched/deleted Missing ", "ConfigMap touched/remade Replaced ",
                "Deployment touched/web Changed spec.replicas 1 2 (kubectl)", "Service touched/web Changed ",
            ],
            drift.Select(item => item.Id.Kind == "Service"
                ? $"{item.Id} {item.Kind} {item.Fields.Select(field => field.Manager).Distinct().Single()}"
                : $"{item.Id} {item.Kind} {string.Join(", ", item.Fields.Select(field => $"{field.Path} {field.Deployed} {field.Live} ({field.Manager})"))}"));
        Assert.False((await StatusAsync("touched")).IsHealthy);
    }

    [Fact]
    public async Task Read_OfAnAppWithSlots_ComparesWhatServes()
    {
        var app = new SlottedApp(cluster, "slotted");
        await app.DeployAsync(app.Resting("one"));
        await app.DeployAsync(app.Resting("two"));
        Assert.Empty(await ReadAsync("slotted"));
        await cluster.KubectlAsync("set image deployment/web-green web=registry.example/web:theirs -n slotted --field-manager=jane");
        await cluster.KubectlAsync("patch service admin -n slotted --field-manager=jane -p {\"spec\":{\"ports\":[{\"port\":8080,\"targetPort\":9999}]}}");

        var drift = await ReadAsync("slotted");

        Assert.Equal(
            ["Deployment slotted/web-green spec.template.spec.containers[web].image registry.example/web:two registry.example/web:theirs (jane)"],
            drift.Where(item => item.Id.Kind == "Deployment").SelectMany(item => item.Fields.Select(field => $"{item.Id} {field.Path} {field.Deployed} {field.Live} ({field.Manager})")));
        Assert.Equal("slotted/admin", Assert.Single(drift, item => item.Id.Kind == "Service").Id.ToString()["Service ".Length..]);
    }

    // It is written apart from the rest of the Service, and decides whom users reach.
    [Fact]
    public async Task Read_SomebodyLedTrafficElsewhere_SaysSoAndTheNextDeployLeadsItBack()
    {
        var app = new SlottedApp(cluster, "led");
        await app.DeployAsync(app.Resting("one"));
        await cluster.KubectlAsync("patch service web -n led --field-manager=jane -p {\"spec\":{\"selector\":{\"kubeapps.dev/slot\":\"green\"}}}");

        var field = Assert.Single(Assert.Single(await ReadAsync("led")).Fields);
        Assert.Equal("spec.selector", field.Path);
        Assert.Contains("green", field.Live!.ToJsonString(), StringComparison.Ordinal);

        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting("one"))).Outcome);
        Assert.Empty(await ReadAsync("led"));
        Assert.Equal(DeployOutcome.Unchanged, (await app.DeployAsync(app.Resting("one"))).Outcome);
    }

    // What the cluster does not take any more says nothing of what stands.
    [Theory]
    [InlineData(400, "admission webhook \"policy.example.com\" denied the request: no latest tags")]
    [InlineData(500, "Internal error occurred: failed calling webhook \"policy.example.com\": no endpoints available for service \"policy\"")]
    public async Task Read_AWebhookTakesNoDryRunAnyMore_EstimatesAndShowsTheRest(int status, string message)
    {
        var app = $"denied-{status}";
        await DeployAsync(Bundle(app, Patience, Config("settings"), cluster.Web(1)));
        await cluster.KubectlAsync($"patch configmap settings -n {app} --field-manager=jane -p {{\"data\":{{\"greeting\":\"theirs\"}}}}");
        using var connection = cluster.Connect(new FastClock(20), new DenyingDryRuns(status, message));

        var found = await AppStatus.ReadAsync(connection.Client, await new AppLocator(cluster.Client).FindAsync(app, null, null, null, "sandbox", Token), "sandbox", Token);

        Assert.Equal(FieldSight.Estimated, found.Drift!.Fields);
        Assert.Equal("greeting", Assert.Single(Assert.Single(found.Drift.Objects).Fields).Path.Split('.')[^1]);
        Assert.Single(found.Pods);
    }

    private sealed class DenyingDryRuns(int status, string message) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri!.Query.Contains("dryRun=All", StringComparison.Ordinal)
                ? Task.FromResult(new HttpResponseMessage((HttpStatusCode)status)
                {
                    RequestMessage = request,
                    Content = new StringContent(new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Failure", ["message"] = message, ["code"] = status }.ToJsonString()),
                })
                : base.SendAsync(request, cancellationToken);
    }

    private async Task DeployAsync(Bundle bundle)
    {
        var result = await new Deployer(cluster.Connection, _ => "secret").RunAsync(new DeployRequest(bundle, "local"), new EventLog(), Token);
        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
    }

    private async Task<IReadOnlyList<ObjectDrift>> ReadAsync(string app) => (await StatusAsync(app)).Drift!.Objects;

    private async Task<AppStatus> StatusAsync(string app) => await AppStatus.ReadAsync(
        cluster.Client, await new AppLocator(cluster.Client).FindAsync(app, null, null, null, "sandbox", Token), "sandbox", Token);
}

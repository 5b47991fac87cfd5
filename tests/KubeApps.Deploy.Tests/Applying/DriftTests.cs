using KubeApps.Bundles;
using KubeApps.Deploy.Apps;
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

    private async Task DeployAsync(Bundle bundle)
    {
        var result = await new Deployer(cluster.Connection, _ => "secret").RunAsync(new DeployRequest(bundle, "local"), new EventLog(), Token);
        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
    }

    private async Task<IReadOnlyList<ObjectDrift>> ReadAsync(string app) => (await StatusAsync(app)).Drift!.Objects;

    private async Task<AppStatus> StatusAsync(string app) => await AppStatus.ReadAsync(
        cluster.Client, await new AppLocator(cluster.Client).FindAsync(app, null, null, null, "sandbox", Token), "sandbox", Token);
}

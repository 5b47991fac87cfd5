using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Applying;

/// <summary>Two environments of one app that are to stand in one namespace.</summary>
public sealed class OtherEnvironmentTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_AnotherEnvironmentIsInTheNamespace_StopsBeforeItsFirstWrite()
    {
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync("staging", "staged")).Outcome);

        var result = await DeployAsync("prod", "live");

        Assert.Equal((DeployOutcome.Failed, "KUBEAPP2007", false), (result.Outcome, Assert.Single(result.Diagnostics).Code, result.HasApplied));
        Assert.Contains("as the environment staging", result.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.NotNull(await cluster.Client.GetAsync(ResourceType.ConfigMap, "shared", "staged", Token));

        // It was given another name.
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync("prod", "live", new ApplyPolicy(Adopt: true))).Outcome);
        Assert.Null(await cluster.Client.GetAsync(ResourceType.ConfigMap, "shared", "staged", Token));
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync("prod", "live")).Outcome);
    }

    private Task<DeployResult> DeployAsync(string environment, string config, ApplyPolicy? policy = null)
    {
        var bundle = Bundle("shared", TimeSpan.FromMinutes(1), Config(config));
        bundle = bundle with { Environments = [bundle.Environments[0] with { Name = environment }] };
        return new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, environment) { Policy = policy ?? new ApplyPolicy() }, new EventLog(), Token);
    }
}

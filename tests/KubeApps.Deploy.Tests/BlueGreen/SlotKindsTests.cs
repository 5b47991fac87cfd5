using System.Text.Json.Nodes;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>What leaves a slot is deleted whatever its kind, and whatever the server tells of its kinds.</summary>
public sealed class SlotKindsTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static (string, JsonObject) Budget => ("main", JsonNode.Parse(
        """{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"web"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"web"}}}}""")!.AsObject());

    [Theory]
    [InlineData("promote")]
    [InlineData("abort")]
    public async Task PromoteOrAbort_KindsAreToldByGroup_LeavesNothingOfTheSlotThatGoes(string command)
    {
        var name = $"grouped-{command}";
        var (app, first, second) = await HeldAsync(name);
        using var connection = cluster.Connect(TimeProvider.System, new ByGroup());
        var grouped = new SlottedApp(cluster, name) { Connection = connection };

        var result = await (command == "promote" ? grouped.PromoteAsync() : grouped.AbortAsync());

        Assert.Equal(0, result.ExitCode);
        await app.RequireAloneAsync(command == "promote" ? second : first, command);
    }

    [Fact]
    public async Task Abort_KindIsNotServedNow_StopsAndIsFinishedWhenItIs()
    {
        var (app, first, _) = await HeldAsync("away-abort", Budget);
        using var connection = cluster.Connect(TimeProvider.System, new BudgetsAway(isAggregated: true));

        var result = await new SlottedApp(cluster, "away-abort") { Connection = connection }.AbortAsync();

        Assert.Equal("KUBEAPP2006", Assert.Single(result.Diagnostics).Code);
        Assert.Equal(DiagnosticSeverity.Error, result.Diagnostics[0].Severity);
        Assert.Contains((await app.InventoryAsync()).Items, item => item.Id.Kind == "PodDisruptionBudget");
        Assert.Equal(0, (await app.AbortAsync()).ExitCode);
        await app.RequireAloneAsync(first, "abort");
    }

    private async Task<(SlottedApp App, Bundles.Bundle First, Bundles.Bundle Second)> HeldAsync(string name, params (string, JsonObject)[] more)
    {
        var app = new SlottedApp(cluster, name);
        var (first, second) = (app.Resting("1"), app.Resting("2"));
        second = second with { Environments = [second.Environments[0] with { Objects = [.. second.Environments[0].Objects, .. app.Version(more).Environments[0].Objects] }] };
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(first)).Outcome);
        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(second, hold: true)).Outcome);
        return (app, first, second);
    }
}

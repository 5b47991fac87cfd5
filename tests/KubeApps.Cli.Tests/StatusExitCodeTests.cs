using KubeApps.Cli.Commands;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Rollouts;

namespace KubeApps.Cli.Tests;

/// <summary><c>status --detailed-exitcode</c>: whoever asks for drift must not take another failure for it, and not the lack of an answer for none.</summary>
public sealed class StatusExitCodeTests
{
    private static readonly ObjectId Web = new("apps/v1", "Deployment", "shop-prod", "web");

    [Theory]
    [InlineData(true, false, "Server", 0)]
    [InlineData(true, false, "Estimated", 0)]
    [InlineData(true, true, "Server", 2)]
    [InlineData(true, true, "Estimated", 2)]
    [InlineData(true, true, "None", 2)]
    [InlineData(false, true, "Server", 2)]
    [InlineData(false, false, "Server", 1)]
    [InlineData(true, false, "None", 1)]
    [InlineData(true, false, "Server", 1, true)]
    [InlineData(true, true, "Server", 2, true)]
    public void DetailedExitCode_OfAStatus_TellsDriftFromAllElse(bool isHealthy, bool hasDrifted, string fields, int expected, bool isAway = false)
    {
        var status = new AppStatus(
            new Inventory("shop", "prod", "shop-prod", null, "", true, null, [], []), "context prod-eu",
            [new WorkloadRow(Web, new WorkloadStatus(isHealthy ? WorkloadState.Current : WorkloadState.Failed, ""), null, null, [])], [], [])
        {
            Drift = new DriftReport(hasDrifted ? [new ObjectDrift(Web, DriftKind.Missing, [])] : [], Enum.Parse<FieldSight>(fields)) { Away = isAway ? [Web] : [] },
        };

        Assert.Equal(expected, StatusCommand.DetailedExitCode(status));
    }
}

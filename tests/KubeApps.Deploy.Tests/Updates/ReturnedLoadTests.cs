using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>Load that goes back to the old cluster because the new one fails: what comes in between for a moment does not end that.</summary>
public sealed class ReturnedLoadTests : IDisposable
{
    private readonly TwoClusters _clusters = new() { CrashesAt = 50 };
    private readonly EventLog _log = new();

    [Theory]
    [InlineData("shares shop-prod-1 100, shop-prod-2 0", false)]
    [InlineData("shop-prod-1 says Preparing", false)]
    [InlineData("shares shop-prod-1 100", true)]
    [InlineData("shop-prod-1 says Aborting", true)]
    [InlineData("shop-prod-1 is alone", true)]
    public async Task Return_OfWhichAWriteIsThrottledOnce_IsFinished(string write, bool cleansUp)
    {
        await _clusters.DeployAsync();
        _clusters.Version = "2";
        var (hadLoad, refused) = (false, 0);
        _clusters.OnWrite = what =>
        {
            hadLoad |= _clusters.Shares.GetValueOrDefault("shop-prod-2") >= 50;
            if (hadLoad && what == write && refused++ == 0)
                throw new DiagnosticException(DiagnosticDescriptors.AwsThrottled.Because("AWS answers slowly."));
        };

        var result = await RunAsync(cleansUp);

        Assert.True(refused > 0, string.Join(Environment.NewLine, _clusters.Log));
        Assert.True(result.ExitCode == ExitCodes.RolledBack, string.Join(Environment.NewLine, result.Diagnostics));
        RequireBack(cleansUp);
    }

    [Fact]
    public async Task Return_ByARunWhoseLockWasLostMeanwhile_TakesItAgain()
    {
        await _clusters.DeployAsync();
        _clusters.Version = "2";
        _clusters.Tells = load =>
        {
            if (_clusters.Shares["shop-prod-1"] == 50)
                _clusters.Lock!.IsLost = true;
            return load;
        };

        var result = await RunAsync(cleansUp: false);

        Assert.True(result.ExitCode == ExitCodes.RolledBack, string.Join(Environment.NewLine, result.Diagnostics));
        RequireBack(cleansUp: false);
    }

    public void Dispose() => _clusters.Dispose();

    private Task<UpdateResult> RunAsync(bool cleansUp)
    {
        var updater = _clusters.Updater(_log, cleansUp);
        return updater.RunAsync(new UpdateOrder.Deploy(_clusters.Terms, Holds: false, Soaks: true), TestContext.Current.CancellationToken);
    }

    private void RequireBack(bool cleansUp) => Assert.Equal(
        cleansUp ? "shop-prod-1 Ready version 1, 100 %, alone"
            : "shop-prod-1 Ready version 1, 100 %, Preparing shop-prod-1 → shop-prod-2\nshop-prod-2 Ready version 2, 0 %, Preparing shop-prod-1 → shop-prod-2",
        _clusters.Text());
}
